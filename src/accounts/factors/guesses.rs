//! Guesses at second factors count towards one limit per person, whatever sign-in they belong to (U2).

use super::Factors;
use crate::base::{Origin, Result};
use crate::limits::{Attempt, Excuse};
use crate::store::tenants::Tenant;
use crate::store::users::User;

impl Factors {
    /// Refuses a guess that is one too many. Who guesses elsewhere keeps nobody out of a browser that is known.
    pub(in crate::accounts) async fn may_guess(&self, tenant: &Tenant, user: &User, origin: &Origin) -> Result<()> {
        let limits = &self.accounts.limits;
        let mut attempt = self.guess(tenant, user, origin);
        let looked = limits.look(&attempt).await;
        let Err(refusal) = limits.check(&attempt, &looked) else { return Ok(()) };
        match &origin.device {
            Some(device) if self.accounts.knows_device(&tenant.id, &user.id, device).await? => {
                attempt.excuse(Excuse::Known);
                limits.check(&attempt, &looked)
            }
            _ => Err(refusal),
        }
    }

    /// Counts a wrong one.
    pub(in crate::accounts) async fn guessed_wrong(&self, tenant: &Tenant, user: &User, origin: &Origin) {
        self.accounts.limits.failed(&self.guess(tenant, user, origin)).await;
    }

    /// Forgets the wrong ones.
    pub(in crate::accounts) async fn guessed_right(&self, tenant: &Tenant, user: &User, origin: &Origin) {
        let attempt = self.guess(tenant, user, origin);
        let looked = self.accounts.limits.look(&attempt).await;
        self.accounts.limits.succeeded(&attempt, &looked).await;
    }

    fn guess(&self, tenant: &Tenant, user: &User, origin: &Origin) -> Attempt {
        self.accounts.limits.attempt(&tenant.id, &format!("second factor of {}", user.id), origin)
    }
}
