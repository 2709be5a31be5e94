//! `{T}/api/v1/payments/account`: the tenant's account at Stripe.

use axum::extract::State;
use axum::http::StatusCode;

use super::caller::At;
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::http::{Body, Data};
use crate::payments::{AccountChanges, AccountShown};

/// `GET`: how it is set up; never a secret.
pub async fn show(State(app): State<App>, caller: At) -> Result<Data<AccountShown>, Unproven> {
    caller.may(Action::Admin)?;
    Ok(Data::new(app.payments.account(&caller.tenant).await?))
}

/// `PATCH`: sets it up, or changes it; what is absent stays.
pub async fn change(
    State(app): State<App>,
    caller: At,
    Body(changes): Body<AccountChanges>,
) -> Result<Data<AccountShown>, Unproven> {
    caller.may(Action::Admin)?;
    Ok(Data::new(app.payments.set_account(&caller.tenant, changes, &caller.actor()).await?))
}

/// `DELETE`: forgets it, and everything that it gave.
pub async fn remove(State(app): State<App>, caller: At) -> Result<StatusCode, Unproven> {
    caller.may(Action::Admin)?;
    app.payments.remove_account(&caller.tenant, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
