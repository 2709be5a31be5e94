//! What we remember. The only room that knows SQL: one text per statement for SQLite and PostgreSQL, every
//! statement about a tenant's data keyed by that tenant.

pub mod clients;
mod db;
pub mod migrations;
mod sql;
pub mod tenants;
pub mod users;
mod values;

pub use db::{Db, OpenError, Run, Tx};
pub use values::{Flag, Json};
