//! Updates: what becomes of documents, and what is refused.

use serde_json::{Value, json};

use super::super::operators;
use super::*;

fn applied(update: &Value, body: &Value) -> Result<Value, NotApplied> {
    let within = Applying { now: "2026-01-02T03:04:05.000Z", inserting: false };
    let update = Update::parse(update).unwrap_or_else(|error| panic!("{update}: {error:?}"));
    update.apply(body.as_object().unwrap(), within)
}

#[expect(clippy::needless_pass_by_value, reason = "the cases below read better")]
fn becomes(update: Value, body: Value, expected: Value) {
    assert_eq!(
        applied(&update, &body).unwrap_or_else(|error| panic!("{update}: {error}")),
        expected,
        "{update} on {body}"
    );
}

#[expect(clippy::needless_pass_by_value, reason = "the cases below read better")]
fn unfit(update: Value, body: Value) -> String {
    match applied(&update, &body) {
        Err(NotApplied::Unfit(unfit)) => unfit.path,
        other => panic!("{update} on {body}: {other:?}"),
    }
}

#[test]
fn fields_are_set_and_gone() {
    becomes(json!({"$set": {"a.b": 1}}), json!({}), json!({"a": {"b": 1}}));
    becomes(json!({"$set": {"a.1": 9}}), json!({"a": [1, 2]}), json!({"a": [1, 9]}));
    becomes(json!({"$set": {"a.3": 9}}), json!({"a": [1]}), json!({"a": [1, null, null, 9]}));
    becomes(
        json!({"$unset": {"a": "", "b.c": 1, "d.x": 1}}),
        json!({"a": 1, "b": {"c": 1, "e": 2}, "d": 5}),
        json!({"b": {"e": 2}, "d": 5}),
    );
    becomes(json!({"$unset": {"a.0": ""}}), json!({"a": [1, 2]}), json!({"a": [null, 2]}));
    becomes(json!({"$rename": {"a": "b.c"}}), json!({"a": 1}), json!({"b": {"c": 1}}));
    becomes(json!({"$rename": {"x": "y"}}), json!({"a": 1}), json!({"a": 1}));
    becomes(json!({"$currentDate": {"at": true}}), json!({}), json!({"at": "2026-01-02T03:04:05.000Z"}));
    becomes(json!({"$setOnInsert": {"a.b": 1}}), json!({}), json!({}));
    assert_eq!(unfit(json!({"$set": {"a.b": 1}}), json!({"a": 5})), "a.b");
    assert_eq!(unfit(json!({"$set": {"a.b": 1}}), json!({"a": [1]})), "a.b");
    assert_eq!(unfit(json!({"$set": {"a.999999": 1}}), json!({"a": [1]})), "a.999999");
}

#[test]
fn numbers_are_counted_exactly() {
    becomes(json!({"$inc": {"a": 2, "b": 1}}), json!({"a": 1}), json!({"a": 3, "b": 1}));
    becomes(json!({"$mul": {"a": 0.5, "b": 3}}), json!({"a": 3}), json!({"a": 1.5, "b": 0}));
    becomes(json!({"$min": {"a": 1}, "$max": {"b": 1}}), json!({"a": 5, "b": 5}), json!({"a": 1, "b": 5}));
    becomes(json!({"$max": {"a": "x"}}), json!({"a": 5}), json!({"a": "x"}));
    assert_eq!(unfit(json!({"$inc": {"a": 1}}), json!({"a": "1"})), "a");
    assert_eq!(unfit(json!({"$inc": {"a": 1}}), json!({"a": null})), "a");
    assert_eq!(unfit(json!({"$inc": {"a": 1}}), json!({"a": i64::MAX})), "a");
    assert_eq!(unfit(json!({"$mul": {"a": 10}}), json!({"a": 1e308})), "a");
}

#[test]
fn arrays_grow_and_shrink() {
    becomes(json!({"$push": {"a": 1}}), json!({}), json!({"a": [1]}));
    becomes(
        json!({"$push": {"a": {"$each": [3, 1], "$sort": 1, "$slice": -2}}}),
        json!({"a": [2]}),
        json!({"a": [2, 3]}),
    );
    becomes(json!({"$push": {"a": {"$each": [9], "$position": 0}}}), json!({"a": [1]}), json!({"a": [9, 1]}));
    becomes(json!({"$push": {"a": {"$each": [9], "$position": -1}}}), json!({"a": [1, 2]}), json!({"a": [1, 9, 2]}));
    becomes(
        json!({"$push": {"a": {"$each": [], "$sort": {"n": -1}}}}),
        json!({"a": [{"n": 1}, {"n": 2}]}),
        json!({"a": [{"n": 2}, {"n": 1}]}),
    );
    becomes(json!({"$addToSet": {"a": 3}}), json!({"a": [1, 2, 2]}), json!({"a": [1, 2, 2, 3]}));
    becomes(json!({"$addToSet": {"a": {"$each": [2, 4, 4]}}}), json!({"a": [2]}), json!({"a": [2, 4]}));
    becomes(
        json!({"$addToSet": {"a": {"y": 1, "x": 2}}}),
        json!({"a": [{"x": 2, "y": 1}]}),
        json!({"a": [{"x": 2, "y": 1}]}),
    );
    becomes(json!({"$pop": {"a": 1, "b": -1}}), json!({"a": [1, 2], "b": [1, 2]}), json!({"a": [1], "b": [2]}));
    becomes(json!({"$pull": {"a": {"$gte": 2}}}), json!({"a": [1, 2, 3]}), json!({"a": [1]}));
    becomes(
        json!({"$pull": {"a": {"x": 1}}}),
        json!({"a": [{"x": 1, "y": 2}, {"x": 2}, 1]}),
        json!({"a": [{"x": 2}, 1]}),
    );
    becomes(json!({"$pullAll": {"a": [1, 2]}}), json!({"a": [1, 3, 2, 1]}), json!({"a": [3]}));
    becomes(json!({"$pull": {"none": 1}, "$pop": {"no": 1}}), json!({}), json!({}));
    assert_eq!(unfit(json!({"$push": {"a": 1}}), json!({"a": 1})), "a");
}

#[test]
fn d6_w096_the_servers_fields_are_not_the_callers() {
    for field in ["_id", "_rev", "_owner", "_created", "_updated", "_x", "__proto__"] {
        for update in [
            json!({"$set": {field: null}}),
            json!({"$unset": {field: 1}}),
            json!({"$rename": {"a": field}}),
            json!({"$rename": {field: "a"}}),
            json!({"$setOnInsert": {field: 1}}),
            json!({"$max": {field: 1}}),
        ] {
            assert!(Update::parse(&update).is_err(), "{update}");
        }
    }
    becomes(json!({"$set": {"a.__proto__": 1}}), json!({}), json!({"a": {"__proto__": 1}}));
}

#[test]
fn d2_w089_every_operator_is_spoken_or_refused_by_name() {
    for name in operators::UNSPOKEN.iter().chain(operators::STAGES).filter(|name| !operators::UPDATE.contains(name)) {
        let error = Update::parse(&json!({*name: {"a": 1}})).unwrap_err();
        assert_eq!((error.code, error.pointer), ("unknown-operator", format!("/{name}/a")), "{name}");
        assert!(Update::parse(&json!({"$set": {"a": {*name: 1}}})).unwrap_err().detail.contains(name));
    }
    for name in &operators::UPDATE[..14] {
        let error = Update::parse(&json!({*name: {}})).unwrap_err();
        assert_eq!(error.code, "not-an-object", "{name}");
    }
}

#[test]
fn what_is_malformed_is_refused() {
    let cases = [
        (json!({}), "not-an-object"),
        (json!([]), "not-an-object"),
        (json!({"a": 1}), "mixed"),
        (json!({"$set": {"a": 1}, "b": 1}), "mixed"),
        (json!({"$set": {"a": 1, "a.b": 2}}), "conflict"),
        (json!({"$set": {"a": 1}, "$inc": {"a": 1}}), "conflict"),
        (json!({"$rename": {"a": "a"}}), "conflict"),
        (json!({"$rename": {"a": "a.b"}}), "conflict"),
        (json!({"$inc": {"a": "1"}}), "not-a-number"),
        (json!({"$set": {"a.$": 1}}), "unknown-operator"),
        (json!({"$set": {"a.$[]": 1}}), "unknown-operator"),
        (json!({"$pop": {"a": 2}}), "not-an-end"),
        (json!({"$push": {"a": {"$each": 1}}}), "not-a-list"),
        (json!({"$addToSet": {"a": {"$each": [], "$slice": 1}}}), "unknown-operator"),
        (json!({"$each": {"a": 1}}), "misplaced-operator"),
        (json!({"$pull": {"a": {"$expr": true}}}), "misplaced-operator"),
        (json!({"$pull": {"a": {"$or": [{"$expr": true}]}}}), "misplaced-operator"),
        (json!({"$currentDate": {"a": {"$type": "date"}}}), "not-true"),
    ];
    for (update, code) in cases {
        assert_eq!(Update::parse(&update).unwrap_err().code, code, "{update}");
    }
}

#[test]
fn an_upsert_begins_with_what_its_filter_demands() {
    let filter = Filter::parse(&json!({"a.b": 1, "_id": "x", "c": {"$eq": 2}})).unwrap();
    let body = Update::seed(&filter.seeds()).unwrap();
    assert_eq!(Value::Object(body), json!({"a": {"b": 1}, "c": 2}));
    let conflicting = Filter::parse(&json!({"$and": [{"a": 1}, {"a.b": 1}]})).unwrap();
    assert!(Update::seed(&conflicting.seeds()).is_err());
}

#[test]
fn what_would_be_no_document_is_refused() {
    let deep = (0..62).fold(json!(1), |inner, _| json!([inner]));
    assert!(applied(&json!({"$set": {"a": deep}}), &json!({})).is_ok());
    assert!(matches!(applied(&json!({"$set": {"a.b.c": deep}}), &json!({})), Err(NotApplied::Invalid(_))));
}
