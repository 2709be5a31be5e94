//! Operators that tell or change the kind of a value.

use serde_json::Value;

use super::super::value::{Kind, Num};
use super::eval::{Maybe, is_true};
use super::scope::Env;
use super::{Failure, Operator};

type Computed = Result<Maybe, Failure>;

/// What this file knows to compute.
pub(super) fn apply(operator: Operator, values: &[Maybe], _: &Env<'_>) -> Option<Computed> {
    use Operator as O;
    let [value] = values else { return None };
    Some(match (operator, value) {
        (O::Type, None) => Ok(Some("missing".into())),
        (O::Type, Some(value)) => Ok(Some(Kind::of(value).name().into())),
        (O::IsNumber, value) => Ok(Some(Value::Bool(matches!(value, Some(Value::Number(_)))))),
        (O::ToBool | O::ToDouble | O::ToInt | O::ToString, None | Some(Value::Null)) => Ok(Some(Value::Null)),
        (O::ToBool, Some(Value::String(_))) => Ok(Some(Value::Bool(true))),
        (O::ToBool, value) => Ok(Some(Value::Bool(is_true(value.as_ref())))),
        (O::ToString, Some(Value::Object(_) | Value::Array(_))) => {
            Failure::wrong("`$toString` takes no object or array")
        }
        (O::ToString, Some(Value::String(text))) => Ok(Some(text.clone().into())),
        (O::ToString, Some(value)) => Ok(Some(value.to_string().into())),
        (O::ToDouble | O::ToInt, Some(value)) => number(operator, value),
        _ => return None,
    })
}

fn number(operator: Operator, value: &Value) -> Computed {
    let num = match value {
        Value::Bool(is) => Some(Num::Int(i64::from(*is))),
        Value::Number(number) => Some(Num::of(number)),
        Value::String(text) => {
            let real = || text.parse::<f64>().ok().filter(|real| real.is_finite()).map(Num::Real);
            text.parse::<i64>().ok().map(Num::Int).or_else(real)
        }
        _ => None,
    };
    let num = if operator == Operator::ToInt { num.and_then(Num::whole).map(Num::Int) } else { num };
    match num.and_then(Num::to_value) {
        Some(value) => Ok(Some(value)),
        None => Failure::wrong(format!("`{}` cannot make a number of this", operator.name())),
    }
}
