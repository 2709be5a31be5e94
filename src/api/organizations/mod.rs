//! Organizations: `{T}/api/v1/organizations`, by token, API key or cookie.

mod invitations;
mod members;
mod mine;
mod roles;
mod shown;

use axum::Router;
use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, patch, post};

use self::shown::{Happened, Shown};
use super::page::Page;
use crate::app::App;
use crate::base::{Code, Refusal, Result as Done};
use crate::http::bearer::Unproven;
use crate::http::participant::{OrgsRead, OrgsWrite};
use crate::http::routes::{
    MY_INVITATION, MY_INVITATION_ACCEPT, MY_INVITATIONS, MY_ORGANIZATIONS, ORGANIZATION, ORGANIZATION_ACTIVATE,
    ORGANIZATION_EVENTS, ORGANIZATION_INVITATION, ORGANIZATION_INVITATION_AGAIN, ORGANIZATION_INVITATIONS,
    ORGANIZATION_JOIN, ORGANIZATION_LEAVE, ORGANIZATION_MEMBER, ORGANIZATION_MEMBER_ROLE, ORGANIZATION_MEMBERS,
    ORGANIZATION_ROLE, ORGANIZATION_ROLES, ORGANIZATION_SUSPEND, ORGANIZATION_TRANSFER, ORGANIZATIONS, mounted,
};
use crate::http::{Body, Data, Participant, Query, Segments, browser};
use crate::organizations::{New, Wish};
use crate::people::NEWEST;
use crate::store::organizations::OrganizationStatus;

/// The routes.
pub(super) fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(ORGANIZATIONS), get(list).post(create))
        .route(&mounted(ORGANIZATION), get(show).patch(change).delete(remove))
        .route(&mounted(ORGANIZATION_SUSPEND), post(suspend))
        .route(&mounted(ORGANIZATION_ACTIVATE), post(activate))
        .route(&mounted(ORGANIZATION_EVENTS), get(events))
        .route(&mounted(ORGANIZATION_MEMBERS), get(members::list).post(members::add))
        .route(&mounted(ORGANIZATION_MEMBER), delete(members::remove))
        .route(&mounted(ORGANIZATION_MEMBER_ROLE), patch(members::set_role))
        .route(&mounted(ORGANIZATION_JOIN), post(members::join))
        .route(&mounted(ORGANIZATION_LEAVE), post(members::leave))
        .route(&mounted(ORGANIZATION_TRANSFER), post(members::transfer))
        .route(&mounted(ORGANIZATION_INVITATIONS), get(invitations::list).post(invitations::create))
        .route(&mounted(ORGANIZATION_INVITATION), delete(invitations::cancel))
        .route(&mounted(ORGANIZATION_INVITATION_AGAIN), post(invitations::resend))
        .route(&mounted(ORGANIZATION_ROLES), get(roles::list).post(roles::define))
        .route(&mounted(ORGANIZATION_ROLE), get(roles::show).patch(roles::change).delete(roles::remove))
        .route(&mounted(MY_ORGANIZATIONS), get(mine::organizations))
        .route(&mounted(MY_INVITATIONS), get(mine::invitations))
        .route(&mounted(MY_INVITATION), delete(mine::decline))
        .route(&mounted(MY_INVITATION_ACCEPT), post(mine::accept))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant))
}

/// The caller's organizations; those who govern the tenant see all of it.
async fn list(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Query(query): Query,
) -> Result<Data<Vec<Shown>>, Unproven> {
    let page = Page::read(&query, "")?;
    let text = query.get("q").unwrap_or_default();
    let found = app.organizations.page(&caller.tenant, &caller.who, text, (&page.after, page.limit)).await?;
    let next = page.next(&found, |inside| inside.organization.id.as_str());
    Ok(Data::new(found.iter().map(Shown::of).collect()).meta(next))
}

/// Makes one, which is the caller's own.
async fn create(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Body(new): Body<New>,
) -> Result<Response, Unproven> {
    let made = app.organizations.create(&caller.tenant, new, &caller.who).await?;
    Ok(tagged(made.organization.version, Data::created(Shown::of(&made))))
}

async fn show(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Segments([id]): Segments<1>,
) -> Result<Response, Unproven> {
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    Ok(tagged(inside.organization.version, Data::new(Shown::of(&inside))))
}

async fn change(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<Response, Unproven> {
    let over = over(&headers)?;
    let place = (&**caller.tenant, &caller.who);
    let changed = app.organizations.change(place, &id, wish, over.as_deref()).await?;
    app.tokens.catch_up().await?;
    Ok(tagged(changed.organization.version, Data::new(Shown::of(&changed))))
}

async fn remove(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
    headers: HeaderMap,
) -> Result<StatusCode, Unproven> {
    let over = over(&headers)?;
    app.organizations.delete((&caller.tenant, &caller.who), &id, over.as_deref()).await?;
    app.tokens.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn suspend(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
) -> Result<Response, Unproven> {
    set_status(&app, &caller, &id, OrganizationStatus::Suspended).await
}

async fn activate(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
) -> Result<Response, Unproven> {
    set_status(&app, &caller, &id, OrganizationStatus::Active).await
}

async fn set_status(
    app: &App,
    caller: &Participant<OrgsWrite>,
    id: &str,
    status: OrganizationStatus,
) -> Result<Response, Unproven> {
    let changed = app.organizations.set_status((&caller.tenant, &caller.who), id, status).await?;
    app.tokens.catch_up().await?;
    Ok(tagged(changed.organization.version, Data::new(Shown::of(&changed))))
}

/// What happened in it, newest first.
async fn events(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Data<Vec<Happened>>, Unproven> {
    let page = Page::read(&query, NEWEST)?;
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    let action = query.get("action").unwrap_or_default();
    let found = app.organizations.events(&caller.tenant, &inside, action, (&page.after, page.limit)).await?;
    let next = page.next(&found, |told| told.id.as_str());
    Ok(Data::new(found.into_iter().map(Happened::of).collect()).meta(next))
}

/// With its version as `ETag`.
fn tagged<T: serde::Serialize>(version: i64, data: Data<T>) -> Response {
    ([(ETAG, format!("\"{version}\""))], data).into_response()
}

/// Over which versions something is to be changed: `If-Match` (RFC 9110 §13.1.1).
fn over(headers: &HeaderMap) -> Done<Option<Vec<i64>>> {
    let Some(given) = headers.get(IF_MATCH) else { return Ok(None) };
    let malformed = |_| Refusal::new(Code::InvalidRequest, "If-Match is a list of entity tags, or *");
    let text = given.to_str().map_err(malformed)?;
    if text.trim() == "*" {
        return Ok(None);
    }
    // A tag that is no version of ours matches nothing.
    let version = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    Ok(Some(text.split(',').filter_map(version).collect()))
}
