//! Keys sort as values do, and plans lead to every document that a filter takes.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::super::sort::{Direction, Key, Sort};
use super::key::{Component, after, hex};
use super::*;

fn index(text: &Value) -> Index {
    Index::parse(text, &At::start(Subject::Index)).unwrap()
}

fn kept(text: &Value) -> Vec<Kept> {
    vec![Kept { number: 7, index: index(text), single: true }]
}

fn plan(indexes: &[Kept], filter: &Value, sort: Option<&Value>) -> Option<Plan> {
    let filter = Filter::parse(filter).unwrap();
    let sort = sort.map(|sort| Sort::parse(sort).unwrap());
    Plan::best(indexes, Wanted { filter: &filter, sort: sort.as_ref(), after: None, few: true })
}

#[test]
fn keys_sort_as_values_do() {
    let long = "x".repeat(2_000);
    let values = [
        json!(null),
        json!(-1e300),
        json!(i64::MIN),
        json!(-1.5),
        json!(0),
        json!(1e-7),
        json!(1),
        json!(i64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{1}"),
        json!("a"),
        json!("a\u{1}"),
        json!("ab"),
        json!(long),
        json!(format!("{long}y")),
        json!("\u{ffee}"),
        json!("😀"),
        json!({"a": 1}),
        json!([1]),
        json!(false),
        json!(true),
    ];
    for way in [Direction::Up, Direction::Down] {
        let keys: Vec<Vec<u8>> =
            values.iter().map(|value| Component::of(&Key::of(Some(value)), way, 1).bytes).collect();
        for pair in keys.windows(2) {
            assert_ne!(way.apply(pair[0].cmp(&pair[1])), Ordering::Greater, "{} {}", hex(&pair[0]), hex(&pair[1]));
        }
        assert!(keys.iter().all(|key| key.len() <= 1_026));
    }
    assert_eq!(after(&[1, 255, 255]), Some(vec![2]));
    assert_eq!(after(&[255]), None);
}

#[test]
fn every_value_at_a_path_has_an_entry_and_one_is_what_is_sorted_by() {
    let index = index(&json!({"name": "i", "fields": {"a": 1, "b.c": -1}}));
    let entries = index.entries(&json!({"a": [3, 1, 2], "b": [{"c": "x"}, {"c": null}, {}]})).unwrap();
    assert_eq!(entries.len(), 4 * 2);
    for edges in [0b0101, 0b1010] {
        assert_eq!(entries.iter().filter(|entry| entry.edges & edges == edges).count(), 1);
    }
    assert_eq!(index.entries(&json!({})).unwrap().len(), 1, "what is missing has its place");
    let wide = json!({"a": (0..1_001).collect::<Vec<_>>()});
    assert_eq!(index.entries(&wide), Err(TooManyEntries));
}

#[test]
fn what_is_unique_is_one_text_for_equal_values() {
    let index =
        index(&json!({"name": "i", "fields": {"a": 1, "b": 1}, "unique": true, "where": {"a": {"$exists": true}}}));
    let claims = |document: Value| index.claims(&document).unwrap();
    assert_eq!(claims(json!({"a": 1.0, "b": {"y": 1, "x": 2}})), claims(json!({"b": {"x": 2, "y": 1}, "a": 1})));
    assert_eq!(claims(json!({"a": ["p", "q", "p"]})), [r#"["p",null]"#, r#"["q",null]"#]);
    assert!(claims(json!({"b": 1})).is_empty());
    assert_ne!(claims(json!({"a": "1"})), claims(json!({"a": 1})));
}

#[test]
fn an_index_is_used_where_it_helps_and_not_where_it_would_miss_documents() {
    let by_a = kept(&json!({"name": "i", "fields": {"a": 1}}));
    let some = |filter: Value| plan(&by_a, &filter, None).is_some();
    assert!(some(json!({"a": 1})) && some(json!({"b": 2, "a": {"$in": [1, "x", null]}})));
    assert!(some(json!({"$and": [{"a": {"$gte": 1}}, {"b": 1}]})) && some(json!({"a": {"$regex": "^ab"}})));
    assert!(!some(json!({"$or": [{"a": 1}, {"b": 1}]})) && !some(json!({"a": {"$ne": 1}})));
    assert!(!some(json!({"a": {"$regex": "^ab", "$options": "m"}})) && !some(json!({"a.b": 1})));
    assert!(!some(json!({"$nor": [{"a": 1}]})) && !some(json!({"a": {"$exists": true}})));
    let partial = kept(&json!({"name": "i", "fields": {"a": 1}, "where": {"open": true, "a": {"$exists": true}}}));
    assert!(plan(&partial, &json!({"a": 1}), None).is_none());
    assert!(plan(&partial, &json!({"a": null, "open": true}), None).is_none());
    assert!(plan(&partial, &json!({"a": 1, "open": true}), None).is_some());
}

#[test]
fn an_index_gives_the_order_that_is_exactly_its_own_or_the_opposite() {
    let both = kept(&json!({"name": "i", "fields": {"s": 1, "n": -1}}));
    let walk = |filter: Value, sort: Value| plan(&both, &filter, Some(&sort)).and_then(|plan| plan.walk);
    assert_eq!(walk(json!({}), json!({"s": 1, "n": -1})), Some(Walk { edges: 0b0101, back: false }));
    assert_eq!(walk(json!({}), json!({"s": -1, "n": 1})), Some(Walk { edges: 0b1010, back: true }));
    assert_eq!(walk(json!({"s": "x"}), json!({"n": 1})), Some(Walk { edges: 0b1000, back: true }));
    assert_eq!(walk(json!({}), json!({"s": 1, "n": 1})), None);
    assert_eq!(walk(json!({"s": {"$in": ["x", "y"]}}), json!({"n": -1})), None);
}

#[test]
fn declarations_are_read_strictly() {
    let parse = |text: Value| Index::list(&text).map_err(|wrong| wrong.code);
    for (bad, code) in [
        (json!({}), "not-a-list"),
        (json!([{"name": "a b", "fields": {"a": 1}}]), "bad-name"),
        (json!([{"name": "a", "fields": {}}]), "too-many-fields"),
        (json!([{"name": "a", "fields": {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}}]), "too-many-fields"),
        (json!([{"name": "a", "fields": {"a": 2}}]), "not-a-direction"),
        (json!([{"name": "a", "fields": "a"}]), "not-an-object"),
        (json!([{"name": "a", "fields": {"a": 1}, "unique": 1}]), "not-a-boolean"),
        (json!([{"name": "a", "fields": {"a": 1}, "sparse": true}]), "unknown-member"),
        (json!([{"name": "a", "fields": {"a": 1}, "where": {"$expr": true}}]), "misplaced-operator"),
        (json!([{"name": "a", "fields": {"a": 1}}, {"name": "a", "fields": {"b": 1}}]), "repeated"),
    ] {
        assert_eq!(parse(bad.clone()).unwrap_err(), code, "{bad}");
    }
    assert_eq!(parse(json!([{"name": "a", "fields": {"_created": -1}}])).unwrap().len(), 1);
}
