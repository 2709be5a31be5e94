//! Guesses at second factors count towards one limit per person, whatever sign-in they belong to (U2).

use super::Factors;
use crate::accounts::limiter::Attempt;
use crate::base::{Origin, Result};
use crate::store::tenants::Tenant;
use crate::store::users::User;

impl Factors {
    /// Refuses a guess that is one too many.
    pub(in crate::accounts) fn may_guess(&self, tenant: &Tenant, user: &User, origin: &Origin) -> Result<()> {
        self.accounts.limiter.check(&attempt(tenant, user, origin), self.clock.now())
    }

    /// Counts a wrong one.
    pub(in crate::accounts) fn guessed_wrong(&self, tenant: &Tenant, user: &User, origin: &Origin) {
        self.accounts.limiter.failed(&attempt(tenant, user, origin), self.clock.now());
    }

    /// Forgets the wrong ones.
    pub(in crate::accounts) fn guessed_right(&self, tenant: &Tenant, user: &User, origin: &Origin) {
        self.accounts.limiter.succeeded(&attempt(tenant, user, origin));
    }
}

fn attempt(tenant: &Tenant, user: &User, origin: &Origin) -> Attempt {
    Attempt::new(&tenant.id, &format!("second factor of {}", user.id), origin)
}
