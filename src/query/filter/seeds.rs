//! What an upsert knows of the document it makes: the values that its filter demands.

use serde_json::Value;

use super::super::path::Path;
use super::{Filter, Predicate, Test};

impl Filter {
    /// The paths that have to equal a value, as far as the filter says so without alternatives.
    #[must_use]
    pub fn seeds(&self) -> Vec<(&Path, &Value)> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::seeds).collect(),
            Self::Field(path, test) => test.seed().map(|value| (path, value)).into_iter().collect(),
            Self::Any(parts) if parts.len() == 1 => parts.iter().flat_map(Self::seeds).collect(),
            Self::Any(_) | Self::Not(_) | Self::Expr(_) => Vec::new(),
        }
    }
}

impl Test {
    fn seed(&self) -> Option<&Value> {
        match self {
            Self::Has(Predicate::Equal(value)) => Some(value),
            Self::All(tests) => tests.iter().find_map(Self::seed),
            _ => None,
        }
    }
}
