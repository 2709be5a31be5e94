//! What we remember. The only room that knows SQL: one text per statement for SQLite and PostgreSQL, every
//! statement about a tenant's data keyed by that tenant.

pub mod addresses;
pub mod api_keys;
pub mod applications;
pub mod audit;
mod batch;
pub mod browser_sessions;
pub mod checkouts;
pub mod clients;
pub mod collections;
pub mod counters;
mod db;
pub mod devices;
pub mod document;
pub mod document_audits;
pub mod document_bulk;
pub mod document_changes;
pub mod document_counters;
pub mod document_db;
pub mod document_emptying;
pub mod document_index;
pub mod document_indexing;
pub mod document_settling;
#[cfg(test)]
mod document_settling_tests;
pub mod documents;
pub mod endings;
pub mod entitlements;
pub mod factors;
pub mod grants;
pub mod identities;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod mail_secrets;
pub mod mails;
pub mod migrations;
pub mod one_time;
pub mod outbox;
mod own;
pub mod passkeys;
pub mod passwords;
pub mod payment_accounts;
pub mod payment_events;
pub mod payments;
pub mod people;
pub mod plans;
pub mod providers;
pub mod reader;
pub mod replays;
pub mod sessions;
mod sql;
pub mod subscriptions;
pub mod tenants;
#[cfg(test)]
pub(crate) mod testing;
pub mod users;
mod values;
pub mod writer;

pub use db::{Db, OpenError, Run, Tx};
pub use document_db::DocumentDb;
pub use values::{Flag, Json};
