//! What a request says: its body by media type, read strictly; on which revision it depends; whether it may come again.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use super::members::Members;
use crate::app::App;
use crate::base::{Code, Digest, Refusal, strict_value};
use crate::documents::{Condition, Edit, Match};
use crate::http::Rejected;
use crate::http::resource::{Caller, Storage};
use crate::store::replays;

/// Bytes of a body with one document, or with a question.
pub const ONE: usize = 2 << 20;
/// Bytes of a body with many documents.
pub const MANY: usize = 16 << 20;

/// The header of requests that may come again (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest key.
const LONGEST_KEY: usize = 255;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JSON; of changes, operators or a merge patch.
    Json,
    /// `application/merge-patch+json` (RFC 7396).
    Merge,
    /// `application/json-patch+json` (RFC 6902).
    Patch,
}

/// Extractor: a body of JSON of at most so many bytes.
#[derive(Clone, Debug)]
pub struct Sent<const LIMIT: usize> {
    /// What it is.
    pub kind: Kind,
    bytes: Bytes,
}

impl<const LIMIT: usize> FromRequest<App> for Sent<LIMIT> {
    type Rejection = Rejected;

    async fn from_request(request: Request, _: &App) -> Result<Self, Rejected> {
        let too_large = || Refusal::new(Code::BodyTooLarge, "the body is too large").member("limit", LIMIT);
        let kind = kind_of(request.headers())?;
        let told = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if told.is_some_and(|length| length > LIMIT) {
            return Err(too_large().into());
        }
        let bytes = to_bytes(request.into_body(), LIMIT).await.map_err(|_| too_large())?;
        Ok(Self { kind, bytes })
    }
}

fn kind_of(headers: &HeaderMap) -> Result<Kind, Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Kind::Json),
        "application/merge-patch+json" => Ok(Kind::Merge),
        "application/json-patch+json" => Ok(Kind::Patch),
        _ => Err(Refusal::new(Code::UnsupportedMediaType, "the body has to be application/json")),
    }
}

impl<const LIMIT: usize> Sent<LIMIT> {
    fn value(&self) -> Result<Value, Refusal> {
        let malformed = |_| Refusal::new(Code::InvalidJson, "the body is no JSON, or names a member twice");
        strict_value(&self.bytes).map_err(malformed)
    }

    /// The one object that it is.
    ///
    /// # Errors
    /// It is none.
    pub fn object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.kind != Kind::Json {
            return Err(Refusal::new(Code::UnsupportedMediaType, "the body has to be application/json"));
        }
        self.any_object()
    }

    /// The one object that it is, be it a merge patch.
    ///
    /// # Errors
    /// It is none.
    pub fn any_object(&self) -> Result<Map<String, Value>, Refusal> {
        match self.value()? {
            Value::Object(map) => Ok(map),
            _ => Err(Refusal::new(Code::InvalidJson, "the body has to be one JSON object")),
        }
    }

    /// Its members, each to be taken once.
    ///
    /// # Errors
    /// As [`Sent::object`].
    pub fn members(&self) -> Result<Members, Refusal> {
        self.object().map(Members::of)
    }

    /// The change that it is.
    ///
    /// # Errors
    /// It is none.
    pub fn edit(&self) -> Result<Edit, Refusal> {
        match (self.kind, self.value()?) {
            (Kind::Json, Value::Object(map)) => Edit::read(map, ""),
            (Kind::Merge, Value::Object(map)) => Edit::merge(map, ""),
            (Kind::Patch, Value::Array(operations)) => Edit::patch(operations, ""),
            (Kind::Patch, _) => Err(Refusal::new(Code::InvalidJson, "a JSON Patch is a list of operations")),
            _ => Err(Refusal::new(Code::InvalidJson, "the body has to be one JSON object")),
        }
    }

    /// Under which name its answer is kept, if it has an `Idempotency-Key`.
    ///
    /// # Errors
    /// The key is none.
    pub fn repeatable(
        &self,
        headers: &HeaderMap,
        caller: &Caller<Storage>,
        what: &[&str],
    ) -> Result<Option<replays::Request>, Refusal> {
        repeatable(headers, caller, what, &self.bytes)
    }
}

/// As [`Sent::repeatable`], of a request with this body.
///
/// # Errors
/// The key is none.
pub fn repeatable(
    headers: &HeaderMap,
    caller: &Caller<Storage>,
    what: &[&str],
    body: &[u8],
) -> Result<Option<replays::Request>, Refusal> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY && keys.next().is_none());
    let Some(key) = text else {
        return Err(Refusal::new(Code::InvalidRequest, "an Idempotency-Key is one text of 1 to 255 characters"));
    };
    // What one token was told is not for another one that opens less.
    let who = (caller.subject(), caller.client_id(), caller.scope(), caller.details());
    let name = serde_json::json!([who, key, what]).to_string();
    Ok(Some(replays::Request { name: Digest::of(name.as_bytes()), body: Digest::of(body) }))
}

/// On which revision a request depends.
pub fn condition(headers: &HeaderMap) -> Condition {
    let tags =
        |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let mut matching = None;
    for tag in tags(IF_MATCH).map(str::trim) {
        let revs = match matching.take() {
            Some(Match::Of(revs)) => revs,
            Some(Match::Any) => {
                matching = Some(Match::Any);
                break;
            }
            None => Vec::new(),
        };
        matching = Some(if tag == "*" { Match::Any } else { Match::Of(revs.into_iter().chain(rev_of(tag)).collect()) });
    }
    Condition { matching, none: tags(IF_NONE_MATCH).any(|tag| tag.trim() == "*") }
}

/// Whether a reader has this revision already (RFC 9110 §13.1.2).
pub fn is_known(headers: &HeaderMap, rev: i64) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|text| text.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || rev_of(tag.strip_prefix("W/").unwrap_or(tag)) == Some(rev))
}

fn rev_of(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: &HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn entity_tags_are_read_as_rfc_9110_writes_them() {
        let of = |values: &[&'static str]| condition(&headers(&IF_MATCH, values)).matching;
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["\"3\", \"4\"", "\"5\""]), Some(Match::Of(vec![3, 4, 5])));
        assert_eq!(of(&["\"3\", *"]), Some(Match::Any));
        for weak in ["W/\"3\"", "3", "", "\"x\"", "\"3"] {
            assert_eq!(condition(&headers(&IF_MATCH, &[weak])).matching, Some(Match::Of(vec![])), "{weak}");
        }
        assert!(condition(&headers(&IF_NONE_MATCH, &["*"])).none);
        assert!(!condition(&headers(&IF_NONE_MATCH, &["\"1\""])).none);
        assert!(is_known(&headers(&IF_NONE_MATCH, &["\"1\", W/\"2\""]), 2));
        assert!(!is_known(&headers(&IF_NONE_MATCH, &["\"1\""]), 2));
    }
}
