//! `$group` and `$bucket` read from JSON.

use serde_json::{Map, Value};

use super::super::document::storable;
use super::super::expr::Expr;
use super::super::invalid::{At, Result};
use super::super::operators;
use super::super::reader::Reader;
use super::super::value::{Kind, compare, normal};
use super::parse::{object, plain_name};
use super::{Accumulator, Bucket, Group};

/// Reads what `$group` takes.
pub(super) fn group(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Group> {
    let Some(map) = operand.as_object() else { return at.refuse("not-an-object", "`$group` takes an object") };
    let Some(by) = map.get("_id") else { return at.refuse("missing-member", "`_id` is missing") };
    let by = Expr::within(by, reader, &at.child("_id"))?;
    let fields = map.iter().filter(|(name, _)| *name != "_id");
    Ok(Group {
        by,
        fields: fields.map(|(name, value)| accumulated(name, value, reader, &at.child(name))).collect::<Result<_>>()?,
    })
}

fn accumulated(name: &str, value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<(String, Accumulator, Expr)> {
    plain_name(name, at)?;
    let one = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    let Some((operator, operand)) = one else {
        return at.refuse("not-an-accumulator", "a field of a group is an object with one accumulator");
    };
    let at = at.child(operator);
    let accumulator = match operator.as_str() {
        "$sum" => Accumulator::Sum,
        "$avg" => Accumulator::Avg,
        "$min" => Accumulator::Min,
        "$max" => Accumulator::Max,
        "$push" => Accumulator::Push,
        "$addToSet" => Accumulator::AddToSet,
        "$first" => Accumulator::First,
        "$last" => Accumulator::Last,
        "$count" if operand.as_object().is_some_and(Map::is_empty) => {
            return Ok((name.to_owned(), Accumulator::Count, Expr::Missing));
        }
        "$count" => return at.refuse("wrong-arguments", "`$count` takes {} here"),
        other => return at.refuse("unknown-operator", format!("`{other}` {}", operators::refusal(other))),
    };
    Ok((name.to_owned(), accumulator, Expr::within(operand, reader, &at)?))
}

/// Reads what `$bucket` takes.
pub(super) fn bucket(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Bucket> {
    let map = object(operand, &["groupBy", "boundaries", "default", "output"], at)?;
    let Some(by) = map.get("groupBy") else { return at.refuse("missing-member", "`groupBy` is missing") };
    let by = Expr::within(by, reader, &at.child("groupBy"))?;
    let boundaries = map.get("boundaries").and_then(Value::as_array).cloned().unwrap_or_default();
    let at_boundaries = at.child("boundaries");
    for boundary in &boundaries {
        reader.node(&at_boundaries)?;
        storable(boundary, &at_boundaries)?;
    }
    let boundaries: Vec<Value> = boundaries.into_iter().map(normal).collect();
    let rising = |pair: &[Value]| Kind::of(&pair[0]) == Kind::of(&pair[1]) && compare(&pair[0], &pair[1]).is_lt();
    if boundaries.len() < 2 || !boundaries.windows(2).all(rising) {
        return at_boundaries
            .refuse("not-rising", "boundaries are two or more values of one kind, each greater than the one before");
    }
    let default = map.get("default").map(|value| storable(value, &at.child("default")).map(|()| normal(value.clone())));
    let fields = match map.get("output") {
        None => vec![("count".to_owned(), Accumulator::Count, Expr::Missing)],
        Some(Value::Object(fields)) => {
            let at = at.child("output");
            fields
                .iter()
                .map(|(name, value)| accumulated(name, value, reader, &at.child(name)))
                .collect::<Result<_>>()?
        }
        Some(_) => return at.child("output").refuse("not-an-object", "`output` is an object"),
    };
    Ok(Bucket { by, boundaries, default: default.transpose()?, fields })
}
