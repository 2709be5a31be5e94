//! Filters: which documents. MongoDB's query language, a strict subset of it, as a tree of typed parts.

mod eval;
mod parse;
mod seeds;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(super) use eval::candidates;
pub use eval::values_at;
pub(super) use parse::{operators_of, values};

use super::expr::Expr;
use super::invalid::{At, Result, Subject};
use super::limits::FILTER_NODES;
use super::path::{Path, Root};
use super::pattern::Pattern;
use super::reader::{Reader, Variables};
use super::value::Kind;

/// Which documents.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Those that all of these take; without parts, every one.
    All(Vec<Self>),
    /// Those that at least one of these takes.
    Any(Vec<Self>),
    /// Those that this does not take.
    Not(Box<Self>),
    /// Those with such values at a path.
    Field(Path, Test),
    /// Those of which an expression is true.
    Expr(Expr),
}

/// What is asked of the values at a path: there may be several, because arrays are looked into.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// One of them is such.
    Has(Predicate),
    /// The opposite.
    Not(Box<Self>),
    /// All of these hold; without parts, it holds.
    All(Vec<Self>),
    /// It never holds.
    Never,
}

/// What is asked of one value, which may be missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// It is this; `null` is also what is missing.
    Equal(Value),
    /// It is one of these.
    In(Vec<Value>),
    /// It is of the same kind as this and stands so to it.
    Order(Order, Value),
    /// It is not missing.
    Exists,
    /// It is of one of these kinds.
    Type(Vec<Kind>),
    /// It is an array of so many elements.
    Size(u32),
    /// Divided by the first without fraction, it leaves the second.
    Mod(i64, i64),
    /// It is a text with such a part.
    Regex(Pattern),
    /// It is an array with an object that the filter takes.
    Element(Box<Filter>),
    /// It is an array with an element of which the test holds.
    ElementValue(Box<Test>),
}

/// How a value stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// After.
    Gt,
    /// After or equal.
    Gte,
    /// Before.
    Lt,
    /// Before or equal.
    Lte,
}

impl Order {
    /// The sign in SQL.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Lt => "<",
            Self::Lte => "<=",
        }
    }

    /// Whether this is so.
    #[must_use]
    pub const fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
        }
    }

    /// Whether equal values stand so to each other.
    #[must_use]
    pub const fn or_equal(self) -> bool {
        matches!(self, Self::Gte | Self::Lte)
    }
}

impl Predicate {
    /// Whether it holds of what is missing.
    #[must_use]
    pub fn takes_missing(&self) -> bool {
        match self {
            Self::Equal(value) => value.is_null(),
            Self::In(values) => values.iter().any(Value::is_null),
            Self::Order(order, value) => value.is_null() && order.or_equal(),
            _ => false,
        }
    }

    /// Whether it is asked of an array's elements too, where the path ends at an array.
    #[must_use]
    pub const fn enters(&self) -> bool {
        !matches!(self, Self::Size(_) | Self::Element(_) | Self::ElementValue(_) | Self::Exists)
    }
}

impl Filter {
    /// Every document.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Reads a caller's filter over stored documents.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn parse(text: &Value) -> Result<Self> {
        Self::read(text, Root::Stored, None)
    }

    /// Reads a rule: a filter in which variables stand for values.
    ///
    /// # Errors
    /// It says nothing in the language, or names an unknown variable.
    pub fn rule(text: &Value, variables: &Variables) -> Result<Self> {
        Self::read(text, Root::Stored, Some(variables))
    }

    fn read(text: &Value, root: Root, variables: Option<&Variables>) -> Result<Self> {
        let mut reader = Reader::new(FILTER_NODES, root, variables);
        Self::within(text, &mut reader, &At::start(Subject::Filter))
    }

    /// Both this and another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(mut parts), Self::All(others)) => {
                parts.extend(others);
                Self::All(parts)
            }
            (Self::All(mut parts), other) | (other, Self::All(mut parts)) => {
                parts.push(other);
                Self::All(parts)
            }
            (one, other) => Self::All(vec![one, other]),
        }
    }

    /// Whether it takes everything without looking.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_everything))
    }

    /// Shows every path it looks at, as seen from the document.
    pub fn paths(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.paths(see)),
            Self::Not(part) => part.paths(see),
            Self::Field(path, test) => {
                see(&path.to_string());
                test.paths(&path.to_string(), see);
            }
            Self::Expr(expr) => expr.paths(see),
        }
    }
}

impl Test {
    fn paths(&self, above: &str, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Not(test) | Self::Has(Predicate::ElementValue(test)) => test.paths(above, see),
            Self::All(tests) => tests.iter().for_each(|test| test.paths(above, see)),
            Self::Has(Predicate::Element(filter)) => filter.paths(&mut |path| see(&format!("{above}.{path}"))),
            Self::Has(_) | Self::Never => {}
        }
    }
}
