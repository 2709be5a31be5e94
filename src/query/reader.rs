//! What reading needs to know: how much may still be said, and what the variables of a rule stand for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::storable;
use super::invalid::{At, Result};
use super::limits::NESTING;
use super::path::{Path, Root};

/// The variables that a rule may name.
pub const VARIABLES: [&str; 10] = [
    "$$auth.sub",
    "$$auth.client_id",
    "$$auth.tenant",
    "$$auth.roles",
    "$$auth.organization",
    "$$auth.permissions",
    "$$auth.scopes",
    "$$auth.plan",
    "$$auth.features",
    "$$now",
];

/// What variables stand for. One that is known but has no value is undefined: nothing equals it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables(BTreeMap<&'static str, Value>);

impl Variables {
    /// Gives a variable its value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(known) = VARIABLES.into_iter().find(|known| *known == name) {
            self.0.insert(known, value.into());
        }
        self
    }

    /// The value of a variable; `None` within when it is undefined.
    ///
    /// # Errors
    /// There is no such variable.
    pub fn value(&self, name: &str, at: &At) -> Result<Option<Value>> {
        if VARIABLES.contains(&name) {
            Ok(self.0.get(name).cloned())
        } else {
            at.refuse("unknown-variable", format!("there is no variable `{name}`"))
        }
    }
}

/// The state of reading one text.
#[derive(Debug)]
pub struct Reader<'a> {
    left: usize,
    depth: usize,
    root: Root,
    variables: Option<&'a Variables>,
    locals: Vec<String>,
    inside: bool,
}

impl<'a> Reader<'a> {
    /// A reader that takes `nodes` nodes. Without `variables`, texts that look like one are texts.
    #[must_use]
    pub const fn new(nodes: usize, root: Root, variables: Option<&'a Variables>) -> Self {
        Self { left: nodes, depth: 0, root, variables, locals: Vec::new(), inside: false }
    }

    /// Where paths lead just now.
    #[must_use]
    pub const fn root(&self) -> Root {
        self.root
    }

    /// The variables of a rule.
    #[must_use]
    pub const fn variables(&self) -> Option<&'a Variables> {
        self.variables
    }

    /// Whether an expression around this place has made such a variable.
    #[must_use]
    pub fn knows(&self, local: &str) -> bool {
        self.locals.iter().any(|known| known == local)
    }

    /// Reads what may use these variables.
    ///
    /// # Errors
    /// What `read` finds.
    pub fn knowing<T>(&mut self, names: Vec<String>, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.locals.len();
        self.locals.extend(names);
        let result = read(self);
        self.locals.truncate(before);
        result
    }

    /// Reads a path.
    ///
    /// # Errors
    /// It is none.
    pub fn path(&self, text: &str, at: &At) -> Result<Path> {
        Path::parse(text, self.root, at)
    }

    /// Counts one node.
    ///
    /// # Errors
    /// There are too many.
    pub fn node(&mut self, at: &At) -> Result<()> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => at.refuse("too-large", "this has too many parts"),
        }
    }

    /// Reads what is one level deeper.
    ///
    /// # Errors
    /// It is too deep, or what `read` finds.
    pub fn deeper<T>(&mut self, at: &At, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == NESTING {
            return at.refuse("too-deep", format!("this nests at most {NESTING} deep"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads what is about elements of arrays.
    ///
    /// # Errors
    /// What `read` finds.
    pub fn elements<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let root = std::mem::replace(&mut self.root, Root::Any);
        let inside = std::mem::replace(&mut self.inside, true);
        let result = read(self);
        (self.root, self.inside) = (root, inside);
        result
    }

    /// Whether this is about elements of arrays, where there is no document to compute from.
    #[must_use]
    pub const fn is_inside(&self) -> bool {
        self.inside
    }

    /// Reads a value to compare with, variables put in; `None` when it is undefined.
    ///
    /// # Errors
    /// It could not stand in a document, or names an unknown variable.
    pub fn operand(&mut self, value: &Value, at: &At) -> Result<Option<Value>> {
        storable(value, at)?;
        let put_in = match self.variables {
            Some(variables) => substitute(value, variables, at)?,
            None => Some(value.clone()),
        };
        Ok(put_in.map(super::value::normal))
    }
}

fn substitute(value: &Value, variables: &Variables, at: &At) -> Result<Option<Value>> {
    Ok(match value {
        Value::String(name) if name.starts_with("$$") => variables.value(name, at)?,
        Value::Array(items) => {
            let items: Result<Vec<Option<Value>>> = items.iter().map(|item| substitute(item, variables, at)).collect();
            Some(Value::Array(items?.into_iter().flatten().collect()))
        }
        Value::Object(map) => {
            let put_in =
                |(name, item): (&String, &Value)| Ok(substitute(item, variables, at)?.map(|item| (name.clone(), item)));
            map.iter().map(put_in).collect::<Result<Option<_>>>()?.map(Value::Object)
        }
        other => Some(other.clone()),
    })
}
