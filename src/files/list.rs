//! Lists of files in the language of documents. The rule for reading is part of the same statement, so a filter learns
//! nothing of files that its sender may not see (W-097).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Asker, Deed, Files, moment, refused, shown};
use crate::base::{Code, Digest, Fault, Result, Stop};
use crate::query::sort::Key;
use crate::query::sql::{After, Find};
use crate::query::{Filter, Sort};
use crate::store::document::Document;
use crate::store::document_db::Stopped;
use crate::store::file_lists::Unlisted;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Which files.
    pub filter: Value,
    /// In which order.
    pub sort: Option<String>,
    /// How many at most.
    pub limit: u64,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whether to count them all.
    pub count: bool,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The files.
    pub files: Vec<Value>,
    /// Where the next part begins.
    pub next: Option<String>,
    /// How many there are in all.
    pub count: Option<i64>,
}

impl Files {
    /// The files that somebody may see, as far as they are asked for.
    ///
    /// # Errors
    /// The request says nothing in the language, is too much, or its cursor is not of this list.
    pub async fn list(&self, asker: &Asker, listing: &Listing) -> Result<Page> {
        let since = self.clock.now();
        let now = moment(since);
        let asked = Filter::parse(&listing.filter).map_err(|invalid| refused(&invalid))?;
        let filter = self.rules(asker).await?.filter(Deed::Read, asker, since)?.and(asked);
        let sort = match listing.sort.as_deref() {
            Some(text) => Sort::parse(&json!(text)).map_err(|invalid| refused(&invalid))?,
            None => Sort::default(),
        };
        let after = listing.cursor.as_deref().map(|cursor| self.read_cursor(asker, listing, cursor)).transpose()?;
        let mut find = Find {
            collection: 0,
            filter: &filter,
            sort: &sort,
            after: after.as_ref(),
            skip: 0,
            limit: Some(listing.limit + 1),
            now: &now,
        };
        let mut rows = match listing.limit {
            0 => Vec::new(),
            _ => self.lists.page(&asker.tenant, &find).await.map_err(unlisted)?,
        };
        let more = rows.len() as u64 > listing.limit;
        rows.truncate(usize::try_from(listing.limit).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| more).map(|last| self.cursor(asker, listing, &sort, last)).transpose()?;
        let count = if listing.count {
            (find.after, find.limit) = (None, None);
            Some(self.lists.count(&asker.tenant, &find).await.map_err(unlisted)?)
        } else {
            None
        };
        Ok(Page { files: rows.into_iter().map(shown::listed).collect(), next, count })
    }

    /// A cursor: where a page ended, and a proof that we said so for this very list.
    fn cursor(&self, asker: &Asker, listing: &Listing, sort: &Sort, last: &Document) -> Result<String> {
        let keys: Vec<Value> = sort.keys(&last.clone().whole()).iter().map(Key::to_value).collect();
        let place = URL_SAFE_NO_PAD.encode(json!([1, keys, last.id, query_of(listing)]).to_string());
        let mac = self.keys.mac("file-cursor", &asker.tenant, &[&place, &asker.subject])?;
        Ok(format!("{place}.{mac}"))
    }

    fn read_cursor(&self, asker: &Asker, listing: &Listing, cursor: &str) -> Result<After> {
        let invalid = || Stop::refuse(Code::InvalidCursor, "this is no cursor of ours");
        let (place, mac) = cursor.rsplit_once('.').ok_or_else(invalid)?;
        let known = self.keys.mac("file-cursor", &asker.tenant, &[place, &asker.subject])?;
        if Digest::of(known.as_bytes()) != Digest::of(mac.as_bytes()) {
            return Err(invalid());
        }
        let place: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(place).map_err(|_| invalid())?)?;
        if place[3] != json!(query_of(listing)) {
            return Err(Stop::refuse(Code::CursorMismatch, "this cursor belongs to another list"));
        }
        let keys: Option<Vec<Key>> = place[1].as_array().and_then(|keys| keys.iter().map(Key::from_value).collect());
        let id = place[2].as_str().map(str::to_owned);
        keys.zip(id).map(|(keys, id)| After { keys, id }).ok_or_else(invalid)
    }
}

/// What makes one list another than the next.
fn query_of(listing: &Listing) -> String {
    Digest::of(json!([listing.filter, listing.sort]).to_string().as_bytes()).as_str().to_owned()
}

pub(super) fn unlisted(error: Unlisted) -> Stop {
    match error {
        Unlisted::TooLarge(_) | Unlisted::Stopped(Stopped::TooLong) => {
            Stop::refuse(Code::QueryTooExpensive, "this list takes too long; ask for less at a time")
        }
        Unlisted::Stopped(Stopped::Failed(error)) => Fault::from(error).into(),
    }
}
