//! Invitations: sent, listed, sent again, taken back, and accepted.

use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::people::Shown;
use super::users::giver;
use crate::accounts::Acceptance;
use crate::app::App;
use crate::base::{Email, Secret, Timestamp};
use crate::http::bearer::{RequiredScope, Unproven};
use crate::http::person::Account;
use crate::http::{Bearer, Body, Caller, Data, Person, Problem, Query, Tenant};
use crate::store::invitations::Invitation;
use crate::store::users::{Profile, Role};

/// Most rows of a page.
const MOST: i64 = 100;

/// To invite people.
#[derive(Clone, Copy, Debug)]
pub struct Invite;

impl RequiredScope for Invite {
    const SCOPE: Option<&'static str> = Some("users:invite");
}

/// Whom to invite, as what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    email: Email,
    #[serde(default = "user")]
    role: Role,
}

const fn user() -> Role {
    Role::User
}

/// An invitation as it is shown: without its link, which is the mailbox's alone (W-022).
#[derive(Debug, Serialize)]
pub struct Offer {
    id: String,
    email: Email,
    role: Role,
    status: &'static str,
    invited_by: String,
    created_at: String,
    sent_at: String,
    expires_at: String,
}

impl Offer {
    fn of(invitation: &Invitation, now: Timestamp) -> Self {
        Self {
            id: invitation.id.clone(),
            email: invitation.email.clone(),
            role: invitation.role,
            status: invitation.state(now),
            invited_by: invitation.invited_by.clone(),
            created_at: invitation.created_at.rfc3339(),
            sent_at: invitation.sent_at.rfc3339(),
            expires_at: invitation.expires_at.rfc3339(),
        }
    }
}

/// `POST {T}/api/v1/invitations`: the same answer whether the address has an account or not.
pub async fn create(
    State(app): State<App>,
    caller: Bearer<Invite>,
    Body(told): Body<New>,
) -> Result<Data<Offer>, Problem> {
    let giver = giver(&app, &caller).await?;
    let made = app.accounts.invite(&caller.tenant, (told.email, told.role), &giver).await?;
    Ok(Data::created(Offer::of(&made, app.clock.now())))
}

/// `GET {T}/api/v1/invitations`, oldest first, a page after `after`.
pub async fn list(
    State(app): State<App>,
    caller: Bearer<Invite>,
    Query(query): Query,
) -> Result<Data<Vec<Offer>>, Problem> {
    let after = query.get("after").unwrap_or_default();
    let found = app.accounts.invitations(&caller.tenant, None, (after, MOST)).await?;
    let full = i64::try_from(found.len()).is_ok_and(|rows| rows == MOST);
    let next = found.last().filter(|_| full).map(|last| last.id.clone());
    let now = app.clock.now();
    Ok(Data::new(found.iter().map(|found| Offer::of(found, now)).collect()).meta(json!({ "next": next })))
}

/// `POST {T}/api/v1/invitations/{id}/resend`.
pub async fn resend(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<Invite>,
) -> Result<Data<Offer>, Problem> {
    let giver = giver(&app, &caller).await?;
    let sent = app.accounts.resend_invitation(&caller.tenant, (None, &id), &giver).await?;
    Ok(Data::new(Offer::of(&sent, app.clock.now())))
}

/// `DELETE {T}/api/v1/invitations/{id}`.
pub async fn cancel(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<Invite>,
) -> Result<StatusCode, Problem> {
    let giver = giver(&app, &caller).await?;
    app.accounts.cancel_invitation(&caller.tenant, (None, &id), &giver).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a link leads to.
#[derive(Debug, Serialize)]
pub struct Seen {
    email: Email,
    expires_at: String,
    account_exists: bool,
}

/// `GET {T}/api/v1/invitations/{token}`, for whoever holds the link of the mail.
pub async fn show(
    State(app): State<App>,
    tenant: Tenant,
    Path((_, token)): Path<(String, String)>,
) -> Result<Data<Seen>, Problem> {
    let invited = app.accounts.invited(&tenant, &Secret::new(token)).await?;
    let expires_at = invited.invitation.expires_at.rfc3339();
    Ok(Data::new(Seen { email: invited.invitation.email, expires_at, account_exists: invited.owner.is_some() }))
}

/// What somebody tells who accepts; nothing, when they are signed in.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    full_name: Option<String>,
}

/// `POST {T}/api/v1/invitations/{token}/accept`: with a new account, or as the owner of the address, signed in.
pub async fn accept(
    State(app): State<App>,
    Path((_, token)): Path<(String, String)>,
    tenant: Tenant,
    caller: Caller,
    request: Request,
) -> Result<Data<Shown>, Unproven> {
    let token = Secret::new(token);
    let (mut parts, body) = request.into_parts();
    let invited = app.accounts.invited(&tenant, &token).await?;
    if invited.owner.is_some() {
        let person = Person::<Account>::from_request_parts(&mut parts, &app).await?;
        let user = app.accounts.accept_as(&tenant, &token, &person.user, &caller.0).await?;
        return Ok(Data::new(Shown::of(&user)));
    }
    let Body(told) =
        <Body<Accept> as axum::extract::FromRequest<App>>::from_request(Request::from_parts(parts, body), &app).await?;
    let acceptance = Acceptance {
        password: told.password.map(Secret::new),
        username: told.username,
        profile: Profile { name: told.full_name, ..Profile::default() },
    };
    let user = app.accounts.accept_as_new(&tenant, &token, acceptance, &caller.0).await?;
    Ok(Data::created(Shown::of(&user)))
}
