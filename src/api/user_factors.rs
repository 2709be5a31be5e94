//! Somebody's second factors, as administrators see them and take lost ones away: `{T}/api/v1/users/{user}/mfa`.

use axum::extract::State;
use serde_json::{Value, json};

use super::factors::shown;
use crate::accounts::Lost;
use crate::app::App;
use crate::base::UserId;
use crate::http::bearer::{RequiredScope, Unproven};
use crate::http::manager::{UsersRead, UsersWrite};
use crate::http::{Data, Manager, Segments};
use crate::store::users::User;

/// All of them, and what is left of the recovery codes.
pub async fn list(
    State(app): State<App>,
    caller: Manager<UsersRead>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let user = somebody(&app, &caller, whom).await?;
    let held = app.factors.overview(&caller.tenant, &user).await?;
    Ok(Data::new(json!({
        "totp": held.totp.map(|totp| json!({ "created_at": totp.created_at.rfc3339() })),
        "passkeys": held.passkeys.iter().map(shown).collect::<Vec<_>>(),
        "recovery_codes_left": held.recovery_codes,
        "required": held.required,
    })))
}

/// Takes all of them away.
pub async fn delete_all(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    take(&app, &caller, whom, Lost::Everything).await
}

/// Takes one away.
pub async fn delete(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom, factor]): Segments<2>,
) -> Result<Data<Value>, Unproven> {
    take(&app, &caller, whom, Lost::named(&factor)).await
}

async fn take(app: &App, caller: &Manager<UsersWrite>, whom: String, lost: Lost<'_>) -> Result<Data<Value>, Unproven> {
    let user = somebody(app, caller, whom).await?;
    caller.must_reach(user.role)?;
    let removed = app.factors.take_lost(&caller.tenant, &user, lost, &caller.actor()).await?;
    Ok(Data::new(json!({ "removed": removed })))
}

async fn somebody<S: RequiredScope>(app: &App, caller: &Manager<S>, whom: String) -> Result<User, Unproven> {
    Ok(app.people.describe(&caller.tenant, &UserId::from(whom)).await?.user)
}
