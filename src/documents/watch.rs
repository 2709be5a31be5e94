//! Watching a collection: its changes as they happen, as the caller may see them. What the caller's filter or the rules
//! no longer take is gone for it, and it learns no more of it than the id.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::definition::Verb;
use super::find::filter_of;
use super::refusals::failed;
use super::sight::Sight;
use super::{Asking, Documents};
use crate::base::{Code, Refusal, Result};
use crate::query::limits::PIPELINE_STEPS;
use crate::query::{Filter, Meter, Scope};
use crate::store::document_changes::{self as changes, Logged};
use crate::store::document_counters::last_change;

/// Watches of one tenant at a time.
const AT_A_TIME: usize = 100;
/// Changes that are looked at together.
const TOGETHER: i64 = 500;
/// How long one waits until looking by oneself: other processes change documents, too.
const PULSE: Duration = Duration::from_secs(1);

/// A collection that is being watched.
#[derive(Debug)]
pub struct Watch {
    asking: Asking,
    name: String,
    coll: i64,
    asked: Option<Value>,
    seen: i64,
    bell: Arc<Notify>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// Its number; whoever comes back with it misses nothing.
    pub seq: i64,
    /// `insert`, `update` or `delete`.
    pub event: &'static str,
    /// The document; of one that is gone, its id.
    pub data: Value,
}

impl Watch {
    /// Up to where it has seen everything.
    #[must_use]
    pub const fn seen(&self) -> i64 {
        self.seen
    }

    /// Goes on with what the caller may do now.
    pub fn renew(&mut self, asking: Asking) {
        self.asking = asking;
    }
}

impl Documents {
    /// Begins to watch a collection, from now on or from after a change that was seen before.
    ///
    /// # Errors
    /// `cursor_expired`: that change is too long ago. `conflict`: the collection is not watched, or too many are.
    pub async fn watch(&self, asking: &Asking, name: &str, filter: Option<Value>, from: Option<i64>) -> Result<Watch> {
        let sight = self.sight(asking, name).await?;
        if sight.definition.upkeep.unwatched {
            return Err(
                Refusal::new(Code::Conflict, "changes of this collection are not kept: `watch` is false").into()
            );
        }
        wanted(&sight, filter.as_ref())?;
        let bell = self.bells.bell(&asking.tenant);
        // One of them is the house's own.
        if Arc::strong_count(&bell) > AT_A_TIME + 1 {
            return Err(Refusal::new(Code::TooManyRequests, "too many watch documents of this tenant already").into());
        }
        let last = last_change(&self.db, &asking.tenant).await?;
        let seen = from.unwrap_or(last);
        if seen > last || seen < 0 {
            return Err(Refusal::new(Code::InvalidCursor, "there has been no such change").into());
        }
        self.reachable(asking, seen, last).await?;
        let (asking, name, coll) = (asking.clone(), name.to_owned(), sight.coll);
        Ok(Watch { asking, name, coll, asked: filter, seen, bell })
    }

    /// What has happened since; nothing, if that is so for about a second.
    ///
    /// # Errors
    /// `cursor_expired`: too much has happened. The collection is gone, or not for the caller any more.
    pub async fn news(&self, watch: &mut Watch) -> Result<Vec<Happened>> {
        let bell = Arc::clone(&watch.bell);
        let rung = bell.notified();
        tokio::pin!(rung);
        // From here on no ring is missed.
        rung.as_mut().enable();
        let news = self.since(watch).await?;
        if !news.is_empty() {
            return Ok(news);
        }
        if tokio::time::timeout(PULSE, rung).await.is_err() {
            return Ok(Vec::new());
        }
        self.since(watch).await
    }

    /// Ends all watches: the process is about to end.
    pub fn end_watches(&self) {
        self.bells.fall_silent();
    }

    /// Whether all watches are to end.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.bells.are_silent()
    }

    async fn since(&self, watch: &mut Watch) -> Result<Vec<Happened>> {
        let tenant = &watch.asking.tenant;
        let last = last_change(&self.db, tenant).await?;
        if last <= watch.seen {
            return Ok(Vec::new());
        }
        let all = changes::after(&self.db, tenant, watch.coll, watch.seen, TOGETHER).await?;
        self.reachable(&watch.asking, watch.seen, last).await?;
        let sight = self.sight(&watch.asking, &watch.name).await?;
        if sight.coll != watch.coll {
            return Err(Refusal::new(Code::NotFound, "there is no such collection").into());
        }
        let filter = wanted(&sight, watch.asked.as_ref())?;
        let full = i64::try_from(all.len()).is_ok_and(|number| number == TOGETHER);
        let end = all.last().map_or(last, |change| if full { change.seq } else { last.max(change.seq) });
        let now = self.now();
        let told: Result<Vec<Option<Happened>>, Refusal> =
            all.into_iter().map(|change| told(&sight, &filter, &now, change)).collect();
        let told = told?;
        watch.seen = end;
        Ok(told.into_iter().flatten().collect())
    }

    /// Whether the log still has everything after a change.
    async fn reachable(&self, asking: &Asking, seen: i64, last: i64) -> Result<()> {
        if seen == last {
            return Ok(());
        }
        match changes::first(&self.db, &asking.tenant).await? {
            Some(first) if first <= seen + 1 => Ok(()),
            _ => Err(Refusal::new(Code::CursorExpired, "too much has changed since: read the collection anew").into()),
        }
    }
}

/// What the caller wants to hear of and may see.
fn wanted(sight: &Sight, asked: Option<&Value>) -> Result<Filter, Refusal> {
    let asked = asked.map_or_else(|| Ok(Filter::everything()), |text| filter_of(sight, text, "/filter"))?;
    Ok(sight.filter(Verb::Read)?.clone().and(asked))
}

/// What a change is to somebody who sees what the filter takes.
fn told(sight: &Sight, filter: &Filter, now: &str, change: Logged) -> Result<Option<Happened>, Refusal> {
    let meter = Meter::new(PIPELINE_STEPS);
    let scope = Scope { now, meter: &meter };
    let takes = |document: &Option<Value>| match document {
        Some(document) => filter.takes(document, &scope).map_err(failed),
        None => Ok(false),
    };
    let (was, is) = (takes(&change.before)?, takes(&change.after)?);
    let (event, data) = match (was, is, change.after) {
        (false, true, Some(after)) => ("insert", sight.hidden().strip(after)),
        (true, true, Some(after)) => ("update", sight.hidden().strip(after)),
        (true, false, _) => ("delete", json!({ "_id": change.before.map(|before| before["_id"].clone()) })),
        _ => return Ok(None),
    };
    Ok(Some(Happened { seq: change.seq, event, data }))
}
