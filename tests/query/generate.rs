//! Random documents and texts of the language, the same on every run. The vocabulary is small, so that things meet.

use serde_json::{Map, Value, json};

/// Random numbers from a seed (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

const NAMES: &[&str] = &["a", "b", "c", "n", "0", "1", "é", "q\"t", "b\\s", "'; --", "l\nf", "$a"];
const PLAIN: &[&str] = &["a", "b", "c", "n"];
const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "ab",
    "A",
    "aB",
    "x y",
    "é",
    "É",
    "line\nbreak",
    "a\nb",
    "😀",
    "\u{ffee}",
    "'",
    "\"",
    "\\",
    "%",
    "1",
    "true",
    "null",
    "10",
];

fn name(dice: &mut Dice) -> &'static str {
    if dice.chance(80) { dice.pick(PLAIN) } else { dice.pick(&NAMES[..NAMES.len() - 1]) }
}

pub fn scalar(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0..3 => json!(dice.below(4)),
        3 => json!(-1),
        4 => dice.pick(&[
            json!(1.5),
            json!(-0.25),
            json!(1e300),
            json!(0.1),
            json!(0.300_000_000_000_000_04),
            json!(2.0),
            json!(1e-7),
        ]),
        5 => dice.pick(&[
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_992_i64),
            json!(9_007_199_254_740_992.0),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(9.3e18),
            json!(-9.3e18),
        ]),
        6..9 => json!(dice.pick(TEXTS)),
        9 => json!(true),
        10 => json!(false),
        _ => Value::Null,
    }
}

pub fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(10) {
        0..2 if depth > 0 => object(dice, depth - 1),
        2..5 if depth > 0 => {
            let length = dice.below(4);
            if dice.chance(40) {
                (0..length).map(|_| object(dice, depth - 1)).collect()
            } else {
                (0..length).map(|_| value(dice, depth - 1)).collect()
            }
        }
        _ => scalar(dice),
    }
}

pub fn object(dice: &mut Dice, depth: usize) -> Value {
    let members = dice.below(4);
    Value::Object((0..members).map(|_| (name(dice).to_owned(), value(dice, depth))).collect())
}

/// Documents as the server shows them.
pub fn documents(dice: &mut Dice, count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| {
            let mut body = Map::new();
            for name in PLAIN {
                if dice.chance(60) {
                    body.insert((*name).to_owned(), value(dice, 3));
                }
            }
            if dice.chance(20) {
                body.insert(name(dice).to_owned(), value(dice, 2));
            }
            let mut body = chancery::query::document::accept(body).unwrap();
            let map = body.as_object_mut().unwrap();
            map.insert("_id".to_owned(), json!(format!("{}{n}", dice.pick(&["d", "D", "~", "é"]))));
            map.insert("_rev".to_owned(), json!(1 + dice.below(3)));
            map.insert("_owner".to_owned(), dice.pick(&[Value::Null, json!("ann"), json!("Bob"), json!("éva")]));
            map.insert("_created".to_owned(), json!(format!("2026-01-0{}T00:00:00.000Z", 1 + dice.below(3))));
            map.insert("_updated".to_owned(), json!("2026-01-05T00:00:00.000Z"));
            body
        })
        .collect()
}

pub fn path(dice: &mut Dice) -> String {
    let length = dice.pick(&[1, 1, 1, 2, 2, 3]);
    (0..length)
        .map(|n| if n > 0 && dice.chance(15) { dice.pick(&["0", "1", "2"]) } else { name(dice) })
        .collect::<Vec<_>>()
        .join(".")
}

fn server(dice: &mut Dice) -> String {
    dice.pick(&["_id", "_rev", "_owner", "_created", "_updated"]).to_owned()
}

pub fn filter(dice: &mut Dice, depth: usize) -> Value {
    let members = dice.pick(&[1, 1, 1, 2, 0]);
    let mut map = Map::new();
    for _ in 0..members {
        match dice.below(10) {
            n @ 0..3 if depth > 0 => {
                let parts: Vec<Value> = (0..=dice.below(3)).map(|_| filter(dice, depth - 1)).collect();
                map.insert(["$and", "$or", "$nor"][n].to_owned(), parts.into());
            }
            3 => drop(map.insert(server(dice), test(dice, 1))),
            _ => drop(map.insert(path(dice), test(dice, 2))),
        }
    }
    Value::Object(map)
}

fn element_filter(dice: &mut Dice, depth: usize) -> Value {
    let mut map = Map::new();
    for _ in 0..dice.pick(&[1, 1, 2, 0]) {
        if depth > 0 && dice.chance(15) {
            let parts: Vec<Value> = (0..=dice.below(2)).map(|_| element_filter(dice, depth - 1)).collect();
            map.insert(dice.pick(&["$and", "$or", "$nor"]).to_owned(), parts.into());
        } else {
            map.insert(path(dice), test(dice, depth));
        }
    }
    Value::Object(map)
}

/// What stands beside a path.
fn test(dice: &mut Dice, depth: usize) -> Value {
    if dice.chance(20) {
        return value(dice, 2);
    }
    let mut map = Map::new();
    for _ in 0..dice.pick(&[1, 1, 1, 2]) {
        let (name, operand) = operator(dice, depth);
        map.insert(name.to_owned(), operand);
        if name == "$regex" && dice.chance(50) {
            map.insert("$options".to_owned(), json!(dice.pick(&["", "i", "m", "s", "im", "ms", "ims", "x"])));
        }
    }
    Value::Object(map)
}

fn operator(dice: &mut Dice, depth: usize) -> (&'static str, Value) {
    let values = |dice: &mut Dice| (0..dice.below(4)).map(|_| value(dice, 2)).collect::<Value>();
    match dice.below(if depth > 0 { 17 } else { 15 }) {
        0 => ("$eq", value(dice, 2)),
        1 => ("$ne", value(dice, 2)),
        2 => ("$gt", scalar(dice)),
        3 => ("$gte", scalar(dice)),
        4 => ("$lt", scalar(dice)),
        5 => ("$lte", scalar(dice)),
        6 => ("$in", values(dice)),
        7 => ("$nin", values(dice)),
        8 => ("$exists", json!(dice.chance(50))),
        9 => (
            "$type",
            dice.pick(&[
                json!("number"),
                json!("string"),
                json!("array"),
                json!("object"),
                json!("bool"),
                json!("null"),
                json!(["string", "null"]),
                json!(["array", 8]),
            ]),
        ),
        10 => ("$size", json!(dice.below(4))),
        11 => (
            "$mod",
            dice.pick(&[
                json!([2, 1]),
                json!([2, 0]),
                json!([-3, 1]),
                json!([3, -1]),
                json!([i64::MAX, 0]),
                json!([-1, 0]),
                json!([10, 3]),
            ]),
        ),
        12 => ("$regex", json!(regex(dice))),
        13 if dice.chance(40) => {
            ("$all", (0..=dice.below(2)).map(|_| json!({"$elemMatch": element(dice, 1)})).collect())
        }
        13 => ("$all", values(dice)),
        14 => ("$elemMatch", element(dice, depth)),
        15 => ("$elemMatch", element(dice, depth - 1)),
        _ => {
            let mut map = Map::new();
            let (name, operand) = operator(dice, depth - 1);
            map.insert(name.to_owned(), operand);
            ("$not", Value::Object(map))
        }
    }
}

fn element(dice: &mut Dice, depth: usize) -> Value {
    let depth = depth.saturating_sub(1);
    if dice.chance(50) {
        return element_filter(dice, depth);
    }
    let mut map = Map::new();
    for _ in 0..=dice.below(2) {
        let (name, operand) = operator(dice, depth);
        map.insert(name.to_owned(), operand);
    }
    Value::Object(map)
}

fn regex(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "a",
        "^a",
        "b$",
        "^$",
        "",
        "a.b",
        "^a.b$",
        "[a-c]",
        "[^a]",
        "\\w",
        "\\W",
        "\\d+",
        "\\s",
        "\\bb",
        "\\Bb",
        "^(a|b)*$",
        "É",
        "^.$",
        "^..$",
        "\\p{Lu}",
        "a|",
        "(?i)AB",
        "(?m)^b",
        "x\\ y",
        "[\\]'\"\\\\-]",
        "^\\x{1F600}",
        "a{2}|b{1,3}",
        "\\A(?:a|é)\\z",
        "(?-u:\\w)",
        "[[:alpha:]]$",
        "\\n",
    ])
}

pub fn sort(dice: &mut Dice) -> Value {
    let mut map = Map::new();
    for _ in 0..=dice.below(3) {
        let path = if dice.chance(15) { server(dice) } else { path(dice) };
        let path: Vec<&str> = path.split('.').filter(|name| !matches!(*name, "0" | "1" | "2")).collect();
        if !path.is_empty() {
            map.insert(path.join("."), dice.pick(&[json!(1), json!(-1)]));
        }
    }
    if map.is_empty() { json!({"a": 1}) } else { Value::Object(map) }
}

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
