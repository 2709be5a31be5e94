//! Schedules: what becomes of a subscription when its period is over.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Payments, not_found, refused, unprocessable};
use crate::base::{Actor, Result, Secret};
use crate::store::audit::{self, Event};
use crate::store::payment_accounts as accounts;
use crate::store::subscriptions as store;
use crate::store::tenants::Tenant;
use crate::stripe::{Listed, Schedule};

/// A request for one: another plan or price from the end of the period on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// Of which subscription.
    subscription: String,
    /// A plan, whose first price is paid then.
    #[serde(default)]
    plan: Option<String>,
    /// Or a price, by id or lookup key.
    #[serde(default)]
    price: Option<String>,
    /// How many.
    #[serde(default)]
    quantity: Option<u64>,
    /// What happens after the last phase: `release` (it goes on) or `cancel`.
    #[serde(default)]
    end_behavior: EndBehavior,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EndBehavior {
    #[default]
    Release,
    Cancel,
}

/// A schedule as it is shown.
#[derive(Debug, Serialize)]
pub struct ScheduleShown {
    /// Stripe's id.
    pub id: String,
    /// Stripe's word for how it stands.
    pub status: String,
    /// Of which subscription.
    pub subscription: Option<String>,
    /// `release` or `cancel`.
    pub end_behavior: String,
    /// One after the other.
    pub phases: Vec<Value>,
}

impl From<Schedule> for ScheduleShown {
    fn from(schedule: Schedule) -> Self {
        let phase = |phase: &crate::stripe::Phase| {
            let items = phase.items.iter().map(|item| json!({ "price": item.price.0, "quantity": item.quantity }));
            json!({
                "start": phase.start_date.rfc3339(), "end": phase.end_date.rfc3339(),
                "items": items.collect::<Vec<_>>(),
            })
        };
        Self {
            phases: schedule.phases.iter().map(phase).collect(),
            id: schedule.id,
            status: schedule.status,
            subscription: schedule.subscription.map(|named| named.0),
            end_behavior: schedule.end_behavior,
        }
    }
}

impl Payments {
    /// Sets what becomes of a subscription.
    ///
    /// # Errors
    /// There is none of this id, there is no such price to buy, or Stripe does not want to.
    pub async fn schedule(
        &self,
        tenant: &Tenant,
        own: Option<&str>,
        new: &NewSchedule,
        by: &Actor,
    ) -> Result<ScheduleShown> {
        let opened = self.open(&tenant.id).await?;
        let row = store::by_id(&self.db, &tenant.id, &new.subscription).await?;
        let row = row.filter(|row| own.is_none_or(|own| row.subject.as_deref() == Some(own)));
        let row = row.ok_or_else(|| not_found("there is no such subscription"))?;
        if new.quantity.is_some_and(|quantity| !(1..=999_999).contains(&quantity)) {
            return Err(unprocessable("a quantity is a whole number from 1 to 999999"));
        }
        let price = self.recurring_price(&opened, (new.plan.as_deref(), new.price.as_deref())).await?;
        let price = price.ok_or_else(|| unprocessable("a schedule names a plan or a price"))?;
        let schedule = if let Some(id) = &row.schedule_id {
            self.at(&opened).get(&format!("/v1/subscription_schedules/{id}"), &json!({})).await
        } else {
            let (form, key) = (json!({ "from_subscription": row.stripe_id }), Secret::generate());
            self.at(&opened).post("/v1/subscription_schedules", &form, key.expose()).await
        };
        let schedule: Schedule = schedule.map_err(refused)?;
        let now = self.clock.now();
        let current = schedule.phases.iter().find(|phase| phase.end_date > now);
        let current = current.ok_or_else(|| unprocessable("the subscription has no period that could end"))?;
        let items = current.items.iter().map(|item| json!({ "price": item.price.0, "quantity": item.quantity }));
        let end = if new.end_behavior == EndBehavior::Cancel { "cancel" } else { "release" };
        let form = json!({
            "end_behavior": end,
            "phases": [
                { "start_date": current.start_date, "end_date": current.end_date, "items": items.collect::<Vec<_>>() },
                { "items": [{ "price": price, "quantity": new.quantity.unwrap_or(1) }] },
            ],
        });
        let path = format!("/v1/subscription_schedules/{}", schedule.id);
        let told: Schedule = serde_json::from_value(self.tell(&opened, &path, &form).await?)?;
        let event = Event::new(&tenant.id, now, "subscription.schedule_requested").by(&by.id).on(&row.stripe_id);
        audit::record(&self.db, event.detail(json!({ "price": price })).from(&by.origin)).await?;
        self.sync_subscription(&opened, &row.stripe_id).await?;
        Ok(told.into())
    }

    /// Somebody's schedules.
    ///
    /// # Errors
    /// Stripe does not answer.
    pub async fn schedules(&self, tenant: &Tenant, subject: &str) -> Result<Vec<ScheduleShown>> {
        let opened = self.open(&tenant.id).await?;
        let Some(customer) = accounts::customer(&self.db, &tenant.id, subject).await? else { return Ok(Vec::new()) };
        let query = json!({ "customer": customer, "limit": 20 });
        let told: Listed<Schedule> =
            self.at(&opened).get("/v1/subscription_schedules", &query).await.map_err(refused)?;
        Ok(told.data.into_iter().map(ScheduleShown::from).collect())
    }
}
