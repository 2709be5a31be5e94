//! From JSON to a filter. Total: every JSON value is a filter or is refused with the place and the name of what is wrong.

use serde_json::{Map, Value};

use super::super::expr::Expr;
use super::super::invalid::{At, Result};
use super::super::limits::LIST_VALUES;
use super::super::operators;
use super::super::pattern::Pattern;
use super::super::reader::Reader;
use super::super::value::{Kind, Num};
use super::{Filter, Order, Predicate, Test};

/// A value to compare with: none is a variable without value, which nothing equals.
fn comparing(predicate: impl FnOnce(Value) -> Predicate, value: Option<Value>) -> Test {
    value.map_or(Test::Never, |value| Test::Has(predicate(value)))
}

fn negated(test: Test) -> Test {
    Test::Not(Box::new(test))
}

/// Refuses an operator that cannot stand here, by its name.
fn misplaced<T>(name: &str, at: &At) -> Result<T> {
    if operators::FILTER.contains(&name) {
        at.refuse("misplaced-operator", format!("`{name}` cannot stand here"))
    } else {
        at.refuse("unknown-operator", format!("`{name}` {}", operators::refusal(name)))
    }
}

impl Filter {
    /// Reads a filter within a larger text.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn within(text: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        let Value::Object(map) = text else { return at.refuse("not-an-object", "a filter is an object") };
        let parts = map.iter().map(|(name, value)| Self::member(name, value, reader, &at.child(name)));
        let mut parts = parts.collect::<Result<Vec<_>>>()?;
        Ok(if parts.len() == 1 { parts.remove(0) } else { Self::All(parts) })
    }

    fn member(name: &str, value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        reader.node(at)?;
        match name {
            "$and" => Self::list(value, reader, at).map(Self::All),
            "$or" => Self::list(value, reader, at).map(Self::Any),
            "$nor" => Self::list(value, reader, at).map(|parts| Self::Not(Box::new(Self::Any(parts)))),
            "$expr" if reader.is_inside() => misplaced(name, at),
            "$expr" => reader.deeper(at, |reader| Expr::within(value, reader, at)).map(Self::Expr),
            name if name.starts_with('$') => misplaced(name, at),
            name => Ok(Self::Field(reader.path(name, at)?, Test::within(value, reader, at)?)),
        }
    }

    fn list(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Self>> {
        let Some(parts) = value.as_array().filter(|parts| !parts.is_empty()) else {
            return at.refuse("not-a-list", "this takes a list of at least one filter");
        };
        reader.deeper(at, |reader| {
            parts.iter().enumerate().map(|(n, part)| Self::within(part, reader, &at.child(n))).collect()
        })
    }
}

/// An object whose members are operators; mixing them with fields is refused.
pub fn operators_of<'v>(value: &'v Value, at: &At) -> Result<Option<&'v Map<String, Value>>> {
    let Some(map) = value.as_object() else { return Ok(None) };
    let operators = map.keys().filter(|name| name.starts_with('$')).count();
    match operators {
        0 => Ok(None),
        n if n == map.len() => Ok(Some(map)),
        _ => at.refuse("mixed", "operators and fields cannot stand side by side"),
    }
}

impl Test {
    /// Reads what stands beside a path: a value that it equals, or operators.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn within(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        match operators_of(value, at)? {
            None => Ok(comparing(Predicate::Equal, reader.operand(value, at)?)),
            Some(map) => Self::operators(map, reader, at),
        }
    }

    fn operators(map: &Map<String, Value>, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        if map.contains_key("$options") && !map.contains_key("$regex") {
            return at.child("$options").refuse("misplaced-operator", "`$options` stands beside `$regex`");
        }
        let mut tests = Vec::new();
        for (name, value) in map.iter().filter(|(name, _)| *name != "$options") {
            let at = at.child(name);
            reader.node(&at)?;
            tests.push(match name.as_str() {
                "$regex" => Self::regex(value, map.get("$options"), &at)?,
                name => Self::operator(name, value, reader, &at)?,
            });
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Self::All(tests) })
    }

    fn operator(name: &str, value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        match name {
            "$eq" => Ok(comparing(Predicate::Equal, reader.operand(value, at)?)),
            "$ne" => Ok(negated(comparing(Predicate::Equal, reader.operand(value, at)?))),
            "$gt" => Self::order(Order::Gt, value, reader, at),
            "$gte" => Self::order(Order::Gte, value, reader, at),
            "$lt" => Self::order(Order::Lt, value, reader, at),
            "$lte" => Self::order(Order::Lte, value, reader, at),
            "$in" => Ok(Self::Has(Predicate::In(values(value, reader, at)?))),
            "$nin" => Ok(negated(Self::Has(Predicate::In(values(value, reader, at)?)))),
            "$exists" => match value {
                Value::Bool(true) => Ok(Self::Has(Predicate::Exists)),
                Value::Bool(false) => Ok(negated(Self::Has(Predicate::Exists))),
                _ => at.refuse("not-a-boolean", "`$exists` takes true or false"),
            },
            "$type" => kinds(value, at).map(|kinds| Self::Has(Predicate::Type(kinds))),
            "$size" => match value.as_u64().and_then(|size| u32::try_from(size).ok()) {
                Some(size) => Ok(Self::Has(Predicate::Size(size))),
                None => at.refuse("not-a-size", "`$size` takes a whole number from 0"),
            },
            "$mod" => modulo(value, at),
            "$not" => Self::not(value, reader, at),
            "$all" => Self::all(value, reader, at),
            "$elemMatch" => Self::element(value, reader, at),
            name => misplaced(name, at),
        }
    }

    fn order(order: Order, value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        match reader.operand(value, at)? {
            Some(Value::Object(_) | Value::Array(_)) => {
                at.refuse("not-comparable", "objects and arrays have no order in filters")
            }
            // Nothing lies before or after null.
            Some(Value::Null) if !order.or_equal() => Ok(Self::Never),
            value => Ok(comparing(|value| Predicate::Order(order, value), value)),
        }
    }

    fn regex(value: &Value, options: Option<&Value>, at: &At) -> Result<Self> {
        let (Some(source), Some(options)) = (value.as_str(), options.map_or(Some(""), Value::as_str)) else {
            return at.refuse("not-a-text", "`$regex` and `$options` take texts");
        };
        Pattern::parse(source, options, at).map(|pattern| Self::Has(Predicate::Regex(pattern)))
    }

    fn not(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        match operators_of(value, at)? {
            Some(map) => reader.deeper(at, |reader| Self::operators(map, reader, at)).map(negated),
            None => at.refuse("not-operators", "`$not` takes an object of operators"),
        }
    }

    fn all(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        let elements = value.as_array().filter(|items| items.iter().any(|item| item.get("$elemMatch").is_some()));
        let Some(items) = elements else {
            let values = values(value, reader, at)?;
            if values.is_empty() {
                return Ok(Self::Never);
            }
            for _ in &values {
                reader.node(at)?;
            }
            return Ok(Self::All(values.into_iter().map(|value| Self::Has(Predicate::Equal(value))).collect()));
        };
        let each = |(n, item): (usize, &Value)| {
            let at = at.child(n);
            match item.as_object().filter(|map| map.len() == 1).and_then(|map| map.get("$elemMatch")) {
                Some(inner) => Self::element(inner, reader, &at.child("$elemMatch")),
                None => at.refuse("mixed", "`$all` takes values, or `$elemMatch` in every place"),
            }
        };
        items.iter().enumerate().map(each).collect::<Result<_>>().map(Self::All)
    }

    fn element(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        reader.node(at)?;
        let Value::Object(map) = value else { return at.refuse("not-an-object", "`$elemMatch` takes an object") };
        let logical = |name: &String| matches!(name.as_str(), "$and" | "$or" | "$nor");
        reader.deeper(at, |reader| {
            if !map.keys().any(logical) && operators_of(value, at)?.is_some() {
                let test = Self::operators(map, reader, at)?;
                return Ok(Self::Has(Predicate::ElementValue(Box::new(test))));
            }
            let filter = reader.elements(|reader| Filter::within(value, reader, at))?;
            Ok(Self::Has(Predicate::Element(Box::new(filter))))
        })
    }
}

pub fn values(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Value>> {
    let listed = reader.operand(value, at)?;
    match listed {
        Some(Value::Array(values)) if values.len() <= LIST_VALUES => Ok(values),
        Some(Value::Array(_)) => at.refuse("too-many-values", format!("a list here has at most {LIST_VALUES} values")),
        // A variable without value lists nothing.
        None => Ok(Vec::new()),
        Some(_) => at.refuse("not-a-list", "this takes a list of values"),
    }
}

fn kinds(value: &Value, at: &At) -> Result<Vec<Kind>> {
    let names = match value {
        Value::Array(names) if !names.is_empty() && names.len() <= 6 => names.iter().collect(),
        Value::Array(_) => return at.refuse("not-a-type", "a list of types has one to six of them"),
        one => vec![one],
    };
    let kind = |name: &Value| match (name.as_str(), name.as_i64()) {
        (Some("number"), _) => Ok(Kind::Number),
        (Some("string"), _) | (_, Some(2)) => Ok(Kind::Text),
        (Some("object"), _) | (_, Some(3)) => Ok(Kind::Object),
        (Some("array"), _) | (_, Some(4)) => Ok(Kind::Array),
        (Some("bool"), _) | (_, Some(8)) => Ok(Kind::Bool),
        (Some("null"), _) | (_, Some(10)) => Ok(Kind::Null),
        _ => at.refuse("not-a-type", "the types are number, string, object, array, bool and null: those of JSON"),
    };
    names.into_iter().map(kind).collect()
}

fn modulo(value: &Value, at: &At) -> Result<Test> {
    let numbers = value.as_array().map(|items| {
        items.iter().map(|item| match Num::in_value(item).map(Num::tidy) {
            Some(Num::Int(int)) => Some(int),
            _ => None,
        })
    });
    match numbers.and_then(Iterator::collect::<Option<Vec<i64>>>).as_deref() {
        Some([divisor, rest]) if *divisor != 0 => Ok(Test::Has(Predicate::Mod(*divisor, *rest))),
        _ => at.refuse("not-a-modulo", "`$mod` takes a divisor other than 0 and a remainder, both whole"),
    }
}
