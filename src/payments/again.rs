//! Deriving again what everybody in a tenant has, after the plans that are paid have changed.

use super::Payments;
use crate::base::{Result, TenantId};
use crate::store::payment_accounts::{self as accounts, PaymentSettings};
use crate::store::{payments, subscriptions};

/// Rows on a page when all are gone through.
const PAGE: i64 = 200;

impl Payments {
    /// Derives everything of a tenant again, after its plans have changed.
    pub(super) async fn fulfil_again(&self, tenant: &TenantId) -> Result<()> {
        let Some(account) = accounts::of_tenant(&self.db, tenant).await? else { return Ok(()) };
        let mut after = String::new();
        loop {
            let page = subscriptions::page(&self.db, tenant, None, (&after, PAGE)).await?;
            for subscription in &page {
                let mut tx = self.db.begin().await?;
                // As it stands now, and as nobody changes it meanwhile.
                let Some(current) = subscriptions::by_id(&mut tx, tenant, &subscription.stripe_id).await? else {
                    continue;
                };
                if subscriptions::store(&mut tx, &current, Some(current.version)).await? {
                    let settled = self.fulfil(&mut tx, &current, account.settings.0).await?;
                    tx.commit().await?;
                    self.note_settled(settled);
                }
            }
            match page.last() {
                Some(last) => after.clone_from(&last.stripe_id),
                None => return self.fulfil_payments_again(tenant, account.settings.0).await,
            }
        }
    }

    async fn fulfil_payments_again(&self, tenant: &TenantId, settings: PaymentSettings) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = payments::page(&self.db, tenant, None, (&after, PAGE)).await?;
            for payment in &page {
                let mut tx = self.db.begin().await?;
                let settled = self.fulfil_payment(&mut tx, payment, settings).await?;
                tx.commit().await?;
                self.note_settled(settled);
            }
            match page.last() {
                Some(last) => after.clone_from(&last.stripe_id),
                None => return Ok(()),
            }
        }
    }
}
