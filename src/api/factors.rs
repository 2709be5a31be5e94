//! One's own second factors and passkeys. Whatever changes them needs a sign-in that is not long ago (W-015, W-038).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::base::{Result, Seconds, Secret, Timestamp};
use crate::http::bearer::Unproven;
use crate::http::person::Account;
use crate::http::routes::{
    MY_MFA, MY_PASSKEY, MY_PASSKEYS, MY_PASSKEYS_BEGIN, MY_RECOVERY_CODES, MY_TOTP, MY_TOTP_CONFIRM, mounted,
};
use crate::http::{Body, Data, Person, browser};
use crate::store::passkeys::Passkey;

/// How long ago a sign-in may be for this.
const LATELY: Seconds = Seconds(600);

type Me = Person<Account>;

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(MY_MFA), get(show))
        .route(&mounted(MY_TOTP), post(begin_totp).delete(remove_totp))
        .route(&mounted(MY_TOTP_CONFIRM), post(confirm_totp))
        .route(&mounted(MY_RECOVERY_CODES), post(renew_codes))
        .route(&mounted(MY_PASSKEYS), get(list).post(add))
        .route(&mounted(MY_PASSKEYS_BEGIN), post(begin_passkey))
        .route(&mounted(MY_PASSKEY), axum::routing::patch(rename).delete(remove_passkey))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant))
}

/// `GET {T}/api/v1/users/me/mfa`.
async fn show(State(app): State<App>, me: Me) -> Result<Data<Value>, Unproven> {
    let held = app.factors.overview(&me.tenant, &me.user).await?;
    Ok(Data::new(json!({
        "totp": held.totp.map(|totp| json!({ "created_at": totp.created_at.rfc3339() })),
        "passkeys": held.passkeys.len(),
        "recovery_codes_left": held.recovery_codes,
        "required": held.required,
    })))
}

/// `POST {T}/api/v1/users/me/mfa/totp`: what an authenticator app is set up with.
async fn begin_totp(State(app): State<App>, me: Me) -> Result<Data<Value>, Unproven> {
    me.recently(&app, LATELY)?;
    let setup = app.factors.begin_totp(&me.tenant, &me.user).await?;
    Ok(Data::created(json!({ "secret": setup.secret, "otpauth_uri": setup.uri, "qr": setup.qr })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstCode {
    code: String,
}

/// `POST {T}/api/v1/users/me/mfa/totp/confirm`: its first code.
async fn confirm_totp(State(app): State<App>, me: Me, Body(given): Body<FirstCode>) -> Result<Data<Value>, Unproven> {
    me.recently(&app, LATELY)?;
    let codes = app.factors.confirm_totp(&me.tenant, &me.user, &given.code, &me.actor()).await?;
    Ok(Data::created(json!({ "recovery_codes": exposed(&codes) })))
}

/// `DELETE {T}/api/v1/users/me/mfa/totp`.
async fn remove_totp(State(app): State<App>, me: Me) -> Result<StatusCode, Unproven> {
    me.recently(&app, LATELY)?;
    app.factors.remove_totp(&me.tenant, &me.user, &me.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST {T}/api/v1/users/me/mfa/recovery-codes`: new ones.
async fn renew_codes(State(app): State<App>, me: Me) -> Result<Data<Value>, Unproven> {
    me.recently(&app, LATELY)?;
    let codes = app.factors.renew_recovery_codes(&me.tenant, &me.user, &me.actor()).await?;
    Ok(Data::created(json!({ "recovery_codes": exposed(&codes) })))
}

/// `GET {T}/api/v1/users/me/passkeys`.
async fn list(State(app): State<App>, me: Me) -> Result<Data<Vec<Value>>, Unproven> {
    let held = app.factors.overview(&me.tenant, &me.user).await?;
    Ok(Data::new(held.passkeys.iter().map(shown).collect()))
}

/// `POST {T}/api/v1/users/me/passkeys/begin`: what the browser needs to make one.
async fn begin_passkey(State(app): State<App>, me: Me) -> Result<Data<Value>, Unproven> {
    me.recently(&app, LATELY)?;
    let begun = app.factors.begin_registration(&me.tenant, &me.user).await?;
    Ok(Data::created(json!({ "ceremony": begun.token.expose(), "options": begun.options })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPasskey {
    ceremony: String,
    credential: Value,
    #[serde(default)]
    name: String,
}

/// `POST {T}/api/v1/users/me/passkeys`: what the authenticator made.
async fn add(State(app): State<App>, me: Me, Body(given): Body<NewPasskey>) -> Result<Data<Value>, Unproven> {
    me.recently(&app, LATELY)?;
    let answer = (&Secret::new(given.ceremony), &given.credential);
    let added = app.factors.read_registration(&me.tenant, &me.user, answer).await?.named(&given.name)?;
    app.factors.add_passkey(&me.tenant, &me.user, &added, &me.actor()).await?;
    Ok(Data::created(shown(added.record())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

/// `PATCH {T}/api/v1/users/me/passkeys/{id}`.
async fn rename(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    me: Me,
    Body(given): Body<Name>,
) -> Result<StatusCode, Unproven> {
    app.factors.rename_passkey(&me.tenant, &me.user, &id, &given.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE {T}/api/v1/users/me/passkeys/{id}`.
async fn remove_passkey(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    me: Me,
) -> Result<StatusCode, Unproven> {
    me.recently(&app, LATELY)?;
    app.factors.remove_passkey(&me.tenant, &me.user, &id, &me.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn exposed(codes: &[Secret]) -> Vec<&str> {
    codes.iter().map(Secret::expose).collect()
}

pub(super) fn shown(passkey: &Passkey) -> Value {
    json!({
        "id": passkey.id,
        "name": passkey.name,
        "created_at": passkey.created_at.rfc3339(),
        "last_used_at": passkey.last_used_at.map(Timestamp::rfc3339),
    })
}
