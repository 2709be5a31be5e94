//! Conditions on one value as SQLite takes them, and those on columns, which both databases take.

use serde_json::Value;

use super::super::filter::{Order, Predicate};
use super::super::path::Server;
use super::super::value::{Kind, Num};
use super::place::{self, Place};
use super::{Bind, Dialect, Statement};

/// Writes a condition on one value: always true or false.
pub(super) fn value(place: &Place, predicate: &Predicate, st: &mut Statement) {
    let condition = condition(place, predicate, st);
    st.write(format_args!("(({condition}) IS TRUE)"));
}

fn condition(place: &Place, predicate: &Predicate, st: &mut Statement) -> String {
    let kind = place.kind(st);
    match predicate {
        Predicate::Equal(value) => equal(place, &kind, value, st),
        Predicate::In(values) => any_of(place, &kind, values, st),
        Predicate::Order(order, value) => ordered(place, &kind, *order, value, st),
        Predicate::Exists => format!("{kind} IS NOT NULL"),
        Predicate::Type(kinds) => {
            let names: Vec<&str> = kinds.iter().map(|kind| names(*kind)).collect();
            format!("{kind} IN ({})", names.join(", "))
        }
        Predicate::Size(size) => {
            // Here a value that is no array may be no JSON either.
            format!("CASE WHEN {kind} = 'array' THEN {} = {size} ELSE FALSE END", place.length(st))
        }
        Predicate::Mod(divisor, rest) => {
            let value = place.value(st);
            let (divisor, rest) = (st.parameter(Bind::Int(*divisor)), st.parameter(Bind::Int(*rest)));
            let fits = format!("{kind} = 'integer' OR ({kind} = 'real' AND abs({value}) < 9.2e18)");
            format!("({fits}) AND CAST({value} AS INTEGER) % {divisor} = {rest}")
        }
        Predicate::Regex(pattern) => {
            let value = place.value(st);
            format!(
                "CASE WHEN {kind} = 'text' THEN {value} REGEXP {} ELSE FALSE END",
                st.text_parameter(pattern.rust())
            )
        }
        // These two ask other places, not this value.
        Predicate::Element(_) | Predicate::ElementValue(_) => "FALSE".to_owned(),
    }
}

/// The names of a kind.
const fn names(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "'null'",
        Kind::Number => "'integer', 'real'",
        Kind::Text => "'text'",
        Kind::Object => "'object'",
        Kind::Array => "'array'",
        Kind::Bool => "'true', 'false'",
    }
}

/// A number as a parameter. Fractions go as texts and are read as those in the bodies are.
fn number(num: Num, st: &mut Statement) -> String {
    match num.tidy() {
        Num::Int(int) => st.parameter(Bind::Int(int)),
        real @ Num::Real(_) => {
            let text = real.to_value().unwrap_or_default().to_string();
            format!("CAST({} AS REAL)", st.text_parameter(text))
        }
    }
}

fn equal(place: &Place, kind: &str, value: &Value, st: &mut Statement) -> String {
    match value {
        Value::Null => format!("COALESCE({kind}, 'null') = 'null'"),
        Value::Bool(is) => format!("{kind} = '{is}'"),
        Value::Number(of) => {
            let (value, number) = (place.value(st), number(Num::of(of), st));
            format!("{kind} IN ('integer', 'real') AND {value} = {number}")
        }
        Value::String(text) => {
            let value = place.value(st);
            format!("{kind} = 'text' AND {value} = {}", st.text_parameter(text))
        }
        Value::Object(_) | Value::Array(_) => {
            let (name, json) = (names(Kind::of(value)), place.json(st));
            format!("CASE WHEN {kind} = {name} THEN {json} = {} ELSE FALSE END", st.text_parameter(value.to_string()))
        }
    }
}

fn any_of(place: &Place, kind: &str, values: &[Value], st: &mut Statement) -> String {
    let mut parts = Vec::new();
    for (of, names) in [(Kind::Number, "'integer', 'real'"), (Kind::Text, "'text'")] {
        let some: Vec<&Value> = values.iter().filter(|value| Kind::of(value) == of).collect();
        if !some.is_empty() {
            let list = Value::from(some.into_iter().cloned().collect::<Vec<_>>()).to_string();
            let (value, alias, list) = (place.value(st), st.alias(), st.text_parameter(list));
            parts.push(format!(
                "({kind} IN ({names}) AND {value} IN (SELECT {alias}.value FROM json_each({list}) {alias}))"
            ));
        }
    }
    for value in values.iter().filter(|value| !matches!(value, Value::Number(_) | Value::String(_))) {
        parts.push(format!("({})", equal(place, kind, value, st)));
    }
    if parts.is_empty() { "FALSE".to_owned() } else { parts.join(" OR ") }
}

fn ordered(place: &Place, kind: &str, order: Order, value: &Value, st: &mut Statement) -> String {
    let sign = order.sign();
    match value {
        Value::Null => equal(place, kind, value, st),
        Value::Bool(is) => {
            let value = place.value(st);
            format!("{kind} IN ('true', 'false') AND {value} {sign} {}", u8::from(*is))
        }
        Value::Number(of) => {
            let (value, number) = (place.value(st), number(Num::of(of), st));
            format!("{kind} IN ('integer', 'real') AND {value} {sign} {number}")
        }
        Value::String(text) => {
            let value = place.value(st);
            format!("{kind} = 'text' AND {value} {sign} {}", st.text_parameter(text))
        }
        Value::Object(_) | Value::Array(_) => "FALSE".to_owned(),
    }
}

/// Writes a condition on a field of the server, which is a text, or a whole number, or (the owner) NULL.
pub(super) fn column(field: Server, predicate: &Predicate, st: &mut Statement) {
    let condition = column_condition(field, predicate, st);
    st.write(format_args!("(({condition}) IS TRUE)"));
}

fn column_condition(field: Server, predicate: &Predicate, st: &mut Statement) -> String {
    let name = place::column(field);
    let kind = if field == Server::Rev { Kind::Number } else { Kind::Text };
    match predicate {
        Predicate::Equal(Value::Null) | Predicate::Order(_, Value::Null) => format!("{name} IS NULL"),
        Predicate::Equal(value) => compared(name, "=", kind, value, st),
        Predicate::In(values) => {
            let null = values.iter().any(Value::is_null).then(|| format!("{name} IS NULL"));
            let others = values.iter().filter(|value| Kind::of(value) == kind);
            let others = others.map(|value| compared(name, "=", kind, value, st)).collect::<Vec<_>>();
            let all: Vec<String> = null.into_iter().chain(others).collect();
            if all.is_empty() { "FALSE".to_owned() } else { all.join(" OR ") }
        }
        Predicate::Order(order, value) => compared(name, order.sign(), kind, value, st),
        Predicate::Exists => "TRUE".to_owned(),
        Predicate::Type(kinds) => {
            let present = kinds.contains(&kind);
            let null = kinds.contains(&Kind::Null);
            match (present, null) {
                (true, true) => "TRUE".to_owned(),
                (true, false) => format!("{name} IS NOT NULL"),
                (false, true) => format!("{name} IS NULL"),
                (false, false) => "FALSE".to_owned(),
            }
        }
        Predicate::Mod(divisor, rest) if kind == Kind::Number => {
            let (divisor, rest) = (st.parameter(Bind::Int(*divisor)), st.parameter(Bind::Int(*rest)));
            format!("{name} % {divisor} = {rest}")
        }
        Predicate::Regex(pattern) if kind == Kind::Text => match st.dialect() {
            Dialect::Sqlite => {
                format!(
                    "CASE WHEN {name} IS NULL THEN FALSE ELSE {name} REGEXP {} END",
                    st.text_parameter(pattern.rust())
                )
            }
            Dialect::Postgres => format!("{name} ~ {}", st.text_parameter(pattern.postgres())),
        },
        _ => "FALSE".to_owned(),
    }
}

/// A column is of one kind; values of other kinds stand in no order to it.
fn compared(name: &str, sign: &str, kind: Kind, value: &Value, st: &mut Statement) -> String {
    match (kind, value) {
        (Kind::Text, Value::String(text)) => format!("{name} {sign} {}", st.text_parameter(text)),
        (Kind::Number, Value::Number(of)) => match Num::of(of) {
            Num::Int(int) => format!("{name} {sign} {}", st.parameter(Bind::Int(int))),
            Num::Real(real) => {
                let text = st.text_parameter(Num::Real(real).to_value().unwrap_or_default().to_string());
                match st.dialect() {
                    Dialect::Sqlite => format!("{name} {sign} CAST({text} AS REAL)"),
                    Dialect::Postgres => format!("{name}::numeric {sign} {text}::numeric"),
                }
            }
        },
        _ => "FALSE".to_owned(),
    }
}
