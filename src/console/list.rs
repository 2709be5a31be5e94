//! How lists are read page by page: after the last row of the page before, never by counting rows.

use url::form_urlencoded;

use crate::base::Params;
use crate::frame::When;

/// Rows of a page.
pub const ROWS: usize = 25;

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The last row before it.
    pub after: String,
    /// What is looked for.
    pub search: String,
}

impl Asked {
    /// Reads it off a query. What is looked for is a few words, not a page of them.
    #[must_use]
    pub fn read(query: &Params) -> Self {
        let search: String = query.get("q").unwrap_or_default().trim().chars().take(100).collect();
        let after: String = query.get("after").unwrap_or_default().chars().take(200).collect();
        Self { after, search }
    }

    /// One row more than a page has: whether there is another page shows without counting.
    #[must_use]
    #[expect(clippy::unused_self, reason = "how much is asked for belongs to what is asked")]
    pub fn limit(&self) -> i64 {
        i64::try_from(ROWS).unwrap_or(i64::MAX - 1) + 1
    }
}

/// The links below a list.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The next page.
    pub next: Option<String>,
    /// The first page, where this is another.
    pub start: Option<String>,
}

impl Pager {
    /// Cuts the rows down to a page, and links to what follows.
    pub fn of<T>(
        path: &str,
        asked: &Asked,
        more: &[(&str, &str)],
        rows: &mut Vec<T>,
        id: impl Fn(&T) -> String,
    ) -> Self {
        let address = |after: &str| {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("q", asked.search.as_str())].iter().chain(more).chain(&[("after", after)]) {
                if !value.is_empty() {
                    pairs.append_pair(name, value);
                }
            }
            let query = pairs.finish();
            if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
        };
        let is_full = rows.len() > ROWS;
        rows.truncate(ROWS);
        let next = rows.last().filter(|_| is_full).map(|last| address(&id(last)));
        Self { next, start: (!asked.after.is_empty()).then(|| address("")) }
    }
}

/// Something in a list: a link to its page, what else there is to know of it in a line, and words that stand out.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its id, for whoever looks for it in the page.
    pub id: String,
    /// Whether the id is shown.
    pub named: bool,
    /// Its page.
    pub href: String,
    /// What it is called.
    pub title: String,
    /// What else there is to know.
    pub notes: String,
    /// Since when it is there, or when it was last used.
    pub at: Option<When>,
    /// Words that stand out, and whether they are bad ones.
    pub tags: Vec<(String, bool)>,
}

impl Entry {
    /// Whether anything follows the id.
    #[must_use]
    pub const fn more(&self) -> bool {
        !self.notes.is_empty() || self.at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_to_the_next_while_there_is_one_and_back_to_the_start() {
        let asked = Asked::read(&Params::parse(b"q=a%26b&after=x").unwrap());
        let mut rows: Vec<usize> = (0..=ROWS).collect();
        let pager =
            Pager::of("/console/tenants", &asked, &[("state", "dead"), ("none", "")], &mut rows, usize::to_string);
        assert_eq!(rows.len(), ROWS);
        assert_eq!(pager.next.as_deref(), Some("/console/tenants?q=a%26b&state=dead&after=24"));
        assert_eq!(pager.start.as_deref(), Some("/console/tenants?q=a%26b&state=dead"));
        let first = Asked::read(&Params::default());
        let pager = Pager::of("/console/tenants", &first, &[], &mut rows, usize::to_string);
        assert!(pager.next.is_none() && pager.start.is_none());
    }
}
