//! What older systems leave behind, read: dumps of PostgreSQL as text, and folders that `mongodump` wrote. What is not
//! as it should be is refused with the place where it stands; nothing is guessed.

mod bson;
mod copy;
mod decimal;
mod insert;
mod mongo;
mod tables;

pub use mongo::{Collection, Found, read as read_mongodump};
pub use tables::{Row, Table, Tables, read as read_tables};

use crate::base::{Code, Stop};

/// Says that something cannot be read at all.
#[must_use]
pub fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Stop {
    Stop::refuse(Code::Unprocessable, format!("{}: {error}", path.display()))
}

/// Says what is wrong with a dump.
fn broken(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Stop {
    Stop::refuse(Code::Unprocessable, sentence)
}
