//! Asking Stripe for an object and storing the answer, over the version that was read before it was asked: whoever was
//! slower asks again, so that no order of events can bring an old state back (W-106).

use serde_json::json;

use super::checkout::told_by;
use super::fulfil::{Due, Settled};
use super::{Opened, Payments, ROUNDS, names, refused};
use crate::base::{Fault, Result};
use crate::store::audit::{self, Event};
use crate::store::checkouts::{self, Checkout};
use crate::store::payment_accounts as accounts;
use crate::store::payments::{self, Payment};
use crate::store::subscriptions::{self as store, Item, Subscription};
use crate::store::{Flag, Json};
use crate::stripe::{Dispute, Intent, Listed, Session, StripeError, Subscription as Told};

/// What came of asking, for the row of an event.
pub(super) type Outcome = &'static str;

const SYNCED: Outcome = "synced";
const UNKNOWN: Outcome = "none of ours";
const OTHER_MODE: Outcome = "other mode";

impl Payments {
    /// A subscription as Stripe tells of it now, with what it gives.
    pub(super) async fn sync_subscription(&self, opened: &Opened, id: &str) -> Result<Outcome> {
        let tenant = &opened.row.tenant_id;
        for _ in 0..ROUNDS {
            let before = store::by_id(&self.db, tenant, id).await?;
            let told: Told = match self.at(opened).get(&format!("/v1/subscriptions/{id}"), &json!({})).await {
                Ok(told) => told,
                Err(StripeError::Refused(why)) if why.status == 404 => return Ok(UNKNOWN),
                Err(error) => return Err(refused(error)),
            };
            if told.livemode != opened.row.livemode.0 {
                return Ok(OTHER_MODE);
            }
            let subject = accounts::subject(&self.db, tenant, &told.customer.0).await?;
            let row = self.subscription_row(opened, told, subject);
            let mut tx = self.db.begin().await?;
            if !store::store(&mut tx, &row, before.as_ref().map(|before| before.version)).await? {
                continue;
            }
            if let Some(action) = names::of_subscription(before.as_ref(), &row) {
                let event = Event::new(tenant, self.clock.now(), action).by("payments").on(id);
                let was = before.map(|before| before.status);
                let detail = json!({ "status": row.status, "was": was, "subject": row.subject });
                audit::record(&mut tx, event.detail(detail)).await?;
            }
            let settled = self.fulfil(&mut tx, &row, opened.row.settings.0).await?;
            tx.commit().await?;
            self.note_settled(settled);
            return Ok(SYNCED);
        }
        Err(Fault::new("a subscription changes faster than it can be stored").into())
    }

    fn subscription_row(&self, opened: &Opened, told: Told, subject: Option<String>) -> Subscription {
        let lines = &told.items.data;
        // The period stands with the subscription in older versions, with its items in newer ones.
        let start = told.period.current_period_start;
        let start = start.or_else(|| lines.iter().filter_map(|line| line.period.current_period_start).max());
        let end = told.period.current_period_end;
        let end = end.or_else(|| lines.iter().filter_map(|line| line.period.current_period_end).max());
        let items = told.items.data.into_iter().map(|line| Item {
            id: line.id,
            price: line.price.id,
            lookup_key: line.price.lookup_key,
            product: line.price.product.0,
            quantity: line.quantity.unwrap_or(1),
        });
        Subscription {
            tenant_id: opened.row.tenant_id.clone(),
            stripe_id: told.id,
            subject,
            customer: told.customer.0,
            status: told.status.as_str().to_owned(),
            items: Json(items.collect()),
            period_start: start,
            period_end: end,
            cancel_at: told.cancel_at,
            cancel_at_period_end: Flag(told.cancel_at_period_end),
            schedule_id: told.schedule.map(|named| named.0),
            version: 1,
            created_at: told.created,
            synced_at: self.clock.now(),
        }
    }

    /// A checkout session as Stripe tells of it now, with what it paid or began.
    pub(super) async fn sync_checkout(&self, opened: &Opened, id: &str) -> Result<Outcome> {
        let tenant = &opened.row.tenant_id;
        for _ in 0..ROUNDS {
            let known = checkouts::by_id(&self.db, tenant, id).await?;
            let told: Session = match self.at(opened).get(&format!("/v1/checkout/sessions/{id}"), &json!({})).await {
                Ok(told) => told,
                Err(StripeError::Refused(why)) if why.status == 404 => return Ok(UNKNOWN),
                Err(error) => return Err(refused(error)),
            };
            // Whoever began it may have died before noting what Stripe calls it.
            let known = match (known, told.client_reference_id.as_deref()) {
                (Some(known), _) => Some(known),
                (None, Some(own)) => {
                    checkouts::by_id(&self.db, tenant, own).await?.filter(|row| row.stripe_id.is_none())
                }
                (None, None) => None,
            };
            let Some(before) = known else { return Ok(UNKNOWN) };
            if told.livemode != opened.row.livemode.0 {
                return Ok(OTHER_MODE);
            }
            let (was, end) = (before.status.clone(), before.expires_at);
            let row = told_by(before, &told, end);
            if self.store_checkout(opened, &row, &was).await? {
                return self.sync_bought(opened, &row).await;
            }
        }
        Err(Fault::new("a checkout changes faster than it can be stored").into())
    }

    /// Stores what Stripe told; `false`: somebody else stored something meanwhile.
    async fn store_checkout(&self, opened: &Opened, row: &Checkout, was: &str) -> Result<bool> {
        let tenant = &row.tenant_id;
        let mut tx = self.db.begin().await?;
        if !checkouts::update(&mut tx, row).await? {
            return Ok(false);
        }
        if was != row.status {
            let action = names::of_checkout(&row.status);
            let event = Event::new(tenant, self.clock.now(), action).by("payments").on(&row.id);
            let detail = json!({ "status": row.status, "payment_status": row.payment_status });
            audit::record(&mut tx, event.detail(detail)).await?;
        }
        let mut settled = Settled::default();
        // What costs nothing has no payment that could tell of it.
        if row.mode == "payment" && row.status == "complete" && row.payment_status == "no_payment_required" {
            let due =
                Due { subject: Some(row.subject.clone()), plans: row.plan.iter().cloned().collect(), until: None };
            let source = format!("payment:{}", row.stripe_id.as_deref().unwrap_or(&row.id));
            settled = self.settle(&mut tx, tenant, (&source, &due), opened.row.settings.0).await?;
        }
        tx.commit().await?;
        self.note_settled(settled);
        Ok(true)
    }

    /// What a checkout paid or began.
    async fn sync_bought(&self, opened: &Opened, row: &Checkout) -> Result<Outcome> {
        if let Some(subscription) = &row.subscription_id {
            self.sync_subscription(opened, subscription).await?;
        }
        if let Some(payment) = &row.payment_intent {
            self.sync_payment(opened, payment).await?;
        }
        Ok(SYNCED)
    }

    /// A payment as Stripe tells of it now, with what it gives.
    pub(super) async fn sync_payment(&self, opened: &Opened, id: &str) -> Result<Outcome> {
        let tenant = &opened.row.tenant_id;
        for _ in 0..ROUNDS {
            let before = payments::by_id(&self.db, tenant, id).await?;
            let query = json!({ "expand": ["latest_charge"] });
            let told: Intent = match self.at(opened).get(&format!("/v1/payment_intents/{id}"), &query).await {
                Ok(told) => told,
                Err(StripeError::Refused(why)) if why.status == 404 => return Ok(UNKNOWN),
                Err(error) => return Err(refused(error)),
            };
            if told.livemode != opened.row.livemode.0 {
                return Ok(OTHER_MODE);
            }
            let told = self.settled(opened, told).await?;
            let Some(row) = self.payment_row(opened, told).await? else { return Ok(UNKNOWN) };
            let mut tx = self.db.begin().await?;
            if !payments::store(&mut tx, &row, before.as_ref().map(|before| before.version)).await? {
                continue;
            }
            if let Some(action) = names::of_payment(before.as_ref(), &row) {
                let event = Event::new(tenant, self.clock.now(), action).by("payments").on(id);
                let detail = json!({ "status": row.status, "refunded": row.refunded, "disputed": row.disputed.0 });
                audit::record(&mut tx, event.detail(detail)).await?;
            }
            let settled = self.fulfil_payment(&mut tx, &row, opened.row.settings.0).await?;
            tx.commit().await?;
            self.note_settled(settled);
            return Ok(SYNCED);
        }
        Err(Fault::new("a payment changes faster than it can be stored").into())
    }

    /// A charge says for ever that it was disputed: what came of it stands with the disputes.
    async fn settled(&self, opened: &Opened, mut told: Intent) -> Result<Intent> {
        if let Some(charge) = told.latest_charge.as_mut().filter(|charge| charge.disputed) {
            let query = json!({ "payment_intent": told.id, "limit": 100 });
            let all: Listed<Dispute> = self.at(opened).get("/v1/disputes", &query).await.map_err(refused)?;
            charge.disputed = all.data.is_empty() || !all.data.iter().all(Dispute::is_won);
        }
        Ok(told)
    }

    /// Whose payment it is, by the checkout that it names or by its customer; `None`: nobody's of ours.
    async fn payment_row(&self, opened: &Opened, told: Intent) -> Result<Option<Payment>> {
        let tenant = &opened.row.tenant_id;
        let checkout = match told.metadata.get("chancery_checkout") {
            Some(id) => checkouts::by_id(&self.db, tenant, id).await?.filter(|checkout| checkout.mode == "payment"),
            None => None,
        };
        let of_customer = match &told.customer {
            Some(customer) => accounts::subject(&self.db, tenant, &customer.0).await?,
            None => None,
        };
        if checkout.is_none() && of_customer.is_none() {
            return Ok(None);
        }
        let plan = checkout.as_ref().and_then(|checkout| checkout.plan.clone());
        let charge = told.latest_charge.unwrap_or_default();
        Ok(Some(Payment {
            tenant_id: tenant.clone(),
            stripe_id: told.id,
            subject: checkout.map(|checkout| checkout.subject).or(of_customer),
            plan,
            amount: told.amount,
            currency: told.currency,
            status: told.status,
            refunded: charge.amount_refunded,
            disputed: Flag(charge.disputed),
            version: 1,
            created_at: told.created,
            synced_at: self.clock.now(),
        }))
    }

    /// All subscriptions of somebody, asked for now.
    pub(super) async fn sync_all_of(&self, opened: &Opened, subject: &str) -> Result<()> {
        let customer = accounts::customer(&self.db, &opened.row.tenant_id, subject).await?;
        let Some(customer) = customer else { return Ok(()) };
        let query = json!({ "customer": customer, "status": "all", "limit": 20 });
        let told: Listed<Told> = self.at(opened).get("/v1/subscriptions", &query).await.map_err(refused)?;
        for subscription in told.data {
            self.sync_subscription(opened, &subscription.id).await?;
        }
        Ok(())
    }
}
