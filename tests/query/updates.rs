//! Updates of many: what is found by SQL, changed and written comes back as what the evaluator makes of the documents
//! that it takes itself.

use chancery::query::sql::Find;
use chancery::query::update::{Applying, Update};
use chancery::query::{Filter, Meter, Scope, Sort};
use serde_json::{Map, Value};

use crate::databases::{NOW, databases};
use crate::generate::{Dice, documents, filter};
use crate::generate_changes::update;

/// Sets of documents, and updates of each.
const ROUNDS: (u64, usize) = (15, 40);

/// What becomes of a document, or `None` if the update does not fit it.
fn changed(update: &Update, document: &Value) -> Option<Value> {
    let (kept, body): (Map<_, _>, Map<_, _>) =
        document.as_object().unwrap().clone().into_iter().partition(|(name, _)| name.starts_with('_'));
    let mut changed = update.apply(&body, Applying { now: NOW, inserting: false }).ok()?;
    changed.as_object_mut().unwrap().extend(kept);
    Some(changed)
}

#[tokio::test]
async fn what_is_updated_comes_back_as_the_evaluator_makes_it() {
    let databases = databases().await;
    let (mut done, mut refused) = (0, 0);
    for round in 0..ROUNDS.0 {
        let mut dice = Dice::new(2_000 + round);
        let mut documents = documents(&mut dice, 20);
        documents.sort_by(|a, b| a["_id"].as_str().cmp(&b["_id"].as_str()));
        let collection = i64::try_from(round).unwrap();
        for database in &databases {
            database.fill(collection, &documents).await;
        }
        for _ in 0..ROUNDS.1 {
            let text = (filter(&mut dice, 1), update(&mut dice));
            let filter = Filter::parse(&text.0).unwrap();
            let Ok(update) = Update::parse(&text.1) else {
                refused += 1;
                continue;
            };
            let meter = Meter::new(u64::MAX);
            let scope = Scope { now: NOW, meter: &meter };
            for document in &mut documents {
                if filter.takes(document, &scope).unwrap()
                    && let Some(changed) = changed(&update, document)
                {
                    *document = changed;
                    done += 1;
                }
            }
            for database in &databases {
                let everything = Filter::everything();
                let sort = Sort::default();
                let find =
                    |filter| Find { collection, filter, sort: &sort, after: None, skip: 0, limit: None, now: NOW };
                let found = database.run(&find(&filter).documents(database.dialect()).unwrap()).await.unwrap();
                for document in found {
                    if let Some(changed) = changed(&update, &document) {
                        database.write(collection, &changed).await;
                    }
                }
                let all = database.run(&find(&everything).documents(database.dialect()).unwrap()).await.unwrap();
                let wrong = all.iter().zip(&documents).find(|(a, b)| a != b);
                assert!(all == documents, "{:?}: {} {}\n{wrong:?}", database.dialect(), text.0, text.1);
            }
        }
    }
    assert!(done > 1_000 && refused < 200, "{done} updates were done, {refused} refused");
}
