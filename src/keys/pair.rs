//! A signing key as it is made: its name (RFC 7638 thumbprint), its public half for the world, its private half for
//! the seal.

use josekit::jwk::alg::ed::EdCurve;
use josekit::jwk::{Jwk, KeyPair};
use josekit::jws::{ES256, EdDSA, RS256};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::SigningAlgorithm;
use crate::base::{Digest, Fault, Kid};

const RSA_BITS: u32 = 2048;

/// A freshly made key.
pub struct NewKey {
    /// The RFC 7638 thumbprint of the public key, so that two different keys never share a name.
    pub kid: Kid,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// What the key set publishes: public members, `kid`, `alg`, `use`.
    pub public_jwk: String,
    /// The private key; goes through [`super::Sealer`] before it goes anywhere else.
    pub private_jwk: Zeroizing<String>,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewKey({}, {})", self.algorithm, self.kid)
    }
}

impl NewKey {
    /// Makes a key. An RSA key takes a tenth of a second of one core: call it where blocking is allowed.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, Fault> {
        let pair: Box<dyn KeyPair> = match algorithm {
            SigningAlgorithm::RS256 => Box::new(RS256.generate_key_pair(RSA_BITS)?),
            SigningAlgorithm::ES256 => Box::new(ES256.generate_key_pair()?),
            SigningAlgorithm::EdDSA => Box::new(EdDSA.generate_key_pair(EdCurve::Ed25519)?),
        };
        let public: Map<String, Value> = pair.to_jwk_public_key().into();
        let kid = Kid::from(thumbprint(&public)?);
        let mut private = pair.to_jwk_key_pair();
        private.set_key_id(kid.as_str());
        Ok(Self {
            public_jwk: published(&public, &kid, algorithm)?,
            private_jwk: Zeroizing::new(private.to_string()),
            kid,
            algorithm,
        })
    }
}

/// Members are picked by name, so that whatever the library puts into a JWK, nothing private can be published (T6).
fn published(public: &Map<String, Value>, kid: &Kid, algorithm: SigningAlgorithm) -> Result<String, Fault> {
    let mut jwk = Map::new();
    for name in required_members(public)?.iter().rev() {
        jwk.insert((*name).to_owned(), member(public, name)?.into());
    }
    jwk.insert("use".to_owned(), "sig".into());
    jwk.insert("alg".to_owned(), algorithm.as_str().into());
    jwk.insert("kid".to_owned(), kid.as_str().into());
    Ok(serde_json::to_string(&jwk)?)
}

/// The JWK thumbprint with SHA-256 (RFC 7638 §3): required members only, in lexicographic order, no white space.
fn thumbprint(public: &Map<String, Value>) -> Result<String, Fault> {
    let mut canonical = Map::new();
    for name in required_members(public)? {
        canonical.insert((*name).to_owned(), member(public, name)?.into());
    }
    Ok(Digest::of(&serde_json::to_vec(&canonical)?).as_str().to_owned())
}

fn required_members(public: &Map<String, Value>) -> Result<&'static [&'static str], Fault> {
    match member(public, "kty")? {
        "RSA" => Ok(&["e", "kty", "n"]),
        "EC" => Ok(&["crv", "kty", "x", "y"]),
        "OKP" => Ok(&["crv", "kty", "x"]),
        _ => Err(Fault::new("a key of a type that is not signed with")),
    }
}

fn member<'a>(public: &'a Map<String, Value>, name: &str) -> Result<&'a str, Fault> {
    public.get(name).and_then(Value::as_str).ok_or_else(|| Fault::new(format!("a JWK without `{name}`")))
}

/// A JWK as the library wants it. Its own errors can quote key material, so they are not passed on.
pub(super) fn library_jwk(json: &[u8]) -> Result<Jwk, Fault> {
    Jwk::from_bytes(json).map_err(|_| Fault::new("a signing key is not a JWK"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        // RFC 7638 §3.1
        let rfc = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        let jwk = serde_json::from_str(rfc).unwrap();
        assert_eq!(thumbprint(&jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn t6_what_is_published_has_a_name_a_purpose_and_nothing_private() {
        for algorithm in SigningAlgorithm::ALL {
            let key = NewKey::generate(*algorithm).unwrap();
            let jwk: Map<String, Value> = serde_json::from_str(&key.public_jwk).unwrap();
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(!jwk.contains_key(private), "{algorithm}: {private}");
            }
            assert_eq!(jwk["kid"], key.kid.as_str());
            assert_eq!(jwk["alg"], algorithm.as_str());
            assert_eq!(jwk["use"], "sig");
            assert_eq!(thumbprint(&jwk).unwrap(), key.kid.as_str());
        }
    }

    #[test]
    fn t6_rsa_keys_have_2048_bits() {
        use base64::Engine as _;
        let key = NewKey::generate(SigningAlgorithm::RS256).unwrap();
        let jwk: Map<String, Value> = serde_json::from_str(&key.public_jwk).unwrap();
        let n = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
        assert!(n.len() == 256 && n[0] >= 0x80);
    }

    #[test]
    fn a_key_does_not_print_itself() {
        let key = NewKey::generate(SigningAlgorithm::ES256).unwrap();
        assert_eq!(format!("{key:?}"), format!("NewKey(ES256, {})", key.kid));
    }
}
