//! An e-mail address: kept as typed, compared by its key.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An address that could be mailed to: one `@`, something on both sides, no white space or control character.
/// Whether it exists is proven only by a mail that is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The trimmed address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two spellings the same account: lower case (W-011). Unique per tenant by database constraint.
    #[must_use]
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The key of any text a person typed as an identifier, for look-ups that must not fail on bad addresses.
    #[must_use]
    pub fn key_of(typed: &str) -> String {
        typed.trim().to_lowercase()
    }
}

impl FromStr for Email {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
        let parts = text.split('@').collect::<Vec<_>>();
        let whole = matches!(parts.as_slice(), [local, domain] if !local.is_empty() && !domain.is_empty()
            && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains(".."));
        if clean && whole && text.len() <= 254 {
            Ok(Self(text.to_owned()))
        } else {
            Err("this is not an e-mail address".to_owned())
        }
    }
}

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w011_case_variants_have_one_key() {
        let one: Email = " Victim@Example.test ".parse().unwrap();
        assert_eq!(one.as_str(), "Victim@Example.test");
        assert_eq!(one.key(), "victim@example.test");
    }

    #[test]
    fn header_injection_and_nonsense_are_refused() {
        for bad in ["", "a", "@b", "a@", "a@b\r\nBcc: c@d", "a b@c", "a@b@c", "a@.b", "a@b..c", "<a@b>", "a\0@b"] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }
}
