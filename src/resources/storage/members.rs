//! The members of a body, each taken once, strictly (W-088).

use serde_json::{Map, Value};

use crate::base::{Code, Refusal};

/// The members of a body.
#[derive(Debug)]
pub struct Members(Map<String, Value>);

impl Members {
    /// Those of an object within the body.
    pub const fn of(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// A member, whatever it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// A member that has to be there.
    ///
    /// # Errors
    /// It is not.
    pub fn require(&mut self, name: &str) -> Result<Value, Refusal> {
        self.take(name).ok_or_else(|| Refusal::new(Code::InvalidRequest, format!("missing field `{name}`")))
    }

    /// A text.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(unfit(name)),
        }
    }

    /// True or false; false when it is left out.
    ///
    /// # Errors
    /// It is something else (W-088).
    pub fn truth(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(is)) => Ok(is),
            Some(_) => Err(unfit(name)),
        }
    }

    /// A whole number up to `most`.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&mut self, name: &str, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        value.as_u64().filter(|number| *number <= most).map(Some).ok_or_else(|| unfit(name))
    }

    /// A list.
    ///
    /// # Errors
    /// It is something else, or left out.
    pub fn list(&mut self, name: &str) -> Result<Vec<Value>, Refusal> {
        match self.require(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(unfit(name)),
        }
    }

    /// Nothing else is there.
    ///
    /// # Errors
    /// Something is.
    pub fn done(self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            Some(name) => {
                let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                Err(Refusal::new(Code::InvalidRequest, format!("unknown field `{name}`")))
            }
            None => Ok(()),
        }
    }
}

fn unfit(name: &str) -> Refusal {
    Refusal::new(Code::InvalidRequest, format!("the field `{name}` cannot be that"))
}
