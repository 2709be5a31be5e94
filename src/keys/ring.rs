//! A tenant's keys in memory: what signs, what verifies, and the key set as it is sent.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::jwks::public_keys;
use super::{Algorithm, PublicKey, Purpose, Sealer, Signer, SigningAlgorithm};
use crate::base::{Fault, Kid, Seconds, Timestamp, strict_object};
use crate::store::keys::{KeyState, SigningKey};

/// One key and what has been loaded of it so far.
pub(super) struct RingKey {
    row: SigningKey,
    algorithm: SigningAlgorithm,
    signer: OnceLock<Arc<Signer>>,
    public: OnceLock<PublicKey>,
}

impl RingKey {
    pub(super) fn new(row: SigningKey) -> Result<Self, Fault> {
        let algorithm = row.alg.parse().map_err(|_| Fault::new(format!("signing key {} has no known alg", row.kid)))?;
        Ok(Self { row, algorithm, signer: OnceLock::new(), public: OnceLock::new() })
    }

    /// Whether a token of this key is still to be accepted. The clock decides, not the job that cleans up.
    pub(super) fn verifies_at(&self, now: Timestamp) -> bool {
        self.row.state != KeyState::Retired && self.row.retires_at.is_none_or(|end| now < end)
    }

    pub(super) fn is(&self, kid: &str, algorithm: Algorithm) -> bool {
        self.row.kid.as_str() == kid && Algorithm::from(self.algorithm) == algorithm
    }

    pub(super) fn public(&self) -> Result<&PublicKey, Fault> {
        if let Some(key) = self.public.get() {
            return Ok(key);
        }
        let broken = || Fault::new(format!("the public half of signing key {} is broken", self.row.kid));
        let jwk = strict_object(self.row.public_jwk.as_bytes())?;
        let key = public_keys(&jwk).map_err(|_| broken())?.pop().ok_or_else(broken)?;
        Ok(self.public.get_or_init(|| key))
    }

    fn signer(&self, sealer: &Sealer) -> Result<Arc<Signer>, Fault> {
        if let Some(signer) = self.signer.get() {
            return Ok(Arc::clone(signer));
        }
        let private = sealer.open(Purpose::SigningKey, &self.row.tenant_id, &self.row.sealed_jwk)?;
        let private = std::str::from_utf8(&private)?;
        let signer = Arc::new(Signer::load(self.algorithm, self.row.kid.clone(), private)?);
        Ok(Arc::clone(self.signer.get_or_init(|| signer)))
    }
}

/// The published keys of one tenant, as the database had them at one moment.
pub(super) struct Ring {
    loaded_at: Timestamp,
    keys: Vec<Arc<RingKey>>,
    jwks: Bytes,
}

impl Ring {
    /// Takes over from `old` what was loaded of the keys that did not change: loading costs as much as signing.
    pub(super) fn new(rows: Vec<SigningKey>, old: Option<&Self>, now: Timestamp) -> Result<Self, Fault> {
        let kept = |row: &SigningKey| old?.keys.iter().find(|key| key.row == *row).cloned();
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            keys.push(match kept(&row) {
                Some(key) => key,
                None => Arc::new(RingKey::new(row)?),
            });
        }
        let published = keys.iter().filter(|key| key.verifies_at(now)).map(|key| key.row.public_jwk.as_str());
        let jwks = format!("{{\"keys\":[{}]}}", published.collect::<Vec<_>>().join(","));
        Ok(Self { loaded_at: now, jwks: Bytes::from(jwks), keys })
    }

    /// Whether it may be used without asking the database, and has a key for each of `needed`.
    pub(super) fn serves(&self, needed: &[SigningAlgorithm], now: Timestamp, within: Seconds) -> bool {
        let age = now.since(self.loaded_at);
        age >= Seconds(0) && age < within && self.missing(needed).is_empty()
    }

    /// Those of `needed` that nothing signs with yet.
    pub(super) fn missing(&self, needed: &[SigningAlgorithm]) -> Vec<SigningAlgorithm> {
        needed.iter().copied().filter(|algorithm| self.current(*algorithm).is_none()).collect()
    }

    pub(super) fn signer(&self, algorithm: SigningAlgorithm, sealer: &Sealer) -> Result<Arc<Signer>, Fault> {
        let none = || Fault::new(format!("no {algorithm} key signs"));
        self.current(algorithm).ok_or_else(none)?.signer(sealer)
    }

    pub(super) fn current_kid(&self, algorithm: SigningAlgorithm) -> Option<Kid> {
        self.current(algorithm).map(|key| key.row.kid.clone())
    }

    pub(super) fn find(&self, kid: &str, algorithm: Algorithm) -> Option<&RingKey> {
        self.keys.iter().map(AsRef::as_ref).find(|key| key.is(kid, algorithm))
    }

    pub(super) fn jwks(&self) -> Bytes {
        self.jwks.clone()
    }

    fn current(&self, algorithm: SigningAlgorithm) -> Option<&RingKey> {
        let mut keys = self.keys.iter().map(AsRef::as_ref);
        keys.find(|key: &&RingKey| key.algorithm == algorithm && key.row.state == KeyState::Current)
    }
}
