//! `{T}/api/v1/payments/entitlements`: what somebody has paid for, or was given.

use axum::extract::State;

use super::caller::{At, whose};
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::http::{Body, Data, Query};
use crate::payments::{EntitlementShown, Given};

/// `GET`: one's own; with `payments:admin` those of `subject` or `email`.
pub async fn show(State(app): State<App>, caller: At, Query(query): Query) -> Result<Data<EntitlementShown>, Unproven> {
    let whose = whose(&app, &caller, &query).await?.unwrap_or_else(|| caller.subject().to_owned());
    Ok(Data::new(app.payments.entitlements_of(&caller.tenant, &whose).await?))
}

/// `PUT`: gives a plan by hand.
pub async fn give(
    State(app): State<App>,
    caller: At,
    Body(given): Body<Given>,
) -> Result<Data<EntitlementShown>, Unproven> {
    caller.may(Action::Admin)?;
    Ok(Data::new(app.payments.give(&caller.tenant, &given, &caller.actor()).await?))
}

/// `DELETE`: takes back what was given by hand.
pub async fn take(
    State(app): State<App>,
    caller: At,
    Body(given): Body<Given>,
) -> Result<Data<EntitlementShown>, Unproven> {
    caller.may(Action::Admin)?;
    Ok(Data::new(app.payments.take(&caller.tenant, &given, &caller.actor()).await?))
}
