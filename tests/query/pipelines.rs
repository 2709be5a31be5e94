//! Pipelines: what the database does of one, and the rest in Rust, together answer what all of it in Rust does.

use chancery::query::pipeline::{Pipeline, Run};
use chancery::query::sql::Find;
use chancery::query::{Failure, Meter, Scope};
use serde_json::Value;

use crate::databases::{Database, NOW, databases};
use crate::generate::{Dice, documents};
use crate::generate_changes::pipeline;

/// Sets of documents, and pipelines over each.
const ROUNDS: (u64, usize) = (15, 40);

fn run(run: Run, documents: impl IntoIterator<Item = Value>, scope: &Scope<'_>) -> Result<Vec<Value>, Failure> {
    let mut run = run;
    for document in documents {
        if !run.push(document, scope)? {
            break;
        }
    }
    run.finish(scope)
}

/// As a service does it: SQL first, then what SQL could not say, then the rest.
async fn planned(
    database: &Database,
    collection: i64,
    pipeline: &Pipeline,
    scope: &Scope<'_>,
) -> Result<Vec<Value>, Failure> {
    let plan = pipeline.plan();
    let find = Find {
        collection,
        filter: &plan.filter,
        sort: &plan.sort,
        after: None,
        skip: plan.skip,
        limit: plan.limit,
        now: NOW,
    };
    let query = find.documents(database.dialect()).unwrap();
    let mut found = database.run(&query).await.unwrap_or_else(|error| panic!("{}\n{error}", query.text));
    if !query.exact {
        let mut exactly = Vec::new();
        for document in found {
            if plan.filter.takes(&document, scope)? {
                exactly.push(document);
            }
        }
        let limit = plan.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
        found = exactly.into_iter().skip(usize::try_from(plan.skip).unwrap()).take(limit).collect();
    }
    run(Run::new(plan.rest, 7), found, scope)
}

#[tokio::test]
async fn a_pipeline_answers_the_same_with_sql_and_without() {
    let databases = databases().await;
    let (mut answered, mut failed) = (0, 0);
    for round in 0..ROUNDS.0 {
        let mut dice = Dice::new(3_000 + round);
        let mut documents = documents(&mut dice, 40);
        documents.sort_by(|a, b| a["_id"].as_str().cmp(&b["_id"].as_str()));
        let collection = i64::try_from(round).unwrap();
        for database in &databases {
            database.fill(collection, &documents).await;
        }
        for _ in 0..ROUNDS.1 {
            let text = pipeline(&mut dice);
            let pipeline = Pipeline::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let meter = Meter::new(u64::MAX);
            let scope = Scope { now: NOW, meter: &meter };
            let expected = run(Run::new(&pipeline.stages, 7), documents.clone(), &scope);
            match &expected {
                Ok(answer) => answered += answer.len(),
                Err(_) => failed += 1,
            }
            for database in &databases {
                let answer = planned(database, collection, &pipeline, &scope).await;
                // Where one document fails, which are reached before it may differ.
                if expected.is_ok() || answer.is_ok() {
                    assert_eq!(answer.as_ref().ok(), expected.as_ref().ok(), "{:?}: {text}", database.dialect());
                }
            }
        }
    }
    assert!(answered > 2_000 && failed < 100, "{answered} documents were answered, {failed} pipelines failed");
}
