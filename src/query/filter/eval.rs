//! Whether a filter takes a document, found out in Rust: for rules on new documents, watches and late stages.
//! Written apart from the compilation to SQL; tests hold the two against each other.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::expr::{Failure, Scope};
use super::super::path::{Path, Step};
use super::super::value::{Kind, Num, compare, same};
use super::{Filter, Predicate, Test};

impl Filter {
    /// Whether it takes a document.
    ///
    /// # Errors
    /// An expression in it cannot be computed of this document.
    pub fn takes(&self, document: &Value, scope: &Scope<'_>) -> Result<bool, Failure> {
        match self {
            Self::All(parts) => {
                for part in parts {
                    if !part.takes(document, scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.takes(document, scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(part) => part.takes(document, scope).map(|takes| !takes),
            Self::Field(path, test) => Ok(test.holds_at(document, path)),
            Self::Expr(expr) => expr.truth(document, scope),
        }
    }

    /// Whether it takes an element of an array. There are no expressions in filters of those, so nothing can fail.
    #[must_use]
    pub fn takes_element(&self, element: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.takes_element(element)),
            Self::Any(parts) => parts.iter().any(|part| part.takes_element(element)),
            Self::Not(part) => !part.takes_element(element),
            Self::Field(path, test) => test.holds_at(element, path),
            Self::Expr(_) => false,
        }
    }
}

impl Test {
    fn holds_at(&self, document: &Value, path: &Path) -> bool {
        self.holds(&|predicate| {
            candidates(Some(document), path.steps(), predicate.enters(), &mut |value| predicate.holds(value))
        })
    }

    /// Whether it holds of a value by itself, without looking into it.
    #[must_use]
    pub fn holds_of(&self, value: &Value) -> bool {
        self.holds(&|predicate| predicate.holds(Some(value)))
    }

    fn holds(&self, has: &dyn Fn(&Predicate) -> bool) -> bool {
        match self {
            Self::Has(predicate) => has(predicate),
            Self::Not(test) => !test.holds(has),
            Self::All(tests) => tests.iter().all(|test| test.holds(has)),
            Self::Never => false,
        }
    }
}

/// Tries the values at a path until one passes. Where an array stands in the way, its objects are gone into, or the
/// one element that the path names; where the path ends at an array, its elements count too, if `enter` says so.
pub fn candidates(
    value: Option<&Value>,
    steps: &[Step],
    enter: bool,
    pass: &mut dyn FnMut(Option<&Value>) -> bool,
) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        let elements = value.and_then(Value::as_array).filter(|_| enter);
        return pass(value) || elements.is_some_and(|items| items.iter().any(|item| pass(Some(item))));
    };
    match value {
        Some(Value::Object(map)) => candidates(map.get(&step.name), rest, enter, pass),
        Some(Value::Array(items)) => match step.index {
            Some(index) => items.get(index as usize).is_some_and(|item| candidates(Some(item), rest, enter, pass)),
            None => items.iter().filter(|item| item.is_object()).any(|item| candidates(Some(item), steps, enter, pass)),
        },
        _ => pass(None),
    }
}

/// Shows every value at a path; of an array there, its elements.
pub fn values_at(document: &Value, path: &Path, see: &mut dyn FnMut(&Value)) {
    candidates(Some(document), path.steps(), false, &mut |value| {
        match value {
            Some(Value::Array(items)) => items.iter().for_each(&mut *see),
            Some(value) => see(value),
            None => {}
        }
        false
    });
}

impl Predicate {
    fn holds(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return self.takes_missing() };
        match self {
            Self::Equal(other) => same(value, other),
            Self::In(others) => others.iter().any(|other| same(value, other)),
            Self::Order(order, other) => Kind::of(value) == Kind::of(other) && order.holds(compare(value, other)),
            Self::Exists => true,
            Self::Type(kinds) => kinds.contains(&Kind::of(value)),
            Self::Size(size) => value.as_array().is_some_and(|items| items.len() == *size as usize),
            Self::Mod(divisor, rest) => {
                let whole = Num::in_value(value).and_then(Num::whole);
                whole.is_some_and(|whole| whole.wrapping_rem(*divisor).cmp(rest) == Ordering::Equal)
            }
            Self::Regex(pattern) => value.as_str().is_some_and(|text| pattern.found_in(text)),
            Self::Element(filter) => {
                let items = value.as_array().map_or(&[][..], Vec::as_slice);
                items.iter().any(|item| item.is_object() && filter.takes_element(item))
            }
            Self::ElementValue(test) => {
                value.as_array().is_some_and(|items| items.iter().any(|item| test.holds_of(item)))
            }
        }
    }
}
