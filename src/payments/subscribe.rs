//! A subscription without a page of Stripe's: its payer gets an invoice by mail and has some days to pay it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::checkout::check_metadata;
use super::lines::{self, Cost, Line, LineItem};
use super::{Opened, Payments, SubscriptionShown, refused, unprocessable};
use crate::base::{Actor, Digest, Email, Result, Secret};
use crate::store::audit::{self, Event};
use crate::store::subscriptions as store;
use crate::store::tenants::Tenant;
use crate::stripe::{Customer, Product, Subscription};

/// Days to pay, where nobody says.
const USUAL_DAYS: u32 = 7;

/// A request for one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// Who pays, by id.
    #[serde(default)]
    subject: Option<String>,
    /// Who pays, by address; somebody who has no account here gets none by it.
    #[serde(default)]
    email: Option<Email>,
    /// A plan, whose first price is paid.
    #[serde(default)]
    plan: Option<String>,
    /// What is paid.
    #[serde(default, alias = "line_items", alias = "linedata")]
    items: Vec<LineItem>,
    /// In which money, where the items do not say.
    #[serde(default)]
    currency: Option<String>,
    /// How many days there are to pay an invoice: 7.
    #[serde(default)]
    due_days: Option<u32>,
    /// What is written to it.
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl Payments {
    /// Makes a subscription that is paid by invoice. The same key makes one.
    ///
    /// # Errors
    /// The request cannot be, or Stripe does not want it.
    pub async fn subscribe(
        &self,
        tenant: &Tenant,
        (new, key): (NewSubscription, Option<&str>),
        by: &Actor,
    ) -> Result<SubscriptionShown> {
        check_metadata(&new.metadata)?;
        let days = new.due_days.unwrap_or(USUAL_DAYS);
        if !(1..=365).contains(&days) {
            return Err(unprocessable("due_days is a whole number from 1 to 365"));
        }
        let opened = self.open(&tenant.id).await?;
        let key =
            key.map_or_else(|| Secret::generate().digest(), |key| Digest::of(format!("{} {key}", by.id).as_bytes()));
        let lines = self.lines_of(&opened, &new).await?;
        let customer = self.payer(&opened, tenant, &new, key.as_str()).await?;
        let mut items = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            items.push(self.item(&opened, line, &format!("product-{}-{at}", key.as_str())).await?);
        }
        let form = json!({
            "customer": customer, "items": items, "collection_method": "send_invoice", "days_until_due": days,
            "metadata": new.metadata,
        });
        let key = format!("subscription-{}", key.as_str());
        let made: Subscription = self.at(&opened).post("/v1/subscriptions", &form, &key).await.map_err(refused)?;
        let event = Event::new(&tenant.id, self.clock.now(), "subscription.requested").by(&by.id).on(&made.id);
        audit::record(&self.db, event.from(&by.origin)).await?;
        self.sync_subscription(&opened, &made.id).await?;
        let plans = self.entitlements.plans(&tenant.id).await?;
        let row = store::by_id(&self.db, &tenant.id, &made.id).await?;
        let row = row.ok_or_else(|| crate::base::Fault::new("a new subscription is not there"))?;
        Ok(SubscriptionShown::of(row, &plans))
    }

    async fn lines_of(&self, opened: &Opened, new: &NewSubscription) -> Result<Vec<Line>> {
        let catalogue = self.catalogue_of(opened).await?;
        if new.plan.is_some() {
            if !new.items.is_empty() {
                return Err(unprocessable("a subscription is for a plan or for items"));
            }
            let price = self.recurring_price(opened, (new.plan.as_deref(), None)).await?.unwrap_or_default();
            let price =
                catalogue.price(&price).cloned().ok_or_else(|| unprocessable("there is no such price to buy"))?;
            return Ok(vec![Line { price: Cost::Catalogued(price), quantity: 1 }]);
        }
        let mut lines = lines::read(&new.items, new.currency.as_deref(), true, &catalogue)?;
        for line in &mut lines {
            // An older line says nothing of how often: each month.
            if let Cost::MadeUp(price) = &mut line.price {
                let monthly = || crate::stripe::Recurring { interval: "month".to_owned(), interval_count: 1 };
                price.recurring.get_or_insert_with(monthly);
            }
        }
        if lines.iter().all(Line::is_recurring) {
            return Ok(lines);
        }
        Err(unprocessable("a subscription needs prices that recur"))
    }

    /// What Stripe calls the payer, be they somebody here or not.
    async fn payer(&self, opened: &Opened, tenant: &Tenant, new: &NewSubscription, key: &str) -> Result<String> {
        if new.subject.is_none() && new.email.is_none() {
            return Err(unprocessable("a subscription needs a payer: subject or email"));
        }
        if let Some(known) = self.somebody(tenant, (new.subject.as_deref(), new.email.as_ref())).await? {
            return self.customer(opened, tenant, known.id.as_str()).await;
        }
        let form = json!({ "email": new.email.as_ref().map(Email::as_str) });
        let key = format!("payer-{key}");
        let made: Customer = self.at(opened).post("/v1/customers", &form, &key).await.map_err(refused)?;
        Ok(made.id)
    }

    /// A line as a subscription takes it: a made-up price needs a product that exists.
    async fn item(&self, opened: &Opened, line: &Line, key: &str) -> Result<Value> {
        match &line.price {
            Cost::Catalogued(price) => Ok(json!({ "price": price.id, "quantity": line.quantity })),
            Cost::MadeUp(price) => {
                let form = json!({ "name": price.product_data.name });
                let product: Product = self.at(opened).post("/v1/products", &form, key).await.map_err(refused)?;
                Ok(json!({ "quantity": line.quantity, "price_data": {
                    "currency": price.currency, "product": product.id, "unit_amount": price.unit_amount,
                    "recurring": price.recurring,
                } }))
            }
        }
    }
}
