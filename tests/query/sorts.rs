//! Sorts and pages: SQL's order is the evaluator's, and pages follow each other without a gap or a repeat.

use chancery::query::sql::{After, Find};
use chancery::query::{Filter, Sort};
use serde_json::{Value, json};

use crate::databases::{NOW, databases};
use crate::generate::{Dice, documents, sort};

/// Sets of documents, and sorts of each.
const ROUNDS: (u64, usize) = (12, 35);

#[tokio::test]
async fn w091_sql_sorts_as_the_evaluator_does_and_pages_are_complete() {
    let databases = databases().await;
    for round in 0..ROUNDS.0 {
        let mut dice = Dice::new(1_000 + round);
        let documents = documents(&mut dice, 40);
        let collection = i64::try_from(round).unwrap();
        for database in &databases {
            database.fill(collection, &documents).await;
        }
        for _ in 0..ROUNDS.1 {
            let text = sort(&mut dice);
            let sort = Sort::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let mut expected = documents.clone();
            sort.sort(&mut expected);
            let ids =
                |documents: &[Value]| documents.iter().map(|document| document["_id"].clone()).collect::<Vec<_>>();
            let everything = Filter::parse(&json!({})).unwrap();
            let size = 7 + dice.below(40);
            for database in &databases {
                let mut after = None;
                let mut answer = Vec::new();
                loop {
                    let find = Find {
                        collection,
                        filter: &everything,
                        sort: &sort,
                        after: after.as_ref(),
                        skip: 0,
                        limit: Some(size as u64),
                        now: NOW,
                    };
                    let query = find.documents(database.dialect()).unwrap();
                    let page = database.run(&query).await;
                    let page = page.unwrap_or_else(|error| panic!("{text}\n{}\n{error}", query.text));
                    let Some(last) = page.last() else { break };
                    after = Some(After { keys: sort.keys(last), id: last["_id"].as_str().unwrap().to_owned() });
                    answer.extend(page);
                    assert!(answer.len() <= documents.len(), "{text}: pages repeat themselves");
                }
                assert_eq!(ids(&answer), ids(&expected), "{:?}: {text}", database.dialect());
            }
        }
    }
}
