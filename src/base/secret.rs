//! Secrets: made from 256 random bits, shown once, stored only as SHA-256 digests, compared in constant time.

use std::hash::{Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A secret in the clear. It never prints itself: `Debug` masks it and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// 256 random bits from the operating system's generator, base64url without padding (43 characters).
    #[must_use]
    pub fn generate() -> Self {
        Self::generate_with_prefix("")
    }

    /// As [`Secret::generate`], after a readable prefix that says what kind of secret it is.
    #[must_use]
    pub fn generate_with_prefix(prefix: &str) -> Self {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rand::rng().fill_bytes(bytes.as_mut());
        Self(Zeroizing::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes.as_ref()))))
    }

    /// Takes a secret that came from outside.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself, for the one answer that shows it or the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// SHA-256 of a secret, base64url without padding: the stored form of every random secret.
#[derive(Clone, Debug, PartialOrd, Ord, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)))
    }

    /// A digest read back from the store.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The stored text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Digest {
    /// Constant time in the content, so that a comparison tells nothing about how much was right.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_random_long_and_masked() {
        let one = Secret::generate();
        assert_ne!(one.expose(), Secret::generate().expose());
        assert_eq!(one.expose().len(), 43);
        assert_eq!(format!("{one:?}"), "Secret(***)");
    }

    #[test]
    fn only_the_same_secret_has_the_same_digest() {
        let one = Secret::new("correct horse");
        assert_eq!(one.digest(), Digest::of(b"correct horse"));
        assert_ne!(one.digest(), Digest::of(b"correct horse\0"));
    }
}
