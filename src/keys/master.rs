//! The master key: 256 random bits that live outside the database. Nothing is encrypted or signed with it directly;
//! each purpose of each tenant gets its own key from it (HKDF-Expand, RFC 5869 §2.3), so that no key has two uses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::base::{Fault, Secret};

const LEN: usize = 32;

/// Of 32 random bytes about 30 differ. Fewer than this many means a pattern, a word or a default (W-077).
const DIFFERENT_BYTES: usize = 16;

/// Why a text is not a master key. Says what to do, and nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMasterKey {
    /// Nothing there.
    #[error("the master key is missing: make one with `openssl rand -hex 32` and keep it outside the database")]
    Missing,
    /// Neither base64url nor hex.
    #[error("the master key is not text of 32 bytes in base64url or hex: make one with `openssl rand -hex 32`")]
    NotText,
    /// Too short or too long.
    #[error("the master key has {0} bytes instead of 32: make one with `openssl rand -hex 32`")]
    Length(usize),
    /// A default, a word, a pattern.
    #[error("the master key is a default or a pattern, not random: make one with `openssl rand -hex 32`")]
    NotRandom,
}

/// The key above all keys.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; LEN]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

impl MasterKey {
    /// Reads the key as an operator writes it: 32 bytes in base64url (or plain base64) or hex.
    ///
    /// # Errors
    /// It is missing, not such text, of another length, or evidently not random.
    pub fn parse(text: &Secret) -> Result<Self, BadMasterKey> {
        let text = text.expose().trim();
        if text.is_empty() {
            return Err(BadMasterKey::Missing);
        }
        let bytes = Zeroizing::new(decode(text).ok_or(BadMasterKey::NotText)?);
        let key: [u8; LEN] = bytes.as_slice().try_into().map_err(|_| BadMasterKey::Length(bytes.len()))?;
        let mut sorted = Zeroizing::new(bytes.to_vec());
        sorted.sort_unstable();
        sorted.dedup();
        let counting = key.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
        if sorted.len() < DIFFERENT_BYTES || counting {
            return Err(BadMasterKey::NotRandom);
        }
        Ok(Self(Zeroizing::new(key)))
    }

    /// A new key as text that [`MasterKey::parse`] reads, for `init` and `--dev`.
    #[must_use]
    pub fn generate() -> Secret {
        Secret::generate()
    }

    /// The key for one purpose. Other purposes' keys say nothing about it.
    pub fn derive(&self, purpose: &[&str]) -> Result<Zeroizing<[u8; LEN]>, Fault> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref())?;
        mac.update(b"chancery");
        for part in purpose {
            // With its length before it, no two lists of parts run together into the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(&[1]);
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    /// A short public name, so that a value sealed with another master key can be told from an altered one.
    pub fn name(&self) -> Result<String, Fault> {
        Ok(URL_SAFE_NO_PAD.encode(&self.derive(&["name"])?[..6]))
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() == 2 * LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return (0..LEN).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()).collect();
    }
    let url_safe = Zeroizing::new(text.trim_end_matches('=').replace('+', "-").replace('/', "_"));
    URL_SAFE_NO_PAD.decode(url_safe.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<MasterKey, BadMasterKey> {
        MasterKey::parse(&Secret::new(text))
    }

    #[test]
    fn hex_base64url_and_base64_are_the_same_key() {
        let hex = "00ff10e38c7a55d1fbbf2e4f9a0b6c7d8e1f2a3b4c5d6e7f8091a2b3c4d5e6f7";
        let base64 = "AP8Q44x6VdH7vy5PmgtsfY4fKjtMXW5/gJGis8TV5vc=";
        let name = parse(hex).unwrap().name().unwrap();
        for same in [&hex.to_uppercase(), &format!(" {hex}\n"), base64, &base64.replace('/', "_").replace('=', "")] {
            assert_eq!(parse(same).unwrap().name().unwrap(), name, "{same}");
        }
    }

    #[test]
    fn w077_missing_short_and_default_keys_stop_the_start() {
        assert_eq!(parse("  \n").unwrap_err(), BadMasterKey::Missing);
        assert_eq!(parse("change me!").unwrap_err(), BadMasterKey::NotText);
        assert_eq!(parse(&"ab".repeat(16)).unwrap_err(), BadMasterKey::Length(24));
        assert_eq!(parse("c2VjcmV0").unwrap_err(), BadMasterKey::Length(6));
        let counted = URL_SAFE_NO_PAD.encode((7..39).collect::<Vec<u8>>());
        for default in ["0".repeat(64), "changeme".repeat(5) + "chA", "deadbeef".repeat(8), counted] {
            assert_eq!(parse(&default).unwrap_err(), BadMasterKey::NotRandom, "{default}");
        }
        assert!((0..100).all(|_| MasterKey::parse(&MasterKey::generate()).is_ok()));
    }

    #[test]
    fn w060_each_purpose_and_tenant_has_its_own_key() {
        let master = MasterKey::parse(&MasterKey::generate()).unwrap();
        let one = master.derive(&["seal", "t1"]).unwrap();
        assert_eq!(one, master.derive(&["seal", "t1"]).unwrap());
        for other in [&["seal", "t2"][..], &["sealt1"], &["seal", "t1", ""], &["sealt", "1"], &["", "sealt1"]] {
            assert_ne!(one, master.derive(other).unwrap(), "{other:?}");
        }
    }

    #[test]
    fn the_key_does_not_print_itself() {
        assert_eq!(format!("{:?}", parse(MasterKey::generate().expose()).unwrap()), "MasterKey(***)");
    }
}
