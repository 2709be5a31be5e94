//! What a tenant buys of the operators: plans that say how much of everything it may have. Only owners spend its money,
//! and programs with `tenant:write`.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::domains::owner;
use crate::api::identity_providers::{TenantRead, TenantWrite};
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::{Bearer, Body, Data};
use crate::payments::{CheckoutShown, ForSale, NewPurchase};

/// `GET {T}/api/v1/tenant/plans`: what can be bought.
pub async fn list(State(app): State<App>, _: Bearer<TenantRead>) -> Result<Data<Vec<ForSale>>, Unproven> {
    Ok(Data::new(app.payments.for_sale().await?))
}

/// `POST {T}/api/v1/tenant/plan/checkout-sessions`: a page on which it is paid.
pub async fn check_out(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(new): Body<NewPurchase>,
) -> Result<Data<CheckoutShown>, Unproven> {
    let by = owner(&app, &caller).await?;
    Ok(Data::created(app.payments.buy_plan(&caller.tenant, new, &by).await?))
}

/// Where people come back to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    return_url: String,
}

/// `POST {T}/api/v1/tenant/plan/portal-sessions`: a page on which it is changed and cancelled.
pub async fn portal(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(Back { return_url }): Body<Back>,
) -> Result<Data<Value>, Unproven> {
    let by = owner(&app, &caller).await?;
    let url = app.payments.plan_portal(&caller.tenant, &return_url, &by).await?;
    Ok(Data::created(json!({ "url": url })))
}
