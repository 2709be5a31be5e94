//! Payments and invoices as their payer sees them, the portal, and money that is given back.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checkout::place_of;
use super::{Buyer, Payments, not_found, refused, unprocessable};
use crate::base::{Actor, Digest, Result, Secret};
use crate::store::audit::{self, Event};
use crate::store::payment_accounts as accounts;
use crate::store::payments::{self as store, Payment};
use crate::store::tenants::Tenant;
use crate::stripe::{Invoice, Listed, Portal, Refund};

/// A payment as it is shown.
#[derive(Debug, Serialize)]
pub struct PaymentShown {
    /// Stripe's id.
    pub id: String,
    /// Who paid.
    pub subject: Option<String>,
    /// Which plan it was for.
    pub plan: Option<String>,
    /// How much, in the money's smallest unit.
    pub amount: i64,
    /// In which money.
    pub currency: String,
    /// Stripe's word for how it stands.
    pub status: String,
    /// How much was given back.
    pub refunded: i64,
    /// Whether somebody says that it was not them.
    pub disputed: bool,
    /// When it was begun.
    pub created_at: String,
}

impl From<Payment> for PaymentShown {
    fn from(payment: Payment) -> Self {
        Self {
            id: payment.stripe_id,
            subject: payment.subject,
            plan: payment.plan,
            amount: payment.amount,
            currency: payment.currency,
            status: payment.status,
            refunded: payment.refunded,
            disputed: payment.disputed.0,
            created_at: payment.created_at.rfc3339(),
        }
    }
}

/// A request to give money back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRefund {
    /// Which payment.
    payment: String,
    /// How much; absent: all that is left.
    #[serde(default)]
    amount: Option<u64>,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    #[serde(default)]
    reason: Option<Reason>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    Duplicate,
    Fraudulent,
    RequestedByCustomer,
}

impl Payments {
    /// Up to `limit` payments, of somebody or of all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn payments(&self, tenant: &Tenant, own: Option<&str>, from: (&str, i64)) -> Result<Vec<PaymentShown>> {
        Ok(store::page(&self.db, &tenant.id, own, from).await?.into_iter().map(PaymentShown::from).collect())
    }

    /// Somebody's invoices.
    ///
    /// # Errors
    /// Stripe does not answer.
    pub async fn invoices(&self, tenant: &Tenant, subject: &str) -> Result<Vec<Invoice>> {
        let opened = self.open(&tenant.id).await?;
        let Some(customer) = accounts::customer(&self.db, &tenant.id, subject).await? else { return Ok(Vec::new()) };
        let query = json!({ "customer": customer, "limit": 20 });
        let told: Listed<Invoice> = self.at(&opened).get("/v1/invoices", &query).await.map_err(refused)?;
        Ok(told.data)
    }

    /// A page of Stripe's on which somebody manages what they pay; its address works once.
    ///
    /// # Errors
    /// They cannot come back to that place, or Stripe does not answer.
    pub async fn portal(&self, tenant: &Tenant, buyer: &Buyer, back: &str, by: &Actor) -> Result<String> {
        let place = place_of(tenant, buyer, back);
        let place =
            place.ok_or_else(|| unprocessable("people come back to the tenant's own places and the client's alone"))?;
        let opened = self.open(&tenant.id).await?;
        let customer = self.customer(&opened, tenant, &buyer.subject).await?;
        let (form, key) = (json!({ "customer": customer, "return_url": place }), Secret::generate());
        let told = self.at(&opened).post("/v1/billing_portal/sessions", &form, key.expose()).await;
        let portal: Portal = told.map_err(refused)?;
        let event = Event::new(&tenant.id, self.clock.now(), "payments.portal_opened").by(&by.id).on(&buyer.subject);
        audit::record(&self.db, event.from(&by.origin)).await?;
        Ok(portal.url)
    }

    /// Gives money back. The same key gives it back once.
    ///
    /// # Errors
    /// There is no such payment, or Stripe does not want to.
    pub async fn refund(&self, tenant: &Tenant, (new, key): (&NewRefund, Option<&str>), by: &Actor) -> Result<Refund> {
        let opened = self.open(&tenant.id).await?;
        let known = store::by_id(&self.db, &tenant.id, &new.payment).await?;
        let known = known.ok_or_else(|| not_found("there is no such payment"))?;
        let left = u64::try_from(known.amount - known.refunded).unwrap_or_default();
        if new.amount.is_some_and(|amount| amount == 0 || amount > left) {
            return Err(unprocessable("an amount is from 1 to what is left of the payment"));
        }
        let form = json!({ "payment_intent": known.stripe_id, "amount": new.amount, "reason": new.reason });
        let key =
            key.map_or_else(|| Secret::generate().digest(), |key| Digest::of(format!("{} {key}", by.id).as_bytes()));
        let key = format!("refund-{}", key.as_str());
        let refund: Refund = self.at(&opened).post("/v1/refunds", &form, &key).await.map_err(refused)?;
        let event =
            Event::new(&tenant.id, self.clock.now(), "payment.refund_requested").by(&by.id).on(&known.stripe_id);
        let detail = json!({ "refund": refund.id, "amount": refund.amount });
        audit::record(&self.db, event.detail(detail).from(&by.origin)).await?;
        self.sync_payment(&opened, &known.stripe_id).await?;
        Ok(refund)
    }
}
