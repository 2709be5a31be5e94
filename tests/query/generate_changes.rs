//! Random updates, expressions and pipelines, of the same vocabulary.

use serde_json::{Map, Value, json};

use crate::generate::{Dice, PLAIN, filter, path, scalar, sort, value};

/// An update whose paths may meet, so that it may be refused.
pub fn update(dice: &mut Dice) -> Value {
    let mut map = Map::new();
    for _ in 0..=dice.below(3) {
        let (name, operand) = action(dice);
        let fields = map.entry(name).or_insert_with(|| json!({}));
        fields.as_object_mut().unwrap().insert(path(dice), operand);
    }
    Value::Object(map)
}

fn action(dice: &mut Dice) -> (&'static str, Value) {
    let number =
        |dice: &mut Dice| dice.pick(&[json!(1), json!(-2), json!(0.5), json!(i64::MAX), json!(3), json!(1e300)]);
    match dice.below(14) {
        0..3 => ("$set", value(dice, 2)),
        3 => ("$unset", json!("")),
        4 => ("$inc", number(dice)),
        5 => ("$mul", number(dice)),
        6 => ("$min", value(dice, 1)),
        7 => ("$max", value(dice, 1)),
        8 => ("$rename", json!(path(dice))),
        9 => ("$push", push(dice)),
        10 => ("$addToSet", dice.pick(&[json!(1), json!("a"), json!({"$each": [1, 1, "b", {"a": 1}]}), json!([1])])),
        11 => ("$pop", dice.pick(&[json!(1), json!(-1)])),
        12 => (
            "$pull",
            dice.pick(&[
                json!(1),
                json!("a"),
                json!({"$gte": 1}),
                json!({"a": {"$exists": true}}),
                json!([1]),
                json!({"$in": [null, "a", 2]}),
            ]),
        ),
        _ => {
            dice.pick(&[("$currentDate", json!(true)), ("$pullAll", json!([1, null, "a"])), ("$setOnInsert", json!(1))])
        }
    }
}

fn push(dice: &mut Dice) -> Value {
    if dice.chance(40) {
        return value(dice, 1);
    }
    let mut map = Map::new();
    map.insert("$each".to_owned(), (0..dice.below(3)).map(|_| value(dice, 1)).collect());
    if dice.chance(40) {
        map.insert("$position".to_owned(), dice.pick(&[json!(0), json!(1), json!(-1), json!(99)]));
    }
    if dice.chance(40) {
        map.insert("$sort".to_owned(), dice.pick(&[json!(1), json!(-1), json!({"a": 1}), json!({"a": -1, "b": 1})]));
    }
    if dice.chance(40) {
        map.insert("$slice".to_owned(), dice.pick(&[json!(0), json!(2), json!(-2)]));
    }
    Value::Object(map)
}

fn expression(dice: &mut Dice, depth: usize) -> Value {
    let field = format!("${}", path(dice).replace(".0", ".a").replace(".1", ".b").replace(".2", ".c"));
    let field = if field.starts_with("$$") { json!("$a") } else { json!(field) };
    if depth == 0 {
        return if dice.chance(70) { field } else { json!({"$literal": scalar(dice)}) };
    }
    let mut inner = || expression(dice, depth - 1);
    let (a, b, c) = (inner(), inner(), inner());
    let name = dice.pick(&["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$cmp"]);
    match dice.below(12) {
        0 => json!({name: [a, b]}),
        1 => json!({"$and": [a, b]}),
        2 => json!({"$or": [a, {"$not": [b]}]}),
        3 => json!({"$cond": [a, b, c]}),
        4 => json!({"$ifNull": [a, b]}),
        5 => json!({"$type": [a]}),
        6 => json!({"$sum": [a, b]}),
        7 => json!({"$max": [a, b, c]}),
        8 => json!({"x": a, "y": b}),
        9 => json!([a, b]),
        10 => json!({"$isArray": [a]}),
        _ => json!({"$toBool": [a]}),
    }
}

/// A filter in which expressions may stand.
pub fn filter_with_expressions(dice: &mut Dice) -> Value {
    let plain = filter(dice, 1);
    match dice.below(5) {
        0 => json!({"$expr": expression(dice, 2)}),
        1 => json!({"$and": [plain, {"$expr": expression(dice, 1)}]}),
        2 => json!({"$nor": [{"$expr": expression(dice, 1)}, plain]}),
        3 => json!({"$or": [plain, {"$expr": {"$eq": [1, 1]}}]}),
        _ => plain,
    }
}

pub fn pipeline(dice: &mut Dice) -> Value {
    let mut stages = Vec::new();
    if dice.chance(70) {
        stages.push(json!({"$match": filter_with_expressions(dice)}));
    }
    if dice.chance(60) {
        stages.push(json!({"$sort": sort(dice)}));
    }
    if dice.chance(40) {
        stages.push(json!({"$skip": dice.below(5)}));
    }
    if dice.chance(50) {
        stages.push(json!({"$limit": 1 + dice.below(20)}));
    }
    for _ in 0..dice.below(4) {
        stages.push(stage(dice));
    }
    stages.into()
}

fn stage(dice: &mut Dice) -> Value {
    match dice.below(13) {
        0 => json!({"$match": filter_with_expressions(dice)}),
        1 => json!({"$project": {"a": 1, "b.c": 1, "x": expression(dice, 1)}}),
        2 => json!({"$project": {"a": 0, "b.a": 0}}),
        3 => json!({"$addFields": {"x": expression(dice, 2), "b.y": expression(dice, 1)}}),
        4 => json!({"$unset": ["a", "c.b"]}),
        5 => {
            json!({"$group": {"_id": expression(dice, 1), "n": {"$sum": 1}, "s": {"$sum": "$n"}, "m": {"$max": "$a"}, "f": {"$first": "$_id"}, "v": {"$addToSet": "$b"}}})
        }
        6 => json!({"$sort": sort(dice)}),
        7 => {
            json!({"$unwind": {"path": format!("${}", dice.pick(PLAIN)), "preserveNullAndEmptyArrays": dice.chance(50), "includeArrayIndex": "i"}})
        }
        8 => json!({"$count": "k"}),
        9 => json!({"$sortByCount": expression(dice, 1)}),
        10 => json!({"$facet": {"p": [{"$limit": 3}], "q": [{"$count": "k"}]}}),
        11 => json!({"$replaceWith": {"_id": "$_id", "z": expression(dice, 1)}}),
        _ => json!({"$bucket": {"groupBy": "$n", "boundaries": [0, 1, 3], "default": "else"}}),
    }
}
