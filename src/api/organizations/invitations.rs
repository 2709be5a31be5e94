//! Invitations into an organization: sent, listed, sent again, taken back.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::shown::Offer;
use crate::accounts::{Giver, Place};
use crate::api::page::Page;
use crate::app::App;
use crate::base::{Email, Result as Done};
use crate::http::bearer::Unproven;
use crate::http::participant::{OrgsRead, OrgsWrite};
use crate::http::{Body, Data, Participant, Query, Segments};
use crate::organizations::{MEMBERS_WRITE, Who};
use crate::store::users::Role;

/// Whom to invite, as what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    email: Email,
    #[serde(default = "member")]
    role: String,
}

fn member() -> String {
    "member".to_owned()
}

/// The invitations, oldest first.
pub(super) async fn list(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Data<Vec<Offer>>, Unproven> {
    let page = Page::read(&query, "")?;
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    inside.must(MEMBERS_WRITE)?;
    let place = Some(&inside.organization.id);
    let found = app.accounts.invitations(&caller.tenant, place, (&page.after, page.limit)).await?;
    let (next, now) = (page.next(&found, |one| one.id.as_str()), app.clock.now());
    Ok(Data::new(found.iter().map(|one| Offer::of(one, now)).collect()).meta(next))
}

/// Invites an address: the same answer whether it has an account or not.
pub(super) async fn create(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
    Body(told): Body<New>,
) -> Result<Data<Offer>, Unproven> {
    Ok(Data::created(offer(&app, &caller, &id, (told.email, told.role)).await?))
}

/// Offers a place that the caller could give.
pub(super) async fn offer(
    app: &App,
    caller: &Participant<OrgsWrite>,
    id: &str,
    (email, role): (Email, String),
) -> Done<Offer> {
    let inside = app.organizations.enter_open(&caller.tenant, &caller.who, id).await?;
    app.organizations.must_be_able_to_offer(&caller.tenant, &inside, &role).await?;
    let offered_as = inside.role.filter(|_| !inside.governs);
    let place = Place { organization: inside.organization.id, role, offered_as };
    let made = app.accounts.invite_into(&caller.tenant, (email, &place), &giver(&caller.who)).await?;
    Ok(Offer::of(&made, app.clock.now()))
}

/// Sends one again; the older link dies.
pub(super) async fn resend(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id, invitation]): Segments<2>,
) -> Result<Data<Offer>, Unproven> {
    let inside = app.organizations.enter_open(&caller.tenant, &caller.who, &id).await?;
    inside.must(MEMBERS_WRITE)?;
    let at = (Some(&inside.organization.id), invitation.as_str());
    let found = app.accounts.invitation(&caller.tenant, at).await?;
    app.organizations.must_be_able_to_offer(&caller.tenant, &inside, &found.organization_role).await?;
    let sent = app.accounts.resend_invitation(&caller.tenant, at, &giver(&caller.who)).await?;
    Ok(Data::new(Offer::of(&sent, app.clock.now())))
}

/// Takes one back.
pub(super) async fn cancel(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id, invitation]): Segments<2>,
) -> Result<StatusCode, Unproven> {
    let inside = app.organizations.enter_open(&caller.tenant, &caller.who, &id).await?;
    inside.must(MEMBERS_WRITE)?;
    let at = (Some(&inside.organization.id), invitation.as_str());
    app.accounts.cancel_invitation(&caller.tenant, at, &giver(&caller.who)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who invites; what they may give in the tenant itself is nothing.
fn giver(who: &Who) -> Giver {
    let name = who.user.as_ref().and_then(|user| user.profile.0.name.clone());
    Giver { actor: who.actor.clone(), highest: Role::User, name }
}
