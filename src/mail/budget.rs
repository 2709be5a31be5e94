//! How many mails strangers can cause (W-115): per address, per network address that asks, and per tenant. What the
//! tenant's own people and administrators cause has a budget of its own, which no stranger can touch. A tenant's plan
//! may limit all of them together.

use super::{Letter, Mail, Recipient};
use crate::base::{Result, Seconds};
use crate::store::Tx;
use crate::store::mails::{self as store, Counted};
use crate::store::tenants::Tenant;

const HOUR: Seconds = Seconds(3_600);
const DAY: Seconds = Seconds(86_400);

impl Mail {
    /// Whether one more mail may be sent. What warns a person always may.
    pub(super) async fn within_budget(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        to: &Recipient,
        letter: &Letter,
    ) -> Result<bool> {
        if matches!(letter, Letter::Invitation { .. } | Letter::OrganizationInvitation { .. } | Letter::Test) {
            let since = self.clock.now().minus(DAY);
            let sent = store::count(&mut *tx, &tenant.id, Counted::Invited, since).await?;
            return Ok(sent < self.settings.per_tenant_day && self.plan_has_room(tx, tenant).await?);
        }
        if letter.is_requested() { self.has_room(tx, tenant, to).await } else { Ok(true) }
    }

    /// Whether the tenant's plan lets it send one more today. All count; those that warn people leave all the same.
    async fn plan_has_room(&self, tx: &mut Tx, tenant: &Tenant) -> Result<bool> {
        let Some(most) = tenant.held.allowance().mails_per_day else { return Ok(true) };
        let sent = store::count(tx, &tenant.id, Counted::All, self.clock.now().minus(DAY)).await?;
        Ok(u64::try_from(sent).is_ok_and(|sent| sent < most))
    }

    /// Whether a mail that a stranger asks for would be sent. To be asked before an older link is withdrawn: otherwise
    /// who uses up the budget of an address would leave its owner without any link that works.
    ///
    /// # Errors
    /// The database failed.
    pub async fn has_room(&self, tx: &mut Tx, tenant: &Tenant, to: &Recipient) -> Result<bool> {
        if self.limits_off {
            return Ok(true);
        }
        if !self.plan_has_room(&mut *tx, tenant).await? {
            return Ok(false);
        }
        let limits = &self.settings;
        let now = self.clock.now();
        let address = Counted::To(to.email.key());
        if store::count(&mut *tx, &tenant.id, address, now.minus(HOUR)).await? >= limits.per_address_hour {
            return Ok(false);
        }
        if let Some(from) = &to.asked_from {
            let asker = Counted::AskedFrom(from.clone());
            if store::count(&mut *tx, &tenant.id, asker, now.minus(HOUR)).await? >= limits.per_ip_hour {
                return Ok(false);
            }
        }
        Ok(store::count(&mut *tx, &tenant.id, Counted::Requested, now.minus(HOUR)).await?
            < limits.requested_per_tenant_hour)
    }
}
