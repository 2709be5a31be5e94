//! Conditions on one value as PostgreSQL takes them.

use serde_json::Value;

use super::super::filter::Predicate;
use super::super::value::Kind;
use super::place::Place;
use super::{Bind, Statement};

/// Writes a condition on one value: always true or false.
pub(super) fn value(place: &Place, predicate: &Predicate, st: &mut Statement) {
    let condition = condition(place, predicate, st);
    st.write(format_args!("(({condition}) IS TRUE)"));
}

fn condition(place: &Place, predicate: &Predicate, st: &mut Statement) -> String {
    let (kind, value) = (place.kind(st), place.value(st));
    match predicate {
        Predicate::Equal(other) => equal(&value, other, st),
        Predicate::In(others) => any_of(&value, others, st),
        Predicate::Order(_, Value::Null) => equal(&value, &Value::Null, st),
        Predicate::Order(order, Value::String(text)) => {
            let (text, sign) = (st.text_parameter(text), order.sign());
            format!("{kind} = 'string' AND ({value} #>> '{{}}') COLLATE \"C\" {sign} {text}")
        }
        Predicate::Order(order, other) => {
            let (other, name, sign) = (jsonb(other, st), name(Kind::of(other)), order.sign());
            format!("{kind} = {name} AND {value} {sign} {other}")
        }
        Predicate::Exists => format!("{kind} IS NOT NULL"),
        Predicate::Type(kinds) => {
            let names: Vec<&str> = kinds.iter().map(|kind| name(*kind)).collect();
            format!("{kind} IN ({})", names.join(", "))
        }
        Predicate::Size(size) => {
            format!("CASE WHEN {kind} = 'array' THEN {} = {size} ELSE FALSE END", place.length(st))
        }
        Predicate::Mod(divisor, rest) => {
            let (divisor, rest) = (st.parameter(Bind::Int(*divisor)), st.parameter(Bind::Int(*rest)));
            let number = format!("({value} #>> '{{}}')::numeric");
            let fits = format!("{number} >= -9223372036854775808 AND {number} < 9223372036854775808");
            format!(
                "CASE WHEN {kind} = 'number' THEN {fits} AND trunc({number}) % {divisor}::numeric = {rest}::numeric \
                 ELSE FALSE END"
            )
        }
        Predicate::Regex(pattern) => {
            let pattern = st.text_parameter(pattern.postgres());
            format!("{kind} = 'string' AND ({value} #>> '{{}}') COLLATE \"C\" ~ {pattern}")
        }
        // These two ask other places, not this value.
        Predicate::Element(_) | Predicate::ElementValue(_) => "FALSE".to_owned(),
    }
}

/// The name of a kind.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "'null'",
        Kind::Number => "'number'",
        Kind::Text => "'string'",
        Kind::Object => "'object'",
        Kind::Array => "'array'",
        Kind::Bool => "'boolean'",
    }
}

fn jsonb(value: &Value, st: &mut Statement) -> String {
    format!("{}::jsonb", st.text_parameter(value.to_string()))
}

fn equal(value: &str, other: &Value, st: &mut Statement) -> String {
    match other {
        Value::Null => format!("{value} IS NULL OR {value} = 'null'::jsonb"),
        other => format!("{value} = {}", jsonb(other, st)),
    }
}

fn any_of(value: &str, others: &[Value], st: &mut Statement) -> String {
    let mut parts = Vec::new();
    if others.iter().any(Value::is_null) {
        parts.push(equal(value, &Value::Null, st));
    }
    let some: Vec<Value> = others.iter().filter(|other| !other.is_null()).cloned().collect();
    if !some.is_empty() {
        let list = jsonb(&Value::Array(some), st);
        parts.push(format!("{value} IN (SELECT jsonb_array_elements({list}))"));
    }
    if parts.is_empty() { "FALSE".to_owned() } else { parts.join(" OR ") }
}
