//! What somebody has, as it is shown; and plans that administrators give and take by hand.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::tenant_plans::is_tenant;
use super::{Payments, not_found, unprocessable};
use crate::base::{Actor, Result, Scope, Timestamp};
use crate::entitlements::Quotas;
use crate::store::audit::{self, Event};
use crate::store::entitlements::{self as store, Entitlement};
use crate::store::tenants::Tenant;

/// By what an administrator gives.
const MANUAL: &str = "manual";

/// A plan that is given or taken by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// To whom: a person's or a client's id.
    pub subject: String,
    /// Which.
    pub plan: String,
    /// For how many days; absent: for good.
    #[serde(default)]
    pub days: Option<u32>,
}

/// What somebody has.
#[derive(Debug, Serialize)]
pub struct EntitlementShown {
    /// Who.
    pub subject: String,
    /// Plans, the highest first.
    pub plans: Vec<String>,
    /// What applications ask for by name.
    pub features: Vec<String>,
    /// Scopes that these plans open.
    pub scopes: Scope,
    /// How much may be kept.
    pub quotas: Quotas,
    /// The claims of tokens with the scope `entitlements`.
    pub claims: Map<String, Value>,
    /// By what.
    pub sources: Vec<Value>,
}

impl Payments {
    /// What somebody has now, and by what they have or had it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn entitlements_of(&self, tenant: &Tenant, subject: &str) -> Result<EntitlementShown> {
        let entitled = self.entitlements.of(&tenant.id, subject).await?;
        let rows = store::of_subject(&self.db, &tenant.id, subject).await?;
        let now = self.clock.now();
        Ok(EntitlementShown {
            subject: subject.to_owned(),
            claims: entitled.claims(&Scope::of(["entitlements"])),
            plans: entitled.plans,
            features: entitled.features,
            scopes: entitled.scopes,
            quotas: entitled.quotas,
            sources: rows.iter().map(|row| shown(row, now)).collect(),
        })
    }

    /// Gives somebody a plan without payment.
    ///
    /// # Errors
    /// There is no such plan.
    pub async fn give(&self, tenant: &Tenant, given: &Given, by: &Actor) -> Result<EntitlementShown> {
        let plans = self.entitlements.plans(&tenant.id).await?;
        if !plans.iter().any(|plan| plan.key == given.plan) {
            return Err(not_found("there is no such plan"));
        }
        if given.subject.is_empty() || given.subject.len() > 200 || given.days == Some(0) {
            return Err(unprocessable("a plan is given to somebody, for a day at least"));
        }
        if is_tenant(&given.subject) {
            return Err(unprocessable("a tenant is given its plan by PUT /api/v1/tenants/{id}/plan"));
        }
        let now = self.clock.now();
        let until = given.days.map(|days| now.plus(crate::base::Seconds(i64::from(days) * 86_400)));
        let mut tx = self.db.begin().await?;
        store::give(&mut tx, &tenant.id, (&given.subject, &given.plan, MANUAL), until, now).await?;
        self.by_hand(&mut tx, tenant, ("entitlement.given", given), by).await?;
        tx.commit().await?;
        self.entitlements_of(tenant, &given.subject).await
    }

    /// Takes back what was given by hand.
    ///
    /// # Errors
    /// Nothing was.
    pub async fn take(&self, tenant: &Tenant, given: &Given, by: &Actor) -> Result<EntitlementShown> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !store::take(&mut tx, &tenant.id, (&given.subject, &given.plan, MANUAL), now).await? {
            return Err(not_found("this plan was not given by hand"));
        }
        self.by_hand(&mut tx, tenant, ("entitlement.taken", given), by).await?;
        tx.commit().await?;
        self.entitlements_of(tenant, &given.subject).await
    }

    async fn by_hand(
        &self,
        tx: &mut crate::store::Tx,
        tenant: &Tenant,
        (action, given): (&str, &Given),
        by: &Actor,
    ) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(&by.id).on(&given.subject).from(&by.origin);
        Ok(audit::record(tx, event.detail(json!({ "plan": given.plan, "source": MANUAL }))).await?)
    }
}

fn shown(row: &Entitlement, now: Timestamp) -> Value {
    let live = row.revoked_at.is_none() && row.valid_until.is_none_or(|until| until > now);
    json!({
        "plan": row.plan, "source": row.source, "live": live,
        "valid_until": row.valid_until.map(Timestamp::rfc3339),
        "revoked_at": row.revoked_at.map(Timestamp::rfc3339),
    })
}
