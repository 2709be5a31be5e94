//! The SQL text: nothing of a caller's stands in it, and it does not grow without bound.

use serde_json::{Value, json};

use super::super::filter::Filter;
use super::super::sort::{Key, Sort};
use super::*;

fn query(filter: &Value, sort: &Value, dialect: Dialect) -> Result<Query, TooLarge> {
    let filter = Filter::parse(filter).unwrap();
    let sort = Sort::parse(sort).unwrap();
    let after = After { keys: vec![Key { rank: 3, value: json!("s3cr3t'key") }], id: "s3cr3t'id".to_owned() };
    let find =
        Find { collection: 1, filter: &filter, sort: &sort, after: Some(&after), skip: 0, limit: Some(1), now: "" };
    find.documents(dialect)
}

#[test]
fn d3_names_values_sorts_and_cursors_stand_in_parameters_only() {
    let evil = "s3cr3t'\"; DROP TABLE documents; --";
    let filter = json!({
        evil: evil, "a": {"$in": [evil, {evil: 1}], "$regex": "s3cr3t'", "$not": {"$gt": evil}, "$elemMatch": {evil: {"$lte": evil}}},
        "_id": evil, "_owner": {"$in": [evil, null]}, "b.c": {"$all": [evil]}, "n": {"$mod": [77_777, 3]}, "f": 1.25
    });
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let query = query(&filter, &json!({evil: 1}), dialect).unwrap();
        for part in ["s3cr3t", "DROP", "77777", "1.25"] {
            assert!(!query.text.contains(part), "{part} stands in {}", query.text);
        }
        let highest = (1..=query.binds.len()).filter(|n| query.text.contains(&format!("${n}"))).count();
        assert_eq!(highest, query.binds.len());
        assert!(query.exact);
    }
}

#[test]
fn d5_what_grows_beyond_a_statement_is_refused() {
    let path = "a.b.c.d.e.f.g.h";
    let branches: Vec<Value> = (0..90).map(|n| json!({path: {"$size": n}})).collect();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        assert_eq!(query(&json!({"$or": branches}), &json!({"a": 1}), dialect).unwrap_err(), TooLarge);
        let nested = (0..15).fold(json!({path: 1}), |inner, _| json!({path: {"$elemMatch": inner}}));
        assert_eq!(query(&nested, &json!({"a": 1}), dialect).unwrap_err(), TooLarge);
        assert!(query(&json!({path: 1}), &json!({"a": 1}), dialect).is_ok());
    }
}

#[test]
fn only_expressions_about_documents_are_left_for_later() {
    let exact = |filter: Value| query(&filter, &json!({"a": 1}), Dialect::Sqlite).unwrap().exact;
    assert!(exact(json!({"$expr": {"$in": ["a", ["a", "b"]]}})));
    assert!(!exact(json!({"$nor": [{"$expr": {"$eq": ["$a", 1]}}]})));
}
