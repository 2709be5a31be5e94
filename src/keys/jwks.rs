//! Public keys to verify with (RFC 7517): our own, and the sets that clients register or publish.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, JwsVerifier, PS256, RS256};
use serde_json::{Map, Value};

use super::Algorithm;
use super::verify::{Invalid, Policy, Unverified, Verified};
use crate::base::strict_object;

const MAX_KEYS: usize = 20;
const MAX_LEN: usize = 64 * 1024;
const MIN_RSA_BITS: usize = 2048;
/// Verification time grows with the square of the size; nobody signs with more.
const MAX_RSA_BITS: usize = 8192;
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a key set is refused. The sentence may be shown to whoever sent the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJwks {
    /// Not JSON, not of the shape of RFC 7517 §5, or unreasonably large.
    #[error("the key set is not a JWK set (RFC 7517)")]
    Malformed,
    /// More keys than anybody rotates through.
    #[error("the key set has more than 20 keys")]
    TooMany,
    /// `d`, `k` and the like: this key is compromised by being here.
    #[error("the key set has a private or symmetric key")]
    Private,
    /// RSA < 2048 (RFC 7518 §3.3), or beyond reason.
    #[error("the key set has an RSA key of less than 2048 or more than 8192 bits")]
    RsaSize,
    /// Not a point of the curve, a bad exponent, wrong lengths.
    #[error("the key set has a key that cannot be used")]
    Unusable,
    /// Two keys that a token could not choose between.
    #[error("the key set has two keys of the same kid")]
    SameKid,
}

/// A public key together with the one algorithm it is used with here (RFC 8725 §3.1).
#[derive(Debug)]
pub struct PublicKey {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    verifier: Box<dyn JwsVerifier>,
}

impl PublicKey {
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(message, signature).is_ok()
    }
}

/// A set of public keys.
#[derive(Debug, Default)]
pub struct JwkSet {
    keys: Vec<PublicKey>,
}

impl JwkSet {
    /// Reads a client's key set. Keys that are not for signatures we verify are left out (RFC 7517 §5).
    ///
    /// # Errors
    /// The set is malformed or large, or has a private, symmetric, weak, broken or ambiguous key.
    pub fn parse(json: &[u8]) -> Result<Self, BadJwks> {
        if json.len() > MAX_LEN {
            return Err(BadJwks::Malformed);
        }
        let set = strict_object(json).map_err(|_| BadJwks::Malformed)?;
        let members = set.get("keys").and_then(Value::as_array).ok_or(BadJwks::Malformed)?;
        if members.len() > MAX_KEYS {
            return Err(BadJwks::TooMany);
        }
        let mut keys: Vec<PublicKey> = Vec::new();
        for member in members {
            for key in public_keys(member.as_object().ok_or(BadJwks::Malformed)?)? {
                let taken =
                    |other: &PublicKey| key.kid.is_some() && other.kid == key.kid && other.algorithm == key.algorithm;
                if keys.iter().any(taken) {
                    return Err(BadJwks::SameKid);
                }
                keys.push(key);
            }
        }
        Ok(Self { keys })
    }

    /// Whether no key in it can verify anything here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether one of the keys is for this algorithm.
    #[must_use]
    pub fn can_verify(&self, algorithm: Algorithm) -> bool {
        self.keys.iter().any(|key| key.algorithm == algorithm)
    }

    /// Verifies form and signature of a JWT; its claims are still to be checked ([`super::Claims::check`]).
    ///
    /// # Errors
    /// Why the token is refused; [`Invalid::UnknownKey`] when a fresher set could change that.
    pub fn verify(&self, token: &str, policy: &Policy) -> Result<Verified, Invalid> {
        let token = Unverified::parse(token, policy)?;
        let mut fitting =
            self.keys.iter().filter(|key| key.algorithm == token.algorithm).filter(|key| match &token.kid {
                Some(kid) => key.kid.as_ref() == Some(kid),
                None => true,
            });
        // Without a kid exactly one key must fit (OIDC Core §10.1): trying one after another invites confusion.
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => token.verify(key),
            _ => Err(Invalid::UnknownKey),
        }
    }
}

/// What one JWK can verify: an RSA key without `alg` fits two algorithms, a key for something else none.
pub(super) fn public_keys(jwk: &Map<String, Value>) -> Result<Vec<PublicKey>, BadJwks> {
    let kty = text(jwk, "kty")?.ok_or(BadJwks::Malformed)?;
    if kty == "oct" || PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
        return Err(BadJwks::Private);
    }
    let (kid, alg, crv) = (text(jwk, "kid")?, text(jwk, "alg")?, text(jwk, "crv")?);
    let (fits, members): (&[Algorithm], &[&str]) = match (kty, crv) {
        ("RSA", _) => (&[Algorithm::RS256, Algorithm::PS256], &["kty", "n", "e"]),
        ("EC", Some("P-256")) => (&[Algorithm::ES256], &["kty", "crv", "x", "y"]),
        ("OKP", Some("Ed25519")) => (&[Algorithm::EdDSA], &["kty", "crv", "x"]),
        _ => return Ok(Vec::new()),
    };
    if kty == "RSA" {
        check_rsa(jwk)?;
    }
    if !is_for_verifying(jwk)? {
        return Ok(Vec::new());
    }
    let plain = plain_jwk(jwk, members)?;
    let chosen = fits.iter().filter(|algorithm| alg.is_none_or(|alg| alg == algorithm.as_str()));
    chosen.map(|algorithm| public_key(&plain, *algorithm, kid)).collect()
}

fn public_key(jwk: &Jwk, algorithm: Algorithm, kid: Option<&str>) -> Result<PublicKey, BadJwks> {
    let verifier: Result<Box<dyn JwsVerifier>, _> = match algorithm {
        Algorithm::RS256 => RS256.verifier_from_jwk(jwk).map(|key| Box::new(key) as _),
        Algorithm::PS256 => PS256.verifier_from_jwk(jwk).map(|key| Box::new(key) as _),
        Algorithm::ES256 => ES256.verifier_from_jwk(jwk).map(|key| Box::new(key) as _),
        Algorithm::EdDSA => EdDSA.verifier_from_jwk(jwk).map(|key| Box::new(key) as _),
    };
    Ok(PublicKey { kid: kid.map(str::to_owned), algorithm, verifier: verifier.map_err(|_| BadJwks::Unusable)? })
}

/// Only what the key is made of, checked for length: the library is given nothing else to interpret.
fn plain_jwk(jwk: &Map<String, Value>, members: &[&str]) -> Result<Jwk, BadJwks> {
    let mut plain = Map::new();
    for name in members {
        let value = text(jwk, name)?.ok_or(BadJwks::Malformed)?;
        if matches!(*name, "x" | "y") && bytes(value)?.len() != 32 {
            return Err(BadJwks::Unusable);
        }
        plain.insert((*name).to_owned(), value.into());
    }
    Jwk::from_map(plain).map_err(|_| BadJwks::Unusable)
}

fn is_for_verifying(jwk: &Map<String, Value>) -> Result<bool, BadJwks> {
    let used = text(jwk, "use")?.is_none_or(|purpose| purpose == "sig");
    let operations = match jwk.get("key_ops") {
        None => true,
        Some(Value::Array(names)) => names.iter().any(|name| name == "verify"),
        Some(_) => return Err(BadJwks::Malformed),
    };
    Ok(used && operations)
}

fn check_rsa(jwk: &Map<String, Value>) -> Result<(), BadJwks> {
    let number = |name| bytes(text(jwk, name)?.ok_or(BadJwks::Malformed)?);
    let (n, e) = (number("n")?, number("e")?);
    let significant = n.iter().position(|byte| *byte != 0).map_or(&[][..], |first| &n[first..]);
    let bits = significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize);
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        return Err(BadJwks::RsaSize);
    }
    let exponent = e.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    if e.len() > 4 || exponent < 3 || exponent % 2 == 0 || n.last().is_none_or(|last| last % 2 == 0) {
        return Err(BadJwks::Unusable);
    }
    Ok(())
}

fn bytes(value: &str) -> Result<Vec<u8>, BadJwks> {
    URL_SAFE_NO_PAD.decode(value).map_err(|_| BadJwks::Malformed)
}

/// A member that, when it is there, must be a string.
fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, BadJwks> {
    jwk.get(name).map(|value| value.as_str().ok_or(BadJwks::Malformed)).transpose()
}
