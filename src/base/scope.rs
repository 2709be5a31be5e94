//! `scope` (RFC 6749 §3.3): a set of case-sensitive tokens. The set algebra is oxide-auth's; what is ours is a
//! stable order, so that the same scope always reads the same.

use std::str::FromStr;

use oxide_auth::primitives::scope::Scope as Tokens;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of scope tokens, possibly empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Scope(Tokens);

/// The text is not `scope-token *( SP scope-token )`.
#[derive(Debug, thiserror::Error)]
#[error("scope contains a character that is not allowed")]
pub struct InvalidScope;

/// Longest accepted `scope` text in bytes; longer ones are refused before they are split.
const MAX_BYTES: usize = 4096;

impl Scope {
    /// The empty scope.
    #[must_use]
    pub fn empty() -> Self {
        Self::of([])
    }

    /// The scope of these tokens; a token with a character outside RFC 6749's set is left out.
    #[must_use]
    pub fn of<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Self {
        let mut joined = String::new();
        for token in tokens.into_iter().filter(|token| token.bytes().all(is_allowed)) {
            joined.push_str(token);
            joined.push(' ');
        }
        joined.parse().unwrap_or_else(|_| Self(empty_tokens()))
    }

    /// Whether `token` is one of the tokens. Never a substring test (W-054).
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|held| held == token)
    }

    /// Whether every token of this scope is in `other`.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        other.0.priviledged_to(&self.0)
    }

    /// The tokens that both scopes have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::of(self.0.iter().filter(|token| other.contains(token)))
    }

    /// The tokens of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(other.0.iter()))
    }

    /// This scope without `token`.
    #[must_use]
    pub fn without(&self, token: &str) -> Self {
        Self::of(self.0.iter().filter(|held| *held != token))
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().next().is_none()
    }

    /// The tokens in alphabetical order.
    #[must_use]
    pub fn tokens(&self) -> Vec<&str> {
        let mut tokens: Vec<_> = self.0.iter().collect();
        tokens.sort_unstable();
        tokens
    }

    /// The set as oxide-auth's machines take it.
    #[must_use]
    pub const fn machine(&self) -> &Tokens {
        &self.0
    }
}

/// The characters of RFC 6749 §3.3, and the space between tokens.
const fn is_allowed(byte: u8) -> bool {
    matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')
}

fn empty_tokens() -> Tokens {
    Tokens::from_str("").unwrap_or_else(|_| unreachable!("the empty text has no forbidden character"))
}

impl From<Tokens> for Scope {
    fn from(tokens: Tokens) -> Self {
        Self(tokens)
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.len() > MAX_BYTES {
            return Err(InvalidScope);
        }
        Tokens::from_str(text).map(Self).map_err(|_| InvalidScope)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tokens().join(" "))
    }
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scope({self})")
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w054_a_scope_is_never_matched_by_substring() {
        let scope: Scope = "emails openid".parse().unwrap();
        assert!(!scope.contains("email"));
        assert!(scope.contains("emails"));
    }

    #[test]
    fn the_same_set_always_reads_the_same() {
        let scope: Scope = "profile openid  email openid".parse().unwrap();
        assert_eq!(scope.to_string(), "email openid profile");
    }

    #[test]
    fn algebra() {
        let all: Scope = "a b c".parse().unwrap();
        let some: Scope = "b d".parse().unwrap();
        assert_eq!(all.intersection(&some).to_string(), "b");
        assert!(!some.is_within(&all));
        assert!(all.intersection(&some).is_within(&all));
        assert_eq!(all.union(&some).to_string(), "a b c d");
        assert!(Scope::empty().is_within(&some));
        assert!("a\u{e9}".parse::<Scope>().is_err());
    }
}
