//! The language of documents: MongoDB's filters, updates, sorts, projections, pipelines and expressions, a strict
//! subset of them. A text is read once into typed parts of bounded depth and size; what is unknown is refused by name.
//! Filters and sorts become one parameterised SQL text per database; the same parts are evaluated here in Rust for rules
//! on new documents, watches and the late stages of pipelines. No I/O: what is made here, `store` runs.

pub mod document;
pub mod expr;
pub mod filter;
pub mod index;
mod invalid;
pub mod limits;
pub mod operators;
pub mod path;
pub mod pattern;
pub mod pipeline;
pub mod projection;
mod reader;
pub mod sort;
pub mod sql;
pub mod update;
pub mod value;

pub use expr::{Failure, Meter, Scope};
pub use filter::Filter;
pub use index::Index;
pub use invalid::{At, Invalid, Subject};
pub use path::{Path, Server};
pub use pipeline::Pipeline;
pub use projection::Projection;
pub use reader::{VARIABLES, Variables};
pub use sort::Sort;
pub use update::Update;
