//! Signing: a key loaded once, and JWS compact serialisation (RFC 7515 §7.1) around it. Loading costs as much as a
//! signature, so a signer is kept; claims are serialised once and never pass through a map.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::{ES256, EdDSA, JwsSigner, RS256};
use serde::Serialize;

use super::SigningAlgorithm;
use super::pair::library_jwk;
use crate::base::{Fault, Kid};

/// A private key, ready to sign.
pub struct Signer {
    kid: Kid,
    algorithm: SigningAlgorithm,
    key: Box<dyn JwsSigner>,
}

/// What stands before the first dot: exactly these three (RFC 8725 §3.11 wants `typ`).
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
    typ: &'a str,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({}, {})", self.algorithm, self.kid)
    }
}

impl Signer {
    /// Loads the private JWK of a [`super::NewKey`].
    pub fn load(algorithm: SigningAlgorithm, kid: Kid, private_jwk: &str) -> Result<Self, Fault> {
        let jwk = library_jwk(private_jwk.as_bytes())?;
        let key: Result<Box<dyn JwsSigner>, _> = match algorithm {
            SigningAlgorithm::RS256 => RS256.signer_from_jwk(&jwk).map(|key| Box::new(key) as _),
            SigningAlgorithm::ES256 => ES256.signer_from_jwk(&jwk).map(|key| Box::new(key) as _),
            SigningAlgorithm::EdDSA => EdDSA.signer_from_jwk(&jwk).map(|key| Box::new(key) as _),
        };
        let key = key.map_err(|_| Fault::new(format!("signing key {kid} cannot be loaded as {algorithm}")))?;
        Ok(Self { kid, algorithm, key })
    }

    /// The name of the key.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// A signed JWT (RFC 7519) of this `typ`.
    pub fn sign_jwt(&self, typ: &str, claims: &impl Serialize) -> Result<String, Fault> {
        let header = Header { alg: self.algorithm.as_str(), kid: self.kid.as_str(), typ };
        let header = serde_json::to_vec(&header)?;
        let claims = serde_json::to_vec(claims)?;
        let signature_len = self.key.signature_len();
        let mut token = String::with_capacity((header.len() + claims.len() + signature_len) * 4 / 3 + 8);
        URL_SAFE_NO_PAD.encode_string(header, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}
