//! Plans of tenants that are sold: the operators' own tenant takes the money, and who pays is a tenant. What it has paid
//! for stands with everything else that is paid there; its plan follows from that, in the same transaction.

use super::fulfil::record;
use super::{Payments, not_found, unprocessable};
use crate::base::{Actor, Origin, Result, Slug, TenantId};
use crate::store::plans::{Definition, Plan};
use crate::store::tenants::{self, Tenant, TenantStatus};
use crate::store::{Json, Tx, entitlements, tenant_plans};
use crate::tenants::give_plan_in;

/// What the name of a tenant begins with where buyers are named. No person's id does.
const TENANT: &str = "tenant:";

/// Somebody and the key of a plan.
pub(super) type Pair = (String, String);

/// How a tenant is named where buyers are named.
pub(super) fn as_buyer(tenant: &TenantId) -> String {
    format!("{TENANT}{tenant}")
}

/// Whether this names a tenant.
pub(super) fn is_tenant(subject: &str) -> bool {
    subject.starts_with(TENANT)
}

/// A plan of tenants as something that is paid.
fn as_sold(plan: tenant_plans::TenantPlan, seller: &TenantId) -> Plan {
    let tenant_plans::Terms { name, prices, products, rank, .. } = plan.terms.0;
    Plan {
        tenant_id: seller.clone(),
        key: plan.key,
        definition: Json(Definition { name, prices, products, rank, ..Definition::default() }),
        version: plan.version,
        created_at: plan.created_at,
        updated_at: plan.updated_at,
    }
}

impl Payments {
    /// The operators' own tenant, which sells plans to the others.
    ///
    /// # Errors
    /// [`crate::base::Code::NotFound`]: there is none yet.
    pub async fn seller(&self) -> Result<Tenant> {
        let slug = Slug::SYSTEM.parse::<Slug>().map_err(crate::base::Fault::new)?;
        let found = tenants::by_slug(&self.db, &slug).await?;
        found.ok_or_else(|| not_found("there is no tenant of the operators yet"))
    }

    /// Plans that tenants can buy, the lowest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tenant_plans_for_sale(&self) -> Result<Vec<tenant_plans::TenantPlan>> {
        let mut all = tenant_plans::all(&self.db).await?;
        all.retain(|plan| plan.terms.is_for_sale());
        all.sort_by(|one, other| (one.terms.rank, &one.key).cmp(&(other.terms.rank, &other.key)));
        Ok(all)
    }

    /// What somebody who is named so can buy in this tenant.
    pub(super) async fn sold_to(&self, tx: &mut Tx, seller: &TenantId, subject: Option<&str>) -> Result<Vec<Plan>> {
        if !subject.is_some_and(is_tenant) {
            return Ok(crate::store::plans::all(tx, seller).await?);
        }
        Ok(tenant_plans::all(tx).await?.into_iter().map(|plan| as_sold(plan, seller)).collect())
    }

    /// The tenant that a checkout is for, and what it can buy.
    pub(super) async fn paying(&self, seller: &Tenant, named: &str) -> Result<(String, Vec<Plan>)> {
        if seller.slug.as_str() != Slug::SYSTEM {
            return Err(unprocessable("plans of tenants are sold by the operators' own tenant"));
        }
        let found = match named.parse::<Slug>() {
            Ok(slug) => tenants::by_slug(&self.db, &slug).await?,
            Err(_) => None,
        };
        let found = match found {
            Some(found) => Some(found),
            None => tenants::by_id(&self.db, &TenantId::from(named)).await?,
        };
        let found = found.filter(|tenant| tenant.status != TenantStatus::Deleted && tenant.id != seller.id);
        let found = found.ok_or_else(|| not_found("there is no such tenant"))?;
        let plans = tenant_plans::all(&self.db).await?;
        Ok((as_buyer(&found.id), plans.into_iter().map(|plan| as_sold(plan, &seller.id)).collect()))
    }

    /// Brings a tenant's plan to what it has paid for; whether it changed. What an operator gave stays when something else
    /// ends.
    pub(super) async fn hand_on(
        &self,
        tx: &mut Tx,
        seller: &TenantId,
        (given, taken): (&[Pair], &[Pair]),
    ) -> Result<bool> {
        let Some((subject, _)) = given.iter().chain(taken).find(|(subject, _)| is_tenant(subject)) else {
            return Ok(false);
        };
        let is_seller = tenants::by_id(&mut *tx, seller).await?.is_some_and(|own| own.slug.as_str() == Slug::SYSTEM);
        let buyer = tenants::by_id(&mut *tx, &TenantId::from(subject.trim_start_matches(TENANT))).await?;
        let Some(buyer) = buyer.filter(|buyer| is_seller && buyer.status != TenantStatus::Deleted) else {
            return Ok(false);
        };
        let had = buyer.held.plan.as_deref();
        if given.is_empty() && !taken.iter().any(|(_, plan)| Some(plan.as_str()) == had) {
            return Ok(false);
        }
        let paid = entitlements::live(&mut *tx, seller, subject, self.clock.now()).await?;
        let plans = tenant_plans::all(&mut *tx).await?.into_iter().filter(|plan| paid.contains(&plan.key));
        let best = plans.max_by_key(|plan| plan.terms.rank).map(|plan| plan.key);
        if best.as_deref() == had {
            return Ok(false);
        }
        let by = Actor { id: "payments".to_owned(), origin: Origin::default() };
        give_plan_in(tx, &self.clock, (&buyer.id, best.as_deref()), &by).await?;
        Ok(true)
    }

    /// Takes everything from tenants that they have paid for, because the account it was paid to is another or gone.
    pub(super) async fn forget_tenants(&self, tx: &mut Tx, seller: &TenantId) -> Result<()> {
        for subject in entitlements::paying_tenants(&mut *tx, seller).await? {
            let rows = entitlements::of_subject(&mut *tx, seller, &subject).await?;
            let mut taken = Vec::new();
            for row in rows.iter().filter(|row| row.revoked_at.is_none()) {
                let what = (row.subject.as_str(), row.plan.as_str(), row.source.as_str());
                entitlements::take(&mut *tx, seller, what, self.clock.now()).await?;
                taken.push((row.subject.clone(), row.plan.clone()));
            }
            self.hand_on(tx, seller, (&[], &taken)).await?;
        }
        Ok(())
    }

    /// Takes from tenants what they have paid for and what is over; answers how much that was.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lapse(&self) -> Result<u64> {
        let slug = Slug::SYSTEM.parse::<Slug>().map_err(crate::base::Fault::new)?;
        let Some(seller) = tenants::by_slug(&self.db, &slug).await? else { return Ok(0) };
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let over = entitlements::take_lapsed(&mut tx, &seller.id, now).await?;
        for row in &over {
            record(&mut tx, &seller.id, (now, "entitlement.taken"), (&row.subject, &row.plan, &row.source)).await?;
            let pair = (row.subject.clone(), row.plan.clone());
            self.hand_on(&mut tx, &seller.id, (&[], &[pair])).await?;
        }
        tx.commit().await?;
        if !over.is_empty() {
            self.tenants.changed();
        }
        Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
    }

    /// Derives what tenants have paid for again, after a plan of tenants was made or changed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tenant_plans_changed(&self) -> Result<()> {
        match self.seller().await {
            Ok(seller) => self.fulfil_again(&seller.id).await,
            Err(crate::base::Stop::Refused(_)) => Ok(()),
            Err(failed) => Err(failed),
        }
    }
}
