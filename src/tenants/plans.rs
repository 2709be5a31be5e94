//! What operators do with the plans of tenants: make, change, delete, give. Each change and its audit row are one
//! transaction; rows about plans stand in the trail of the operators' tenant, those about a tenant in its own.

use std::collections::BTreeMap;

use serde_json::json;

use super::Tenants;
use crate::base::{Actor, Clock, Code, Result, Slug, Stop, TenantId};
use crate::store::audit::{self, Event};
use crate::store::tenant_plans::{self as store, TenantPlan, Terms};
use crate::store::tenants::Tenant;
use crate::store::{Tx, tenant_usage};

/// Most features of a plan, and most prices.
const FEATURES: usize = 100;

impl Tenants {
    /// All plans, in the order of their keys.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plans(&self) -> Result<Vec<TenantPlan>> {
        Ok(store::all(&self.db).await?)
    }

    /// The plan of this key.
    ///
    /// # Errors
    /// There is none.
    pub async fn plan(&self, key: &str) -> Result<TenantPlan> {
        store::by_key(&self.db, key).await?.ok_or_else(none)
    }

    /// Makes a plan.
    ///
    /// # Errors
    /// Its key or terms cannot be, or there is one of this key.
    pub async fn make_plan(&self, clock: &Clock, (key, terms): (&str, &Terms), by: &Actor) -> Result<TenantPlan> {
        check(key, terms)?;
        let mut tx = self.db.begin().await?;
        if !store::insert(&mut tx, key, terms, clock.now()).await? {
            return Err(Stop::refuse(Code::Conflict, "there is a plan of this key"));
        }
        self.note_plan(&mut tx, clock, ("tenant_plan.created", key), by).await?;
        tx.commit().await?;
        self.known.invalidate_all();
        self.plan(key).await
    }

    /// Changes a plan; it holds for all who have it at once. `plan` is as it shall be, over the version that was read.
    ///
    /// # Errors
    /// The terms cannot be, or somebody else changed it meanwhile.
    pub async fn change_plan(&self, clock: &Clock, plan: &TenantPlan, by: &Actor) -> Result<TenantPlan> {
        check(&plan.key, &plan.terms)?;
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, plan, clock.now()).await? {
            return Err(Stop::refuse(Code::PreconditionFailed, "the plan was changed by somebody else meanwhile"));
        }
        self.note_plan(&mut tx, clock, ("tenant_plan.updated", &plan.key), by).await?;
        tx.commit().await?;
        self.known.invalidate_all();
        self.plan(&plan.key).await
    }

    /// Deletes a plan.
    ///
    /// # Errors
    /// There is none, or a tenant has it.
    pub async fn delete_plan(&self, clock: &Clock, key: &str, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !store::hold(&mut tx, key).await? {
            return Err(none());
        }
        if !store::delete(&mut tx, key).await? {
            return Err(Stop::refuse(Code::Conflict, "a tenant has this plan; give it another one first"));
        }
        self.note_plan(&mut tx, clock, ("tenant_plan.deleted", key), by).await?;
        tx.commit().await?;
        self.known.invalidate_all();
        Ok(())
    }

    /// Gives a tenant a plan; `None`: the usual one. What the tenant has more than that it keeps.
    ///
    /// # Errors
    /// There is no such plan or tenant.
    pub async fn give_plan(&self, clock: &Clock, tenant: &Tenant, plan: Option<&str>, by: &Actor) -> Result<Tenant> {
        let mut tx = self.db.begin().await?;
        give_in(&mut tx, clock, (&tenant.id, plan), by).await?;
        tx.commit().await?;
        self.known.invalidate_all();
        let found = crate::store::tenants::by_id(&self.db, &tenant.id).await?;
        found.ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such tenant"))
    }

    /// How many of everything that is counted a tenant has.
    ///
    /// # Errors
    /// The database failed.
    pub async fn usage(&self, clock: &Clock, tenant: &TenantId) -> Result<BTreeMap<&'static str, i64>> {
        Ok(tenant_usage::of_tenant(&self.db, tenant, clock.now()).await?)
    }

    /// Counts anew where a count is not what there is; answers whose counts these were.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recount(&self) -> Result<Vec<tenant_usage::Wrong>> {
        let wrong = tenant_usage::wrong(&self.db).await?;
        for count in &wrong {
            tenant_usage::correct(&self.db, &count.tenant_id).await?;
        }
        Ok(wrong)
    }

    async fn note_plan(&self, tx: &mut Tx, clock: &Clock, (action, key): (&str, &str), by: &Actor) -> Result<()> {
        let system = Slug::SYSTEM.parse::<Slug>().map_err(crate::base::Fault::new)?;
        // Before `init` there is no trail that it could stand in.
        let Some(system) = crate::store::tenants::by_slug(&mut *tx, &system).await? else { return Ok(()) };
        let event = Event::new(&system.id, clock.now(), action).by(&by.id).on(key).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }
}

/// Gives a tenant a plan as a part of something else.
///
/// # Errors
/// There is no such plan or tenant.
pub async fn give_in(tx: &mut Tx, clock: &Clock, (tenant, plan): (&TenantId, Option<&str>), by: &Actor) -> Result<()> {
    if let Some(key) = plan
        && !store::hold(&mut *tx, key).await?
    {
        return Err(none());
    }
    if !store::give(&mut *tx, tenant, plan, clock.now()).await? {
        return Err(Stop::refuse(Code::NotFound, "there is no such tenant"));
    }
    let event = Event::new(tenant, clock.now(), "tenant.plan_changed").by(&by.id).on(tenant.as_str());
    Ok(audit::record(tx, event.from(&by.origin).detail(json!({ "plan": plan }))).await?)
}

fn none() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such plan")
}

/// Whether there can be such a plan.
fn check(key: &str, terms: &Terms) -> Result<()> {
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    if !is_word(key) {
        return refuse("the key of a plan has up to 64 characters of a-z, 0-9, - and _");
    }
    if terms.name.len() > 200 || terms.name.chars().any(char::is_control) {
        return refuse("the name of a plan is one line of up to 200 bytes");
    }
    if terms.features.len() > FEATURES || !terms.features.iter().all(|feature| is_word(feature)) {
        return refuse("a plan has up to 100 features, each of up to 64 characters of a-z, 0-9, - and _");
    }
    let names = || terms.prices.iter().chain(&terms.products);
    let is_name = |name: &String| (1..=200).contains(&name.len()) && !name.contains(char::is_control);
    if names().count() > FEATURES || !names().all(is_name) {
        return refuse("a plan has up to 100 prices and products, each a name of up to 200 bytes");
    }
    let limits = &terms.limits;
    let most = [limits.users, limits.organizations, limits.clients, limits.documents, limits.bytes];
    let rates = [limits.requests_per_minute, limits.mails_per_day];
    if most.into_iter().chain(rates).flatten().any(|limit| i64::try_from(limit).is_err()) {
        return refuse("a limit is smaller than two to the power of 63; leave it out for none");
    }
    if limits.requests_per_minute == Some(0) {
        return refuse("a tenant answers at least one request a minute; suspend it to let it answer none");
    }
    Ok(())
}

fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tenant_plans::Allowance;

    #[test]
    fn a_plan_that_cannot_be_is_refused() {
        let terms = Terms { features: vec!["single-sign-on".to_owned()], ..Terms::default() };
        assert!(check("large_2", &terms).is_ok());
        for key in ["", "Large", "a b", "a/b", "ä", &"x".repeat(65)] {
            assert!(check(key, &terms).is_err(), "{key}");
        }
        let limited = |limits| Terms { limits, ..Terms::default() };
        let bad = [
            Terms { name: "a\nb".to_owned(), ..Terms::default() },
            Terms { features: vec!["A".to_owned()], ..Terms::default() },
            Terms { features: vec!["a".to_owned(); 101], ..Terms::default() },
            Terms { prices: vec![String::new()], ..Terms::default() },
            Terms { products: vec!["prod_1".to_owned(); 101], ..Terms::default() },
            limited(Allowance { users: Some(u64::MAX), ..Allowance::default() }),
            limited(Allowance { requests_per_minute: Some(0), ..Allowance::default() }),
        ];
        for terms in bad {
            assert!(check("x", &terms).is_err(), "{terms:?}");
        }
    }
}
