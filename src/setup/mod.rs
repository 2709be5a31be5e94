//! The first things in a database: the operators for `init`, and with `--dev` tenants, people and clients to play with.

pub mod demonstration;
mod ensure;
mod file;
pub mod operators;
mod people;
mod reseal;
pub mod showcase;

pub use file::{DEV_FILE, DevClient, DevFile, DevTenant, DevUser};
pub use reseal::reseal;
