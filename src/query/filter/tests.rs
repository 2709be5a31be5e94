//! Filters: what they take (where popular evaluators disagree, as MongoDB's own matcher does), and what is refused.

use serde_json::{Value, json};

use super::super::expr::{Meter, Scope};
use super::super::limits::{FILTER_NODES, LIST_VALUES, NESTING};
use super::super::operators;
use super::super::reader::Variables;
use super::*;

const NOW: &str = "2026-01-02T03:04:05.000Z";

fn takes(filter: &Value, document: &Value) -> bool {
    let meter = Meter::new(10_000);
    Filter::parse(filter).unwrap().takes(document, &Scope { now: NOW, meter: &meter }).unwrap()
}

fn refused(filter: &Value) -> (String, &'static str, String) {
    let error = Filter::parse(filter).unwrap_err();
    (error.pointer, error.code, error.detail)
}

#[test]
fn where_evaluators_disagree_mongodbs_own_matcher_is_followed() {
    let cases = [
        (json!({"a": 1}), json!({"a": true}), false),
        (json!({"a": {}}), json!({}), false),
        (json!({"a.b": null}), json!({"a": 5}), true),
        (json!({"a.b": null}), json!({"a": [{"b": 1}, {"c": 1}]}), true),
        (json!({"a.b": null}), json!({"a": [1, 2]}), false),
        (json!({"a.b": 1}), json!({"a": [[{"b": 1}]]}), false),
        (json!({"a": 1}), json!({"a": [[1, 2], 3]}), false),
        (json!({"a": {"$elemMatch": {"b": 1}}}), json!({"a": [1, 2]}), false),
        (json!({"a": {"$all": [1]}}), json!({"a": 1}), true),
        (json!({"a": {"$all": []}}), json!({"a": []}), false),
        (json!({"a": {"$size": 1}}), json!({"a": {"b": 1}}), false),
        (json!({"a": {"$size": 1}}), json!({"a": 5}), false),
        (json!({"a": {"$type": "string"}}), json!({"a": ["x"]}), true),
        (json!({"a": {"$gte": null}}), json!({}), true),
        (json!({"a": {"$gt": null}}), json!({"a": null}), false),
        (json!({"a": {"$mod": [2, 1]}}), json!({"a": "1"}), false),
        (json!({"a": {"$mod": [2, 1]}}), json!({"a": true}), false),
        (json!({"$expr": {"$eq": ["$a", 1]}}), json!({"a": [1]}), false),
        (json!({"$expr": {"$eq": ["$missing", null]}}), json!({}), false),
        (json!({"a": {"$lt": "😀"}}), json!({"a": "\u{ffee}"}), true),
        (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"c": 2, "b": 1}}), true),
        (json!({"a": {"$ne": 1}}), json!({"a": [1, 2]}), false),
        (json!({"a": {"$nin": [null]}}), json!({}), false),
        (json!({"a.0": 1}), json!({"a": [1]}), true),
        (json!({"a.0": 1}), json!({"a": {"0": 1}}), true),
        (json!({"a": [1, 2]}), json!({"a": [[1, 2]]}), true),
        (json!({"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}}), json!({"a": [0, 4]}), false),
        (json!({"a": {"$gt": 1, "$lt": 3}}), json!({"a": [0, 4]}), true),
        (json!({"a": 1.0}), json!({"a": 1}), true),
    ];
    for (filter, document, expected) in cases {
        assert_eq!(takes(&filter, &document), expected, "{filter} on {document}");
    }
}

#[test]
fn d2_w089_every_operator_of_mongodb_is_spoken_or_refused_by_name() {
    for name in operators::UNSPOKEN.iter().chain(operators::STAGES).chain(operators::UPDATE) {
        if operators::FILTER.contains(name) {
            continue;
        }
        for (filter, pointer) in [
            (json!({*name: 1}), format!("/{name}")),
            (json!({"a": {*name: 1}}), format!("/a/{name}")),
            (json!({"$and": [{"a": {"$not": {*name: 1}}}]}), format!("/$and/0/a/$not/{name}")),
            (json!({"a": {"$elemMatch": {"b": {*name: 1}}}}), format!("/a/$elemMatch/b/{name}")),
        ] {
            let (at, code, detail) = refused(&filter);
            assert_eq!((at, code), (pointer, "unknown-operator"), "{filter}");
            assert!(detail.starts_with(&format!("`{name}` ")), "{detail}");
        }
        let within = refused(&json!({"a": {"b": [{*name: 1}]}}));
        assert!(within.2.contains(name), "{within:?}");
    }
}

#[test]
fn w089_every_operator_of_filters_is_spoken() {
    let spoken = json!({
        "$and": [{"a": {"$eq": 1, "$ne": 2, "$gt": 0, "$gte": 1, "$lt": 9, "$lte": 1, "$in": [1], "$nin": [2]}}],
        "$or": [{"a": {"$exists": true, "$type": "number", "$mod": [2, 1], "$not": {"$size": 1}}}],
        "$nor": [{"b": {"$regex": "^x", "$options": "i"}}],
        "c": {"$all": [1], "$elemMatch": {"$gt": 0}},
        "$expr": {"$eq": ["$a", 1]}
    });
    let text = spoken.to_string();
    for name in operators::FILTER {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
    assert!(takes(&spoken, &json!({"a": 1, "b": "y", "c": [1]})));
}

#[test]
fn d4_what_is_malformed_is_refused_with_its_place() {
    let cases = [
        (json!(null), "", "not-an-object"),
        (json!([]), "", "not-an-object"),
        (json!("{}"), "", "not-an-object"),
        (json!({"$or": []}), "/$or", "not-a-list"),
        (json!({"$or": {}}), "/$or", "not-a-list"),
        (json!({"$and": [1]}), "/$and/0", "not-an-object"),
        (json!({"a": {"$gt": 1, "b": 2}}), "/a", "mixed"),
        (json!({"a": {"$gtt": 1}}), "/a/$gtt", "unknown-operator"),
        (json!({"$not": {"a": 1}}), "/$not", "misplaced-operator"),
        (json!({"a": {"$options": "i"}}), "/a/$options", "misplaced-operator"),
        (json!({"a": {"$exists": 1}}), "/a/$exists", "not-a-boolean"),
        (json!({"a": {"$in": 1}}), "/a/$in", "not-a-list"),
        (json!({"a": {"$gt": {}}}), "/a/$gt", "not-comparable"),
        (json!({"a": {"$mod": [0, 1]}}), "/a/$mod", "not-a-modulo"),
        (json!({"a": {"$mod": [2]}}), "/a/$mod", "not-a-modulo"),
        (json!({"a": {"$size": -1}}), "/a/$size", "not-a-size"),
        (json!({"a": {"$type": "objectId"}}), "/a/$type", "not-a-type"),
        (json!({"a": {"$not": 1}}), "/a/$not", "not-operators"),
        (json!({"a": {"$date": "2026-01-01"}}), "/a/$date", "unknown-operator"),
        (json!({"a": {"$regex": "(", }}), "/a/$regex", "bad-regex"),
        (json!({"a": u64::MAX}), "/a", "number-out-of-range"),
        (json!({"_secret": 1}), "/_secret", "unknown-field"),
        (json!({"a": {"$elemMatch": {"$or": [{"$expr": true}]}}}), "/a/$elemMatch/$or/0/$expr", "misplaced-operator"),
    ];
    for (filter, pointer, code) in cases {
        let (at, found, _) = refused(&filter);
        assert_eq!((at.as_str(), found), (pointer, code), "{filter}");
    }
}

#[test]
fn d5_size_depth_and_lists_have_their_limits() {
    let nested = |depth: usize| (0..depth).fold(json!({"a": 1}), |inner, _| json!({"$and": [inner]}));
    assert!(Filter::parse(&nested(NESTING)).is_ok());
    assert_eq!(refused(&nested(NESTING + 1)).1, "too-deep");
    let wide = |nodes: usize| Value::Object((0..nodes).map(|n| (format!("f{n}"), json!(1))).collect());
    assert!(Filter::parse(&wide(FILTER_NODES)).is_ok());
    assert_eq!(refused(&wide(FILTER_NODES + 1)).1, "too-large");
    let list = |length: usize| json!({"a": {"$in": vec![1; length]}});
    assert!(Filter::parse(&list(LIST_VALUES)).is_ok());
    assert_eq!(refused(&list(LIST_VALUES + 1)).1, "too-many-values");
}

#[test]
fn d1_a_rule_is_a_filter_in_which_variables_stand_for_values() {
    let meter = Meter::new(1_000);
    let scope = Scope { now: NOW, meter: &meter };
    let ann = Variables::default().with("$$auth.sub", "ann").with("$$auth.roles", json!(["admin"]));
    let takes = |rule: Value, variables: &Variables, document: Value| {
        Filter::rule(&rule, variables).unwrap().takes(&document, &scope).unwrap()
    };
    assert!(takes(json!({"_owner": "$$auth.sub"}), &ann, json!({"_owner": "ann"})));
    assert!(!takes(json!({"_owner": "$$auth.sub"}), &ann, json!({"_owner": "$$auth.sub"})));
    assert!(takes(json!({"$expr": {"$in": ["admin", "$$auth.roles"]}}), &ann, json!({})));
    assert!(takes(json!({"role": {"$in": "$$auth.roles"}}), &ann, json!({"role": "admin"})));
    // Nobody owns what has no owner, and a name that looks like a path is none.
    assert!(!takes(json!({"_owner": "$$auth.sub"}), &Variables::default(), json!({"_owner": null})));
    let sly = Variables::default().with("$$auth.sub", "$name");
    assert!(!takes(json!({"$expr": {"$eq": ["$$auth.sub", "ann"]}}), &sly, json!({"name": "ann"})));
    assert!(Filter::rule(&json!({"_owner": "$$auth.nobody"}), &ann).is_err());
    assert!(Filter::rule(&json!({"$expr": {"$eq": ["$$auth.nobody", 1]}}), &ann).is_err());
    // For a caller's own filter they are texts.
    assert!(Filter::parse(&json!({"a": "$$auth.sub"})).unwrap().takes(&json!({"a": "$$auth.sub"}), &scope).unwrap());
}

#[test]
fn d6_every_path_that_a_filter_looks_at_is_known() {
    let text = json!({
        "a": 1, "$or": [{"b.c": {"$not": {"$elemMatch": {"d": 1}}}}], "$nor": [{"$expr": {"$eq": ["$e.f", "$$ROOT.g"]}}],
        "h": {"$all": [{"$elemMatch": {"i": {"$exists": true}}}]}
    });
    let mut seen = Vec::new();
    Filter::parse(&text).unwrap().paths(&mut |path| seen.push(path.to_owned()));
    seen.sort();
    assert_eq!(seen, ["a", "b.c", "b.c.d", "e.f", "g", "h", "h.i"]);
}

#[test]
fn an_upsert_knows_what_its_filter_demands() {
    let filter = Filter::parse(
        &json!({"a": 1, "b": {"$eq": "x"}, "c": {"$gt": 1}, "$and": [{"d": null}], "$or": [{"e": 1}, {"f": 1}]}),
    );
    let filter = filter.unwrap();
    let mut seeds: Vec<String> = filter.seeds().into_iter().map(|(path, value)| format!("{path}={value}")).collect();
    seeds.sort();
    assert_eq!(seeds, ["a=1", "b=\"x\"", "d=null"]);
}
