//! Values as the language sees them: JSON, with one order over all kinds (missing, null, numbers, texts, objects,
//! arrays, booleans) and numbers compared exactly: an `i64` and an `f64` never meet as `f64`.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// The kinds of values in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// Any number.
    Number,
    /// A string.
    Text,
    /// An object.
    Object,
    /// An array.
    Array,
    /// `true`, `false`.
    Bool,
}

impl Kind {
    /// The kind of a value.
    #[must_use]
    pub const fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::Array,
            Value::Bool(_) => Self::Bool,
        }
    }

    /// Its name, as `$type` says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Number => "number",
            Self::Text => "string",
            Self::Object => "object",
            Self::Array => "array",
            Self::Bool => "bool",
        }
    }
}

/// A number.
#[derive(Clone, Copy, Debug)]
pub enum Num {
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other: with a fraction, or beyond 64 bits.
    Real(f64),
}

/// 2^63, the first whole number that is no `i64`.
const EDGE: f64 = 9_223_372_036_854_775_808.0;

impl Num {
    /// The number in a JSON number.
    #[must_use]
    pub fn of(number: &Number) -> Self {
        match number.as_i64() {
            Some(int) => Self::Int(int),
            None => Self::Real(number.as_f64().unwrap_or(f64::NAN)).tidy(),
        }
    }

    /// The number in a value.
    #[must_use]
    pub fn in_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self::of(number)),
            _ => None,
        }
    }

    /// Whole numbers within 64 bits as such, so that equal numbers are written alike.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers within i64 are converted")]
    pub fn tidy(self) -> Self {
        match self {
            Self::Real(real) if real.fract() == 0.0 && (-EDGE..EDGE).contains(&real) => Self::Int(real as i64),
            other => other,
        }
    }

    /// As JSON writes it; infinities and NaN have no JSON.
    #[must_use]
    pub fn to_value(self) -> Option<Value> {
        match self.tidy() {
            Self::Int(int) => Some(Value::from(int)),
            Self::Real(real) => Number::from_f64(real).map(Value::Number),
        }
    }

    /// The nearest `f64`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "that is what is asked for")]
    pub const fn real(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Real(real) => real,
        }
    }

    /// Without its fraction, where that is an `i64`.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        let cut = match self {
            Self::Int(int) => return Some(int),
            Self::Real(real) => Self::Real(real.trunc()).tidy(),
        };
        if let Self::Int(int) = cut { Some(int) } else { None }
    }

    /// The order of numbers, exactly.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(&b),
            (Self::Int(a), Self::Real(b)) => int_with_real(a, b),
            (Self::Real(a), Self::Int(b)) => int_with_real(b, a).reverse(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn int_with_real(int: i64, real: f64) -> Ordering {
    if real >= EDGE {
        Ordering::Less
    } else if real < -EDGE {
        Ordering::Greater
    } else {
        let whole = int.cmp(&(real.trunc() as i64));
        whole.then_with(|| 0.0_f64.total_cmp(&(real.fract() + 0.0)))
    }
}

/// The order of all values: by kind, then within it; arrays element by element, objects member by member in the order
/// of their names.
#[must_use]
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Num::of(a).compare(Num::of(b)),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let first = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Object(a), Value::Object(b)) => compare_objects(a, b),
        _ => Kind::of(a).cmp(&Kind::of(b)),
    }
}

fn compare_objects(a: &Map<String, Value>, b: &Map<String, Value>) -> Ordering {
    let (a, b) = (in_order(a), in_order(b));
    for ((name, value), (other_name, other)) in a.iter().zip(&b) {
        let order = name.cmp(other_name).then_with(|| compare(value, other));
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn in_order(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = map.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}

/// Whether two values are one and the same: the order of an object's members does not matter.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    compare(a, b).is_eq()
}

/// The one way to write a value: members sorted, whole numbers without a fraction. Texts of equal values are equal.
#[must_use]
pub fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => Num::of(&number).to_value().unwrap_or(Value::Null),
        Value::Array(items) => Value::Array(items.into_iter().map(normal).collect()),
        Value::Object(map) => {
            let mut members: Vec<_> = map.into_iter().collect();
            members.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().map(|(name, value)| (name, normal(value))).collect())
        }
        other => other,
    }
}

/// About how many bytes a value holds in memory.
#[must_use]
pub fn weight(value: &Value) -> usize {
    const EACH: usize = 32;
    EACH + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(map) => map.iter().map(|(name, value)| EACH + name.len() + weight(value)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_and_broken_numbers_are_compared_exactly() {
        let order = |a: Value, b: Value| compare(&normal(a), &normal(b));
        assert_eq!(order(json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0)), Ordering::Greater);
        assert_eq!(order(json!(i64::MAX), json!(9.223_372_036_854_776e18)), Ordering::Less);
        assert_eq!(order(json!(i64::MIN), json!(-9.223_372_036_854_776e18)), Ordering::Equal);
        assert_eq!(order(json!(-1), json!(-1.5)), Ordering::Greater);
        assert_eq!(order(json!(0), json!(-0.0)), Ordering::Equal);
        assert_eq!(order(json!(2), json!(2.5)), Ordering::Less);
        assert_eq!(order(json!(1e300), json!(1)), Ordering::Greater);
    }

    #[test]
    fn equal_values_have_one_text() {
        let text = |value: Value| normal(value).to_string();
        assert_eq!(text(json!({"b": 1.0, "a": [2, -0.0]})), r#"{"a":[2,0],"b":1}"#);
        assert_eq!(text(json!(1e18)), "1000000000000000000");
        assert_eq!(text(json!(1e19)), "1e+19");
    }

    #[test]
    fn texts_are_ordered_by_code_point() {
        assert_eq!(compare(&json!("\u{ffee}"), &json!("😀")), Ordering::Less);
        let mut all = [json!(true), json!([]), json!({}), json!(""), json!(0), json!(null)];
        all.sort_by(compare);
        assert_eq!(all.map(|value| Kind::of(&value).name()), ["null", "number", "string", "object", "array", "bool"]);
    }
}
