//! Checkout: a page of Stripe's on which somebody pays. The same key with the same request begins one, however often
//! and whenever it is sent.

mod metadata;
mod request;

use serde::Serialize;
use serde_json::{Value, json};

pub(super) use self::metadata::check_metadata;
pub use self::request::NewCheckout;
use self::request::Wanted;
pub(super) use self::request::place_of;
use super::{Buyer, Opened, Payments, not_found, refused};
use crate::base::{Actor, Code, Digest, Email, Fault, Result, Seconds, Secret, Stop};
use crate::store::audit::{self, Event};
use crate::store::checkouts::{self as store, Checkout};
use crate::store::tenants::Tenant;
use crate::stripe::Session;

/// How long Stripe keeps a page open when it does not say.
const USUAL: Seconds = Seconds(86_400);

/// A checkout session as it is shown.
#[derive(Debug, Serialize)]
pub struct CheckoutShown {
    /// Our id.
    pub id: String,
    /// Stripe's id, which `{CHECKOUT_SESSION_ID}` becomes in the addresses.
    pub session_id: Option<String>,
    /// Where to send the person, while it is open.
    pub url: Option<String>,
    /// `payment`, `subscription` or `setup`.
    pub mode: String,
    /// `open`, `complete` or `expired`.
    pub status: String,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub payment_status: String,
    /// Which plan it buys.
    pub plan: Option<String>,
    /// What it began.
    pub subscription: Option<String>,
    /// When it was begun.
    pub created_at: String,
    /// When it is over.
    pub expires_at: String,
}

impl From<Checkout> for CheckoutShown {
    fn from(checkout: Checkout) -> Self {
        Self {
            id: checkout.id,
            session_id: checkout.stripe_id,
            url: checkout.url.filter(|_| checkout.status == "open"),
            mode: checkout.mode,
            status: checkout.status,
            payment_status: checkout.payment_status,
            plan: checkout.plan,
            subscription: checkout.subscription_id,
            created_at: checkout.created_at.rfc3339(),
            expires_at: checkout.expires_at.rfc3339(),
        }
    }
}

impl Payments {
    /// Begins a checkout, or answers the one that the same key has begun. `true`: it is new.
    ///
    /// # Errors
    /// The request cannot be, the key was used for another, or Stripe does not want it.
    pub async fn check_out(
        &self,
        tenant: &Tenant,
        buyer: &Buyer,
        (new, key): (NewCheckout, Option<&str>),
        by: &Actor,
    ) -> Result<(CheckoutShown, bool)> {
        let opened = self.open(&tenant.id).await?;
        let request = Digest::of(format!("{new:?}").as_bytes());
        let wanted = self.wanted(&opened, tenant, buyer, new).await?;
        let key = key.map_or_else(|| Secret::generate().digest(), |key| Digest::of(key.as_bytes()));
        let row = self.noted(tenant, &wanted, buyer, (&key, &request)).await?;
        if row.request != request.as_str() {
            let why = "this Idempotency-Key was used for another request";
            return Err(Stop::refuse(Code::IdempotencyConflict, why));
        }
        if row.status != "opening" {
            return Ok((row.into(), false));
        }
        Ok((self.begin(&opened, tenant, (&wanted, row), by).await?, true))
    }

    /// Begins it at Stripe, and stores what came of that.
    async fn begin(
        &self,
        opened: &Opened,
        tenant: &Tenant,
        (wanted, row): (&Wanted, Checkout),
        by: &Actor,
    ) -> Result<CheckoutShown> {
        let form = self.form(opened, tenant, wanted, &row).await?;
        // Whoever tries again after a crash says the same to Stripe under the same name.
        let told = self.at(opened).post("/v1/checkout/sessions", &form, &format!("checkout-{}", row.id)).await;
        let session: Session = match told.map_err(refused) {
            Ok(session) => session,
            Err(stop) => {
                if matches!(&stop, Stop::Refused(refusal) if refusal.code != Code::PaymentProviderUnavailable) {
                    store::delete(&self.db, &tenant.id, &row.id).await?;
                }
                return Err(stop);
            }
        };
        let id = row.id.clone();
        let row = told_by(row, &session, self.clock.now().plus(USUAL));
        let mut tx = self.db.begin().await?;
        if store::update(&mut tx, &row).await? {
            let event = Event::new(&tenant.id, self.clock.now(), "checkout.opened").by(&by.id).on(&id).from(&by.origin);
            let detail = json!({ "mode": row.mode, "plan": row.plan, "subject": row.subject });
            audit::record(&mut tx, event.detail(detail)).await?;
            tx.commit().await?;
        }
        let row = store::by_id(&self.db, &tenant.id, &id).await?;
        Ok(row.ok_or_else(|| Fault::new("a checkout is gone"))?.into())
    }

    /// One checkout: one's own, or anybody's for those who govern.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn checkout(&self, tenant: &Tenant, id: &str, own: Option<&str>) -> Result<CheckoutShown> {
        let found = store::by_id(&self.db, &tenant.id, id).await?;
        let found = found.filter(|checkout| own.is_none_or(|own| own == checkout.subject));
        found.map(CheckoutShown::from).ok_or_else(|| not_found("there is no such checkout session"))
    }

    /// Up to `limit` checkouts, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn checkouts(&self, tenant: &Tenant, own: Option<&str>, from: (&str, i64)) -> Result<Vec<CheckoutShown>> {
        Ok(store::page(&self.db, &tenant.id, own, from).await?.into_iter().map(CheckoutShown::from).collect())
    }

    /// The row under which a checkout is begun, or was.
    async fn noted(
        &self,
        tenant: &Tenant,
        wanted: &Wanted,
        buyer: &Buyer,
        (key, request): (&Digest, &Digest),
    ) -> Result<Checkout> {
        let now = self.clock.now();
        let row = Checkout {
            tenant_id: tenant.id.clone(),
            id: uuid::Uuid::now_v7().to_string(),
            subject: wanted.subject.clone(),
            client_id: buyer.client_id.clone(),
            mode: wanted.mode.as_str().to_owned(),
            plan: wanted.plan.clone(),
            idempotency_key: key.as_str().to_owned(),
            request: request.as_str().to_owned(),
            stripe_id: None,
            url: None,
            status: "opening".to_owned(),
            payment_status: "unpaid".to_owned(),
            payment_intent: None,
            subscription_id: None,
            version: 1,
            created_at: now,
            updated_at: now,
            expires_at: now.plus(USUAL),
        };
        if store::insert(&self.db, &row).await? {
            return Ok(row);
        }
        let known = store::by_key(&self.db, &tenant.id, &row.subject, key.as_str()).await?;
        Ok(known.ok_or_else(|| Fault::new("a checkout is neither new nor known"))?)
    }

    /// The request as Stripe takes it.
    async fn form(&self, opened: &Opened, tenant: &Tenant, wanted: &Wanted, row: &Checkout) -> Result<Value> {
        let customer = match wanted.guest {
            Some(_) => None,
            None => Some(self.customer(opened, tenant, &wanted.subject).await?),
        };
        let mut metadata = wanted.metadata.clone();
        for (name, value) in [("checkout", &row.id), ("subject", &row.subject)] {
            metadata.insert(format!("chancery_{name}"), value.clone());
        }
        let mut form = json!({
            "mode": wanted.mode.as_str(),
            "customer": customer,
            "customer_email": wanted.guest.as_ref().map(Email::as_str),
            "client_reference_id": row.id,
            "success_url": wanted.success_url,
            "cancel_url": wanted.cancel_url,
            "payment_method_types": wanted.payment_method_types,
            "metadata": metadata,
            "line_items": wanted.lines.iter().map(super::lines::Line::of_checkout).collect::<Vec<_>>(),
        });
        // What is written to a session is not written to what it makes.
        if let Some(made) = wanted.mode.makes() {
            form[made] = json!({ "metadata": metadata });
        }
        if let Some(currency) = wanted.currency.as_deref().filter(|_| wanted.lines.is_empty()) {
            form["currency"] = currency.into();
        }
        Ok(form)
    }
}

/// A checkout as Stripe tells of it.
pub(super) fn told_by(row: Checkout, session: &Session, usual_end: crate::base::Timestamp) -> Checkout {
    Checkout {
        stripe_id: Some(session.id.clone()),
        url: session.url.clone().or(row.url),
        status: session.status.clone().unwrap_or_else(|| "open".to_owned()),
        payment_status: session.payment_status.clone().unwrap_or(row.payment_status),
        payment_intent: session.payment_intent.clone().map(|named| named.0).or(row.payment_intent),
        subscription_id: session.subscription.clone().map(|named| named.0).or(row.subscription_id),
        expires_at: session.expires_at.unwrap_or(usual_end),
        ..row
    }
}
