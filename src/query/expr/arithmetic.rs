//! Operators on numbers. Whole numbers stay whole and exact while they fit 64 bits; what is null makes null.

use serde_json::Value;

use super::super::value::{Num, compare};
use super::eval::Maybe;
use super::scope::Env;
use super::{Failure, Operator};

type Computed = Result<Maybe, Failure>;

/// The number as a value.
fn number(num: Num) -> Computed {
    num.to_value().map_or_else(|| Failure::wrong("the result is no number"), |value| Ok(Some(value)))
}

/// All numbers; none when one is null or missing.
fn numbers(operator: Operator, values: &[Maybe]) -> Result<Option<Vec<Num>>, Failure> {
    let mut all = Vec::new();
    let mut null = false;
    for value in values {
        match value {
            None | Some(Value::Null) => null = true,
            Some(value) => match Num::in_value(value) {
                Some(num) => all.push(num),
                None => return Failure::wrong(format!("`{}` takes numbers", operator.name())),
            },
        }
    }
    Ok((!null).then_some(all))
}

/// Sums exactly while the numbers are whole and fit.
pub fn add(a: Num, b: Num) -> Num {
    match (a, b) {
        (Num::Int(a), Num::Int(b)) => {
            a.checked_add(b).map_or_else(|| Num::Real(Num::Int(a).real() + Num::Int(b).real()), Num::Int)
        }
        (a, b) => Num::Real(a.real() + b.real()).tidy(),
    }
}

/// Multiplies exactly while the numbers are whole and fit.
pub fn multiply(a: Num, b: Num) -> Num {
    match (a, b) {
        (Num::Int(a), Num::Int(b)) => {
            a.checked_mul(b).map_or_else(|| Num::Real(Num::Int(a).real() * Num::Int(b).real()), Num::Int)
        }
        (a, b) => Num::Real(a.real() * b.real()).tidy(),
    }
}

fn negative(num: Num) -> Num {
    multiply(num, Num::Int(-1))
}

/// What this file knows to compute.
pub(super) fn apply(operator: Operator, values: &[Maybe], _: &Env<'_>) -> Option<Computed> {
    use Operator as O;
    match operator {
        O::Sum | O::Avg | O::Min | O::Max => return Some(summary(operator, values)),
        O::Abs
        | O::Add
        | O::Ceil
        | O::Divide
        | O::Floor
        | O::Mod
        | O::Multiply
        | O::Pow
        | O::Round
        | O::Sqrt
        | O::Subtract
        | O::Trunc => {}
        _ => return None,
    }
    Some(match numbers(operator, values) {
        Err(failure) => Err(failure),
        Ok(None) => Ok(Some(Value::Null)),
        Ok(Some(numbers)) => compute(operator, &numbers),
    })
}

fn compute(operator: Operator, numbers: &[Num]) -> Computed {
    use Operator as O;
    match (operator, numbers) {
        (O::Add, all) => number(all.iter().copied().fold(Num::Int(0), add)),
        (O::Multiply, all) => number(all.iter().copied().fold(Num::Int(1), multiply)),
        (O::Subtract, [Num::Int(a), Num::Int(b)]) if a.checked_sub(*b).is_some() => number(Num::Int(a - b)),
        (O::Subtract, [a, b]) => number(Num::Real(a.real() - b.real())),
        (O::Divide | O::Mod, [_, b]) if b.real() == 0.0 => Failure::wrong("this divides by zero"),
        (O::Divide, [Num::Int(a), Num::Int(b)]) if a.checked_rem(*b) == Some(0) => number(Num::Int(a / b)),
        (O::Divide, [a, b]) => number(Num::Real(a.real() / b.real())),
        (O::Mod, [Num::Int(a), Num::Int(b)]) => number(Num::Int(a.wrapping_rem(*b))),
        (O::Mod, [a, b]) => number(Num::Real(a.real() % b.real())),
        (O::Abs, [num]) => number(if num.compare(Num::Int(0)).is_lt() { negative(*num) } else { *num }),
        (O::Ceil, [Num::Real(real)]) => number(Num::Real(real.ceil())),
        (O::Floor, [Num::Real(real)]) => number(Num::Real(real.floor())),
        (O::Ceil | O::Floor, [whole]) => number(*whole),
        (O::Sqrt, [num]) if num.real() < 0.0 => Failure::wrong("`$sqrt` takes no negative number"),
        (O::Sqrt, [num]) => number(Num::Real(num.real().sqrt())),
        (O::Pow, [a, b]) => number(power(*a, *b)),
        (O::Round, [num, place @ ..]) => rounded(*num, place, f64::round_ties_even),
        (O::Trunc, [num, place @ ..]) => rounded(*num, place, f64::trunc),
        _ => Failure::wrong(format!("`{}` cannot be computed", operator.name())),
    }
}

fn power(a: Num, b: Num) -> Num {
    if let (Num::Int(base), Num::Int(exponent)) = (a, b)
        && let Some(exact) = u32::try_from(exponent).ok().and_then(|exponent| base.checked_pow(exponent))
    {
        return Num::Int(exact);
    }
    Num::Real(a.real().powf(b.real()))
}

fn rounded(num: Num, place: &[Num], round: fn(f64) -> f64) -> Computed {
    let place = match place {
        [] => 0,
        [Num::Int(place @ -20..=20)] => i32::try_from(*place).unwrap_or_default(),
        _ => return Failure::wrong("a place is a whole number from -20 to 20"),
    };
    match num {
        Num::Int(_) if place >= 0 => number(num),
        num => {
            let scale = 10_f64.powi(place.abs());
            let real = num.real();
            let scaled = if place < 0 { round(real / scale) * scale } else { round(real * scale) / scale };
            number(Num::Real(if scaled.is_finite() { scaled } else { real }))
        }
    }
}

/// `$sum`, `$avg`, `$min`, `$max` of values in a row, or of one array: what is no number is not summed, what is null
/// or missing is neither least nor greatest.
fn summary(operator: Operator, values: &[Maybe]) -> Computed {
    let items: Vec<&Value> = match values {
        [Some(Value::Array(items))] => items.iter().collect(),
        values => values.iter().flatten().collect(),
    };
    match operator {
        Operator::Sum => number(items.iter().filter_map(|item| Num::in_value(item)).fold(Num::Int(0), add)),
        Operator::Avg => average(items.iter().filter_map(|item| Num::in_value(item))),
        _ => {
            let known = items.into_iter().filter(|item| !item.is_null());
            let found = if operator == Operator::Min {
                known.min_by(|a, b| compare(a, b))
            } else {
                known.max_by(|a, b| compare(a, b))
            };
            Ok(Some(found.cloned().unwrap_or_default()))
        }
    }
}

/// The mean; of nothing, null.
fn average(numbers: impl Iterator<Item = Num>) -> Computed {
    let (sum, count) = numbers.fold((Num::Int(0), 0_u32), |(sum, count), num| (add(sum, num), count + 1));
    if count == 0 { Ok(Some(Value::Null)) } else { number(Num::Real(sum.real() / f64::from(count))) }
}
