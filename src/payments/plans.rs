//! Plans: what a payment opens. Who has one keeps it when it is changed, with what it then opens.

use serde::Serialize;
use serde_json::json;

use super::{Payments, not_found, unprocessable};
use crate::base::{Actor, Result};
use crate::entitlements::is_reserved;
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::plans::{self, Definition, Plan};
use crate::store::tenants::Tenant;

/// A plan as it is shown.
#[derive(Debug, Serialize)]
pub struct PlanShown {
    /// Its name in URLs and tokens.
    pub key: String,
    /// What it is.
    #[serde(flatten)]
    pub definition: Definition,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl From<&Plan> for PlanShown {
    fn from(plan: &Plan) -> Self {
        Self {
            key: plan.key.clone(),
            definition: plan.definition.0.clone(),
            created_at: plan.created_at.rfc3339(),
            updated_at: plan.updated_at.rfc3339(),
        }
    }
}

impl Payments {
    /// All plans of a tenant.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plans(&self, tenant: &Tenant) -> Result<Vec<PlanShown>> {
        Ok(self.entitlements.plans(&tenant.id).await?.iter().map(PlanShown::from).collect())
    }

    /// One plan.
    ///
    /// # Errors
    /// There is none of this key.
    pub async fn plan(&self, tenant: &Tenant, key: &str) -> Result<PlanShown> {
        let found = plans::by_key(&self.db, &tenant.id, key).await?;
        found.as_ref().map(PlanShown::from).ok_or_else(|| not_found("there is no such plan"))
    }

    /// Makes a plan, or makes another of the one of this key; who pays one of its prices has it from now on.
    ///
    /// # Errors
    /// The key or a member cannot be.
    pub async fn put_plan(&self, tenant: &Tenant, key: &str, definition: &Definition, by: &Actor) -> Result<PlanShown> {
        let mut tx = self.db.begin().await?;
        self.put_plan_in(&mut tx, tenant, (key, definition), by).await?;
        tx.commit().await?;
        self.plans_changed(tenant).await?;
        self.plan(tenant, key).await
    }

    /// As [`Payments::put_plan`], within the caller's transaction; [`Payments::plans_changed`] is asked after.
    ///
    /// # Errors
    /// The key or a member cannot be.
    pub async fn put_plan_in(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (key, definition): (&str, &Definition),
        by: &Actor,
    ) -> Result<()> {
        check(key, definition)?;
        let now = self.clock.now();
        plans::put(&mut *tx, &tenant.id, key, definition, now).await?;
        let event = Event::new(&tenant.id, now, "plan.updated").by(&by.id).on(key).from(&by.origin);
        Ok(audit::record(tx, event.detail(json!({ "definition": definition }))).await?)
    }

    /// Gives everybody what the plans open that there are now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plans_changed(&self, tenant: &Tenant) -> Result<()> {
        self.entitlements.changed(&tenant.id);
        self.fulfil_again(&tenant.id).await
    }

    /// Removes a plan: nobody has it any more.
    ///
    /// # Errors
    /// There is none of this key.
    pub async fn delete_plan(&self, tenant: &Tenant, key: &str, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.delete_plan_in(&mut tx, tenant, key, by).await?;
        tx.commit().await?;
        self.plans_changed(tenant).await
    }

    /// As [`Payments::delete_plan`], within the caller's transaction; [`Payments::plans_changed`] is asked after.
    ///
    /// # Errors
    /// There is none of this key.
    pub async fn delete_plan_in(&self, tx: &mut Tx, tenant: &Tenant, key: &str, by: &Actor) -> Result<()> {
        if !plans::delete(&mut *tx, &tenant.id, key).await? {
            return Err(not_found("there is no such plan"));
        }
        let event = Event::new(&tenant.id, self.clock.now(), "plan.deleted").by(&by.id).on(key).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }
}

/// Whether a plan can be so.
///
/// # Errors
/// The key or a member cannot be.
pub fn check(key: &str, definition: &Definition) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if !(1..=64).contains(&key.len()) || !key.bytes().all(plain) {
        return Err(unprocessable("a plan's key has 1 to 64 characters of a-z, 0-9, - and _"));
    }
    let names = definition.prices.iter().chain(&definition.products).chain(&definition.features);
    let few = [definition.prices.len(), definition.products.len(), definition.features.len(), definition.claims.len()];
    if few.iter().any(|count| *count > 100) || names.clone().any(|name| name.is_empty() || name.len() > 200) {
        return Err(unprocessable("prices, products and features are up to 100 names of up to 200 bytes"));
    }
    if definition.name.len() > 200 {
        return Err(unprocessable("a plan's name has up to 200 bytes"));
    }
    if definition.scopes.contains("openid") || definition.scopes.tokens().iter().any(|t| t.starts_with("platform:")) {
        return Err(unprocessable("openid and the operators' scopes are not for sale"));
    }
    if let Some(name) = definition.claims.keys().find(|name| is_reserved(name) || name.len() > 64) {
        return Err(unprocessable(format!("a plan cannot have the claim `{name}`")));
    }
    if serde_json::to_string(&definition.claims)?.len() > 4_096 {
        return Err(unprocessable("a plan's claims have up to 4096 bytes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn checked(key: &str, definition: Value) -> bool {
        serde_json::from_value(definition).is_ok_and(|definition| check(key, &definition).is_ok())
    }

    #[test]
    fn plans_that_cannot_be_are_refused() {
        assert!(checked(
            "pro-2_a",
            json!({ "scopes": "reports:read", "claims": { "seats": 5 }, "quotas": { "files": 1 } })
        ));
        for key in ["", "Pro", "a b", "a/b", "é"] {
            assert!(!checked(key, json!({})), "{key}");
        }
        for definition in [
            json!({ "scopes": "openid" }),
            json!({ "scopes": "platform:*" }),
            json!({ "claims": { "sub": "root" } }),
            json!({ "claims": { "roles": ["owner"] } }),
            json!({ "claims": { "x": "y".repeat(5_000) } }),
            json!({ "features": [""] }),
            json!({ "quotas": { "documents": -1 } }),
            json!({ "quotas": { "cakes": 1 } }),
            json!({ "role": "owner" }),
        ] {
            assert!(!checked("pro", definition.clone()), "{definition}");
        }
    }
}
