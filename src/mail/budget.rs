//! How many mails strangers can cause (W-115): per address, per network address that asks, and per tenant. What the
//! tenant's own people and administrators cause has a budget of its own, which no stranger can touch.

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
        let limits = &self.settings;
        let now = self.clock.now();
        if matches!(letter, Letter::Invitation { .. } | Letter::Test) {
            let sent = store::count(&mut *tx, &tenant.id, Counted::Invited, now.minus(DAY)).await?;
            return Ok(sent < limits.per_tenant_day);
        }
        if !letter.is_requested() {
            return Ok(true);
        }
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
