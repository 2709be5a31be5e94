//! A server of its own for each story, and what stories do with it.

mod command;
mod database;
pub mod people;
pub mod proxy;
mod server;

pub use command::{Outcome, command};
pub use database::{Database, postgres, switch};
pub use server::{Place, Server, free_port};

/// JSON, which the text has to be.
pub fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
