//! Browsers that people are known by. After a sign-in a browser holds a random cookie whose digest is kept with the
//! person: strangers' failures do not keep it out (W-118), and where its person wants so, no second factor is asked
//! for in it. A change of the password ends that.

use super::Accounts;
use crate::base::{Origin, Result, Seconds, Secret, TenantId, Timestamp, UserId};
use crate::mail::{Letter, Recipient};
use crate::store::devices::{self as store, Device};
use crate::store::users::User;
use crate::tenants::TenantContext;

/// How long a browser is known after the last sign-in: what browsers keep a cookie at most.
pub const KNOWN_FOR: Seconds = Seconds(400 * 86_400);

impl Accounts {
    /// Knows this browser as the person's from here on; for `without_second` no second factor is asked for in it.
    /// `true`: the person is known by others, and this one is new; then a mail tells of it.
    pub async fn know_device(
        &self,
        tenant: &TenantContext,
        user: &User,
        (device, without_second): (&Secret, Option<Seconds>),
        origin: &Origin,
    ) -> Result<bool> {
        let (now, digest) = (self.clock.now(), device.digest());
        let device = Device { tenant: &tenant.id, user: &user.id, digest: &digest };
        let known = store::remembered_until(&self.db, device, now).await?.is_some();
        let new = !known && store::count(&self.db, &tenant.id, &user.id, now).await? > 0;
        let until = without_second.map_or(Timestamp(0), |seconds| now.plus(seconds));
        let mut tx = self.db.begin().await?;
        store::keep(&mut tx, device, until, (now, now.plus(KNOWN_FOR))).await?;
        if let Some(to) = Recipient::of(user).filter(|_| new) {
            let letter = Letter::NewDevice {
                device: origin.user_agent.clone().unwrap_or_default(),
                address: origin.ip.clone(),
                at: now,
                account: format!("{}/account", tenant.issuer),
            };
            self.mail.send(&mut tx, tenant, &to, &letter).await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Whether the person is known by this browser.
    pub async fn knows_device(&self, tenant: &TenantId, user: &UserId, device: &Secret) -> Result<bool> {
        let digest = device.digest();
        let device = Device { tenant, user, digest: &digest };
        Ok(store::remembered_until(&self.db, device, self.clock.now()).await?.is_some())
    }

    /// Whether no second factor is asked for in this browser.
    pub async fn trusts_device(&self, tenant: &TenantId, user: &UserId, device: &Secret) -> Result<bool> {
        let (digest, now) = (device.digest(), self.clock.now());
        let device = Device { tenant, user, digest: &digest };
        Ok(store::remembered_until(&self.db, device, now).await?.is_some_and(|until| until > now))
    }
}
