//! Operators on arrays and objects.

use serde_json::{Map, Value, json};

use super::super::limits::RANGE_ELEMENTS;
use super::super::value::{Num, compare, same};
use super::eval::Maybe;
use super::scope::Env;
use super::{Failure, Operator};

type Computed = Result<Maybe, Failure>;

fn null(value: &Maybe) -> bool {
    matches!(value, None | Some(Value::Null))
}

fn array(operator: Operator, value: &Maybe) -> Result<&[Value], Failure> {
    match value {
        Some(Value::Array(items)) => Ok(items),
        _ => Failure::wrong(format!("`{}` takes an array", operator.name())),
    }
}

fn whole(operator: Operator, value: &Maybe) -> Result<i64, Failure> {
    match value.as_ref().and_then(Num::in_value) {
        Some(Num::Int(int)) => Ok(int),
        _ => Failure::wrong(format!("`{}` takes a whole number", operator.name())),
    }
}

/// What this file knows to compute.
pub(super) fn apply(operator: Operator, values: &[Maybe], env: &Env<'_>) -> Option<Computed> {
    use Operator as O;
    Some(match (operator, values) {
        (O::IsArray, [value]) => Ok(Some(Value::Bool(matches!(value, Some(Value::Array(_)))))),
        (O::Size, [value]) => array(operator, value).map(|items| Some(items.len().into())),
        (O::In, [value, items]) => array(operator, items).map(|items| {
            Some(Value::Bool(value.as_ref().is_some_and(|value| items.iter().any(|item| same(item, value)))))
        }),
        (O::Range, values) => range(values, env),
        (O::MergeObjects, values) => merge(values),
        (
            O::ArrayElemAt
            | O::First
            | O::Last
            | O::Slice
            | O::ConcatArrays
            | O::ReverseArray
            | O::IndexOfArray
            | O::SetUnion
            | O::SetIntersection
            | O::SetDifference
            | O::ArrayToObject
            | O::ObjectToArray,
            values,
        ) => {
            if values.iter().any(null) {
                Ok(Some(Value::Null))
            } else {
                known(operator, values)
            }
        }
        _ => return None,
    })
}

/// Those that make null of null; here nothing is.
fn known(operator: Operator, values: &[Maybe]) -> Computed {
    use Operator as O;
    match (operator, values) {
        (O::ArrayElemAt, [items, at]) => Ok(element(array(operator, items)?, whole(operator, at)?)),
        (O::First, [items]) => Ok(array(operator, items)?.first().cloned()),
        (O::Last, [items]) => Ok(array(operator, items)?.last().cloned()),
        (O::Slice, [items, rest @ ..]) => slice(array(operator, items)?, rest),
        (O::ConcatArrays, all) => {
            let parts = all.iter().map(|items| array(operator, items)).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(parts.concat().into()))
        }
        (O::ReverseArray, [items]) => {
            Ok(Some(array(operator, items)?.iter().rev().cloned().collect::<Vec<_>>().into()))
        }
        (O::IndexOfArray, [items, Some(value)]) => {
            let found = array(operator, items)?.iter().position(|item| same(item, value));
            Ok(Some(found.map_or_else(|| Value::from(-1), Value::from)))
        }
        (O::SetUnion, all) => {
            let parts = all.iter().map(|items| array(operator, items)).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(distinct(parts.concat()).into()))
        }
        (O::SetIntersection, [first, others @ ..]) => {
            let mut left = distinct(array(operator, first)?.to_vec());
            for other in others {
                let other = distinct(array(operator, other)?.to_vec());
                left.retain(|item| contains(&other, item));
            }
            Ok(Some(left.into()))
        }
        (O::SetDifference, [items, without]) => {
            let without = distinct(array(operator, without)?.to_vec());
            let mut left = distinct(array(operator, items)?.to_vec());
            left.retain(|item| !contains(&without, item));
            Ok(Some(left.into()))
        }
        (O::ObjectToArray, [Some(Value::Object(map))]) => {
            Ok(Some(map.iter().map(|(name, value)| json!({"k": name, "v": value})).collect::<Vec<_>>().into()))
        }
        (O::ArrayToObject, [items]) => object(array(operator, items)?),
        _ => Failure::wrong(format!("`{}` does not take this", operator.name())),
    }
}

/// Sorted, each once.
fn distinct(mut items: Vec<Value>) -> Vec<Value> {
    items.sort_by(compare);
    items.dedup_by(|a, b| same(a, b));
    items
}

fn contains(sorted: &[Value], item: &Value) -> bool {
    sorted.binary_search_by(|other| compare(other, item)).is_ok()
}

fn element(items: &[Value], at: i64) -> Maybe {
    let at = if at < 0 { at.checked_add(i64::try_from(items.len()).ok()?)? } else { at };
    items.get(usize::try_from(at).ok()?).cloned()
}

fn slice(items: &[Value], rest: &[Maybe]) -> Computed {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_end = |at: i64| if at < 0 { length.saturating_add(at).max(0) } else { at.min(length) };
    let numbers = rest.iter().map(|value| whole(Operator::Slice, value)).collect::<Result<Vec<_>, _>>()?;
    let (from, count) = match numbers[..] {
        [count] if count < 0 => (from_end(count), length),
        [count] => (0, count),
        [from, count] if count > 0 => (from_end(from), count),
        _ => return Failure::wrong("`$slice` takes a number of elements from 1"),
    };
    let (from, count) = (usize::try_from(from).unwrap_or(0), usize::try_from(count).unwrap_or(0));
    Ok(Some(items.iter().skip(from).take(count).cloned().collect::<Vec<_>>().into()))
}

fn range(values: &[Maybe], env: &Env<'_>) -> Computed {
    let numbers = values.iter().map(|value| whole(Operator::Range, value)).collect::<Result<Vec<_>, _>>()?;
    let (start, end, step) = match numbers[..] {
        [start, end] => (start, end, 1),
        [start, end, step] if step != 0 => (start, end, step),
        _ => return Failure::wrong("`$range` takes a step other than 0"),
    };
    let mut made = Vec::new();
    let mut next = Some(start);
    while let Some(number) = next.filter(|number| if step > 0 { *number < end } else { *number > end }) {
        if made.len() == RANGE_ELEMENTS {
            return Err(Failure::TooExpensive);
        }
        made.push(Value::from(number));
        next = number.checked_add(step);
    }
    env.scope.meter.spend(made.len())?;
    Ok(Some(made.into()))
}

fn merge(values: &[Maybe]) -> Computed {
    let objects = match values {
        [Some(Value::Array(items))] => items.iter().collect(),
        values => values.iter().flatten().collect::<Vec<_>>(),
    };
    let mut merged = Map::new();
    for value in objects {
        match value {
            Value::Null => {}
            Value::Object(map) => merged.extend(map.clone()),
            _ => return Failure::wrong("`$mergeObjects` takes objects"),
        }
    }
    Ok(Some(Value::Object(merged)))
}

fn object(items: &[Value]) -> Computed {
    let mut map = Map::new();
    for item in items {
        let pair = match item {
            Value::Object(pair) if pair.len() == 2 => (pair.get("k"), pair.get("v")),
            Value::Array(pair) if pair.len() == 2 => (pair.first(), pair.get(1)),
            _ => (None, None),
        };
        let (Some(Value::String(name)), Some(value)) = pair else {
            return Failure::wrong("`$arrayToObject` takes pairs of a name and a value");
        };
        map.insert(name.clone(), value.clone());
    }
    Ok(Some(Value::Object(map)))
}
