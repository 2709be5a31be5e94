//! Somebody, as administrators see and change them: `{T}/api/v1/users/{user}`.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::accounts::Delivery;
use crate::app::App;
use crate::base::{Result as Done, UserId};
use crate::http::bearer::{RequiredScope, Unproven};
use crate::http::manager::{UsersRead, UsersRoles, UsersWrite};
use crate::http::{Body, Data, Manager, Segments};
use crate::people::{Shown, Wish};
use crate::store::users::Role;

/// Refuses unless the caller reaches as far as the person of this id, who exists.
pub(super) async fn reached<S: RequiredScope>(app: &App, caller: &Manager<S>, whom: String) -> Done<UserId> {
    let person = app.people.describe(&caller.tenant, &UserId::from(whom)).await?;
    caller.must_reach(person.user.role)?;
    Ok(person.user.id)
}

/// Shows somebody.
pub async fn get(
    State(app): State<App>,
    caller: Manager<UsersRead>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let person = app.people.describe(&caller.tenant, &UserId::from(whom)).await?;
    Ok(Data::new(Shown::to_administrator(person)))
}

/// Changes profile and metadata, `app_metadata` included.
pub async fn patch(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
    Body(members): Body<Map<String, Value>>,
) -> Result<Data<Shown>, Unproven> {
    let (user, wish) = (reached(&app, &caller, whom).await?, Wish::of_administrator(members)?);
    let changed = app.people.change(&caller.tenant, &user, &wish, &caller.actor()).await?;
    Ok(Data::new(Shown::to_administrator(changed)))
}

/// Deletes somebody.
pub async fn delete(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let user = reached(&app, &caller, whom).await?;
    let until = app.people.delete(&caller.tenant, &user, &caller.actor()).await?;
    Ok(Data::new(json!({ "id": user, "status": "deleted", "restorable_until": until.rfc3339() })))
}

/// Another role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    role: Role,
}

/// Gives somebody another role.
pub async fn put_role(
    State(app): State<App>,
    caller: Manager<UsersRoles>,
    Segments([whom]): Segments<1>,
    Body(told): Body<NewRole>,
) -> Result<Data<Shown>, Unproven> {
    let user = app.accounts.give_role(&caller.tenant, &UserId::from(whom), told.role, &caller.giver()).await?;
    Ok(Data::new(Shown::to_administrator(app.people.describe(&caller.tenant, &user.id).await?)))
}

/// How somebody gets to a new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    #[serde(default = "yes")]
    send_mail: bool,
    #[serde(default)]
    force: bool,
}

const fn yes() -> bool {
    true
}

/// Mails a link to a new password, or answers it.
pub async fn reset_password(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
    Body(told): Body<PasswordReset>,
) -> Result<Data<Value>, Unproven> {
    let delivery = if told.send_mail { Delivery::Mail } else { Delivery::Answer };
    let (user, how) = (UserId::from(whom), (delivery, told.force));
    Ok(match app.people.reset_password(&caller.tenant, &user, how, &caller.giver()).await? {
        None => Data::accepted(json!({ "status": "accepted" })),
        Some(made) => Data::created(json!({ "link": made.link, "expires_at": made.expires_at.rfc3339() })),
    })
}

/// Suspends somebody.
pub async fn suspend(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let user = reached(&app, &caller, whom).await?;
    app.people.suspend(&caller.tenant, &user, &caller.actor()).await?;
    Ok(Data::new(json!({ "id": user, "status": "suspended" })))
}

/// Lets a suspended person in again.
pub async fn activate(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let user = reached(&app, &caller, whom).await?;
    app.people.activate(&caller.tenant, &user, &caller.actor()).await?;
    Ok(Data::new(json!({ "id": user, "status": "active" })))
}

/// Brings a deleted person back.
pub async fn restore(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let user = UserId::from(whom);
    app.people.restore(&caller.tenant, &user, (caller.role, &caller.actor())).await?;
    Ok(Data::new(json!({ "id": user, "status": "active" })))
}
