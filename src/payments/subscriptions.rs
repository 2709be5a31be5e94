//! Subscriptions: how they stand, and what their payer does with them. Every change is made at Stripe, and what Stripe
//! says afterwards is what is stored.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Opened, Payments, SubscriptionShown, not_found, refused, unprocessable};
use crate::base::{Actor, Email, Result, Secret};
use crate::store::audit::{self, Event};
use crate::store::subscriptions::{self as store, Subscription};
use crate::store::tenants::Tenant;

/// When a subscription ends.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cancel {
    /// `period_end` or `now`.
    at: End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    #[default]
    PeriodEnd,
    Now,
}

/// What a subscription becomes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// A plan, whose first price is paid from now on.
    #[serde(default)]
    plan: Option<String>,
    /// Or a price, by id or lookup key.
    #[serde(default)]
    price: Option<String>,
    /// How many.
    #[serde(default)]
    quantity: Option<u64>,
    /// Whether the difference for the running period is charged: `create_prorations`, `always_invoice` or `none`.
    #[serde(default)]
    proration: Option<Proration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Proration {
    CreateProrations,
    AlwaysInvoice,
    None,
}

impl Proration {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CreateProrations => "create_prorations",
            Self::AlwaysInvoice => "always_invoice",
            Self::None => "none",
        }
    }
}

impl Payments {
    /// Up to `limit` subscriptions, of somebody or of all. With `refresh`, Stripe is asked first.
    ///
    /// # Errors
    /// Stripe does not answer.
    pub async fn subscriptions(
        &self,
        tenant: &Tenant,
        own: Option<&str>,
        refresh: bool,
        from: (&str, i64),
    ) -> Result<Vec<SubscriptionShown>> {
        if let Some(subject) = own.filter(|_| refresh) {
            let opened = self.open(&tenant.id).await?;
            self.sync_all_of(&opened, subject).await?;
        }
        let plans = self.entitlements.plans(&tenant.id).await?;
        let rows = store::page(&self.db, &tenant.id, own, from).await?;
        Ok(rows.into_iter().map(|row| SubscriptionShown::of(row, &plans)).collect())
    }

    /// Whose subscriptions an address stands for; nobody's: nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subject_of(&self, tenant: &Tenant, email: &Email) -> Result<Option<String>> {
        Ok(self.somebody(tenant, (None, Some(email))).await?.map(|user| user.id.to_string()))
    }

    /// One subscription: one's own, or anybody's for those who govern.
    ///
    /// # Errors
    /// There is none of this id, or Stripe does not answer.
    pub async fn subscription(
        &self,
        tenant: &Tenant,
        (id, own): (&str, Option<&str>),
        refresh: bool,
    ) -> Result<SubscriptionShown> {
        self.owned(tenant, id, own).await?;
        if refresh {
            let opened = self.open(&tenant.id).await?;
            self.sync_subscription(&opened, id).await?;
        }
        self.show(tenant, id, own).await
    }

    /// Ends a subscription, with the period that is paid or now.
    ///
    /// # Errors
    /// There is none of this id, or Stripe does not want to.
    pub async fn cancel(
        &self,
        tenant: &Tenant,
        (id, own): (&str, Option<&str>),
        wish: &Cancel,
        by: &Actor,
    ) -> Result<SubscriptionShown> {
        let opened = self.open(&tenant.id).await?;
        self.owned(tenant, id, own).await?;
        let path = format!("/v1/subscriptions/{id}");
        if wish.at == End::Now {
            let _: Value = self.at(&opened).delete(&path).await.map_err(refused)?;
        } else {
            self.tell(&opened, &path, &json!({ "cancel_at_period_end": true })).await?;
        }
        self.changed(&opened, tenant, (id, own), ("subscription.cancel_requested", by)).await
    }

    /// Lets a subscription go on that was to end with its period, or that is paused.
    ///
    /// # Errors
    /// There is none of this id, or Stripe does not want to.
    pub async fn resume(
        &self,
        tenant: &Tenant,
        (id, own): (&str, Option<&str>),
        by: &Actor,
    ) -> Result<SubscriptionShown> {
        let opened = self.open(&tenant.id).await?;
        let row = self.owned(tenant, id, own).await?;
        let path = format!("/v1/subscriptions/{id}");
        if row.status == "paused" {
            self.tell(&opened, &format!("{path}/resume"), &json!({ "billing_cycle_anchor": "now" })).await?;
        } else {
            self.tell(&opened, &path, &json!({ "cancel_at_period_end": false })).await?;
        }
        self.changed(&opened, tenant, (id, own), ("subscription.resume_requested", by)).await
    }

    /// Makes a subscription one for another plan, price or number.
    ///
    /// # Errors
    /// There is none of this id, there is no such price to buy, or Stripe does not want to.
    pub async fn change(
        &self,
        tenant: &Tenant,
        (id, own): (&str, Option<&str>),
        wish: &Change,
        by: &Actor,
    ) -> Result<SubscriptionShown> {
        let opened = self.open(&tenant.id).await?;
        let row = self.owned(tenant, id, own).await?;
        let [item] = row.items.as_slice() else {
            return Err(unprocessable("a subscription for several things is changed in the portal"));
        };
        if wish.quantity.is_some_and(|quantity| !(1..=999_999).contains(&quantity)) {
            return Err(unprocessable("a quantity is a whole number from 1 to 999999"));
        }
        let price = self.recurring_price(&opened, (wish.plan.as_deref(), wish.price.as_deref())).await?;
        if price.is_none() && wish.quantity.is_none() {
            return Err(unprocessable("a change names a plan, a price or a quantity"));
        }
        let form = json!({
            "items": [{ "id": item.id, "price": price, "quantity": wish.quantity }],
            "proration_behavior": wish.proration.map(Proration::as_str),
        });
        self.tell(&opened, &format!("/v1/subscriptions/{id}"), &form).await?;
        self.changed(&opened, tenant, (id, own), ("subscription.change_requested", by)).await
    }

    /// The price of a plan, or the one of this name: it has to recur, and to be one that can be bought.
    pub(super) async fn recurring_price(
        &self,
        opened: &Opened,
        (plan, price): (Option<&str>, Option<&str>),
    ) -> Result<Option<String>> {
        let plans = self.entitlements.plans(&opened.row.tenant_id).await?;
        let name = match (plan, price) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(unprocessable("it is a plan or a price")),
            (None, Some(price)) => price.to_owned(),
            (Some(key), None) => {
                let plan =
                    plans.iter().find(|plan| plan.key == key).ok_or_else(|| not_found("there is no such plan"))?;
                let first = plan.definition.prices.first().cloned();
                first.ok_or_else(|| unprocessable("this plan has no price that can be bought"))?
            }
        };
        let catalogue = self.catalogue_of(opened).await?;
        let price = catalogue.price(&name).filter(|price| price.recurring.is_some());
        Ok(Some(price.ok_or_else(|| unprocessable("there is no such price to pay again and again"))?.id.clone()))
    }

    /// Changes something at Stripe. Each wish is a new one.
    pub(super) async fn tell(&self, opened: &Opened, path: &str, form: &Value) -> Result<Value> {
        let key = Secret::generate();
        self.at(opened).post(path, form, key.expose()).await.map_err(refused)
    }

    async fn owned(&self, tenant: &Tenant, id: &str, own: Option<&str>) -> Result<Subscription> {
        let found = store::by_id(&self.db, &tenant.id, id).await?;
        let is_own = |row: &Subscription| own.is_none_or(|own| row.subject.as_deref() == Some(own));
        found.filter(is_own).ok_or_else(|| not_found("there is no such subscription"))
    }

    async fn changed(
        &self,
        opened: &Opened,
        tenant: &Tenant,
        (id, own): (&str, Option<&str>),
        (action, by): (&str, &Actor),
    ) -> Result<SubscriptionShown> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(&by.id).on(id).from(&by.origin);
        audit::record(&self.db, event).await?;
        self.sync_subscription(opened, id).await?;
        self.show(tenant, id, own).await
    }

    async fn show(&self, tenant: &Tenant, id: &str, own: Option<&str>) -> Result<SubscriptionShown> {
        let plans = self.entitlements.plans(&tenant.id).await?;
        Ok(SubscriptionShown::of(self.owned(tenant, id, own).await?, &plans))
    }
}
