//! The life of an authorization request, whoever started it: begin, sign in, consent, approve or deny.

pub mod return_to;
