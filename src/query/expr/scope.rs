//! What an expression is computed within: the time, and how much work may still be done.

use std::cell::Cell;

use serde_json::Value;

use super::super::value::weight;

/// Why something cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The values do not fit the operator.
    #[error("{0}")]
    Wrong(String),
    /// It takes too much work or memory.
    #[error("this takes too much work or memory")]
    TooExpensive,
}

impl Failure {
    /// The values do not fit.
    ///
    /// # Errors
    /// Always.
    pub fn wrong<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Wrong(what.into()))
    }
}

/// Counts work, so that its amount is bounded whatever the text says.
#[derive(Debug)]
pub struct Meter(Cell<u64>);

/// What one value may weigh.
const HEAVIEST: usize = 16 << 20;
/// So many bytes are as much work as one step.
const BYTES_A_STEP: usize = 64;

impl Meter {
    /// Allows so many steps.
    #[must_use]
    pub const fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    /// Does some steps.
    ///
    /// # Errors
    /// There are none left.
    pub fn spend(&self, steps: usize) -> Result<(), Failure> {
        let left = self.0.get().checked_sub(steps as u64).ok_or(Failure::TooExpensive)?;
        self.0.set(left);
        Ok(())
    }

    /// Makes a value.
    ///
    /// # Errors
    /// It is too large, or all that was made is.
    pub fn made(&self, value: Value) -> Result<Option<Value>, Failure> {
        if matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_)) {
            let bytes = weight(&value);
            if bytes > HEAVIEST {
                return Err(Failure::TooExpensive);
            }
            self.spend(bytes / BYTES_A_STEP)?;
        }
        Ok(Some(value))
    }
}

/// What an expression is computed within.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The present time, as documents write times.
    pub now: &'a str,
    /// The work that may be done.
    pub meter: &'a Meter,
}

/// The document and the variables around an expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Env<'a> {
    pub document: &'a Value,
    pub locals: Option<&'a Local<'a>>,
    pub scope: &'a Scope<'a>,
}

/// A variable, and those around it.
#[derive(Debug)]
pub(super) struct Local<'a> {
    pub name: &'a str,
    pub value: Option<&'a Value>,
    pub outer: Option<&'a Local<'a>>,
}

impl<'a> Env<'a> {
    /// The value of a variable; the parser has seen that it exists.
    pub fn local(&self, name: &str) -> Option<&'a Value> {
        let mut next = self.locals;
        while let Some(local) = next {
            if local.name == name {
                return local.value;
            }
            next = local.outer;
        }
        None
    }
}
