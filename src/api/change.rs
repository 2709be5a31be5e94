//! Changes that somebody who is signed in makes to their password and address, and the links that follow them.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::people::{Mailed, Shown};
use super::recovery::{Done, twice};
use super::sign_up::Link;
use crate::app::App;
use crate::base::{Email, Seconds, Secret};
use crate::http::bearer::Unproven;
use crate::http::person::{Account, Shown as ShownBy};
use crate::http::{Body, Caller, Data, Person, Problem, Tenant};
use crate::store::endings::Kept;

/// Who has no password to show has to have signed in so lately (W-026).
const LATELY: Seconds = Seconds(600);

/// The old password and the new one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    #[serde(default, alias = "old_password")]
    current_password: Option<String>,
    new_password: String,
    #[serde(default)]
    new_password_confirm: Option<String>,
}

/// `POST {T}/api/v1/users/me/password`. The session that asks goes on, under a new cookie; all others end.
pub async fn password(
    State(app): State<App>,
    person: Person<Account>,
    caller: Caller,
    Body(told): Body<Replacement>,
) -> Result<Data<Done>, Unproven> {
    let new = twice(told.new_password, told.new_password_confirm)?;
    let current = told.current_password.map(Secret::new);
    lately(&app, &person).await?;
    let (tenant, user) = (&person.tenant, &person.user);
    let change = (current.as_ref(), &new);
    app.accounts.change_password(tenant, user, change, (&kept(&person), &caller.0)).await?;
    app.tokens.catch_up().await?;
    if let ShownBy::Cookie(browser, who) = &person.shown {
        browser.signed_in(&who.session.id, who.user.role).await?;
    }
    Ok(Done::answer("password_changed"))
}

/// Another address, and the password of the account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    #[serde(alias = "new_email")]
    email: Email,
    #[serde(default)]
    current_password: Option<String>,
}

/// `POST {T}/api/v1/users/me/email`: 202, whether another account has the address or not.
pub async fn email(
    State(app): State<App>,
    person: Person<Account>,
    caller: Caller,
    Body(told): Body<NewEmail>,
) -> Result<Data<Mailed>, Unproven> {
    lately(&app, &person).await?;
    let current = told.current_password.map(Secret::new);
    let change = (current.as_ref(), &told.email);
    app.accounts.change_email(&person.tenant, &person.user, change, &caller.0).await?;
    Ok(Mailed::answer())
}

/// The account after its address changed.
#[derive(Debug, Serialize)]
pub struct Changed {
    user: Shown,
}

/// `POST {T}/api/v1/auth/confirm-email-change`.
pub async fn confirm_email(
    State(app): State<App>,
    tenant: Tenant,
    caller: Caller,
    Body(link): Body<Link>,
) -> Result<Data<Changed>, Problem> {
    let user = app.accounts.confirm_email(&tenant, &Secret::new(link.token), &caller.0).await?;
    Ok(Data::new(Changed { user: Shown::of(&user) }))
}

/// `POST {T}/api/v1/auth/undo-email-change`: a link to a new password goes to the restored address.
pub async fn undo_email(
    State(app): State<App>,
    tenant: Tenant,
    caller: Caller,
    Body(link): Body<Link>,
) -> Result<Data<Changed>, Problem> {
    let user = app.accounts.undo_email(&tenant, &Secret::new(link.token), &caller.0).await?;
    app.tokens.catch_up().await?;
    Ok(Data::new(Changed { user: Shown::of(&user) }))
}

async fn lately(app: &App, person: &Person<Account>) -> Result<(), Unproven> {
    if app.accounts.has_password(&person.tenant, &person.user.id).await? {
        return Ok(());
    }
    person.recently(app, LATELY)
}

/// What of the person's goes on: the session at hand, and the grant of the token at hand.
fn kept(person: &Person<Account>) -> Kept {
    let grant = match &person.shown {
        ShownBy::Token(token) => token.grant(),
        ShownBy::Cookie(..) => None,
    };
    Kept { session: person.session(), grant }
}
