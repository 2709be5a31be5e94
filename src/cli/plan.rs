//! `chancery plan`: how much of everything tenants may have.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::output::Out;
use crate::app::App;
use crate::base::{Actor, Code, Result, Stop};
use crate::store::Json;
use crate::store::tenant_plans::{Allowance, TenantPlan, Terms};

/// What to do with plans.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Plan {
    /// Show all
    List,
    /// Show one
    Show {
        /// Its key
        key: String,
    },
    /// Make one, or change it; the plan `default` is everybody's who was given no other
    Set {
        /// Its key: up to 64 characters of a-z, 0-9, - and _
        key: String,
        /// Its name for people
        #[arg(long)]
        name: Option<String>,
        /// A limit, as in `users=100`; an empty value takes it away: users, organizations, clients, documents, bytes,
        /// `requests_per_minute`, `mails_per_day`
        #[arg(long = "limit", value_name = "WHAT=NUMBER")]
        limits: Vec<String>,
        /// What applications ask for by name; given once or more, these are all
        #[arg(long = "feature", value_name = "NAME")]
        features: Vec<String>,
        /// A price at the operators' own account that is paid for it, by id or lookup key; given once or more, these are
        /// all, and an empty one is none
        #[arg(long = "price", value_name = "PRICE")]
        prices: Vec<String>,
        /// A product at that account whose every price is paid for it; as with prices
        #[arg(long = "product", value_name = "PRODUCT")]
        products: Vec<String>,
        /// Of several plans that a tenant pays for, it has the one of the highest rank
        #[arg(long)]
        rank: Option<i64>,
    },
    /// Delete one that no tenant has
    Delete {
        /// Its key
        key: String,
    },
    /// Give a tenant a plan; without a key, the usual one
    Give {
        /// The tenant's slug
        tenant: String,
        /// The plan's key
        key: Option<String>,
    },
    /// Show what a tenant may have, and has
    Of {
        /// The tenant's slug
        tenant: String,
    },
    /// Count anew wherever a count is not what there is
    Recount,
}

/// A plan as it is shown.
#[derive(Serialize)]
struct Shown {
    key: String,
    name: String,
    limits: Allowance,
    features: Vec<String>,
    prices: Vec<String>,
    products: Vec<String>,
    rank: i64,
    version: i64,
    updated_at: String,
}

impl Shown {
    fn of(plan: TenantPlan) -> Self {
        let TenantPlan { key, terms: Json(terms), version, updated_at, .. } = plan;
        let Terms { name, limits, features, prices, products, rank } = terms;
        Self { key, name, limits, features, prices, products, rank, version, updated_at: updated_at.rfc3339() }
    }
}

/// What a tenant may have, and has.
#[derive(Serialize)]
struct Standing {
    tenant: String,
    plan: Option<String>,
    limits: Allowance,
    used: BTreeMap<&'static str, i64>,
}

impl Plan {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let (tenants, clock, by) = (&app.tenants, &app.clock, Actor::operator());
        match self {
            Self::List => {
                let all: Vec<Shown> = tenants.plans().await?.into_iter().map(Shown::of).collect();
                out.list(&all, &["key", "name", "limits", "features"])
            }
            Self::Show { key } => out.record(&Shown::of(tenants.plan(&key).await?)),
            Self::Set { key, name, limits, features, prices, products, rank } => {
                let sold = Sold { prices, products, rank };
                let made = set(app, &key, (name, &limits, features), sold).await?;
                app.payments.tenant_plans_changed().await?;
                out.record(&Shown::of(made))
            }
            Self::Delete { key } => {
                tenants.delete_plan(clock, &key, &by).await?;
                out.done("The plan is gone.")
            }
            Self::Give { tenant, key } => {
                let tenant = tenants.look_up(&tenant).await?;
                tenants.give_plan(clock, &tenant, key.as_deref(), &by).await?;
                standing(app, out, tenant.slug.as_str()).await
            }
            Self::Of { tenant } => standing(app, out, &tenant).await,
            Self::Recount => {
                let wrong = tenants.recount().await?;
                out.done(&format!("{} counts were wrong and are right now.", wrong.len()))
            }
        }
    }
}

/// For what a plan is sold, as far as it was said.
struct Sold {
    prices: Vec<String>,
    products: Vec<String>,
    rank: Option<i64>,
}

impl Sold {
    fn put_into(self, terms: &mut Terms) {
        for (said, kept) in [(self.prices, &mut terms.prices), (self.products, &mut terms.products)] {
            if !said.is_empty() {
                *kept = said.into_iter().filter(|name| !name.is_empty()).collect();
            }
        }
        terms.rank = self.rank.unwrap_or(terms.rank);
    }
}

async fn set(
    app: &App,
    key: &str,
    (name, limits, features): (Option<String>, &[String], Vec<String>),
    sold: Sold,
) -> Result<TenantPlan> {
    let by = Actor::operator();
    let known = app.tenants.plans().await?.into_iter().find(|plan| plan.key == key);
    let mut terms = known.as_ref().map(|plan| plan.terms.0.clone()).unwrap_or_default();
    terms.name = name.unwrap_or(terms.name);
    terms.limits = limited(terms.limits, limits)?;
    if !features.is_empty() {
        terms.features = features;
    }
    sold.put_into(&mut terms);
    match known {
        Some(plan) => app.tenants.change_plan(&app.clock, &TenantPlan { terms: Json(terms), ..plan }, &by).await,
        None => app.tenants.make_plan(&app.clock, (key, &terms), &by).await,
    }
}

/// Limits with these changes.
fn limited(limits: Allowance, changes: &[String]) -> Result<Allowance> {
    let refuse = |words: String| Stop::refuse(Code::Unprocessable, words);
    let Value::Object(mut members) = serde_json::to_value(limits)? else { return Ok(limits) };
    for change in changes {
        let (what, number) =
            change.split_once('=').ok_or_else(|| refuse("a limit is written what=number".to_owned()))?;
        let value = match number {
            "" => Value::Null,
            number => {
                let number = number.parse::<u64>();
                number.map(Value::from).map_err(|_| refuse(format!("the limit of `{what}` is a number, or nothing")))?
            }
        };
        put(&mut members, what, value).ok_or_else(|| refuse(format!("there is no limit `{what}`")))?;
    }
    Ok(serde_json::from_value(Value::Object(members))?)
}

fn put(members: &mut Map<String, Value>, what: &str, value: Value) -> Option<()> {
    *members.get_mut(what)? = value;
    Some(())
}

async fn standing(app: &App, out: Out, slug: &str) -> Result<()> {
    let tenant = app.tenants.look_up(slug).await?;
    out.record(&Standing {
        tenant: tenant.slug.to_string(),
        limits: tenant.held.allowance(),
        used: app.tenants.usage(&app.clock, &tenant.id).await?,
        plan: tenant.held.plan,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plan_is_sold_for_is_set_and_taken_away() {
        let said = |prices: &[&str], rank| Sold {
            prices: prices.iter().copied().map(str::to_owned).collect(),
            products: Vec::new(),
            rank,
        };
        let mut terms = Terms { products: vec!["prod_1".to_owned()], ..Terms::default() };
        said(&["price_1", "small_monthly"], Some(2)).put_into(&mut terms);
        assert!(terms.prices == ["price_1", "small_monthly"] && terms.rank == 2 && terms.products == ["prod_1"]);
        said(&[], None).put_into(&mut terms);
        assert!(terms.prices.len() == 2 && terms.rank == 2, "what is not said stays");
        said(&[""], None).put_into(&mut terms);
        assert!(!terms.is_for_sale());
    }

    #[test]
    fn a_limit_is_set_and_taken_away_by_its_name() {
        let change = |limits, change: &str| limited(limits, &[change.to_owned()]);
        let ten = change(Allowance::default(), "users=10").unwrap();
        assert_eq!(ten.users, Some(10));
        assert_eq!(change(ten, "mails_per_day=5").unwrap().users, Some(10));
        assert_eq!(change(ten, "users=").unwrap(), Allowance::default());
        for bad in ["users", "cakes=1", "users=many", "users=-1", "=1"] {
            assert!(change(ten, bad).is_err(), "{bad}");
        }
    }
}
