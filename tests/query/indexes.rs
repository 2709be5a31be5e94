//! Indexes: with them, a find answers what it answers without.

use chancery::query::index::{Index, Kept};
use chancery::query::sql::{After, Find};
use chancery::query::{Filter, Sort};
use serde_json::{Value, json};

use crate::databases::{Database, NOW, databases};
use crate::generate::{Dice, documents, filter, scalar, sort};

/// Sets of documents, and finds in each.
const ROUNDS: (u64, usize) = (10, 24);

const PATHS: &[&str] = &["a", "b", "c", "a.b", "n.a", "_created", "_owner", "c.n"];

/// Up to three indexes of up to three fields.
fn indexes(dice: &mut Dice, collection: i64, documents: &[Value]) -> Vec<Kept> {
    (0..3)
        .map(|slot| {
            let fields = (0..=dice.below(3)).map(|_| (dice.pick(PATHS).to_owned(), dice.pick(&[json!(1), json!(-1)])));
            let mut text = json!({"name": format!("i{slot}"), "fields": Value::Object(fields.collect())});
            if dice.chance(15) {
                text["where"] = json!({dice.pick(PATHS): {"$exists": true}});
            }
            let index = Index::list(&json!([text])).unwrap().remove(0);
            let single = documents.iter().all(|document| index.entries(document).unwrap().len() < 2);
            Kept { number: collection * 16 + slot, index, single }
        })
        .collect()
}

/// A filter that an index may help.
fn narrow(dice: &mut Dice) -> Value {
    let test = |dice: &mut Dice| match dice.below(6) {
        0..2 => scalar(dice),
        2 => json!({"$in": (0..dice.below(4)).map(|_| scalar(dice)).collect::<Value>()}),
        3 => json!({"$gte": scalar(dice), "$lt": scalar(dice)}),
        4 => json!({"$lte": scalar(dice)}),
        _ => json!({"$regex": dice.pick(&["^a", "^é", "^a.b", "^", "^A|b", "^aB?"])}),
    };
    let mut parts = vec![json!({dice.pick(PATHS): test(dice)})];
    if dice.chance(50) {
        parts.push(json!({dice.pick(PATHS): test(dice)}));
    }
    if dice.chance(30) {
        parts.push(filter(dice, 1));
    }
    json!({"$and": parts})
}

async fn pages(database: &Database, find: Find<'_>, indexes: &[Kept]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut after = None;
    loop {
        let find = Find { after: after.as_ref(), ..find };
        let query = find.with(indexes).documents(database.dialect()).unwrap();
        let page = database.run(&query).await.unwrap_or_else(|error| panic!("{}\n{error}", query.text));
        let Some(last) = page.last() else { return all };
        after = Some(After { keys: find.sort.keys(last), id: last["_id"].as_str().unwrap().to_owned() });
        all.extend(page);
        assert!(all.len() <= 200, "pages repeat themselves: {}", query.text);
    }
}

#[tokio::test]
async fn w091_an_index_changes_neither_what_is_found_nor_its_order() {
    let databases = databases().await;
    let (mut narrowed, mut walked, mut found) = (0, 0, 0);
    for round in 0..ROUNDS.0 {
        let mut dice = Dice::new(9_000 + round);
        let documents = documents(&mut dice, 40);
        let collection = 1 + i64::try_from(round).unwrap();
        let indexes = indexes(&mut dice, collection, &documents);
        for database in &databases {
            database.fill(collection, &documents).await;
            database.index(&indexes, &documents).await;
        }
        for _ in 0..ROUNDS.1 {
            let text = if dice.chance(25) { json!({}) } else { narrow(&mut dice) };
            let filter = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let order = match dice.below(4) {
                0 => sort(&mut dice),
                1 => json!({dice.pick(PATHS): 1}),
                _ => indexes[dice.below(3)].index.fields.iter().fold(json!({}), |mut sort, (path, _)| {
                    sort[path.to_string()] = dice.pick(&[json!(1), json!(-1)]);
                    sort
                }),
            };
            let order = Sort::parse(&order).unwrap();
            for database in &databases {
                let limit = Some(5 + dice.below(30) as u64);
                let find = Find { collection, filter: &filter, sort: &order, after: None, skip: 0, limit, now: NOW };
                let query = find.with(&indexes).documents(database.dialect()).unwrap();
                narrowed += usize::from(query.text.contains("d.id IN (SELECT"));
                walked += usize::from(query.text.contains("e.edges"));
                let (with, without) = (pages(database, find, &indexes).await, pages(database, find, &[]).await);
                assert_eq!(with, without, "{:?}: {text} {order:?}\n{indexes:?}\n{}", database.dialect(), query.text);
                found += with.len();
                let count = find.with(&indexes).count(database.dialect()).unwrap();
                assert_eq!(database.number(&count).await, i64::try_from(with.len()).unwrap(), "{}", count.text);
            }
        }
    }
    assert!(narrowed > 60 && walked > 40 && found > 1_000, "too little: {narrowed} {walked} {found}");
}
