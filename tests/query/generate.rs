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
pub const PLAIN: &[&str] = &["a", "b", "c", "n"];
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
