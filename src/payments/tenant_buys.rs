//! What a tenant's administrators buy for it: a plan of the operators', on Stripe's page, and what they change there.

use serde::{Deserialize, Serialize};

use super::tenant_plans::as_buyer;
use super::{Buyer, CheckoutShown, NewCheckout, Payments, PriceShown};
use crate::base::{Actor, Code, Result, Stop};
use crate::store::subscriptions;
use crate::store::tenant_plans::Allowance;
use crate::store::tenants::Tenant;

/// How Stripe's words begin for a subscription that goes on.
const GOES_ON: [&str; 4] = ["active", "trialing", "past_due", "unpaid"];

/// A plan that can be bought, as it is shown.
#[derive(Debug, Serialize)]
pub struct ForSale {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// How much of everything there may be with it.
    pub limits: Allowance,
    /// What applications ask for by name.
    pub features: Vec<String>,
    /// What it costs; the first is what a checkout asks for.
    pub prices: Vec<PriceShown>,
}

/// A request for a plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPurchase {
    /// Which.
    plan: String,
    /// Where people go who have paid.
    success_url: String,
    /// Where people go who have not.
    #[serde(default)]
    cancel_url: Option<String>,
}

impl Payments {
    /// The plans that a tenant can buy, with what they cost now.
    ///
    /// # Errors
    /// The operators take no payments, or Stripe does not answer.
    pub async fn for_sale(&self) -> Result<Vec<ForSale>> {
        let plans = self.tenant_plans_for_sale().await?;
        if plans.is_empty() {
            return Ok(Vec::new());
        }
        let catalogue = self.catalogue(&self.seller().await?).await?;
        let shown = |plan: crate::store::tenant_plans::TenantPlan| {
            let terms = plan.terms.0;
            let prices: Vec<_> =
                terms.prices.iter().filter_map(|name| catalogue.price(name)).map(PriceShown::from).collect();
            ForSale { key: plan.key, name: terms.name, limits: terms.limits, features: terms.features, prices }
        };
        Ok(plans.into_iter().map(shown).filter(|plan| !plan.prices.is_empty()).collect())
    }

    /// Begins a checkout for a tenant that has no subscription yet; who has one changes it.
    ///
    /// # Errors
    /// There is no such plan to buy, it has one already, or Stripe does not want it.
    pub async fn buy_plan(&self, tenant: &Tenant, new: NewPurchase, by: &Actor) -> Result<CheckoutShown> {
        let (seller, buyer) = (self.seller().await?, buyer(tenant));
        let known = subscriptions::page(&self.db, &seller.id, Some(&buyer.subject), ("", 100)).await?;
        if known.iter().any(|row| GOES_ON.contains(&row.status.as_str())) {
            return Err(Stop::refuse(
                Code::Conflict,
                "the tenant pays for a plan already; it is changed in the portal",
            ));
        }
        let request = NewCheckout::of_tenant(tenant, new.plan, (new.success_url, new.cancel_url));
        let by = Actor { id: buyer.subject.clone(), origin: by.origin.clone() };
        let (shown, _) = self.check_out(&seller, &buyer, (request, None), &by).await?;
        Ok(shown)
    }

    /// Where a tenant changes, pays and cancels what it has bought.
    ///
    /// # Errors
    /// They cannot come back to that place, or Stripe does not answer.
    pub async fn plan_portal(&self, tenant: &Tenant, back: &str, by: &Actor) -> Result<String> {
        let (seller, buyer) = (self.seller().await?, buyer(tenant));
        let by = Actor { id: buyer.subject.clone(), origin: by.origin.clone() };
        self.portal(&seller, &buyer, back, &by).await
    }
}

/// A tenant as a buyer: people come back to its own places.
fn buyer(tenant: &Tenant) -> Buyer {
    let places = tenant.settings.frontend_url.iter().chain(&tenant.settings.redirect_origins);
    Buyer { subject: as_buyer(&tenant.id), client_id: None, redirect_uris: places.cloned().collect(), governs: true }
}
