//! JSON as the APIs below `{T}/api/v1` read and write it: a strict object in, an envelope out.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::context::request_id;
use super::errors::Rejected;
use crate::app::App;
use crate::base::{Code, Refusal, strict_object};

/// Extractor: the JSON object of a request's body. What `T` does not know is refused by name, so `T` has to carry
/// `#[serde(deny_unknown_fields)]`; nothing is converted: `"true"` is no boolean and `1` no text (W-002, W-088).
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Rejected;

    async fn from_request(request: Request, app: &App) -> Result<Self, Rejected> {
        if !is_json(request.headers()) {
            return Err(Refusal::new(Code::UnsupportedMediaType, "the body has to be application/json").into());
        }
        let bytes = to_bytes(request.into_body(), app.config.http.body_limit).await;
        let bytes = bytes.map_err(|_| Refusal::new(Code::BodyTooLarge, "the body is too large or was cut off"))?;
        Ok(Self(parse(&bytes)?))
    }
}

/// Reads `T` from the one object in `bytes`.
///
/// # Errors
/// `invalid_request`, with the member that does not fit. What stood there is not told: it may be a secret.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let malformed = |_| Refusal::new(Code::InvalidRequest, "the body has to be one JSON object");
    let object = strict_object(bytes).map_err(malformed)?;
    let names: Vec<String> = object.keys().cloned().collect();
    let whole = Value::Object(object);
    serde_json::from_value(whole.clone()).map_err(|error| unfit::<T>(&whole, &names, &error))
}

/// Which member is to blame: the one that the error names, else the one without which the error is another.
fn unfit<T: DeserializeOwned>(whole: &Value, names: &[String], error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    for kind in ["unknown field `", "missing field `"] {
        if let Some(name) = text.strip_prefix(kind).and_then(|rest| rest.split('`').next()) {
            let kind = kind.split(' ').next().unwrap_or_default();
            return Refusal::new(Code::InvalidRequest, format!("{kind} field `{name}`"));
        }
    }
    let blamed = names.iter().find(|name| {
        let mut without = whole.clone();
        without.as_object_mut().and_then(|object| object.remove(name.as_str()));
        let now = serde_json::from_value::<T>(without).map(drop).map_err(|error| error.to_string());
        now.is_ok() || now.is_err_and(|now| now != text)
    });
    match blamed {
        Some(name) => Refusal::new(Code::InvalidRequest, format!("the field `{name}` cannot be that")),
        None => Refusal::new(Code::InvalidRequest, "a field of the body cannot be that"),
    }
}

/// Whether the body is JSON, by any `application/json` or `+json` type.
fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// An answer of the API: `{"data": …, "request_id": …}`, with `meta` where there is more to say, never cached.
#[derive(Clone, Debug)]
pub struct Data<T> {
    status: StatusCode,
    content: T,
    meta: Option<Value>,
    version: Option<i64>,
}

impl<T: Serialize> Data<T> {
    /// 200 OK.
    #[must_use]
    pub const fn new(data: T) -> Self {
        Self { status: StatusCode::OK, content: data, meta: None, version: None }
    }

    /// 201 Created.
    #[must_use]
    pub const fn created(data: T) -> Self {
        Self { status: StatusCode::CREATED, content: data, meta: None, version: None }
    }

    /// 202 Accepted: whatever comes of it is not told here.
    #[must_use]
    pub const fn accepted(data: T) -> Self {
        Self { status: StatusCode::ACCEPTED, content: data, meta: None, version: None }
    }

    /// With `meta`: where the next page begins, for instance.
    #[must_use]
    pub fn meta(mut self, meta: Value) -> Self {
        self.meta = Some(meta);
        self
    }

    /// With the version of what is told as its entity tag (RFC 9110 §8.8.3).
    #[must_use]
    pub const fn tagged(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        let data = match serde_json::to_value(self.content) {
            Ok(data) => data,
            Err(error) => return Rejected::from(error).into_response(),
        };
        let mut body = json!({ "data": data, "request_id": request_id() });
        if let (Some(meta), Some(members)) = (self.meta, body.as_object_mut()) {
            members.insert("meta".to_owned(), meta);
        }
        let json = HeaderValue::from_static("application/json");
        let headers = [(CONTENT_TYPE, json), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        let mut response = (self.status, headers, body.to_string()).into_response();
        if let Some(tag) = self.version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok()) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Login {
        identifier: String,
        password: String,
        #[serde(default)]
        remember_me: bool,
    }

    fn refused(text: &str) -> String {
        parse::<Login>(text.as_bytes()).unwrap_err().description.into_owned()
    }

    #[test]
    fn w002_w088_a_field_of_another_type_is_refused_by_name() {
        for bad in ["1", "null", "true", "[]", "{}", "{\"$ne\":null}"] {
            let text = format!("{{\"identifier\":{bad},\"password\":\"x\"}}");
            assert_eq!(refused(&text), "the field `identifier` cannot be that");
        }
        let text = r#"{"identifier":"a","password":"p","remember_me":"false"}"#;
        assert_eq!(refused(text), "the field `remember_me` cannot be that");
    }

    #[test]
    fn w063_unknown_and_missing_fields_are_named() {
        assert_eq!(refused(r#"{"identifier":"a","password":"p","role":"owner"}"#), "unknown field `role`");
        assert_eq!(refused(r#"{"identifier":"a"}"#), "missing field `password`");
    }

    #[test]
    fn what_is_not_one_object_is_refused_without_repeating_it() {
        for bad in ["", "[]", "\"x\"", "{\"identifier\":\"a\",\"identifier\":\"b\"}", "{\"a\":\"\\ud800\"}"] {
            assert_eq!(refused(bad), "the body has to be one JSON object", "{bad}");
        }
    }
}
