//! Answers about documents, in a form in which they can be kept for requests that come again.

use axum::http::header::{CONTENT_LENGTH, ETAG, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::Fault;
use crate::http::Data;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    created: bool,
    data: Option<Value>,
    meta: Option<Value>,
    rev: Option<i64>,
    location: Option<String>,
    #[serde(skip)]
    next: Option<String>,
    #[serde(skip)]
    minimal: bool,
}

impl Reply {
    /// 200 with this.
    pub fn of(data: impl Into<Value>) -> Self {
        Self { data: Some(data.into()), ..Self::default() }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// 201, if it is new.
    pub const fn created(mut self, is: bool) -> Self {
        self.created = is;
        self
    }

    /// With its revision as entity tag.
    pub const fn tagged(mut self, rev: i64) -> Self {
        self.rev = Some(rev);
        self
    }

    /// With the address of what was made.
    pub fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// With more to say.
    pub fn meta(mut self, meta: Value) -> Self {
        self.meta = Some(meta);
        self
    }

    /// With the address of the next page (RFC 8288).
    pub fn next(mut self, next: Option<String>) -> Self {
        self.next = next;
        self
    }

    /// Without what the caller does not want to have (RFC 7240 §4.2).
    pub fn preferred(mut self, headers: &HeaderMap) -> Self {
        let wishes = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        self.minimal = wishes.flat_map(|text| text.split(',')).any(|wish| wish.trim() == "return=minimal");
        self
    }

    /// As it is kept.
    ///
    /// # Errors
    /// Never, in truth.
    pub fn kept(&self) -> Result<Value, Fault> {
        Ok(serde_json::to_value(self)?)
    }

    /// As it was kept.
    ///
    /// # Errors
    /// It was kept by another version.
    pub fn read(kept: Value) -> Result<Self, Fault> {
        Ok(serde_json::from_value(kept)?)
    }

    fn status(&self) -> StatusCode {
        match (self.created, &self.data) {
            (true, _) => StatusCode::CREATED,
            (false, Some(_)) if !self.minimal => StatusCode::OK,
            _ => StatusCode::NO_CONTENT,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = match self.data.filter(|_| !self.minimal) {
            Some(data) => {
                let answer = Data::new(data);
                let answer = self.meta.into_iter().fold(answer, Data::meta);
                answer.into_response()
            }
            None => StatusCode::NO_CONTENT.into_response(),
        };
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let mut put = |name, text: Option<String>| {
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
                headers.insert(name, value);
            }
        };
        put(ETAG, self.rev.map(|rev| format!("\"{rev}\"")));
        put(LOCATION, self.location);
        put(LINK, self.next.map(|next| format!("<{next}>; rel=\"next\"")));
        put(PREFERENCE_APPLIED, self.minimal.then(|| "return=minimal".to_owned()));
        put(CONTENT_LENGTH, (self.minimal && self.created).then(|| "0".to_owned()));
        response
    }
}
