//! The keys of all tenants: made on first use, kept in memory while used, read again every few seconds, so that a
//! rotation by any process is noticed by all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use serde::Serialize;
use zeroize::Zeroizing;

use super::pool::Pool;
use super::ring::{Ring, RingKey};
use super::verify::Unverified;
use super::{Algorithm, Claims, Invalid, MasterKey, NewKey, Policy, Purpose, Sealer, Signer, SigningAlgorithm, Typ};
use crate::base::{Clock, Fault, Kid, Refusal, Result, Seconds, TenantId, Timestamp};
use crate::store::keys::{self as rows, KeyState, SigningKey};
use crate::store::{Db, audit};

/// What our own tokens are signed with.
const OWN: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Tenants whose keys are kept in memory, a few kilobytes each.
const TENANTS: u64 = 4096;

/// When keys change and how fast that is noticed.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How long a key signs.
    pub rotate_after: Seconds,
    /// How long its tokens are accepted afterwards: at least as long as the longest of them lives.
    pub keep_previous: Seconds,
    /// How long after that an `id_token_hint` signed with it is still recognised.
    pub keep_retired: Seconds,
    /// How long a process may not know of another one's rotation.
    pub notice_within: Seconds,
}

impl Default for Schedule {
    fn default() -> Self {
        const DAY: i64 = 86_400;
        Self {
            rotate_after: Seconds(90 * DAY),
            keep_previous: Seconds(2 * DAY),
            keep_retired: Seconds(365 * DAY),
            notice_within: Seconds(5),
        }
    }
}

/// Signs, verifies, publishes, rotates and seals for all tenants. Cloning shares everything.
#[derive(Clone)]
pub struct Keys {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) schedule: Schedule,
    sealer: Sealer,
    pool: Pool,
    rings: Cache<TenantId, Arc<Ring>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("schedule", &self.schedule).finish_non_exhaustive()
    }
}

impl Keys {
    /// The keys in this database, sealed with this master key.
    pub fn new(db: Db, master: MasterKey, clock: Clock, schedule: Schedule) -> Result<Self, Fault> {
        let rings = Cache::builder().max_capacity(TENANTS).time_to_idle(Duration::from_hours(1)).build();
        Ok(Self { db, clock, schedule, sealer: Sealer::new(master)?, pool: Pool::default(), rings })
    }

    /// Whether the configured master key is the one this database was sealed with. For start-up, readiness, `doctor`.
    pub async fn check(&self) -> Result<(), Fault> {
        match rows::any_sealed(&self.db).await? {
            Some(row) => self.open(Purpose::SigningKey, &row.tenant_id, &row.sealed_jwk).map(drop),
            None => Ok(()),
        }
    }

    /// Seals a secret for the store: only the same purpose of the same tenant opens it.
    pub fn seal(&self, purpose: Purpose, tenant: &TenantId, secret: &[u8]) -> Result<String, Fault> {
        self.sealer.seal(purpose, tenant, secret)
    }

    /// Opens what [`Keys::seal`] sealed.
    pub fn open(&self, purpose: Purpose, tenant: &TenantId, sealed: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.sealer.open(purpose, tenant, sealed)
    }

    /// A JWT of this `typ`, signed with the tenant's current key.
    pub async fn sign(
        &self,
        tenant: &TenantId,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &(impl Serialize + Sync),
    ) -> Result<String> {
        Ok(self.signer(tenant, algorithm).await?.sign_jwt(typ, claims)?)
    }

    /// The tenant's current key. Made if the tenant has none yet.
    pub async fn signer(&self, tenant: &TenantId, algorithm: SigningAlgorithm) -> Result<Arc<Signer>> {
        let together: &[SigningAlgorithm] = match algorithm {
            SigningAlgorithm::RS256 => &[SigningAlgorithm::RS256],
            _ => &[SigningAlgorithm::ES256, SigningAlgorithm::EdDSA],
        };
        let ring = self.ring(tenant, together).await?;
        Ok(ring.signer(algorithm, &self.sealer)?)
    }

    /// The tenant's key set (RFC 7517 §5) as it is sent: keys of every algorithm we advertise, the next ones included.
    pub async fn jwks(&self, tenant: &TenantId) -> Result<Bytes> {
        Ok(self.ring(tenant, SigningAlgorithm::ALL).await?.jwks())
    }

    /// The claims of a token that this tenant signed, with exactly this `typ`, with a key whose time is not over.
    /// They are still to be checked ([`Claims::check`]).
    pub async fn verify(&self, tenant: &TenantId, token: &str, typ: &str) -> Result<Claims> {
        let token = parse_own(token, typ)?;
        let now = self.clock.now();
        let kid = token.kid.clone().unwrap_or_default();
        let ring = self.ring(tenant, &[]).await?;
        if let Some(key) = ring.find(&kid, token.algorithm).filter(|key| key.verifies_at(now)) {
            return Ok(token.verify(key.public()?).map_err(Refusal::from)?.claims);
        }
        // Another process may have rotated just now: a valid token must not be refused for that (W-060).
        let key = self.stored(tenant, &kid).await?.filter(|key| key.verifies_at(now));
        if key.is_some() {
            self.reload(tenant, &[], |ring| ring.find(&kid, token.algorithm).is_some()).await?;
        }
        finish(token, key.as_ref())
    }

    /// As [`Keys::verify`] for an ID token that comes back as a hint: its key may have been retired since (OIDC
    /// RP-Initiated Logout §2). What it says may only be used to find things again, never to allow anything.
    pub async fn verify_hint(&self, tenant: &TenantId, token: &str, typ: &str) -> Result<Claims> {
        let token = parse_own(token, typ)?;
        let key = self.stored(tenant, token.kid.as_deref().unwrap_or_default()).await?;
        finish(token, key.as_ref())
    }

    async fn stored(&self, tenant: &TenantId, kid: &str) -> Result<Option<RingKey>> {
        let row = rows::by_kid(&self.db, tenant, &Kid::from(kid)).await?;
        Ok(row.map(RingKey::new).transpose()?)
    }

    /// The tenant's keys, fresh enough, with something to sign for each of `needed`.
    pub(super) async fn ring(&self, tenant: &TenantId, needed: &[SigningAlgorithm]) -> Result<Arc<Ring>> {
        let serves = |ring: &Ring| ring.serves(needed, self.clock.now(), self.schedule.notice_within);
        match self.rings.get(tenant).await.filter(|ring| serves(ring)) {
            Some(ring) => Ok(ring),
            None => self.reload(tenant, needed, serves).await,
        }
    }

    /// The tenant's keys as the database has them now.
    pub(super) async fn fresh_ring(&self, tenant: &TenantId, needed: &[SigningAlgorithm]) -> Result<Arc<Ring>> {
        self.reload(tenant, needed, |_| false).await
    }

    /// Reads the keys unless those in memory `will_do` after all. One at a time per tenant, so that what was read
    /// earlier never replaces what was read later, and those who come meanwhile share the result.
    async fn reload(
        &self,
        tenant: &TenantId,
        needed: &[SigningAlgorithm],
        will_do: impl Fn(&Ring) -> bool + Send,
    ) -> Result<Arc<Ring>> {
        let load = async |kept: Option<moka::Entry<TenantId, Arc<Ring>>>| {
            let old = kept.map(moka::Entry::into_value);
            match &old {
                Some(ring) if will_do(ring) => Ok(Op::Nop),
                _ => self.load(tenant, needed, old.as_deref()).await.map(|ring| Op::Put(Arc::new(ring))),
            }
        };
        match self.rings.entry_by_ref(tenant).and_try_compute_with(load).await? {
            CompResult::Inserted(entry) | CompResult::ReplacedWith(entry) | CompResult::Unchanged(entry) => {
                Ok(entry.into_value())
            }
            CompResult::StillNone(_) | CompResult::Removed(_) => Err(Fault::new("a key ring vanished").into()),
        }
    }

    async fn load(&self, tenant: &TenantId, needed: &[SigningAlgorithm], old: Option<&Ring>) -> Result<Ring> {
        let now = self.clock.now();
        let ring = Ring::new(rows::published(&self.db, tenant).await?, old, now)?;
        let missing = ring.missing(needed);
        if missing.is_empty() {
            return Ok(ring);
        }
        for algorithm in missing {
            self.create(tenant, algorithm).await?;
        }
        Ok(Ring::new(rows::published(&self.db, tenant).await?, old, now)?)
    }

    /// Makes a tenant's first two keys of an algorithm. The database lets one process win; the others' are dropped.
    async fn create(&self, tenant: &TenantId, algorithm: SigningAlgorithm) -> Result<()> {
        let now = self.clock.now();
        let (first, second) = tokio::try_join!(self.pool.take(algorithm), self.pool.take(algorithm))?;
        let mut tx = self.db.begin().await?;
        if rows::insert(&mut tx, &self.row(tenant, &first, KeyState::Current, now)?).await? {
            rows::insert(&mut tx, &self.row(tenant, &second, KeyState::Next, now)?).await?;
            let event = audit::Event::new(tenant, now, "signing_key.created").on(first.kid.as_str());
            audit::record(&mut tx, event).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// A new key that will sign after the present one, ready to be stored.
    pub(super) async fn next_row(
        &self,
        tenant: &TenantId,
        algorithm: SigningAlgorithm,
        now: Timestamp,
    ) -> Result<SigningKey> {
        let key = self.pool.take(algorithm).await?;
        Ok(self.row(tenant, &key, KeyState::Next, now)?)
    }

    fn row(&self, tenant: &TenantId, key: &NewKey, state: KeyState, now: Timestamp) -> Result<SigningKey, Fault> {
        let starts = if state == KeyState::Current { now } else { now.plus(self.schedule.rotate_after) };
        Ok(SigningKey {
            tenant_id: tenant.clone(),
            kid: key.kid.clone(),
            alg: key.algorithm.as_str().to_owned(),
            state,
            public_jwk: key.public_jwk.clone(),
            sealed_jwk: self.seal(Purpose::SigningKey, tenant, key.private_jwk.as_bytes())?,
            created_at: now,
            activates_at: starts,
            retires_at: None,
        })
    }
}

fn parse_own<'a>(token: &'a str, typ: &str) -> Result<Unverified<'a>, Refusal> {
    Ok(Unverified::parse(token, &Policy { algorithms: OWN, typ: Typ::Must(typ) })?)
}

fn finish(token: Unverified, key: Option<&RingKey>) -> Result<Claims> {
    let kid = token.kid.as_deref().unwrap_or_default();
    let key = key.filter(|key| key.is(kid, token.algorithm)).ok_or(Refusal::from(Invalid::UnknownKey))?;
    Ok(token.verify(key.public()?).map_err(Refusal::from)?.claims)
}
