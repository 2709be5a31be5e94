//! Chancery: a multi-tenant OAuth 2.0 / OpenID Connect authorization server, and the resource server for the
//! services its tokens open. The modules stand in dependency order: each imports only those above it.

#![forbid(unsafe_code)]
// An optimised build lays out a request's whole future at once: extractor, caches, database and all.
#![recursion_limit = "256"]

pub mod base;

pub mod config;
pub mod frame;
pub mod query;

pub mod outbound;
pub mod store;

pub mod audit;
pub mod blobs;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod pictures;
pub mod stripe;
pub mod telemetry;

pub mod accounts;
pub mod api_keys;
pub mod clients;
pub mod entitlements;
pub mod moving;
pub mod organizations;
pub mod sessions;
pub mod tenants;
pub mod tokens;
pub mod webhooks;

pub mod authorization;
pub mod documents;
pub mod files;
pub mod payments;
pub mod people;

pub mod app;

pub mod declared;
pub mod http;

pub mod api;
pub mod console;
pub mod doctor;
pub mod imports;
pub mod jobs;
pub mod oauth;
pub mod resources;
pub mod setup;
pub mod web;

pub mod cli;
pub mod server;
