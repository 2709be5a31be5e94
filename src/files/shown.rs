//! A file as callers see it, and as the language of documents sees it: the same names.

use serde_json::{Map, Value, json};

use crate::store::document::Document;
use crate::store::files::{File, View};

/// The file with the server's fields.
#[must_use]
pub fn whole(file: &File) -> Value {
    let mut whole = members(&file.view);
    whole.insert("_id".to_owned(), file.id.as_str().into());
    whole.insert("_rev".to_owned(), file.rev.into());
    whole.insert("_owner".to_owned(), file.owner.as_str().into());
    whole.insert("_created".to_owned(), file.created.as_str().into());
    whole.insert("_updated".to_owned(), file.updated.as_str().into());
    whole.insert("downloads".to_owned(), file.downloads.into());
    whole.insert("last_downloaded_at".to_owned(), json!(file.downloaded_at.map(crate::base::Timestamp::rfc3339)));
    Value::Object(whole)
}

/// The same of a row of a list.
pub(super) fn listed(document: Document) -> Value {
    document.whole()
}

/// What was said of a file.
pub(super) fn members(view: &View) -> Map<String, Value> {
    match serde_json::to_value(view) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}
