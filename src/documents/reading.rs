//! Documents as the database answers them. Where SQL could not say all of a filter, the rest is asked here, and the
//! window is cut here too.

use std::ops::ControlFlow;

use super::refusals::{failed, stopped, too_large};
use super::{Documents, PATIENCE};
use crate::base::{Code, Refusal, Result, Seconds};
use crate::query::limits::PIPELINE_STEPS;
use crate::query::sql::{Find, Query};
use crate::query::{Failure, Filter, Meter, Scope};
use crate::store::document::Document;
use crate::store::document_index::{self, Indexes};
use crate::store::{DocumentDb, Tx};

/// Takes documents as they come, as far as they belong to the answer.
#[derive(Debug)]
pub(super) struct Taking<'a> {
    asked: Option<&'a Filter>,
    now: &'a str,
    skip: u64,
    limit: u64,
    meter: Meter,
    failure: Option<Failure>,
}

impl<'a> Taking<'a> {
    /// For a query; `exact` if it says all that its filter does.
    pub fn of(find: &Find<'a>, exact: bool) -> Self {
        Self::new((!exact).then_some((find.filter, find.skip, find.limit)), find.now)
    }

    /// With the filter and the window that SQL did not say.
    pub fn new(left: Option<(&'a Filter, u64, Option<u64>)>, now: &'a str) -> Self {
        let asked = left.map(|(filter, ..)| filter);
        let (skip, limit) = left.map_or((0, None), |(_, skip, limit)| (skip, limit));
        let limit = limit.unwrap_or(u64::MAX);
        Self { asked, now, skip, limit, meter: Meter::new(PIPELINE_STEPS), failure: None }
    }

    /// Hands on a document that belongs to the answer; says when there are enough.
    pub fn take(&mut self, document: Document, give: &mut (dyn FnMut(Document) + Send)) -> ControlFlow<()> {
        if self.limit == 0 {
            return ControlFlow::Break(());
        }
        if let Some(filter) = self.asked {
            let scope = Scope { now: self.now, meter: &self.meter };
            match filter.takes(&document.clone().whole(), &scope) {
                Ok(true) => {}
                Ok(false) => return ControlFlow::Continue(()),
                Err(failure) => {
                    self.failure = Some(failure);
                    return ControlFlow::Break(());
                }
            }
        }
        if self.skip > 0 {
            self.skip -= 1;
            return ControlFlow::Continue(());
        }
        self.limit -= 1;
        give(document);
        if self.limit == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// What went wrong while taking.
    pub fn ended(self) -> Result<(), Refusal> {
        self.failure.map_or(Ok(()), |failure| Err(failed(failure)))
    }
}

impl Documents {
    /// Hands over what a query answers.
    ///
    /// # Errors
    /// It is too expensive, or cannot be computed.
    pub(super) async fn each(&self, find: &Find<'_>, give: &mut (dyn FnMut(Document) + Send)) -> Result<()> {
        let indexes = document_index::kept(&self.db, find.collection).await?;
        let query = find.with(&indexes.all).documents(self.db.dialect()).map_err(too_large)?;
        let mut taking = Taking::of(find, query.exact);
        self.db.each(&query, PATIENCE, |document| taking.take(document, give)).await.map_err(stopped)?;
        self.look_again(find.collection, &query, &indexes).await?;
        Ok(taking.ended()?)
    }

    /// Makes sure that the indexes that a query looked into were there until its end.
    ///
    /// # Errors
    /// They were not: what was found is not all.
    pub(super) async fn look_again(&self, coll: i64, query: &Query, indexes: &Indexes) -> Result<()> {
        if !query.indexed || document_index::are_kept(&self.db, coll, indexes).await? {
            return Ok(());
        }
        let why = "the indexes of the collection were changed meanwhile: ask again";
        Err(Refusal::new(Code::TemporarilyUnavailable, why).retry_after(Seconds(1)).into())
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`Documents::each`].
    pub(super) async fn all(&self, find: &Find<'_>) -> Result<Vec<Document>> {
        let mut all = Vec::new();
        self.each(find, &mut |document| all.push(document)).await?;
        Ok(all)
    }

    /// How many there are.
    ///
    /// # Errors
    /// As [`Documents::each`].
    pub(super) async fn number(&self, find: &Find<'_>) -> Result<i64> {
        let indexes = document_index::kept(&self.db, find.collection).await?;
        let query = find.with(&indexes.all).count(self.db.dialect()).map_err(too_large)?;
        if query.exact {
            let number = self.db.number(&query, PATIENCE).await.map_err(stopped)?;
            self.look_again(find.collection, &query, &indexes).await?;
            return Ok(number);
        }
        let mut count = 0;
        let find = Find { after: None, skip: 0, limit: None, ..*find };
        self.each(&find, &mut |_| count += 1).await?;
        Ok(count)
    }

    /// The documents that are to be changed, which nobody else changes until the transaction ends.
    ///
    /// # Errors
    /// As [`Documents::each`].
    pub(super) async fn locked(&self, tx: &mut Tx, find: &Find<'_>) -> Result<Vec<Document>> {
        let indexes = document_index::kept_in(tx, find.collection).await?;
        let query = find.with(&indexes).for_change(self.db.dialect()).map_err(too_large)?;
        let (mut taking, mut all) = (Taking::of(find, query.exact), Vec::new());
        let mut give = |document| all.push(document);
        DocumentDb::each_in(tx, &query, PATIENCE, |document| taking.take(document, &mut give))
            .await
            .map_err(stopped)?;
        taking.ended()?;
        Ok(all)
    }
}
