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

    /// What makes two spellings the same account: lower case, and one form of an international domain (RFC 5891), which
    /// can be written in two ways for the same mailbox (W-011). Unique per tenant by database constraint.
    #[must_use]
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The key of any text a person typed as an identifier, for look-ups that must not fail on bad addresses.
    #[must_use]
    pub fn key_of(typed: &str) -> String {
        let typed = typed.trim().to_lowercase();
        match typed.split_once('@').filter(|(_, domain)| !domain.is_ascii()) {
            Some((local, domain)) => match url::Host::parse(domain) {
                Ok(url::Host::Domain(domain)) => format!("{local}@{domain}"),
                _ => typed,
            },
            None => typed,
        }
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
    fn w011_an_international_domain_has_one_key_however_it_is_written() {
        let key = |text: &str| text.parse::<Email>().unwrap().key();
        for same in ["jörg@MÜNCHEN.test", "JÖRG@münchen.test", "jörg@mu\u{308}nchen.test", "jörg@XN--mnchen-3ya.test"]
        {
            assert_eq!(key(same), "jörg@xn--mnchen-3ya.test", "{same}");
        }
        assert_ne!(key("jorg@munchen.test"), key("jörg@münchen.test"));
    }

    #[test]
    fn header_injection_and_nonsense_are_refused() {
        for bad in ["", "a", "@b", "a@", "a@b\r\nBcc: c@d", "a b@c", "a@b@c", "a@.b", "a@b..c", "<a@b>", "a\0@b"] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }
}
