//! Pipelines over collections: the first stages become SQL, the others run here, apart from the threads that serve
//! requests, within a budget of time, work and memory. Other collections are seen as the caller sees them (D2).

use std::time::Instant;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::definition::Verb;
use super::reading::Taking;
use super::refusals::{expensive, failed, invalid, stopped, too_large};
use super::sight::Sight;
use super::{Asking, Documents, Hidden, PATIENCE};
use crate::base::{Code, Refusal, Result};
use crate::query::limits::{PIPELINE_MEMORY, PIPELINE_STEPS};
use crate::query::pipeline::{BATCH, Lookup, Plan, Run, Stage, Union, plan};
use crate::query::sql::Find;
use crate::query::value::weight;
use crate::query::{Failure, Filter, Meter, Pipeline, Scope, Sort};
use crate::store::document::Document;
use crate::store::document_index;

/// What a pipeline runs within.
#[derive(Clone, Debug)]
struct Within {
    now: String,
    deadline: Instant,
    seed: u64,
}

impl Within {
    fn check(&self) -> Result<(), Refusal> {
        if Instant::now() > self.deadline { Err(expensive("the pipeline took too long")) } else { Ok(()) }
    }

    /// Stages at their beginning; `last` if what comes out of them is the answer.
    fn run(&self, stages: &[Stage], last: bool) -> Run {
        let run = Run::new(stages, self.seed);
        if last { run } else { run.inner() }
    }
}

impl Documents {
    /// Reads a pipeline.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn pipeline(text: &Value) -> Result<Pipeline, Refusal> {
        Pipeline::parse(text).map_err(|mistake| invalid("/pipeline", &mistake))
    }

    /// What a pipeline makes of a collection.
    ///
    /// # Errors
    /// It looks at what is hidden, cannot be computed, or is too expensive.
    pub async fn aggregate(&self, asking: &Asking, name: &str, pipeline: &Pipeline) -> Result<Vec<Value>> {
        let sight = self.sight(asking, name).await?;
        let _turn = self.slots.take(&asking.tenant).await?;
        let seed = u64::from(uuid::Uuid::now_v7().as_fields().2) << 32 | u64::from(std::process::id());
        let within = Within { now: self.now(), deadline: Instant::now() + PATIENCE, seed };
        self.stages(asking, &sight, &pipeline.stages, &within, true).await
    }

    async fn stages(
        &self,
        asking: &Asking,
        sight: &Sight,
        stages: &[Stage],
        within: &Within,
        last: bool,
    ) -> Result<Vec<Value>> {
        let plan = plan(stages);
        seen(sight, stages, &plan)?;
        let (here, mut rest) = until_elsewhere(plan.rest);
        let mut documents = self.streamed(sight, &plan, here, within, last && rest.is_empty()).await?;
        while let Some((elsewhere, after)) = rest.split_first() {
            match elsewhere {
                Stage::Lookup(lookup) => self.looked_up(asking, lookup, &mut documents, within).await?,
                Stage::Union(union) => documents.extend(Box::pin(self.united(asking, union, within)).await?),
                _ => {}
            }
            if documents.iter().map(weight).sum::<usize>() > PIPELINE_MEMORY {
                return Err(failed(Failure::TooExpensive).into());
            }
            let here;
            (here, rest) = until_elsewhere(after);
            documents = onward(documents, here, within, last && rest.is_empty()).await?;
        }
        Ok(documents)
    }

    /// Streams what the database answers through stages.
    async fn streamed(
        &self,
        sight: &Sight,
        plan: &Plan<'_>,
        stages: &[Stage],
        within: &Within,
        last: bool,
    ) -> Result<Vec<Value>> {
        let filter = sight.filter(Verb::Read)?.clone().and(plan.filter.clone());
        let (skip, limit, now) = (plan.skip, plan.limit, &within.now);
        let find = Find { collection: sight.coll, filter: &filter, sort: &plan.sort, after: None, skip, limit, now };
        let indexes = document_index::kept(&self.db, sight.coll).await?;
        let query = find.with(&indexes.all).documents(self.db.dialect()).map_err(too_large)?;
        let (feed, fed) = mpsc::channel(4);
        let stream = Stream {
            fed,
            asked: (!query.exact).then(|| (filter.clone(), skip, limit)),
            hidden: sight.hidden().clone(),
            run: within.run(stages, last),
            within: within.clone(),
        };
        let running = spawn_blocking(move || stream.flow());
        let read = self.db.pages(&query, PATIENCE, feed).await;
        let answer = running.await?;
        read.map_err(stopped)?;
        self.look_again(sight.coll, &query, &indexes).await?;
        Ok(answer?)
    }

    /// Puts to documents those of another collection that belong to them.
    async fn looked_up(
        &self,
        asking: &Asking,
        lookup: &Lookup,
        documents: &mut [Value],
        within: &Within,
    ) -> Result<()> {
        let other = self.sight(asking, &lookup.from).await?;
        let foreign = lookup.foreign.to_string();
        other.hidden().refuse(Code::InvalidPipeline, "/pipeline", |see| see(&foreign))?;
        let (rule, sort) = (other.filter(Verb::Read)?.clone(), Sort::default());
        for batch in documents.chunks_mut(BATCH) {
            within.check()?;
            let filter = rule.clone().and(lookup.wanted(batch));
            let (collection, now) = (other.coll, within.now.as_str());
            let find = Find { collection, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now };
            let (mut found, mut held) = (Vec::new(), 0);
            self.each(&find, &mut |document| {
                if held <= PIPELINE_MEMORY {
                    let document = other.shown(document);
                    held += weight(&document);
                    found.push(document);
                }
            })
            .await?;
            if held > PIPELINE_MEMORY {
                return Err(failed(Failure::TooExpensive).into());
            }
            let meter = Meter::new(PIPELINE_STEPS);
            lookup.attach(batch, &found, &Scope { now, meter: &meter }).map_err(failed)?;
        }
        Ok(())
    }

    /// The documents of another collection that follow.
    async fn united(&self, asking: &Asking, union: &Union, within: &Within) -> Result<Vec<Value>> {
        let other = self.sight(asking, &union.with).await?;
        self.stages(asking, &other, &union.stages, within, false).await
    }
}

/// Documents on their way from the database through stages.
struct Stream {
    fed: mpsc::Receiver<Vec<Document>>,
    /// The filter and the window, where SQL could not say all of it.
    asked: Option<(Filter, u64, Option<u64>)>,
    hidden: Hidden,
    run: Run,
    within: Within,
}

impl Stream {
    /// Rules and filters see whole documents; stages see what is not hidden.
    fn flow(mut self) -> Result<Vec<Value>, Refusal> {
        let (meter, now) = (Meter::new(PIPELINE_STEPS), self.within.now.clone());
        let scope = Scope { now: &now, meter: &meter };
        let asked = self.asked.take();
        let mut taking = Taking::new(asked.as_ref().map(|(filter, skip, limit)| (filter, *skip, *limit)), &now);
        'all: while let Some(batch) = self.fed.blocking_recv() {
            for document in batch {
                self.within.check()?;
                let mut passed = None;
                let flow = taking.take(document, &mut |document| passed = Some(document));
                if let Some(document) = passed {
                    let document = self.hidden.strip(document.whole());
                    if !self.run.push(document, &scope).map_err(failed)? {
                        break 'all;
                    }
                }
                if flow.is_break() {
                    break 'all;
                }
            }
        }
        taking.ended()?;
        self.run.finish(&scope).map_err(failed)
    }
}

/// Sends documents through further stages.
async fn onward(documents: Vec<Value>, stages: &[Stage], within: &Within, last: bool) -> Result<Vec<Value>> {
    let (mut run, within) = (within.run(stages, last), within.clone());
    let running = spawn_blocking(move || {
        let meter = Meter::new(PIPELINE_STEPS);
        let scope = Scope { now: &within.now, meter: &meter };
        for document in documents {
            within.check()?;
            if !run.push(document, &scope).map_err(failed)? {
                break;
            }
        }
        run.finish(&scope).map_err(failed)
    });
    Ok(running.await??)
}

/// The stages before the first one that asks the database, and those from it on.
fn until_elsewhere(stages: &[Stage]) -> (&[Stage], &[Stage]) {
    let elsewhere = |stage: &Stage| matches!(stage, Stage::Lookup(_) | Stage::Union(_));
    stages.split_at(stages.iter().position(elsewhere).unwrap_or(stages.len()))
}

/// Refuses a pipeline that looks at what is hidden. Stages get documents without it, so that only those that the
/// database does may not look at documents as wholes.
fn seen(sight: &Sight, stages: &[Stage], plan: &Plan<'_>) -> Result<(), Refusal> {
    let hidden = sight.hidden();
    hidden.refuse(Code::InvalidPipeline, "/pipeline", |see| plan.filter.paths(see))?;
    hidden.refuse(Code::InvalidPipeline, "/pipeline", |see| {
        let named = Pipeline { stages: stages.to_vec() };
        named.paths(&mut |path| {
            if !path.is_empty() {
                see(path);
            }
        });
    })
}
