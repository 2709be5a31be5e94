//! Documents found: page by page, one by its id, how many there are, which values they have.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::cursor::Query;
use super::definition::Verb;
use super::refusals::{expensive, failed, invalid, unknown};
use super::sight::Sight;
use super::{Asking, Documents};
use crate::base::{Code, Refusal, Result};
use crate::query::filter::values_at;
use crate::query::limits::{OUTPUT_DOCUMENTS, PIPELINE_MEMORY};
use crate::query::path::{Path, Root};
use crate::query::sql::{After, Find};
use crate::query::value::weight;
use crate::query::{At, Filter, Meter, Projection, Scope, Sort, Subject};
use crate::store::document::Document;
use crate::store::documents;

/// Documents of a page, unless asked otherwise.
pub const USUAL: u64 = 50;
/// Most documents of a page.
pub const MOST: u64 = 1_000;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which documents.
    pub filter: Option<Value>,
    /// In which order.
    pub sort: Option<Value>,
    /// Which of their fields.
    pub projection: Option<Value>,
    /// Without the first so many.
    pub skip: u64,
    /// How many; at most a thousand.
    pub limit: u64,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whether to say how many there are in all.
    pub count: bool,
}

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The documents as the caller sees them.
    pub documents: Vec<Value>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// How many there are in all, if that was asked for.
    pub count: Option<i64>,
}

/// Reads a caller's filter, which sees what the caller sees.
pub(super) fn filter_of(sight: &Sight, text: &Value, from: &str) -> Result<Filter, Refusal> {
    let filter = Filter::parse(text).map_err(|mistake| invalid(from, &mistake))?;
    sight.hidden().refuse(Code::InvalidFilter, from, |see| filter.paths(see))?;
    Ok(filter)
}

/// Reads a caller's sort, which sees what the caller sees.
pub(super) fn sort_of(sight: &Sight, text: Option<&Value>) -> Result<Sort, Refusal> {
    let sort = text.map(Sort::parse).transpose().map_err(|mistake| invalid("/sort", &mistake))?.unwrap_or_default();
    sight.hidden().refuse(Code::InvalidSort, "/sort", |see| sort.paths(see))?;
    Ok(sort)
}

fn projection_of(sight: &Sight, text: Option<&Value>) -> Result<Option<Projection>, Refusal> {
    let read = text.map(Projection::parse).transpose().map_err(|mistake| invalid("/projection", &mistake))?;
    if let Some(projection) = &read {
        sight.hidden().refuse(Code::InvalidProjection, "/projection", |see| projection.paths(see))?;
    }
    Ok(read)
}

impl Documents {
    /// A page of documents.
    ///
    /// # Errors
    /// What is asked says nothing in the language, is not for this caller, or is too expensive.
    pub async fn find(&self, asking: &Asking, name: &str, wish: &Wish) -> Result<Found> {
        let sight = self.sight(asking, name).await?;
        let empty = Value::Object(Map::new());
        let text = wish.filter.as_ref().unwrap_or(&empty);
        let asked = filter_of(&sight, text, "/filter")?;
        let sort = sort_of(&sight, wish.sort.as_ref())?;
        let projection = projection_of(&sight, wish.projection.as_ref())?;
        let query = Query::of(&sight, &asking.subject, text, wish.sort.as_ref().unwrap_or(&Value::Null));
        let after = wish.cursor.as_deref().map(|cursor| self.place(&asking.tenant, &query, cursor)).transpose()?;
        let filter = sight.filter(Verb::Read)?.clone().and(asked);
        let now = self.now();
        let find = Find {
            collection: sight.coll,
            filter: &filter,
            sort: &sort,
            after: after.as_ref(),
            skip: if after.is_some() { 0 } else { wish.skip },
            limit: Some(wish.limit + 1),
            now: &now,
        };
        let _turn = self.slots.take(&asking.tenant).await?;
        let count = if wish.count { Some(self.number(&Find { after: None, ..find }).await?) } else { None };
        let mut page = if wish.limit == 0 { Vec::new() } else { self.all(&find).await? };
        let more = page.len() as u64 > wish.limit;
        page.truncate(usize::try_from(wish.limit).unwrap_or(usize::MAX));
        let next = match page.last().filter(|_| more) {
            Some(last) => {
                let after = After { keys: sort.keys(&last.clone().whole()), id: last.id.clone() };
                Some(self.cursor(&asking.tenant, &query, &after)?)
            }
            None => None,
        };
        let documents = shown(&sight, page, projection.as_ref(), &now)?;
        Ok(Found { documents, next, count })
    }

    /// A document, and its revision.
    ///
    /// # Errors
    /// `not_found`, also when the caller may not see it.
    pub async fn get(&self, asking: &Asking, name: &str, id: &str, fields: Option<&Value>) -> Result<(Value, i64)> {
        let sight = self.sight(asking, name).await?;
        let projection = projection_of(&sight, fields)?;
        sight.demand(Verb::Read)?;
        let found = documents::get(&self.db, sight.coll, id).await?.ok_or_else(unknown)?;
        let now = self.now();
        if !sight.allows(Verb::Read, &found, &now)? {
            return Err(unknown().into());
        }
        let rev = found.rev;
        let document = shown(&sight, vec![found], projection.as_ref(), &now)?.pop();
        Ok((document.ok_or_else(unknown)?, rev))
    }

    /// How many documents a filter takes.
    ///
    /// # Errors
    /// As [`Documents::find`].
    pub async fn count(&self, asking: &Asking, name: &str, filter: Option<&Value>) -> Result<i64> {
        let sight = self.sight(asking, name).await?;
        let filter = readable(&sight, filter)?;
        let (sort, now) = (Sort::default(), self.now());
        let find = every(&sight, &filter, &sort, &now);
        let _turn = self.slots.take(&asking.tenant).await?;
        self.number(&find).await
    }

    /// The different values of a field; of arrays, their elements.
    ///
    /// # Errors
    /// As [`Documents::find`].
    pub async fn distinct(
        &self,
        asking: &Asking,
        name: &str,
        field: &str,
        filter: Option<&Value>,
    ) -> Result<Vec<Value>> {
        let sight = self.sight(asking, name).await?;
        let at = At::start(Subject::Projection);
        let path = Path::parse(field, Root::Stored, &at).map_err(|mistake| invalid("/field", &mistake))?;
        sight.hidden().refuse(Code::InvalidProjection, "/field", |see| see(&path.to_string()))?;
        let filter = readable(&sight, filter)?;
        let (sort, now) = (Sort::default(), self.now());
        let find = every(&sight, &filter, &sort, &now);
        let _turn = self.slots.take(&asking.tenant).await?;
        let (mut values, mut held) = (BTreeMap::new(), 0);
        self.each(&find, &mut |document| {
            if values.len() <= OUTPUT_DOCUMENTS && held <= PIPELINE_MEMORY {
                values_at(&document.whole(), &path, &mut |value| {
                    let known = values.insert(value.to_string(), value.clone());
                    held += if known.is_none() { weight(value) } else { 0 };
                });
            }
        })
        .await?;
        if values.len() > OUTPUT_DOCUMENTS || held > PIPELINE_MEMORY {
            return Err(expensive("the field has too many different values").into());
        }
        let mut values: Vec<Value> = values.into_values().collect();
        values.sort_by(crate::query::value::compare);
        Ok(values)
    }
}

/// All documents that a filter takes.
fn every<'a>(sight: &Sight, filter: &'a Filter, sort: &'a Sort, now: &'a str) -> Find<'a> {
    Find { collection: sight.coll, filter, sort, after: None, skip: 0, limit: None, now }
}

fn shown(
    sight: &Sight,
    documents: Vec<Document>,
    projection: Option<&Projection>,
    now: &str,
) -> Result<Vec<Value>, Refusal> {
    let meter = Meter::new(crate::query::limits::PIPELINE_STEPS);
    let scope = Scope { now, meter: &meter };
    let whole = documents.into_iter().map(|document| sight.shown(document));
    match projection {
        Some(projection) => whole.map(|document| projection.apply(&document, &scope).map_err(failed)).collect(),
        None => Ok(whole.collect()),
    }
}

fn readable(sight: &Sight, filter: Option<&Value>) -> Result<Filter, Refusal> {
    let asked = filter.map_or_else(|| Ok(Filter::everything()), |text| filter_of(sight, text, "/filter"))?;
    Ok(sight.filter(Verb::Read)?.clone().and(asked))
}
