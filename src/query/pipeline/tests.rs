//! Pipelines: what stages make, what the database is given, what is refused, and that memory is bounded.

use serde_json::{Value, json};

use super::super::expr::{Failure, Meter, Scope};
use super::super::limits::PIPELINE_STAGES;
use super::super::operators;
use super::*;

fn ran(pipeline: &Value, documents: &Value) -> Result<Vec<Value>, Failure> {
    let meter = Meter::new(5_000_000);
    let scope = Scope { now: "2026-01-02T03:04:05.000Z", meter: &meter };
    let pipeline = Pipeline::parse(pipeline).unwrap_or_else(|error| panic!("{pipeline}: {error:?}"));
    let mut run = Run::new(&pipeline.stages, 1);
    for document in documents.as_array().unwrap() {
        run.push(document.clone(), &scope)?;
    }
    run.finish(&scope)
}

#[expect(clippy::needless_pass_by_value, reason = "the cases below read better")]
fn makes(pipeline: Value, documents: Value, expected: Value) {
    let made = ran(&pipeline, &documents).unwrap_or_else(|failure| panic!("{pipeline}: {failure}"));
    assert_eq!(Value::from(made), expected, "{pipeline}");
}

#[test]
fn documents_are_grouped_and_counted() {
    let sales = json!([{"p": "a", "n": 1}, {"p": "b", "n": 2.5}, {"p": "a", "n": 3}, {"n": "x"}, {"p": null, "n": 1}]);
    makes(
        json!([{"$group": {"_id": "$p", "sum": {"$sum": "$n"}, "avg": {"$avg": "$n"}, "all": {"$push": "$n"}, "k": {"$count": {}}}}]),
        sales.clone(),
        json!([{"_id": "a", "sum": 4, "avg": 2, "all": [1, 3], "k": 2}, {"_id": "b", "sum": 2.5, "avg": 2.5, "all": [2.5], "k": 1},
            {"_id": null, "sum": 1, "avg": 1, "all": ["x", 1], "k": 2}]),
    );
    makes(
        json!([{"$group": {"_id": null, "min": {"$min": "$n"}, "max": {"$max": "$n"}, "first": {"$first": "$n"}, "last": {"$last": "$p"}, "set": {"$addToSet": "$p"}}}]),
        sales.clone(),
        json!([{"_id": null, "min": 1, "max": "x", "first": 1, "last": null, "set": [null, "a", "b"]}]),
    );
    makes(json!([{"$sortByCount": "$p"}, {"$limit": 1}]), sales.clone(), json!([{"_id": null, "count": 2}]));
    makes(json!([{"$match": {"n": 99}}, {"$count": "k"}]), sales.clone(), json!([]));
    makes(json!([{"$count": "k"}]), sales.clone(), json!([{"k": 5}]));
    makes(
        json!([{"$bucket": {"groupBy": "$n", "boundaries": [0, 2, 4], "default": "other"}}]),
        sales.clone(),
        json!([{"_id": 0, "count": 2}, {"_id": 2, "count": 2}, {"_id": "other", "count": 1}]),
    );
    assert!(matches!(
        ran(&json!([{"$bucket": {"groupBy": "$n", "boundaries": [0, 2]}}]), &sales),
        Err(Failure::Wrong(_))
    ));
}

#[test]
fn documents_are_reshaped() {
    let one = json!([{"_id": "x", "a": {"b": 1, "c": 2}, "l": [{"b": 1, "c": 1}, 5, {"c": 2}]}]);
    makes(
        json!([{"$project": {"a.b": 1, "l.c": 1}}]),
        one.clone(),
        json!([{"_id": "x", "a": {"b": 1}, "l": [{"c": 1}, {"c": 2}]}]),
    );
    makes(json!([{"$project": {"_id": 0, "a.b": 0, "l": 0}}]), one.clone(), json!([{"a": {"c": 2}}]));
    makes(
        json!([{"$project": {"_id": 0, "s": {"$add": ["$a.b", "$a.c"]}, "n.m": "$a.b"}}]),
        one.clone(),
        json!([{"s": 3, "n": {"m": 1}}]),
    );
    makes(
        json!([{"$addFields": {"a.d": "$a.c", "l.z": 0}}, {"$unset": ["_id", "a.b"]}]),
        one.clone(),
        json!([{"a": {"c": 2, "d": 2}, "l": [{"b": 1, "c": 1, "z": 0}, {"z": 0}, {"c": 2, "z": 0}]}]),
    );
    makes(json!([{"$replaceRoot": {"newRoot": "$a"}}]), one.clone(), json!([{"b": 1, "c": 2}]));
    assert!(matches!(ran(&json!([{"$replaceWith": "$l"}]), &one), Err(Failure::Wrong(_))));
}

#[test]
fn arrays_are_unwound() {
    let documents =
        json!([{"_id": 1, "a": [1, [2]]}, {"_id": 2, "a": []}, {"_id": 3, "a": 5}, {"_id": 4}, {"_id": 5, "a": null}]);
    makes(
        json!([{"$unwind": "$a"}]),
        documents.clone(),
        json!([{"_id": 1, "a": 1}, {"_id": 1, "a": [2]}, {"_id": 3, "a": 5}]),
    );
    makes(
        json!([{"$unwind": {"path": "$a", "includeArrayIndex": "i", "preserveNullAndEmptyArrays": true}}]),
        documents,
        json!([{"_id": 1, "a": 1, "i": 0}, {"_id": 1, "a": [2], "i": 1}, {"_id": 2, "i": null}, {"_id": 3, "a": 5, "i": null},
            {"_id": 4, "i": null}, {"_id": 5, "a": null, "i": null}]),
    );
}

#[test]
fn facets_windows_and_samples() {
    let documents = json!([{"_id": 1}, {"_id": 2}, {"_id": 3}]);
    makes(
        json!([{"$facet": {"first": [{"$limit": 1}], "n": [{"$count": "k"}]}}]),
        documents.clone(),
        json!([{"first": [{"_id": 1}], "n": [{"k": 3}]}]),
    );
    makes(json!([{"$sort": {"_id": -1}}, {"$skip": 1}, {"$limit": 1}]), documents.clone(), json!([{"_id": 2}]));
    let sample = ran(&json!([{"$sample": {"size": 2}}]), &documents).unwrap();
    assert!(sample.len() == 2 && sample[0] != sample[1]);
}

#[test]
fn the_first_stages_are_the_databases() {
    let pipeline = Pipeline::parse(&json!([
        {"$match": {"a": 1}}, {"$match": {"b": 2}}, {"$sort": {"c": -1}}, {"$skip": 5}, {"$limit": 10}, {"$count": "n"}
    ]));
    let pipeline = pipeline.unwrap();
    let plan = pipeline.plan();
    assert_eq!((plan.skip, plan.limit, plan.rest.len(), plan.sort.0.len()), (5, Some(10), 1, 1));
    let mut paths = Vec::new();
    plan.filter.paths(&mut |path| paths.push(path.to_owned()));
    assert_eq!(paths, ["a", "b"]);
}

#[test]
fn d2_w089_every_stage_and_accumulator_is_spoken_or_refused_by_name() {
    for name in operators::UNSPOKEN {
        let error = Pipeline::parse(&json!([{"$match": {}}, {*name: {}}])).unwrap_err();
        assert_eq!((error.code, error.pointer), ("unknown-operator", format!("/1/{name}")), "{name}");
        let error = Pipeline::parse(&json!([{"$group": {"_id": 1, "x": {*name: 1}}}])).unwrap_err();
        assert!(error.detail.contains(name), "{error:?}");
    }
    let source = concat!(include_str!("parse.rs"), include_str!("grouping.rs"));
    for name in operators::STAGES.iter().chain(operators::ACCUMULATORS) {
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not read");
    }
    for (name, why) in [("$out", "writes"), ("$where", "runs code"), ("$accumulator", "runs code")] {
        assert!(operators::refusal(name).contains(why));
    }
}

#[test]
fn d2_other_collections_are_read_at_most_three_times_and_not_within() {
    let lookup = json!({"$lookup": {"from": "c", "localField": "a", "foreignField": "b", "as": "d"}});
    assert!(Pipeline::parse(&vec![lookup.clone(); 3].into()).is_ok());
    assert_eq!(Pipeline::parse(&vec![lookup.clone(); 4].into()).unwrap_err().code, "too-large");
    for within in [json!([{"$facet": {"x": [lookup]}}]), json!([{"$unionWith": {"coll": "c", "pipeline": [lookup]}}])] {
        assert_eq!(Pipeline::parse(&within).unwrap_err().code, "misplaced-operator");
    }
    for bad in [
        json!({"$lookup": {"from": "c", "as": "d"}}),
        json!({"$lookup": {"from": "c", "let": {}, "pipeline": [], "as": "d"}}),
    ] {
        assert!(Pipeline::parse(&json!([bad])).is_err(), "{bad}");
    }
}

#[test]
fn what_is_malformed_is_refused_with_its_place() {
    let cases = [
        (json!({}), "", "not-a-list"),
        (json!([1]), "/0", "not-a-stage"),
        (json!([{"$limit": 1, "$skip": 1}]), "/0", "not-a-stage"),
        (json!([{"$limit": 0}]), "/0/$limit", "not-a-number"),
        (json!([{"$skip": -1}]), "/0/$skip", "not-a-number"),
        (json!([{"$sample": {"size": 10_001}}]), "/0/$sample", "not-a-number"),
        (json!([{"$replaceRoot": {}}]), "/0/$replaceRoot", "missing-member"),
        (json!([{"$group": {"n": {"$sum": 1}}}]), "/0/$group", "missing-member"),
        (json!([{"$group": {"_id": 1, "n": 1}}]), "/0/$group/n", "not-an-accumulator"),
        (json!([{"$bucket": {"groupBy": "$a", "boundaries": [1, 1]}}]), "/0/$bucket/boundaries", "not-rising"),
        (json!([{"$bucket": {"groupBy": "$a", "boundaries": [1, "a"]}}]), "/0/$bucket/boundaries", "not-rising"),
        (json!([{"$unwind": "a"}]), "/0/$unwind", "not-a-path"),
        (json!([{"$unwind": {"path": "$a", "x": 1}}]), "/0/$unwind/x", "unknown-member"),
        (json!([{"$count": "a.b"}]), "/0/$count", "dotted-name"),
        (json!([{"$addFields": {"a": 1, "a.b": 2}}]), "/0/$addFields/a.b", "conflict"),
        (json!([{"$project": {"a": 1, "b": 0}}]), "/0/$project", "mixed"),
        (json!([{"$facet": {"a": [{"$facet": {"b": []}}]}}]), "/0/$facet/a/0/$facet", "misplaced-operator"),
        (json!([{"$sort": {"a.0": 1}}]), "/0/$sort/a.0", "not-sortable"),
    ];
    for (pipeline, pointer, code) in cases {
        let error = Pipeline::parse(&pipeline).unwrap_err();
        assert_eq!((error.pointer.as_str(), error.code), (pointer, code), "{pipeline}");
    }
}

#[test]
fn a_lookup_joins_as_a_filter_would() {
    let pipeline =
        Pipeline::parse(&json!([{"$lookup": {"from": "c", "localField": "k", "foreignField": "id", "as": "found"}}]));
    let Ok([Stage::Lookup(lookup)]) = pipeline.as_ref().map(|pipeline| pipeline.stages.as_slice()) else { panic!() };
    let mut batch = vec![json!({"k": 1}), json!({"k": [1, "x"]}), json!({})];
    let others = [
        json!({"_id": "p", "id": 1.0}),
        json!({"_id": "q", "id": ["x", 7]}),
        json!({"_id": "r"}),
        json!({"_id": "s", "id": 8}),
    ];
    let meter = Meter::new(1_000);
    let scope = Scope { now: "", meter: &meter };
    let wanted = lookup.wanted(&batch);
    let found: Vec<Value> = others.into_iter().filter(|other| wanted.takes(other, &scope).unwrap()).collect();
    lookup.attach(&mut batch, &found, &scope).unwrap();
    let ids = |n: usize| {
        batch[n]["found"].as_array().unwrap().iter().map(|other| other["_id"].as_str().unwrap()).collect::<String>()
    };
    assert_eq!([ids(0), ids(1), ids(2)], ["p", "pq", "r"]);
}

#[test]
fn d5_stages_work_and_memory_are_bounded() {
    let stages = |n: usize| Value::from(vec![json!({"$skip": 0}); n]);
    assert!(Pipeline::parse(&stages(PIPELINE_STAGES)).is_ok());
    assert_eq!(Pipeline::parse(&stages(PIPELINE_STAGES + 1)).unwrap_err().code, "too-large");
    let product = json!([
        {"$addFields": {"a": {"$range": [0, 5000]}, "b": {"$range": [0, 5000]}, "c": {"$range": [0, 5000]}}},
        {"$unwind": "$a"}, {"$unwind": "$b"}, {"$unwind": "$c"}, {"$count": "n"}
    ]);
    let kept = json!([
        {"$addFields": {"a": {"$range": [0, 5000]}}}, {"$unwind": "$a"},
        {"$group": {"_id": null, "all": {"$push": {"$range": [0, 5000]}}}}
    ]);
    let many = json!([{"$addFields": {"a": {"$range": [0, 10_001]}}}, {"$unwind": "$a"}]);
    for bomb in [product, kept, many] {
        assert_eq!(ran(&bomb, &json!([{}])), Err(Failure::TooExpensive), "{bomb}");
    }
}
