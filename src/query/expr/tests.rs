//! Expressions: what they compute, what fails, what is refused, and that work is bounded.

use serde_json::{Value, json};

use super::super::invalid::{At, Result as Read, Subject};
use super::super::limits::PIPELINE_NODES;
use super::super::operators;
use super::super::path::Root;
use super::super::reader::Reader;
use super::*;

fn read(text: &Value) -> Read<Expr> {
    Expr::within(text, &mut Reader::new(PIPELINE_NODES, Root::Any, None), &At::start(Subject::Pipeline))
}

fn computed(text: &Value, document: &Value) -> Result<Option<Value>, Failure> {
    let meter = Meter::new(1_000_000);
    let expr = read(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    expr.value(document, &Scope { now: "2026-01-02T03:04:05.000Z", meter: &meter })
}

#[expect(clippy::needless_pass_by_value, reason = "the cases below read better")]
fn is(text: Value, expected: Value) {
    let document = json!({
        "a": 7, "f": 2.5, "s": "Grüße", "l": [3, 1, 2], "o": {"x": 1, "y": [{"z": 1}, {"z": 2}, 5]}, "n": null,
        "d": "2026-03-31T10:20:30.456+02:00"
    });
    let value = computed(&text, &document).unwrap_or_else(|failure| panic!("{text}: {failure}"));
    assert_eq!(value, Some(expected), "{text}");
}

#[expect(clippy::needless_pass_by_value, reason = "the cases below read better")]
fn fails(text: Value) {
    let document = json!({"a": 7, "s": "x", "l": [1]});
    assert!(matches!(computed(&text, &document), Err(Failure::Wrong(_))), "{text}");
}

#[test]
fn paths_lead_into_objects_and_through_arrays() {
    is(json!("$a"), json!(7));
    is(json!("$o.y.z"), json!([1, 2]));
    is(json!("$$ROOT.o.x"), json!(1));
    is(json!("$$NOW"), json!("2026-01-02T03:04:05.000Z"));
    is(json!({"x": "$missing", "y": "$n"}), json!({"y": null}));
    is(json!(["$missing"]), json!([null]));
    is(json!({"$literal": "$a"}), json!("$a"));
}

#[test]
fn numbers_stay_whole_and_exact_while_they_fit() {
    is(json!({"$add": ["$a", 1, 0.5]}), json!(8.5));
    is(json!({"$add": [9_007_199_254_740_993_i64, 1]}), json!(9_007_199_254_740_994_i64));
    is(json!({"$subtract": ["$a", "$f"]}), json!(4.5));
    is(json!({"$multiply": [3, 4]}), json!(12));
    is(json!({"$divide": ["$a", 2]}), json!(3.5));
    is(json!({"$divide": [8, 2]}), json!(4));
    is(json!({"$mod": [-7, 3]}), json!(-1));
    is(json!({"$pow": [2, 62]}), json!(1_i64 << 62));
    is(json!({"$abs": i64::MIN}), json!(9.223_372_036_854_776e18));
    is(json!({"$round": [2.5]}), json!(2));
    is(json!({"$round": [1234.5678, 2]}), json!(1234.57));
    is(json!({"$trunc": [-2.7]}), json!(-2));
    is(json!({"$floor": -2.5}), json!(-3));
    is(json!({"$sum": ["$l"]}), json!(6));
    is(json!({"$avg": "$l"}), json!(2));
    is(json!({"$max": ["$a", "$f", "$n"]}), json!(7));
    is(json!({"$add": ["$a", "$n"]}), json!(null));
    fails(json!({"$divide": ["$a", 0]}));
    fails(json!({"$add": ["$a", "$s"]}));
    fails(json!({"$multiply": [1e308, 10]}));
}

#[test]
fn conditions_take_the_branch_that_they_should() {
    is(json!({"$cond": [{"$gt": ["$a", 5]}, "big", "small"]}), json!("big"));
    is(json!({"$cond": {"if": "$n", "then": 1, "else": 2}}), json!(2));
    is(json!({"$ifNull": ["$n", "$missing", 3]}), json!(3));
    is(json!({"$switch": {"branches": [{"case": false, "then": 1}, {"case": true, "then": 2}]}}), json!(2));
    is(json!({"$eq": ["$missing", "$n"]}), json!(false));
    is(json!({"$and": [true, {"$divide": [1, 1]}]}), json!(true));
    is(json!({"$or": [true, {"$divide": [1, 0]}]}), json!(true));
    is(json!({"$not": ["$n"]}), json!(true));
    is(json!({"$cmp": [1, "a"]}), json!(-1));
    fails(json!({"$switch": {"branches": [{"case": false, "then": 1}]}}));
}

#[test]
fn texts_count_code_points() {
    is(json!({"$concat": ["$s", "!"]}), json!("Grüße!"));
    is(json!({"$toUpper": "$s"}), json!("GRÜSSE"));
    is(json!({"$strLenCP": "$s"}), json!(5));
    is(json!({"$substrCP": ["$s", 2, 2]}), json!("üß"));
    is(json!({"$split": ["a-b-c", "-"]}), json!(["a", "b", "c"]));
    is(json!({"$indexOfCP": ["$s", "e"]}), json!(4));
    is(json!({"$trim": {"input": "  x "}}), json!("x"));
    is(json!({"$ltrim": {"input": "xxy", "chars": "x"}}), json!("y"));
    is(json!({"$replaceOne": {"input": "aa", "find": "a", "replacement": "b"}}), json!("ba"));
    is(json!({"$replaceAll": {"input": "aa", "find": "a", "replacement": "b"}}), json!("bb"));
    is(json!({"$regexMatch": {"input": "$s", "regex": "^gr", "options": "i"}}), json!(true));
    is(json!({"$concat": ["$s", "$n"]}), json!(null));
    is(json!({"$strcasecmp": ["A", "a"]}), json!(0));
}

#[test]
fn arrays_and_objects_are_made_and_taken_apart() {
    is(json!({"$size": "$l"}), json!(3));
    is(json!({"$arrayElemAt": ["$l", -1]}), json!(2));
    is(json!({"$first": "$l"}), json!(3));
    is(json!({"$slice": ["$l", -2]}), json!([1, 2]));
    is(json!({"$slice": ["$l", 1, 1]}), json!([1]));
    is(json!({"$concatArrays": ["$l", [4]]}), json!([3, 1, 2, 4]));
    is(json!({"$in": [1, "$l"]}), json!(true));
    is(json!({"$range": [0, 6, 2]}), json!([0, 2, 4]));
    is(json!({"$map": {"input": "$l", "as": "n", "in": {"$add": ["$$n", "$a"]}}}), json!([10, 8, 9]));
    is(json!({"$filter": {"input": "$l", "cond": {"$gt": ["$$this", 1]}}}), json!([3, 2]));
    is(json!({"$reduce": {"input": "$l", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}), json!(6));
    is(json!({"$let": {"vars": {"x": 1, "y": 2}, "in": {"$add": ["$$x", "$$y"]}}}), json!(3));
    is(json!({"$setUnion": ["$l", [1, 9]]}), json!([1, 2, 3, 9]));
    is(json!({"$setIntersection": ["$l", [1, 9]]}), json!([1]));
    is(json!({"$setDifference": ["$l", [1]]}), json!([2, 3]));
    is(json!({"$reverseArray": "$l"}), json!([2, 1, 3]));
    is(json!({"$indexOfArray": ["$l", 2]}), json!(2));
    is(json!({"$objectToArray": {"k": "$a"}}), json!([{"k": "k", "v": 7}]));
    is(json!({"$arrayToObject": [[{"k": "x", "v": 1}]]}), json!({"x": 1}));
    is(json!({"$mergeObjects": [{"a": 1}, "$n", {"b": 2}]}), json!({"a": 1, "b": 2}));
    is(json!({"$isArray": ["$l"]}), json!(true));
}

#[test]
fn dates_are_texts_of_rfc_3339() {
    is(json!({"$hour": "$d"}), json!(8));
    is(json!({"$year": "$d"}), json!(2026));
    is(json!({"$dayOfWeek": "$d"}), json!(3));
    is(json!({"$dayOfYear": "$d"}), json!(90));
    is(json!({"$dateTrunc": {"date": "$d", "unit": "month"}}), json!("2026-03-01T00:00:00.000Z"));
    is(json!({"$dateTrunc": {"date": "$d", "unit": "week"}}), json!("2026-03-29T00:00:00.000Z"));
    is(json!({"$dateTrunc": {"date": "1969-12-31T23:59:59.5Z", "unit": "second"}}), json!("1969-12-31T23:59:59.000Z"));
    is(json!({"$dateAdd": {"startDate": "$d", "unit": "month", "amount": -1}}), json!("2026-02-28T08:20:30.456Z"));
    is(json!({"$dateDiff": {"startDate": "$d", "endDate": "2026-04-01T00:00:00Z", "unit": "day"}}), json!(1));
    is(json!({"$dateToString": {"date": "$d", "format": "%d.%m.%Y %H:%M"}}), json!("31.03.2026 08:20"));
    is(json!({"$year": "$n"}), json!(null));
    fails(json!({"$year": "$s"}));
    fails(json!({"$dateAdd": {"startDate": "2026-01-01T00:00:00Z", "unit": "year", "amount": i64::MAX}}));
}

#[test]
fn kinds_are_told_and_changed() {
    is(json!({"$type": "$missing"}), json!("missing"));
    is(json!({"$type": "$l"}), json!("array"));
    is(json!({"$toInt": "12"}), json!(12));
    is(json!({"$toDouble": "1.5"}), json!(1.5));
    is(json!({"$toString": 1.5}), json!("1.5"));
    is(json!({"$toBool": 0}), json!(false));
    is(json!({"$isNumber": "$a"}), json!(true));
    fails(json!({"$toInt": "x"}));
}

#[test]
fn d2_w089_every_operator_of_expressions_is_spoken_or_refused_by_name() {
    for name in operators::UNSPOKEN.iter().chain(&["$push", "$addToSet", "$count", "$group", "$elemMatch"]) {
        let error = read(&json!({"x": [{*name: 1}]})).unwrap_err();
        assert!(["unknown-operator", "misplaced-operator"].contains(&error.code), "{name}");
        assert!(error.detail.contains(name) && error.pointer == format!("/x/0/{name}"), "{error:?}");
    }
    let source = concat!(include_str!("parse.rs"), include_str!("operator.rs"));
    for name in operators::EXPRESSIONS {
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not read");
    }
}

#[test]
fn what_is_malformed_is_refused() {
    let cases = [
        (json!("$$nobody"), "unknown-variable"),
        (json!("$"), "empty-name"),
        (json!("$a..b"), "empty-name"),
        (json!("$a.$b"), "unknown-operator"),
        (json!({"$add": [1], "x": 1}), "mixed"),
        (json!({"$cond": [1]}), "wrong-arguments"),
        (json!({"$map": {"input": "$l"}}), "missing-member"),
        (json!({"$trim": {"input": "x", "y": 1}}), "unknown-member"),
        (json!({"$let": {"vars": {"X": 1}, "in": 1}}), "bad-variable"),
        (json!({"a.b": 1}), "dotted-name"),
        (json!({"$regexMatch": {"input": "x", "regex": "(a)\\1"}}), "bad-regex"),
        (json!(u64::MAX), "number-out-of-range"),
        (json!({"$add": [{"$map": {"input": [], "in": 1}}, "$$this"]}), "unknown-variable"),
    ];
    for (text, code) in cases {
        assert_eq!(read(&text).unwrap_err().code, code, "{text}");
    }
}

#[test]
fn d5_work_is_bounded_whatever_is_written() {
    let doubling = json!({"$reduce": {"input": {"$range": [0, 99_999]}, "initialValue": ["x"],
        "in": {"$concatArrays": ["$$value", "$$value"]}}});
    let text = json!({"$reduce": {"input": {"$range": [0, 99_999]}, "initialValue": "x",
        "in": {"$concat": ["$$value", "$$value"]}}});
    let nested = json!({"$map": {"input": {"$range": [0, 99_999]}, "in": {"$map": {"input": {"$range": [0, 99_999]}, "in": 1}}}});
    let long = json!({"$range": [0, i64::MAX]});
    let grown = json!({"$reduce": {"input": {"$range": [0, 99_999]}, "initialValue": "x",
        "in": {"$replaceAll": {"input": "$$value", "find": "", "replacement": "$$value"}}}});
    for bomb in [doubling, text, nested, long, grown] {
        assert_eq!(computed(&bomb, &json!({})), Err(Failure::TooExpensive), "{bomb}");
    }
}
