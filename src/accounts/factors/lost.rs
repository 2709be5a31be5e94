//! Factors that somebody has lost, taken away by an administrator. Where a policy wants a second factor, the person
//! sets up another one at the next sign-in, so the last one can go too.

use super::{Factors, no_passkey};
use crate::base::{Actor, Code, Method, Result, Stop};
use crate::store::users::User;
use crate::store::{Tx, devices, factors, passkeys as stored};
use crate::tenants::TenantContext;

/// What was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost<'a> {
    /// Whatever there is.
    Everything,
    /// The authenticator app.
    Totp,
    /// The passkey of this id.
    Passkey(&'a str),
}

impl<'a> Lost<'a> {
    /// As paths name it: `totp`, or a passkey's id.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        if name == Method::Totp.as_str() { Self::Totp } else { Self::Passkey(name) }
    }
}

impl Factors {
    /// Takes it away, and with the last second factor the recovery codes. Browsers that were not asked for a second
    /// factor are asked again. Answers how many factors went.
    ///
    /// # Errors
    /// `NotFound`: the person has none.
    pub async fn take_lost(&self, tenant: &TenantContext, user: &User, lost: Lost<'_>, by: &Actor) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let at = (tenant, user);
        let count = match lost {
            Lost::Totp => u64::from(self.take_totp(&mut tx, at, by).await?),
            Lost::Passkey(id) => u64::from(self.take_passkey(&mut tx, at, id, by).await?),
            Lost::Everything => self.take_all(&mut tx, at, by).await?,
        };
        match (count, lost) {
            (0, Lost::Passkey(_)) => return Err(no_passkey()),
            (0, _) => return Err(Stop::refuse(Code::NotFound, "there is no second factor")),
            _ => {}
        }
        devices::forget_all(&mut tx, &tenant.id, &user.id).await?;
        tx.commit().await?;
        Ok(count)
    }

    async fn take_all(&self, tx: &mut Tx, at: (&TenantContext, &User), by: &Actor) -> Result<u64> {
        let mut count = u64::from(self.take_totp(tx, at, by).await?);
        for passkey in stored::of_user(&mut *tx, &at.0.id, &at.1.id).await? {
            count += u64::from(self.take_passkey(tx, at, &passkey.id, by).await?);
        }
        Ok(count)
    }

    async fn take_totp(&self, tx: &mut Tx, at: (&TenantContext, &User), by: &Actor) -> Result<bool> {
        let held = factors::held(&mut *tx, &at.0.id, &at.1.id).await?;
        let gone = factors::remove_totp(&mut *tx, &at.0.id, &at.1.id).await?;
        if gone {
            self.after_removal(tx, at, (held, Method::Totp), by).await?;
        }
        Ok(gone)
    }

    async fn take_passkey(&self, tx: &mut Tx, at: (&TenantContext, &User), id: &str, by: &Actor) -> Result<bool> {
        let held = factors::held(&mut *tx, &at.0.id, &at.1.id).await?;
        let gone = stored::remove(&mut *tx, &at.0.id, &at.1.id, id).await?;
        if gone {
            self.after_removal(tx, at, (held, Method::Passkey), by).await?;
        }
        Ok(gone)
    }
}
