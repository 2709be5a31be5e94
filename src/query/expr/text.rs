//! Operators on texts. Positions count code points.

use serde_json::Value;

use super::eval::Maybe;
use super::scope::Env;
use super::{Failure, Operator};

type Computed = Result<Maybe, Failure>;

fn null(value: &Maybe) -> bool {
    matches!(value, None | Some(Value::Null))
}

/// The text in a value.
fn text(operator: Operator, value: &Maybe) -> Result<&str, Failure> {
    match value {
        Some(Value::String(text)) => Ok(text),
        _ => Failure::wrong(format!("`{}` takes texts", operator.name())),
    }
}

/// The text in a value, where null is the empty text.
fn text_or_empty(operator: Operator, value: &Maybe) -> Result<&str, Failure> {
    if null(value) { Ok("") } else { text(operator, value) }
}

fn position(operator: Operator, value: &Maybe) -> Result<usize, Failure> {
    let whole = value.as_ref().and_then(Value::as_u64).and_then(|whole| usize::try_from(whole).ok());
    whole.map_or_else(|| Failure::wrong(format!("`{}` takes whole numbers from 0", operator.name())), Ok)
}

/// What this file knows to compute.
pub(super) fn apply(operator: Operator, values: &[Maybe], env: &Env<'_>) -> Option<Computed> {
    use Operator as O;
    Some(match (operator, values) {
        (O::Concat, values) => concat(values, env),
        (O::ToLower, [value]) => text_or_empty(operator, value).map(|text| Some(text.to_lowercase().into())),
        (O::ToUpper, [value]) => text_or_empty(operator, value).map(|text| Some(text.to_uppercase().into())),
        (O::StrLenCp, [value]) => text(operator, value).map(|text| Some(text.chars().count().into())),
        (O::SubstrCp, [value, from, count]) => substring(value, from, count),
        (O::Strcasecmp, [a, b]) => strcasecmp(a, b),
        (O::Split | O::IndexOfCp | O::ReplaceOne | O::ReplaceAll, values) if values.iter().any(null) => {
            Ok(Some(Value::Null))
        }
        (O::Split, [value, by]) => split(value, by),
        (O::IndexOfCp, [value, part]) => index(value, part),
        (O::ReplaceOne | O::ReplaceAll, [value, find, by]) => replace(operator, [value, find, by], env),
        (O::Trim | O::Ltrim | O::Rtrim, [value, chars]) => trim(operator, value, chars),
        _ => return None,
    })
}

fn concat(values: &[Maybe], env: &Env<'_>) -> Computed {
    let mut whole = String::new();
    for value in values {
        if null(value) {
            return Ok(Some(Value::Null));
        }
        let part = text(Operator::Concat, value)?;
        env.scope.meter.spend(part.len() / 64)?;
        whole.push_str(part);
    }
    Ok(Some(whole.into()))
}

fn substring(value: &Maybe, from: &Maybe, count: &Maybe) -> Computed {
    let operator = Operator::SubstrCp;
    let text = text_or_empty(operator, value)?;
    let (from, count) = (position(operator, from)?, position(operator, count)?);
    Ok(Some(text.chars().skip(from).take(count).collect::<String>().into()))
}

fn strcasecmp(a: &Maybe, b: &Maybe) -> Computed {
    let lower = |value| text_or_empty(Operator::Strcasecmp, value).map(str::to_lowercase);
    Ok(Some(Value::from(lower(a)?.cmp(&lower(b)?) as i8)))
}

fn split(value: &Maybe, by: &Maybe) -> Computed {
    let (text, by) = (text(Operator::Split, value)?, text(Operator::Split, by)?);
    if by.is_empty() {
        return Failure::wrong("`$split` takes no empty separator");
    }
    Ok(Some(text.split(by).collect::<Vec<_>>().into()))
}

fn index(value: &Maybe, part: &Maybe) -> Computed {
    let (text, part) = (text(Operator::IndexOfCp, value)?, text(Operator::IndexOfCp, part)?);
    Ok(Some(text.find(part).map_or_else(|| Value::from(-1), |at| text[..at].chars().count().into())))
}

fn replace(operator: Operator, [value, find, by]: [&Maybe; 3], env: &Env<'_>) -> Computed {
    let (whole, find, by) = (text(operator, value)?, text(operator, find)?, text(operator, by)?);
    let most = if operator == Operator::ReplaceOne { 1 } else { whole.len() + 1 };
    // What it becomes is counted before it is made.
    let found = whole.matches(find).take(most).count();
    env.scope.meter.spend(whole.len() / 64 + found.saturating_mul(by.len() + 1) / 64)?;
    if found.saturating_mul(by.len()) > 16 << 20 {
        return Err(Failure::TooExpensive);
    }
    Ok(Some(whole.replacen(find, by, most).into()))
}

fn trim(operator: Operator, value: &Maybe, chars: &Maybe) -> Computed {
    if null(value) {
        return Ok(Some(Value::Null));
    }
    let whole = text(operator, value)?;
    let chars: Option<Vec<char>> = if chars.is_none() { None } else { Some(text(operator, chars)?.chars().collect()) };
    let cut = |c: char| chars.as_ref().map_or(c.is_whitespace(), |chars| chars.contains(&c));
    let trimmed = match operator {
        Operator::Ltrim => whole.trim_start_matches(cut),
        Operator::Rtrim => whole.trim_end_matches(cut),
        _ => whole.trim_matches(cut),
    };
    Ok(Some(trimmed.into()))
}
