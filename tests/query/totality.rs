//! Whatever JSON comes in, reading it ends at once with an answer: something of the language, or what is wrong and where.

use chancery::query::sql::{Dialect, Find};
use chancery::query::{Filter, Index, Meter, Pipeline, Projection, Scope, Sort, Update, operators};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON that likes operators and paths.
fn texts() -> impl Strategy<Value = Value> {
    let spoken =
        [operators::FILTER, operators::UPDATE, operators::STAGES, operators::EXPRESSIONS, operators::UNSPOKEN].concat();
    let names = prop_oneof![
        4 => proptest::sample::select(spoken).prop_map(str::to_owned),
        2 => proptest::sample::select(vec!["a", "a.b", "a.0.b", "_id", "_x", "", "$", "$$ROOT", "input", "in", "as", "from", "path"]).prop_map(str::to_owned),
        1 => ".{0,12}",
    ];
    let texts = prop_oneof![Just("$a".to_owned()), Just("$$this.b".to_owned()), Just("a.b,-c".to_owned()), ".{0,20}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2_i64..3).prop_map(Value::from),
        texts.prop_map(Value::from)
    ];
    leaf.prop_recursive(6, 48, 4, move |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => proptest::collection::vec((names.clone(), inner), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn d5_w086_reading_is_total_and_what_is_read_can_be_used(text in texts(), document in texts()) {
        let meter = Meter::new(100_000);
        let scope = Scope { now: "2026-01-02T03:04:05.000Z", meter: &meter };
        for text in [text.clone(), json!({"a": text}), json!({"$expr": text}), json!({"a": {"$elemMatch": text}})] {
            if let Ok(filter) = Filter::parse(&text) {
                let _ = filter.takes(&document, &scope);
                let sort = Sort::default();
                let find = Find { collection: 1, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now: "" };
                for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                    if let Ok(query) = find.documents(dialect) {
                        prop_assert!(query.text.len() <= chancery::query::limits::SQL_LENGTH);
                    }
                }
            }
        }
        let _ = (Sort::parse(&text), Projection::parse(&text));
        for index in Index::list(&json!([{"name": "i", "fields": text, "unique": true}])).unwrap_or_default() {
            let _ = (index.entries(&document), index.claims(&document));
        }
        if let (Ok(update), Some(body)) = (Update::parse(&text), document.as_object()) {
            let _ = update.apply(body, chancery::query::update::Applying { now: "", inserting: true });
        }
        for text in [text.clone(), json!([text]), json!([{"$group": {"_id": text}}]), json!([{"$addFields": {"a": text}}])] {
            if let Ok(pipeline) = Pipeline::parse(&text) {
                let mut run = chancery::query::pipeline::Run::new(&pipeline.stages, 1);
                if run.push(document.clone(), &scope).is_ok() {
                    let _ = run.finish(&scope);
                }
            }
        }
    }
}
