//! A tenant's configuration as a file: exported, compared, applied. Everything that an administrator declares is in it;
//! people, sessions, tokens and secrets never are. What can be is decided by the rooms that the things belong to: here
//! are no rules of our own, only the one order in which everything is written and done.

mod apply;
mod drift;
mod export;
mod kinds;
mod members;
mod plan;
mod reader;
mod secrets;
mod shown;
mod source;
mod text;
mod things;

pub use apply::{Done, apply};
pub use drift::differences;
pub use export::{document, export};
pub use kinds::Kind;
pub use plan::{Change, Difference, Options, Plan, Verb, compare};
pub use source::Source;
