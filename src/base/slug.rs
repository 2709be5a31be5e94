//! The name of a tenant in URLs.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// 3–63 characters of `[a-z0-9-]`, no hyphen at either end, not a word that the platform uses itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Names that would collide with the platform's own paths and hosts.
const RESERVED: [&str; 27] = [
    "www",
    "api",
    "admin",
    "login",
    "logout",
    "static",
    "oauth",
    "console",
    "dev",
    "health",
    "healthz",
    "readyz",
    "metrics",
    "well-known",
    "mail",
    "app",
    "signup",
    "account",
    "platform",
    "root",
    "null",
    "undefined",
    "status",
    "docs",
    "tenants",
    "register",
    "by-domain",
];

impl Slug {
    /// The built-in tenant of the operators.
    pub const SYSTEM: &'static str = "system";

    /// The slug as it stands in URLs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = (3..=63).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if !fits {
            return Err("a slug has 3 to 63 characters of a-z, 0-9 and -, with no - at either end".to_owned());
        }
        if RESERVED.contains(&text) {
            return Err(format!("the slug `{text}` is reserved"));
        }
        // Wherever a tenant is named by id or by slug, a slug that is another's id would name two.
        if Uuid::try_parse(text).is_ok() {
            return Err("a slug is not written like an id".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Slug {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_plain_and_unreserved() {
        for good in ["abc", "a-b", "system", &"x".repeat(63)] {
            assert!(good.parse::<Slug>().is_ok(), "{good}");
        }
        for bad in ["", "ab", "-ab", "ab-", "Abc", "a_b", "a.b", "api", "by-domain", "täst", &"x".repeat(64)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
        for id in ["0190163d-8694-739b-aea5-966c26f8ad91", "0190163d8694739baea5966c26f8ad91"] {
            assert!(id.parse::<Slug>().is_err(), "{id}");
        }
    }
}
