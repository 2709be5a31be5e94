//! The flows: one file per thing that people and clients do, over the real router and a real database. SQLite, or
//! PostgreSQL where `TEST_POSTGRES` names a server.

#![cfg(test)]

mod account_api;
mod account_end;
mod account_guide;
mod account_pages;
mod administered_people;
mod archive_guide;
mod authorization_request;
mod bad_input;
mod bearer;
mod buying;
mod command_line;
mod demonstration;
mod discovery;
mod email_change;
mod files;
mod files_elsewhere;
mod files_guarded;
mod files_in_pieces;
mod files_listed;
mod files_page;
mod files_shared;
mod guessing;
mod housekeeping;
mod https;
mod identity_providers;
mod introspection;
mod invitations;
mod languages;
mod life_guides;
mod lifetimes;
mod linked_accounts;
mod log_in;
mod mail;
mod mail_senders;
mod narrowed_tokens;
mod notices;
mod odd_credentials;
mod odd_texts;
mod page_attacks;
mod pages;
mod passkeys;
mod passwordless;
mod payments_guide;
mod privileges;
mod ranks;
mod recovery;
mod remembered;
mod revocation;
#[path = "../support/s3/mod.rs"]
mod s3;
mod second_factor_pages;
mod second_factors;
mod secrets_at_rest;
mod shipped;
mod sign_in;
mod sign_in_with_others;
mod sign_out;
mod sign_out_with_others;
mod sign_up;
mod sign_up_at_once;
#[path = "../support/smtp/mod.rs"]
mod smtp;
mod start_up;
mod storage_documents;
mod storage_streams;
mod storage_upkeep;
mod storage_upkeep_guide;
#[path = "../support/stripe/mod.rs"]
mod stripe;
mod stripe_tells;
mod subscribing;
mod support;
mod tenancy;
mod tenant_hints;
mod tenant_places;
mod token;
mod upstream_attacks;
mod userinfo;
mod wire;
