//! The members of an organization: listed, added, given roles, removed; joining, leaving, and the organization given
//! away.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::invitations;
use super::shown::{Shown, ShownMember};
use crate::api::page::Page;
use crate::app::App;
use crate::base::{Code, Email, Refusal, UserId};
use crate::http::bearer::Unproven;
use crate::http::participant::{OrgsRead, OrgsWrite};
use crate::http::{Body, Data, Participant, Query, Segments};

/// The members, in the order of their ids.
pub(super) async fn list(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Data<Vec<ShownMember>>, Unproven> {
    let page = Page::read(&query, "")?;
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    let found = app.organizations.members(&caller.tenant, &inside, (&page.after, page.limit)).await?;
    let next = page.next(&found, |member| member.user_id.as_str());
    Ok(Data::new(found.into_iter().map(|member| ShownMember::of(member, &inside)).collect()).meta(next))
}

/// Who is to be a member, as what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(default)]
    user_id: Option<UserId>,
    #[serde(default)]
    email: Option<Email>,
    #[serde(default = "member")]
    role: String,
}

fn member() -> String {
    "member".to_owned()
}

/// Whoever makes the tenant's accounts adds one of them at once; everybody else invites an address, and learns nothing
/// about whose it is (W-009, W-073).
pub(super) async fn add(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
    Body(told): Body<New>,
) -> Result<Response, Unproven> {
    match (told.user_id, told.email) {
        (Some(user), None) if caller.who.governs() && caller.holds("users:write") => {
            let place = (&**caller.tenant, &caller.who);
            let added = app.organizations.add(place, &id, (&user, &told.role)).await?;
            let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
            Ok(Data::created(ShownMember::of(added, &inside)).into_response())
        }
        (None, Some(email)) => {
            let offer = invitations::offer(&app, &caller, &id, (email, told.role)).await?;
            Ok(Data::accepted(offer).into_response())
        }
        (Some(_), None) => {
            app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
            Err(Refusal::new(Code::Forbidden, "whoever is to be a member is invited by their address").into())
        }
        _ => Err(Refusal::new(Code::InvalidRequest, "a member is named by user_id or by email").into()),
    }
}

/// A role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    role: String,
}

/// Gives a member another role.
pub(super) async fn set_role(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id, user]): Segments<2>,
    Body(told): Body<Role>,
) -> Result<Data<ShownMember>, Unproven> {
    let place = (&**caller.tenant, &caller.who);
    let changed = app.organizations.set_role(place, &id, (&UserId::from(user), &told.role)).await?;
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    Ok(Data::new(ShownMember::of(changed, &inside)))
}

/// Removes a member.
pub(super) async fn remove(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id, user]): Segments<2>,
) -> Result<StatusCode, Unproven> {
    app.organizations.remove((&caller.tenant, &caller.who), &id, &UserId::from(user)).await?;
    app.tokens.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Joins, by the domain of one's verified address.
pub(super) async fn join(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let inside = app.organizations.join((&caller.tenant, &caller.who), &id).await?;
    Ok(Data::new(Shown::of(&inside)))
}

/// Leaves.
pub(super) async fn leave(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    app.organizations.leave((&caller.tenant, &caller.who), &id).await?;
    app.tokens.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// To whom an organization is given, and what its owner is then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Heir {
    user_id: UserId,
    #[serde(default)]
    role: Option<String>,
}

/// Gives the organization away.
pub(super) async fn transfer(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
    Body(heir): Body<Heir>,
) -> Result<Data<Shown>, Unproven> {
    let place = (&**caller.tenant, &caller.who);
    let inside = app.organizations.transfer(place, &id, (&heir.user_id, heir.role.as_deref())).await?;
    Ok(Data::new(Shown::of(&inside)))
}
