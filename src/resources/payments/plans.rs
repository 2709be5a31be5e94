//! `{T}/api/v1/payments/plans`: what a payment opens.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::json;

use super::caller::At;
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::http::{Body, Data};
use crate::payments::PlanShown;
use crate::store::plans::Definition;

/// `GET`: all of them, for everybody who may look at their own payments.
pub async fn list(State(app): State<App>, caller: At) -> Result<Data<Vec<PlanShown>>, Unproven> {
    may_look(&caller)?;
    Ok(Data::new(app.payments.plans(&caller.tenant).await?).meta(json!({ "next": null })))
}

/// `GET …/{plan}`.
pub async fn show(
    State(app): State<App>,
    Path((_, plan)): Path<(String, String)>,
    caller: At,
) -> Result<Data<PlanShown>, Unproven> {
    may_look(&caller)?;
    Ok(Data::new(app.payments.plan(&caller.tenant, &plan).await?))
}

/// `PUT …/{plan}`: makes it, or makes another of it.
pub async fn put(
    State(app): State<App>,
    Path((_, plan)): Path<(String, String)>,
    caller: At,
    Body(definition): Body<Definition>,
) -> Result<Data<PlanShown>, Unproven> {
    caller.may(Action::Admin)?;
    Ok(Data::new(app.payments.put_plan(&caller.tenant, &plan, &definition, &caller.actor()).await?))
}

/// `DELETE …/{plan}`.
pub async fn remove(
    State(app): State<App>,
    Path((_, plan)): Path<(String, String)>,
    caller: At,
) -> Result<StatusCode, Unproven> {
    caller.may(Action::Admin)?;
    app.payments.delete_plan(&caller.tenant, &plan, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn may_look(caller: &At) -> Result<(), Unproven> {
    if caller.is(Action::Admin) { Ok(()) } else { caller.may(Action::Read) }
}
