//! What a caller asks for, and whether they may: the rules of a checkout.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::check_metadata;
use crate::base::{Code, Email, Result, Stop};
use crate::payments::lines::{self, Cost, Line, LineItem};
use crate::payments::{Buyer, Catalogue, Opened, Payments, not_found, unprocessable};
use crate::store::plans::Plan;
use crate::store::tenants::Tenant;
use crate::tenants::place;

/// What somebody pays on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Once.
    Payment,
    /// Again and again.
    Subscription,
    /// Nothing: only how they will pay.
    Setup,
}

impl Mode {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Subscription => "subscription",
            Self::Setup => "setup",
        }
    }

    /// The part of the form that is about what the session makes.
    pub(super) const fn makes(self) -> Option<&'static str> {
        match self {
            Self::Payment => Some("payment_intent_data"),
            Self::Subscription => Some("subscription_data"),
            Self::Setup => None,
        }
    }
}

/// A request to begin a checkout.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCheckout {
    /// What is paid; absent: as the price is.
    #[serde(default)]
    mode: Option<Mode>,
    /// A plan, whose first price is paid.
    #[serde(default)]
    plan: Option<String>,
    /// What is paid.
    #[serde(default, alias = "line_items", alias = "linedata")]
    items: Vec<LineItem>,
    /// Where people go who have paid.
    success_url: String,
    /// Where people go who have not.
    #[serde(default)]
    cancel_url: Option<String>,
    /// Who buys, by address; for those who govern.
    #[serde(default, alias = "email")]
    customer_email: Option<Email>,
    /// Who buys, by id; for those who govern.
    #[serde(default)]
    subject: Option<String>,
    /// Which tenant buys, by slug or id; for those who govern, in the operators' own tenant.
    #[serde(default)]
    tenant: Option<String>,
    /// In which money, where the items do not say.
    #[serde(default)]
    currency: Option<String>,
    /// Stripe's words for how it may be paid; absent: as the account is set up.
    #[serde(default)]
    payment_method_types: Vec<String>,
    /// What is written to it.
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl NewCheckout {
    /// A tenant's own, for a plan of tenants.
    pub(in crate::payments) fn of_tenant(tenant: &Tenant, plan: String, back: (String, Option<String>)) -> Self {
        let (plan, tenant) = (Some(plan), Some(tenant.slug.to_string()));
        Self { plan, tenant, success_url: back.0, cancel_url: back.1, ..Self::default() }
    }
}

/// A request that keeps all rules.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) mode: Mode,
    pub(super) plan: Option<String>,
    pub(super) lines: Vec<Line>,
    pub(super) subject: String,
    /// An address that is nobody's here.
    pub(super) guest: Option<Email>,
    pub(super) success_url: String,
    pub(super) cancel_url: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) payment_method_types: Vec<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl Payments {
    /// Holds a request against the rules.
    pub(super) async fn wanted(
        &self,
        opened: &Opened,
        tenant: &Tenant,
        buyer: &Buyer,
        new: NewCheckout,
    ) -> Result<Wanted> {
        check_words(&new, buyer)?;
        let returned = |url: &str| {
            let place = place_of(tenant, buyer, url);
            place.ok_or_else(|| unprocessable("people come back to the tenant's own places and the client's alone"))
        };
        let success_url = returned(&new.success_url)?;
        let cancel_url = new.cancel_url.as_deref().map(returned).transpose()?;
        let catalogue = self.catalogue_of(opened).await?;
        let (paying, plans) = match &new.tenant {
            Some(named) => self.paying(tenant, named).await.map(|(who, plans)| (Some(who), Arc::new(plans)))?,
            None => (None, self.entitlements.plans(&tenant.id).await?),
        };
        let (mode, lines) = sold(&new, buyer.governs, &catalogue, &plans)?;
        let somebody = self.somebody(tenant, (new.subject.as_deref(), new.customer_email.as_ref())).await?;
        let subject = paying.or_else(|| somebody.as_ref().map(|somebody| somebody.id.to_string()));
        let plan = new.plan.or_else(|| plan_of(&plans, &lines));
        let guest = new.customer_email.filter(|_| somebody.is_none());
        if guest.is_some() && plan.is_some() {
            return Err(unprocessable("nobody with this address is here who could have the plan"));
        }
        Ok(Wanted {
            mode,
            plan,
            lines,
            subject: subject.unwrap_or_else(|| buyer.subject.clone()),
            guest,
            success_url,
            cancel_url,
            currency: new.currency,
            payment_method_types: new.payment_method_types,
            metadata: new.metadata,
        })
    }
}

/// What can be seen without looking anything up.
fn check_words(new: &NewCheckout, buyer: &Buyer) -> Result<()> {
    check_metadata(&new.metadata)?;
    let others = [new.customer_email.is_some() || new.subject.is_some(), new.tenant.is_some()];
    if others.contains(&true) && !buyer.governs {
        let why = "to buy for somebody else is for programs with the scope payments:admin";
        return Err(Stop::refuse(Code::Forbidden, why));
    }
    if others == [true, true] {
        return Err(unprocessable("a checkout is for a tenant or for a person"));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let is_word = |word: &String| (1..=40).contains(&word.len()) && word.bytes().all(plain);
    if new.payment_method_types.len() > 10 || !new.payment_method_types.iter().all(is_word) {
        return Err(unprocessable("payment_method_types are up to ten words of Stripe's"));
    }
    Ok(())
}

/// What is paid, and how often.
fn sold(new: &NewCheckout, governs: bool, catalogue: &Catalogue, plans: &[Plan]) -> Result<(Mode, Vec<Line>)> {
    if new.mode == Some(Mode::Setup) {
        let empty = new.items.is_empty() && new.plan.is_none();
        return if empty { Ok((Mode::Setup, Vec::new())) } else { Err(unprocessable("a setup has no items")) };
    }
    let lines = match (&new.plan, new.items.as_slice()) {
        (Some(key), []) => {
            let plan = plans.iter().find(|plan| plan.key == *key).ok_or_else(|| not_found("there is no such plan"))?;
            let price = plan.definition.prices.first().and_then(|name| catalogue.price(name));
            let price = price.ok_or_else(|| unprocessable("this plan has no price that can be bought"))?;
            vec![Line { price: Cost::Catalogued(price.clone()), quantity: 1 }]
        }
        (None, items) => lines::read(items, new.currency.as_deref(), governs, catalogue)?,
        (Some(_), _) => return Err(unprocessable("a checkout is for a plan or for items")),
    };
    let recurring = lines.iter().any(Line::is_recurring);
    let mode = new.mode.unwrap_or(if recurring { Mode::Subscription } else { Mode::Payment });
    match (mode, recurring) {
        (Mode::Subscription, false) => Err(unprocessable("a subscription needs a price that recurs")),
        (Mode::Payment, true) => Err(unprocessable("a price that recurs needs the mode subscription")),
        _ => Ok((mode, lines)),
    }
}

/// The plan that one of these prices gives.
fn plan_of(plans: &[Plan], lines: &[Line]) -> Option<String> {
    let gives = |plan: &&Plan| {
        lines.iter().any(|line| match &line.price {
            Cost::Catalogued(price) => {
                let names = [Some(price.id.as_str()), price.lookup_key.as_deref()];
                plan.definition.prices.iter().any(|own| names.contains(&Some(own.as_str())))
                    || plan.definition.products.contains(&price.product.0)
            }
            Cost::MadeUp(_) => false,
        })
    };
    plans.iter().find(gives).map(|plan| plan.key.clone())
}

/// An address that people may come back to, in its normal spelling: a place of the tenant's, or at the origin of one of
/// the client's redirect URIs. `{CHECKOUT_SESSION_ID}` stays as it is.
pub(in crate::payments) fn place_of(tenant: &Tenant, buyer: &Buyer, url: &str) -> Option<String> {
    let at_clients = || {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
        let clean = url.username().is_empty() && url.password().is_none();
        let origin = Some(url.origin()).filter(|origin| clean && origin.is_tuple())?;
        let mut registered = buyer.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok());
        registered.any(|uri| uri.origin() == origin).then(|| url.to_string())
    };
    let found = place(&tenant.settings, url).or_else(at_clients).filter(|url| url.len() <= 2_048)?;
    Some(found.replace("%7BCHECKOUT_SESSION_ID%7D", "{CHECKOUT_SESSION_ID}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::store::tenants::Settings;

    #[test]
    fn w108_people_come_back_to_the_tenants_and_the_clients_places_alone() {
        let settings = Settings { redirect_origins: vec!["https://app.example".to_owned()], ..Settings::default() };
        let tenant = Tenant::new("demo".parse().unwrap(), "Demo", settings, Timestamp(1));
        let buyer = Buyer {
            subject: "ada".to_owned(),
            client_id: None,
            redirect_uris: vec!["https://shop.example/callback".to_owned(), "com.shop:/cb".to_owned()],
            governs: false,
        };
        for good in [
            "https://app.example/thanks?s={CHECKOUT_SESSION_ID}",
            "https://shop.example/thanks/{CHECKOUT_SESSION_ID}",
            "https://shop.example/",
        ] {
            assert_eq!(place_of(&tenant, &buyer, good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "/thanks",
            "//shop.example/",
            "http://shop.example/",
            "https://shop.example:8443/",
            "https://shop.example@evil.test/",
            "https://ada@shop.example/",
            "https://shop.example.evil.test/",
            "https://evil.test/?https://shop.example/",
            "javascript:alert(1)",
            "com.shop:/evil",
            "data:text/html,x",
        ] {
            assert_eq!(place_of(&tenant, &buyer, bad), None, "{bad}");
        }
    }
}
