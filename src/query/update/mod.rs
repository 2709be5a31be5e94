//! Updates: what becomes of a document. Read here, done in `apply.rs`.

mod apply;
mod parse;
pub mod patch;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use apply::{Applying, NotApplicable, NotApplied};

use super::filter::{Filter, Test};
use super::invalid::{At, Result, Subject};
use super::limits::UPDATE_ACTIONS;
use super::path::{Path, Root};
use super::reader::Reader;
use super::sort::{Direction, Sort};
use super::value::Num;

/// What becomes of a document: actions at paths, of which none leads into another.
#[derive(Clone, Debug, PartialEq)]
pub struct Update(Vec<(Path, Action)>);

/// What is done at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It becomes this.
    Set(Value),
    /// It becomes this in a document that is just made.
    SetOnInsert(Value),
    /// It is gone.
    Unset,
    /// This is added to it.
    Inc(Num),
    /// It is multiplied by this.
    Mul(Num),
    /// It becomes this, if this is less.
    Min(Value),
    /// It becomes this, if this is greater.
    Max(Value),
    /// It gets another name.
    Rename(Path),
    /// It becomes the present time.
    CurrentDate,
    /// These join the array.
    Push(Push),
    /// Those of these that are not there join the array.
    AddToSet(Vec<Value>),
    /// The first or the last leaves the array.
    Pop(End),
    /// Such elements leave the array.
    Pull(Pull),
}

/// What joins an array, where, and what is left of it then.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// The new elements.
    pub each: Vec<Value>,
    /// Before which element; from the end, when negative.
    pub position: Option<i64>,
    /// How the array is sorted then.
    pub sort: Option<By>,
    /// How many of its first, or when negative of its last, elements stay.
    pub slice: Option<i64>,
}

/// What an array is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// Its elements.
    Element(Direction),
    /// Paths in its elements.
    Fields(Sort),
}

/// One end of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first element.
    First,
    /// The last one.
    Last,
}

/// Which elements leave.
#[derive(Clone, Debug, PartialEq)]
pub enum Pull {
    /// Those equal to one of these.
    Any(Vec<Value>),
    /// Those of which this holds.
    Test(Test),
    /// Those objects that this takes.
    Filter(Filter),
}

impl PartialEq for Num {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other).is_eq()
    }
}

impl Update {
    /// Reads an update.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn parse(text: &Value) -> Result<Self> {
        let mut reader = Reader::new(UPDATE_ACTIONS, Root::Stored, None);
        parse::update(text, &mut reader, &At::start(Subject::Update)).map(Self)
    }

    /// Shows every path that it changes.
    pub fn paths(&self, see: &mut dyn FnMut(&str)) {
        for (path, action) in &self.0 {
            see(&path.to_string());
            if let Action::Rename(to) = action {
                see(&to.to_string());
            }
        }
    }
}
