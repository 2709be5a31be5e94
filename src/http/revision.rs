//! Over which version of a thing somebody wants to change it (RFC 9110 §13.1.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;

/// Extractor: the version in `If-Match`; absent: whichever there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

/// No version is this one: a tag that is none of ours matches nothing.
const NONE: i64 = -1;

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(wanted(&parts.headers)))
    }
}

fn wanted(headers: &HeaderMap) -> Option<i64> {
    let mut tags = headers.get_all(IF_MATCH).iter();
    let first = tags.next()?.to_str().unwrap_or_default().trim();
    if tags.next().is_some() {
        return Some(NONE);
    }
    if first == "*" {
        return None;
    }
    let number = first.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
    Some(number.unwrap_or(NONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_strong_tag_names_a_version_and_everything_else_none() {
        let told = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IF_MATCH, value.parse().unwrap());
            }
            wanted(&headers)
        };
        assert_eq!(told(&[]), None);
        assert_eq!(told(&["*"]), None);
        assert_eq!(told(&["\"7\""]), Some(7));
        for bad in [&["7"][..], &["W/\"7\""], &["\"x\""], &["\"7\", \"8\""], &["\"7\"", "\"7\""], &[""]] {
            assert_eq!(told(bad), Some(NONE), "{bad:?}");
        }
    }
}
