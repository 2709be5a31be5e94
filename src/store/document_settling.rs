//! What follows from changed documents, in the transaction that changes them: indexes at once, and as the last thing in
//! it counters, the log of changes and the audit trail. Nothing that writes documents goes without it.

use std::collections::BTreeMap;

use super::db::Tx;
use super::document::Document;
use super::document_audits::{self as audits, Action, Actor};
use super::document_changes as changes;
use super::document_counters::{self as counters, Added, Ceiling, Full, Holder, Usage};
use super::document_index::{self as index, Pair, Unindexed};
use crate::base::{TenantId, Timestamp};

/// A document that was changed: at least one of the two is there.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it was.
    pub before: Option<Document>,
    /// As it is.
    pub after: Option<Document>,
}

/// The collection that documents were changed in.
#[derive(Clone, Copy, Debug)]
pub struct Within<'a> {
    /// Its number.
    pub coll: i64,
    /// Its name.
    pub name: &'a str,
    /// How much it may hold.
    pub ceiling: Ceiling,
    /// Whether its changes can be watched.
    pub logged: bool,
    /// Whether its changes are audited.
    pub audited: bool,
}

/// Who changed them, and what they may have.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Whose documents they are.
    pub tenant: &'a TenantId,
    /// How much the tenant may have.
    pub ceiling: Ceiling,
    /// How much this owner may have.
    pub owner: Option<(&'a str, Ceiling)>,
    /// Who, for the trail.
    pub actor: Actor<'a>,
    /// When.
    pub now: Timestamp,
}

/// Why a change cannot stand.
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// An index cannot take a document.
    #[error(transparent)]
    Index(#[from] Unindexed),
    /// It would be too much.
    #[error(transparent)]
    Full(#[from] Full),
    /// The driver's own words.
    #[error(transparent)]
    Failed(#[from] sqlx::Error),
}

/// Settles what was changed in some collections, in the order in which it happened in each.
///
/// # Errors
/// A ceiling is exceeded, or the database failed. The transaction has to be given up then.
pub async fn settle(tx: &mut Tx, by: &By<'_>, all: &[(Within<'_>, &[Change])]) -> Result<(), Unsettled> {
    let mut all: Vec<_> = all.iter().filter(|(_, changes)| !changes.is_empty()).collect();
    all.sort_by_key(|(within, _)| within.coll);
    let mut sums: BTreeMap<Holder, Added> = BTreeMap::new();
    let mut wholes = Vec::new();
    for (within, list) in &all {
        sum(within, list, &mut sums);
        if !within.logged {
            wholes.push(Vec::new());
            continue;
        }
        let whole = |document: &Option<Document>| document.clone().map(Document::whole);
        wholes.push(list.iter().map(|change| (whole(&change.before), whole(&change.after))).collect::<Vec<_>>());
    }
    let mut last = 0;
    for (holder, added) in &sums {
        let ceiling = ceiling(holder, by, &all);
        if added.usage != Usage::default() || added.changes > 0 {
            last = counters::add(tx, by.tenant, holder, *added, ceiling).await??;
        }
    }
    let logged = all.iter().zip(&wholes).filter(|((within, _), _)| within.logged);
    for ((within, _), wholes) in logged.rev() {
        let rows: Vec<_> = wholes.iter().map(|(before, after)| (before.as_ref(), after.as_ref())).collect();
        changes::append(tx, by.tenant, within.coll, (last, by.now), &rows).await?;
        last -= count(rows.len());
    }
    for (within, list) in all.iter().filter(|(within, _)| within.audited) {
        audit(tx, by, within, list).await?;
    }
    Ok(())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Bytes of a body, as JSON.
pub(super) fn bytes(document: &Document) -> i64 {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Counting cannot fail, nor can JSON be written that is none.
    let _ = serde_json::to_writer(&mut counter, &document.body);
    count(counter.0)
}

fn sum(within: &Within<'_>, list: &[Change], sums: &mut BTreeMap<Holder, Added>) {
    for change in list {
        for (document, sign) in [(&change.before, -1), (&change.after, 1)] {
            let Some(document) = document else { continue };
            let bytes = sign * bytes(document);
            let owner = document.owner.clone().map(Holder::Owner);
            for holder in [Holder::Collection(within.coll), Holder::Tenant].into_iter().chain(owner) {
                let usage = &mut sums.entry(holder).or_default().usage;
                usage.documents += sign;
                usage.bytes += bytes;
            }
        }
        sums.entry(Holder::Tenant).or_default().changes += i64::from(within.logged);
    }
}

fn ceiling(holder: &Holder, by: &By<'_>, all: &[&(Within<'_>, &[Change])]) -> Ceiling {
    match holder {
        Holder::Tenant => by.ceiling,
        Holder::Owner(subject) => {
            by.owner.filter(|(owner, _)| owner == subject).map_or_else(Ceiling::default, |(_, ceiling)| ceiling)
        }
        Holder::Collection(coll) => all
            .iter()
            .find(|(within, _)| within.coll == *coll)
            .map_or_else(Ceiling::default, |(within, _)| within.ceiling),
    }
}

/// Brings the indexes of a collection after its documents, as soon as these are changed.
///
/// # Errors
/// A unique index is violated, or a document has too many keys; the database failed. The transaction has to be given
/// up then.
pub async fn index(tx: &mut Tx, coll: i64, list: &[Change]) -> Result<(), Unindexed> {
    let kept = index::kept_in(tx, coll).await?;
    if kept.is_empty() {
        return Ok(());
    }
    let whole = |document: &Option<Document>| document.clone().map(Document::whole);
    let wholes: Vec<_> = list.iter().map(|change| (whole(&change.before), whole(&change.after))).collect();
    // A document that is changed several times was what it was at first, and is what it is at last.
    let mut pairs: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
    for (change, (before, after)) in list.iter().zip(&wholes) {
        let Some(document) = change.after.as_ref().or(change.before.as_ref()) else { continue };
        let id = document.id.as_str();
        pairs.entry(id).or_insert(Pair { id, before: before.as_ref(), after: None }).after = after.as_ref();
    }
    index::apply(tx, &kept, &pairs.into_values().collect::<Vec<_>>()).await
}

async fn audit(tx: &mut Tx, by: &By<'_>, within: &Within<'_>, list: &[Change]) -> sqlx::Result<()> {
    let mut actions: BTreeMap<Action, Vec<(&str, i64)>> = BTreeMap::new();
    for change in list {
        let (action, document) = match (&change.before, &change.after) {
            (None, Some(after)) => (Action::Inserted, after),
            (Some(_), Some(after)) => (Action::Updated, after),
            (Some(before), None) => (Action::Deleted, before),
            (None, None) => continue,
        };
        actions.entry(action).or_default().push((&document.id, document.rev));
    }
    for (action, documents) in actions {
        audits::add(tx, (by.tenant, within.name), (by.actor, by.now), action, &documents).await?;
    }
    Ok(())
}
