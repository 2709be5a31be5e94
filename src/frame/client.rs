//! The application that a person is signing in to, as the pages show it.

use super::link::Link;

/// What a client registered about itself (RFC 7591 §2), as far as people see it.
#[derive(Clone, Debug)]
pub struct ShownClient {
    /// `client_name`.
    pub name: String,
    /// `logo_uri`.
    pub logo: Option<Link>,
    /// `policy_uri`.
    pub policy: Option<Link>,
    /// `tos_uri`.
    pub terms: Option<Link>,
}
