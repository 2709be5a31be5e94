//! What the surfaces share: where a request belongs (tenant, origin, request id), how it is read and how a refusal
//! or fault is answered in the dialect of its surface.

pub mod answer;
pub mod around;
pub mod bearer;
pub mod browser;
pub mod client_auth;
pub mod context;
pub mod cors;
pub mod device;
pub mod entry;
pub mod errors;
pub mod events;
mod figures;
pub mod files;
pub mod json;
pub mod limits;
pub mod lines;
pub mod manager;
pub mod operator;
pub mod page;
pub mod params;
pub mod participant;
pub mod person;
pub mod refused;
pub mod repeatable;
pub mod resource;
pub mod revision;
pub mod routes;
pub mod segments;
pub mod tenant;

pub use bearer::Bearer;
pub use browser::Browser;
pub use client_auth::ClientAuth;
pub use context::Caller;
pub use errors::{OAuthError, PageError, Problem, Rejected};
pub use json::{Body, Data};
pub use lines::Lines;
pub use manager::Manager;
pub use operator::Operator;
pub use page::Page;
pub use params::{Form, Params, Query, TickedForm};
pub use participant::Participant;
pub use person::Person;
pub use revision::IfMatch;
pub use segments::Segments;
pub use tenant::Tenant;
