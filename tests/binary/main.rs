//! The program as it ships, started as a process: one file per story. On SQLite, or on PostgreSQL (and Redis) where
//! `TEST_POSTGRES` (and `TEST_REDIS`) name servers.

#![cfg(test)]

/// The relying party's browser, which people of these stories use too.
#[path = "../../examples/relying_party/browser.rs"]
mod browser;

mod backup;
mod chromium;
mod command_line;
mod crash;
mod declared;
mod doctor;
mod documents;
mod ending;
mod mail;
mod moving;
mod newcomer;
mod outage;
mod production;
mod queries;
mod secrecy;
mod services;
mod slow_clients;
#[expect(dead_code, reason = "the flows use the rest of it")]
#[path = "../support/smtp/mod.rs"]
mod smtp;
mod starting;
mod strangers;
mod support;
mod tls;
mod traces;

/// What went wrong, in words.
type Failed = Box<dyn std::error::Error + Send + Sync>;
