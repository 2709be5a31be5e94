//! What somebody has bought, for the document of all that is kept about them.

use serde_json::{Value, json};

use super::People;
use crate::base::{Result, Timestamp, UserId};
use crate::store::tenants::Tenant;
use crate::store::{checkouts, entitlements, payment_accounts, payments, subscriptions};

/// Most of each kind that are told.
const MOST: i64 = 10_000;

impl People {
    /// Plans, subscriptions, payments and checkouts, and what the payment provider calls the person.
    pub(super) async fn bought(&self, tenant: &Tenant, user: &UserId) -> Result<Value> {
        let (db, tenant, own) = (&self.db, &tenant.id, Some(user.as_str()));
        let plans = entitlements::of_subject(db, tenant, user.as_str()).await?.into_iter().map(|has| {
            json!({
                "plan": has.plan, "source": has.source, "since": has.created_at.rfc3339(),
                "valid_until": has.valid_until.map(Timestamp::rfc3339),
                "revoked_at": has.revoked_at.map(Timestamp::rfc3339),
            })
        });
        let subscriptions = subscriptions::page(db, tenant, own, ("", MOST)).await?.into_iter().map(|told| {
            json!({
                "id": told.stripe_id, "status": told.status, "items": told.items.0,
                "created_at": told.created_at.rfc3339(), "paid_until": told.period_end.map(Timestamp::rfc3339),
            })
        });
        let payments = payments::page(db, tenant, own, ("", MOST)).await?.into_iter().map(|told| {
            json!({
                "id": told.stripe_id, "plan": told.plan, "amount": told.amount, "currency": told.currency,
                "status": told.status, "refunded": told.refunded, "created_at": told.created_at.rfc3339(),
            })
        });
        let checkouts = checkouts::page(db, tenant, own, ("", MOST)).await?.into_iter().map(|begun| {
            json!({ "id": begun.id, "plan": begun.plan, "status": begun.status, "created_at": begun.created_at.rfc3339() })
        });
        Ok(json!({
            "customer": payment_accounts::customer(db, tenant, user.as_str()).await?,
            "plans": plans.collect::<Vec<_>>(),
            "subscriptions": subscriptions.collect::<Vec<_>>(),
            "payments": payments.collect::<Vec<_>>(),
            "checkouts": checkouts.collect::<Vec<_>>(),
        }))
    }
}
