//! What a request says: its body by media type, read strictly; on which revision it depends; whether it may come again.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use crate::app::App;
use crate::base::{Code, Digest, Params, Refusal, strict_value};
use crate::documents::{Condition, Edit, Match, invalid};
use crate::http::Rejected;
use crate::query::Filter;
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
        self.object().map(Members)
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
        subject: &str,
        what: &[&str],
    ) -> Result<Option<replays::Request>, Refusal> {
        repeatable(headers, subject, what, &self.bytes)
    }
}

/// As [`Sent::repeatable`], of a request with this body.
///
/// # Errors
/// The key is none.
pub fn repeatable(
    headers: &HeaderMap,
    subject: &str,
    what: &[&str],
    body: &[u8],
) -> Result<Option<replays::Request>, Refusal> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY && keys.next().is_none());
    let Some(key) = text else {
        return Err(Refusal::new(Code::InvalidRequest, "an Idempotency-Key is one text of 1 to 255 characters"));
    };
    let name = serde_json::json!([subject, key, what]).to_string();
    Ok(Some(replays::Request { name: Digest::of(name.as_bytes()), body: Digest::of(body) }))
}

/// The members of a body.
#[derive(Debug)]
pub struct Members(Map<String, Value>);

impl Members {
    /// Those of an object within the body.
    pub const fn of(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// A member, whatever it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// A member that has to be there.
    ///
    /// # Errors
    /// It is not.
    pub fn require(&mut self, name: &str) -> Result<Value, Refusal> {
        self.take(name).ok_or_else(|| Refusal::new(Code::InvalidRequest, format!("missing field `{name}`")))
    }

    /// A text.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(unfit(name)),
        }
    }

    /// True or false; false when it is left out.
    ///
    /// # Errors
    /// It is something else (W-088).
    pub fn truth(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(is)) => Ok(is),
            Some(_) => Err(unfit(name)),
        }
    }

    /// A whole number up to `most`.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&mut self, name: &str, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        value.as_u64().filter(|number| *number <= most).map(Some).ok_or_else(|| unfit(name))
    }

    /// A list.
    ///
    /// # Errors
    /// It is something else, or left out.
    pub fn list(&mut self, name: &str) -> Result<Vec<Value>, Refusal> {
        match self.require(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(unfit(name)),
        }
    }

    /// Nothing else is there.
    ///
    /// # Errors
    /// Something is.
    pub fn done(self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            Some(name) => {
                let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                Err(Refusal::new(Code::InvalidRequest, format!("unknown field `{name}`")))
            }
            None => Ok(()),
        }
    }
}

fn unfit(name: &str) -> Refusal {
    Refusal::new(Code::InvalidRequest, format!("the field `{name}` cannot be that"))
}

/// Refuses parameters that are not these.
///
/// # Errors
/// There is another one.
pub fn only(params: &Params, known: &[&str]) -> Result<(), Refusal> {
    match params.iter().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            Err(Refusal::new(Code::InvalidParameter, format!("there is no parameter `{name}` here")))
        }
        None => Ok(()),
    }
}

/// A parameter that is JSON.
///
/// # Errors
/// It is none.
pub fn json(params: &Params, name: &str) -> Result<Option<Value>, Refusal> {
    let Some(text) = params.raw(name) else { return Ok(None) };
    let broken = |_| Refusal::new(Code::InvalidParameter, format!("the parameter `{name}` is no JSON"));
    strict_value(text.as_bytes()).map(Some).map_err(broken)
}

/// `true`, or `false`, which is as if it were left out.
///
/// # Errors
/// It is something else.
pub fn flag(params: &Params, name: &str) -> Result<bool, Refusal> {
    match params.raw(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::new(Code::InvalidParameter, format!("the parameter `{name}` is true or false"))),
    }
}

/// The filter of a change of many documents: who means every one says so (W-092, D4).
///
/// # Errors
/// There is none, or it takes everything and `all` was not said.
pub fn deliberate(filter: Option<Value>, all: bool) -> Result<Value, Refusal> {
    let required = |why| Err(Refusal::new(Code::FilterRequired, why));
    let Some(filter) = filter else {
        return if all {
            Ok(Value::Object(Map::new()))
        } else {
            required("a filter has to say which documents are meant")
        };
    };
    let parsed = Filter::parse(&filter).map_err(|mistake| invalid("/filter", &mistake))?;
    if parsed.is_everything() && !all {
        return required("this filter takes every document: `all` has to be true if that is meant");
    }
    Ok(filter)
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
    use serde_json::json;

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

    #[test]
    fn d4_w092_everything_is_meant_only_by_who_says_so() {
        assert_eq!(deliberate(None, false).unwrap_err().code, Code::FilterRequired);
        for everything in [json!({}), json!({"$and": [{}]}), json!({"$and": [{}, {"$and": [{}]}]})] {
            assert_eq!(deliberate(Some(everything.clone()), false).unwrap_err().code, Code::FilterRequired);
            assert!(deliberate(Some(everything), true).is_ok());
        }
        assert_eq!(deliberate(None, true).unwrap(), json!({}));
        for broken in [json!(null), json!([]), json!("{}"), json!(0), json!({"$fliter": 1}), json!({"a": {"$gtt": 1}})]
        {
            assert_eq!(deliberate(Some(broken.clone()), true).unwrap_err().code, Code::InvalidFilter, "{broken}");
        }
        assert!(deliberate(Some(json!({"a": 1})), false).is_ok());
    }
}
