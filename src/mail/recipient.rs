//! Whom a mail is for, and on whose account it is sent.

use crate::base::{Email, Origin};
use crate::frame::Language;
use crate::store::users::User;

/// Longest name that a mail greets with.
const NAME_MOST: usize = 60;

/// Whom a mail is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub email: Email,
    /// The language; without one, the tenant's.
    pub language: Option<Language>,
    /// The name to greet with.
    pub name: Option<String>,
    /// The network address that asked for the mail.
    pub asked_from: Option<String>,
}

impl Recipient {
    /// Somebody of whom only the address is known.
    #[must_use]
    pub const fn new(email: Email) -> Self {
        Self { email, language: None, name: None, asked_from: None }
    }

    /// A person of the tenant; none if no address is known.
    #[must_use]
    pub fn of(user: &User) -> Option<Self> {
        let locale = user.profile.locale.as_deref();
        let recipient = Self::new(user.email.clone()?).speaking(locale.and_then(Language::of_tag));
        Some(recipient.named(user.profile.name.as_deref()))
    }

    /// Who reads this language. What was known before stays when there is none.
    #[must_use]
    pub fn speaking(mut self, language: Option<Language>) -> Self {
        self.language = language.or(self.language);
        self
    }

    /// Who has this name. A name that could be a link is none: sign-up forms are used to send advertisements.
    #[must_use]
    pub fn named(mut self, name: Option<&str>) -> Self {
        let plain = |name: &&str| !name.contains(['/', '@', ':', '<', '>']) && !name.chars().any(char::is_control);
        let name = name.map(str::trim).filter(plain).filter(|name| !name.is_empty() && !looks_like_a_host(name));
        self.name = name.map(|name| name.chars().take(NAME_MOST).collect());
        self
    }

    /// On behalf of whoever is there. It counts against that address's budget (W-115).
    #[must_use]
    pub fn asked_from(mut self, origin: &Origin) -> Self {
        self.asked_from.clone_from(&origin.ip);
        self
    }
}

/// Mail programs make links of these, too.
fn looks_like_a_host(name: &str) -> bool {
    name.split_whitespace().any(|word| {
        word.rsplit_once('.').is_some_and(|(before, end)| {
            !before.is_empty() && end.len() >= 2 && end.chars().all(|c| c.is_ascii_alphabetic())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w113_a_name_is_greeted_with_only_if_it_is_no_link_and_no_header() {
        let named = |name: &str| Recipient::new("ada@demo.test".parse().unwrap()).named(Some(name)).name;
        for good in ["Ada", "Ada K. Lovelace", "Ángel O'Neil", "Dr. Who", "李"] {
            assert_eq!(named(good).as_deref(), Some(good));
        }
        for bad in ["", " ", "win at casino.example", "https://x", "a\r\nBcc: b@c.test", "<b>", "x@y", "www.evil.test"]
        {
            assert_eq!(named(bad), None, "{bad:?}");
        }
        assert_eq!(named(&"a".repeat(1_000_000)).unwrap().len(), NAME_MOST);
    }
}
