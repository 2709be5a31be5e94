//! One's own organizations, and the invitations that wait for one.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::shown::Shown;
use crate::accounts::Waiting;
use crate::api::page::Page;
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::participant::OrgsRead;
use crate::http::person::Account;
use crate::http::{Data, Participant, Person, Query, Segments};
use crate::organizations::Who;

/// The organizations that the caller belongs to.
pub(super) async fn organizations(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Query(query): Query,
) -> Result<Data<Vec<Shown>>, Unproven> {
    let page = Page::read(&query, "")?;
    let who = Who { bound: None, ..caller.who.clone() };
    let text = query.get("q").unwrap_or_default();
    let found = app.organizations.own(&caller.tenant, &who, text, (&page.after, page.limit)).await?;
    let next = page.next(&found, |inside| inside.organization.id.as_str());
    Ok(Data::new(found.iter().map(Shown::of).collect()).meta(next))
}

/// An invitation that waits.
#[derive(Debug, Serialize)]
pub(super) struct ShownWaiting {
    id: String,
    organization: Value,
    role: String,
    expires_at: String,
}

impl ShownWaiting {
    fn of(waiting: Waiting) -> Self {
        let Waiting { invitation, organization } = waiting;
        Self {
            id: invitation.id,
            organization: json!({ "slug": organization.slug, "name": organization.name }),
            role: invitation.organization_role,
            expires_at: invitation.expires_at.rfc3339(),
        }
    }
}

/// The invitations that wait for the caller's verified address.
pub(super) async fn invitations(
    State(app): State<App>,
    person: Person<Account>,
) -> Result<Data<Vec<ShownWaiting>>, Unproven> {
    let waiting = app.accounts.waiting_for(&person.tenant, &person.user).await?;
    Ok(Data::new(waiting.into_iter().map(ShownWaiting::of).collect()))
}

/// Accepts one.
pub(super) async fn accept(
    State(app): State<App>,
    person: Person<Account>,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    let origin = person.actor().origin;
    app.accounts.accept_waiting(&person.tenant, (&person.user, &id), &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Declines one.
pub(super) async fn decline(
    State(app): State<App>,
    person: Person<Account>,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    let origin = person.actor().origin;
    app.accounts.decline(&person.tenant, (&person.user, &id), &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
