//! Filters: the documents that SQL takes are those that the evaluator takes.

use chancery::query::sql::Find;
use chancery::query::{Filter, Meter, Scope, Sort};
use serde_json::Value;

use crate::databases::{NOW, databases};
use crate::generate::{Dice, documents, filter};

/// Sets of documents, and filters on each.
const ROUNDS: (u64, usize) = (25, 48);

#[tokio::test]
async fn sql_and_evaluator_take_the_same_documents() {
    let databases = databases().await;
    let mut matches = 0;
    for round in 0..ROUNDS.0 {
        let mut dice = Dice::new(round);
        let documents = documents(&mut dice, 50);
        let collection = i64::try_from(round).unwrap();
        for database in &databases {
            database.fill(collection, &documents).await;
        }
        for _ in 0..ROUNDS.1 {
            let text = filter(&mut dice, 2);
            let filter = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let meter = Meter::new(u64::MAX);
            let scope = Scope { now: NOW, meter: &meter };
            let taken = |document: &&Value| filter.takes(document, &scope).unwrap();
            let mut expected: Vec<&Value> = documents.iter().filter(taken).collect();
            expected.sort_by_key(|document| document["_id"].as_str());
            matches += expected.len();
            for database in &databases {
                let sort = Sort::default();
                let find =
                    Find { collection, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now: NOW };
                let query = find.documents(database.dialect()).unwrap();
                let answer = database.run(&query).await;
                let answer = answer.unwrap_or_else(|error| panic!("{text}\n{}\n{error}", query.text));
                let wrong = answer
                    .iter()
                    .find(|one| !expected.contains(one))
                    .or(expected.iter().copied().find(|one| !answer.contains(one)));
                assert!(
                    answer.iter().eq(expected.iter().copied()),
                    "{:?}: {text}\nSQL takes {}, the evaluator {}; one is {}\n{}\n{:?}",
                    database.dialect(),
                    answer.len(),
                    expected.len(),
                    wrong.unwrap_or(&Value::Null),
                    query.text,
                    query.binds
                );
                assert_eq!(
                    database.number(&find.count(database.dialect()).unwrap()).await,
                    i64::try_from(expected.len()).unwrap()
                );
            }
        }
    }
    assert!(matches > 10_000, "the filters take too little to prove anything: {matches}");
}
