//! The readers: what each older system called things, and what that is here. They decide nothing about what is here
//! already.

pub(super) mod aegis;
pub(super) mod authy2;
pub(super) mod authy2_account;
pub(super) mod backend_framework;
pub(super) mod client;
pub(super) mod coglex;
pub(super) mod coglex_person;
