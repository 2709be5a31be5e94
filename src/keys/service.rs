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
use super::ring::Ring;
use super::{MasterKey, NewKey, Purpose, Sealer, Signer, SigningAlgorithm};
use crate::base::{Clock, Fault, Result, Seconds, TenantId, Timestamp};
use crate::store::keys::{self as rows, KeyState, SigningKey};
use crate::store::{Db, audit};

/// Tenants whose keys are kept in memory, a few kilobytes each.
const TENANTS: u64 = 4096;

/// No JWT may live longer: a key stays published for as long after it stopped signing.
pub const LONGEST_TOKEN: Seconds = Seconds(86_400);

/// When keys change and how fast that is noticed.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How long a key signs.
    pub rotate_after: Seconds,
    /// How long its tokens are accepted afterwards: at least [`LONGEST_TOKEN`].
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
    pub(super) sealer: Sealer,
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
        if schedule.rotate_after < LONGEST_TOKEN {
            return Err(Fault::new("signing keys are rotated once a day at most: `keys.rotation_days` is 1 or more"));
        }
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

    /// What only this server can make of these parts, for links and cursors that it recognises later.
    pub fn mac(&self, purpose: &str, tenant: &TenantId, parts: &[&str]) -> Result<String, Fault> {
        self.sealer.mac(purpose, tenant, parts)
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

    /// The tenant's keys, fresh enough, with something to sign for each of `needed`.
    pub(super) async fn ring(&self, tenant: &TenantId, needed: &[SigningAlgorithm]) -> Result<Arc<Ring>> {
        let serves = |ring: &Ring| ring.serves(needed, self.clock.now(), self.schedule.notice_within);
        match self.rings.get(tenant).await.filter(|ring| serves(ring)) {
            Some(ring) => Ok(ring),
            // Boxed, because it is rare and large.
            None => Box::pin(self.reload(tenant, needed, serves)).await,
        }
    }

    /// The tenant's keys as the database has them now.
    pub(super) async fn fresh_ring(&self, tenant: &TenantId, needed: &[SigningAlgorithm]) -> Result<Arc<Ring>> {
        self.reload(tenant, needed, |_| false).await
    }

    /// Reads the keys unless those in memory `will_do` after all. One at a time per tenant, so that what was read
    /// earlier never replaces what was read later, and those who come meanwhile share the result.
    pub(super) async fn reload(
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
