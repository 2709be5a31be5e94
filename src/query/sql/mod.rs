//! From filters and sorts to SQL: one text with `$n` for everything that came from outside, and the values for them.
//! Nothing of a caller's text ever stands in the SQL itself (D3).

mod filter;
mod find;
mod indexed;
mod jsonpath;
mod place;
mod postgres;
mod sort;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Write as _;

pub use find::{After, Find, Indexed, Query};

use super::limits::{SQL_BINDS, SQL_LENGTH};

/// Which database reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, bodies as `jsonb(…)` blobs.
    Sqlite,
    /// PostgreSQL, bodies as `jsonb`.
    Postgres,
}

/// A value for a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bind {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
}

/// The request is more than one statement may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this becomes too large a query")]
pub struct TooLarge;

/// A statement in the making: its text, and what is bound to it.
#[derive(Debug)]
pub struct Statement {
    dialect: Dialect,
    text: String,
    binds: Vec<Bind>,
    numbers: HashMap<Bind, usize>,
    aliases: usize,
    full: bool,
}

impl Statement {
    /// An empty one.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::new(), binds: Vec::new(), numbers: HashMap::new(), aliases: 0, full: false }
    }

    /// Which database it is for.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds text of ours.
    pub fn push(&mut self, text: &str) {
        if self.text.len() + text.len() > SQL_LENGTH {
            self.full = true;
        } else if !self.full {
            self.text.push_str(text);
        }
    }

    /// The number of the parameter with this value; equal values share one.
    fn number(&mut self, value: Bind) -> usize {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        if self.binds.len() == SQL_BINDS {
            self.full = true;
        } else {
            self.binds.push(value.clone());
            self.numbers.insert(value, self.binds.len());
        }
        self.binds.len()
    }

    /// A parameter as it is written, with this value.
    pub fn parameter(&mut self, value: Bind) -> String {
        let kind = match (self.dialect, &value) {
            (Dialect::Sqlite, _) => "",
            (Dialect::Postgres, Bind::Text(_)) => "::text",
            (Dialect::Postgres, Bind::Int(_)) => "::bigint",
        };
        format!("${}{kind}", self.number(value))
    }

    fn text_parameter(&mut self, text: impl Into<String>) -> String {
        self.parameter(Bind::Text(text.into()))
    }

    /// A name that no other table here has.
    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("e{}", self.aliases)
    }

    /// Whether nothing more fits, so that it is in vain to go on.
    const fn is_full(&self) -> bool {
        self.full
    }

    /// The text and its values in their order.
    ///
    /// # Errors
    /// It has become too large.
    pub fn finish(self) -> Result<(String, Vec<Bind>), TooLarge> {
        if self.full { Err(TooLarge) } else { Ok((self.text, self.binds)) }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        let mut piece = String::new();
        // Writing into a String cannot fail.
        let _ = piece.write_fmt(text);
        self.push(&piece);
    }
}
