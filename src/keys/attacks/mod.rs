//! The attacks on signed tokens that must fail (T3, T4, T5, T6), each tried with tokens that are otherwise valid.

mod altered;
mod claims;
mod forms;
mod key_sets;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::JwsSigner as _;
use serde_json::{Map, Value, json};

use super::*;
use crate::base::{Seconds, Timestamp};

const NOW: Timestamp = Timestamp(1_800_000_000);
const POLICY: Policy<'static> = Policy { algorithms: Algorithm::ALL, typ: Typ::Must("at+jwt") };

/// A key, its signer, and the set that publishes it.
struct Known {
    key: NewKey,
    signer: Signer,
    set: JwkSet,
}

impl Known {
    fn new(algorithm: SigningAlgorithm) -> Self {
        let key = NewKey::generate(algorithm).unwrap();
        let signer = Signer::load(algorithm, key.kid.clone(), &key.private_jwk).unwrap();
        let set = JwkSet::parse(set_of(&[&key.public_jwk]).as_bytes()).unwrap();
        Self { key, signer, set }
    }

    fn token(&self) -> String {
        self.signer.sign_jwt("at+jwt", &claims()).unwrap()
    }
}

static KNOWN: LazyLock<Vec<Known>> =
    LazyLock::new(|| SigningAlgorithm::ALL.iter().map(|algorithm| Known::new(*algorithm)).collect());

fn set_of(keys: &[&str]) -> String {
    format!("{{\"keys\":[{}]}}", keys.join(","))
}

fn claims() -> Value {
    json!({"iss": "https://as.test/t/demo", "sub": "u1", "aud": ["https://api.test"], "exp": NOW.0 + 600,
           "iat": NOW.0, "nbf": NOW.0, "jti": "j1"})
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://as.test/t/demo",
        audiences: &["https://api.test"],
        now: NOW,
        leeway: Seconds(10),
        longest: None,
    }
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs a header of the attacker's making with the right key, so that only the header can be the reason to refuse.
fn signed_with_header(known: &Known, header: &str) -> String {
    let private = josekit::jwk::Jwk::from_bytes(known.key.private_jwk.as_bytes()).unwrap();
    let message = format!("{}.{}", b64(header), b64(claims().to_string()));
    let signature = match known.key.algorithm {
        SigningAlgorithm::RS256 => josekit::jws::RS256.signer_from_jwk(&private).unwrap().sign(message.as_bytes()),
        SigningAlgorithm::ES256 => josekit::jws::ES256.signer_from_jwk(&private).unwrap().sign(message.as_bytes()),
        SigningAlgorithm::EdDSA => josekit::jws::EdDSA.signer_from_jwk(&private).unwrap().sign(message.as_bytes()),
    };
    format!("{message}.{}", b64(signature.unwrap()))
}

fn header_of(known: &Known, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut header = Map::new();
    header.insert("alg".into(), known.key.algorithm.as_str().into());
    header.insert("kid".into(), known.key.kid.as_str().into());
    header.insert("typ".into(), "at+jwt".into());
    change(&mut header);
    Value::Object(header).to_string()
}
