//! How lists are read page by page: `limit`, and `cursor` as the answer before gave it.

use serde_json::{Value, json};

use crate::base::{Code, Params, Refusal};

/// Items of a page, unless asked otherwise.
const USUAL: i64 = 50;
/// Most items of a page.
const MOST: i64 = 200;

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    /// The id of the last item before it.
    pub after: String,
    /// How many items at most.
    pub limit: i64,
}

impl Page {
    /// Reads it off a query; without a cursor the list begins after `start`.
    ///
    /// # Errors
    /// `limit` is no number from 1 to 200.
    pub fn read(query: &Params, start: &str) -> Result<Self, Refusal> {
        let limit = query.get("limit").map_or(Some(USUAL), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MOST).contains(limit));
        let refused = || Refusal::new(Code::InvalidRequest, "limit is a number from 1 to 200");
        Ok(Self { after: query.get("cursor").unwrap_or(start).to_owned(), limit: limit.ok_or_else(refused)? })
    }

    /// The `meta` of an answer: where the next page begins, if there may be one.
    pub fn next<T>(&self, found: &[T], id: impl Fn(&T) -> &str) -> Value {
        let full = i64::try_from(found.len()).is_ok_and(|count| count >= self.limit);
        json!({ "next_cursor": found.last().filter(|_| full).map(id) })
    }
}

/// Refuses parameters that the list does not know: a filter that is misspelt must not show everything.
///
/// # Errors
/// `invalid_request`, with the name.
pub fn only(query: &Params, known: &[&str]) -> Result<(), Refusal> {
    let unknown = query.iter().map(|(name, _)| name).find(|name| !known.contains(name));
    let plain =
        |name: &str| name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect::<String>();
    match unknown {
        None => Ok(()),
        Some(name) => Err(Refusal::new(Code::InvalidRequest, format!("unknown parameter `{}`", plain(name)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Page, Refusal> {
        Page::read(&Params::parse(query.as_bytes()).unwrap(), "z")
    }

    #[test]
    fn a_page_has_its_limits() {
        assert_eq!(read("").unwrap().limit, 50);
        let page = read("limit=2&cursor=b").unwrap();
        assert_eq!((page.limit, page.after.as_str()), (2, "b"));
        assert_eq!(page.next(&["x", "y"], |id| id)["next_cursor"], "y");
        assert!(page.next(&["x"], |id| id)["next_cursor"].is_null());
        for bad in ["0", "201", "-1", "x", "1e1"] {
            assert!(read(&format!("limit={bad}")).is_err(), "{bad}");
        }
    }
}
