//! Whether a tenant answers, and whether somebody in it can be deleted.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shown;
use super::tenants::told;
use crate::app::App;
use crate::base::UserId;
use crate::http::bearer::Unproven;
use crate::http::{Body, Data, Operator, Segments};

/// `POST {P}/api/v1/tenants/{id}/suspend`.
pub async fn suspend(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let tenant = app.tenants.suspend(tenant, &caller.actor()).await?;
    app.tokens.catch_up().await?;
    Ok(told(&app, tenant))
}

/// `POST {P}/api/v1/tenants/{id}/activate`.
pub async fn activate(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let tenant = app.tenants.activate(tenant, &caller.actor()).await?;
    app.tokens.catch_up().await?;
    Ok(told(&app, tenant))
}

/// `POST {P}/api/v1/tenants/{id}/restore`.
pub async fn restore(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let tenant = app.tenants.restore(tenant, &caller.actor()).await?;
    app.tokens.catch_up().await?;
    Ok(told(&app, tenant))
}

/// Whether somebody is to be protected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    deletion_protected: bool,
}

/// `GET {P}/api/v1/tenants/{id}/users/{user}`: what operators decide about somebody.
pub async fn person(
    State(app): State<App>,
    _: Operator,
    Segments([named, user]): Segments<2>,
) -> Result<Data<Value>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let user = UserId::from(user);
    let protected = app.accounts.is_protected(&tenant, &user).await?;
    Ok(Data::new(json!({ "id": user, "deletion_protected": protected })))
}

/// `PATCH {P}/api/v1/tenants/{id}/users/{user}`: whoever is protected cannot be deleted, by nobody.
pub async fn protect(
    State(app): State<App>,
    caller: Operator,
    Segments([named, user]): Segments<2>,
    Body(wish): Body<Protection>,
) -> Result<Data<Value>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let user = UserId::from(user);
    app.accounts.protect(&tenant, &user, wish.deletion_protected, &caller.actor()).await?;
    Ok(Data::new(json!({ "id": user, "deletion_protected": wish.deletion_protected })))
}
