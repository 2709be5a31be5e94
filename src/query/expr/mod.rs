//! Expressions: what is computed from a document, in `$expr`, `$project`, `$addFields`, `$group` and their like.

mod arithmetic;
mod convert;
mod dates;
mod eval;
mod lists;
mod operator;
mod parse;
mod scope;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value;

pub use operator::Operator;
pub use scope::{Failure, Meter, Scope};

use super::pattern::Pattern;

/// Sums and products, for updates and groups too.
pub(super) mod numbers {
    pub use super::arithmetic::{add, multiply};
}

/// What is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// This value.
    Literal(Value),
    /// Nothing: a field that is given this does not exist.
    Missing,
    /// The document, or the variable of this name; then down these names.
    Path(Variable, Vec<String>),
    /// An object with these members.
    Object(Vec<(String, Expr)>),
    /// An array of these elements.
    Array(Vec<Expr>),
    /// What an operator makes of its arguments; an argument that was left out is [`Expr::Missing`].
    Call(Operator, Vec<Expr>),
    /// The first branch whose condition is true.
    Switch(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// Variables, and what is computed with them.
    Let(Vec<(String, Expr)>, Box<Expr>),
    /// An expression for each element of an array.
    Each(Each, Box<Loop>),
    /// Whether a text has a part that fits.
    Regex(Box<Expr>, Pattern),
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// The document.
    Root,
    /// A variable of `$let`, `$map`, `$filter` or `$reduce`.
    Local(String),
    /// The present time.
    Now,
}

/// What is done with each element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// `$map`: it becomes what the body says.
    Map,
    /// `$filter`: it stays if the body is true.
    Filter,
    /// `$reduce`: the body makes of it and of the value so far the next value.
    Reduce,
}

/// The parts of `$map`, `$filter` and `$reduce`.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// The array.
    pub input: Expr,
    /// How an element is called.
    pub name: String,
    /// The first value of `$reduce`.
    pub initial: Expr,
    /// What is computed for each.
    pub body: Expr,
}

impl Expr {
    /// Shows every path of the document that it looks at; the whole document is the empty path.
    pub fn paths(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Path(Variable::Root, names) => see(&names.join(".")),
            Self::Literal(_) | Self::Missing | Self::Path(..) => {}
            Self::Object(members) => members.iter().for_each(|(_, expr)| expr.paths(see)),
            Self::Array(items) | Self::Call(_, items) => items.iter().for_each(|expr| expr.paths(see)),
            Self::Switch(branches, default) => {
                for (condition, then) in branches {
                    condition.paths(see);
                    then.paths(see);
                }
                if let Some(expr) = default {
                    expr.paths(see);
                }
            }
            Self::Let(variables, body) => {
                for (_, expr) in variables {
                    expr.paths(see);
                }
                body.paths(see);
            }
            Self::Each(_, parts) => [&parts.input, &parts.initial, &parts.body].iter().for_each(|expr| expr.paths(see)),
            Self::Regex(input, _) => input.paths(see),
        }
    }

    /// Its value, where that is the same for every document.
    #[must_use]
    pub const fn constant(&self) -> Option<&Value> {
        match self {
            Self::Literal(value) => Some(value),
            _ => None,
        }
    }
}
