//! Whom a tenant has invited: `{console}/invitations`. The link is in the mail alone.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Pager};
use super::needs::Invite;
use super::shell::{Shell, done};
use super::turned_away::role_word;
use crate::accounts::Giver;
use crate::app::App;
use crate::base::{Code, Email, Params, Refusal, Result, Stop, Timestamp};
use crate::frame::{Brand, When, Words};
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_INVITATIONS;
use crate::http::{Page, Query};
use crate::store::invitations::Invitation;
use crate::store::users::Role;

/// The roles, the least first.
const ROLES: [Role; 4] = [Role::User, Role::Support, Role::Admin, Role::Owner];

/// Shows them, with the form for another.
pub async fn get(State(app): State<App>, admin: Admin<Invite>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Invites somebody, sends an invitation again, or takes it back.
pub async fn post(State(app): State<App>, admin: Admin<Invite>, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(act(&app, &admin, &form).await)? {
        Ok(what) => Ok(see_other(&done(&admin.path(CONSOLE_INVITATIONS), what))?),
        Err(refusal) => page(&app, &admin, &form, Some(&refusal)).await,
    }
}

async fn act(app: &App, admin: &Admin<Invite>, form: &Params) -> Result<&'static str> {
    let by = giver(admin);
    if let Some(id) = form.get("again") {
        return app.accounts.resend_invitation(&admin.tenant, (None, id), &by).await.map(|_| "sent");
    }
    if let Some(id) = form.get("cancel") {
        return app.accounts.cancel_invitation(&admin.tenant, (None, id), &by).await.map(|()| "cancelled");
    }
    let wrong = || Stop::refuse(Code::Unprocessable, "this is not an e-mail address");
    let email: Email = form.get("email").unwrap_or_default().trim().parse().map_err(|_| wrong())?;
    let role = form.get("role").and_then(|role| role.parse().ok()).unwrap_or(Role::User);
    app.accounts.invite(&admin.tenant, (email, role), &by).await.map(|_| "sent")
}

/// Who may give no roles invites people as people.
fn giver(admin: &Admin<Invite>) -> Giver {
    let giver = admin.giver();
    if admin.may("users:roles") { giver } else { Giver { highest: Role::User, ..giver } }
}

async fn page(app: &App, admin: &Admin<Invite>, query: &Params, refusal: Option<&Refusal>) -> Result<Response, Halt> {
    let (asked, brand, now) = (Asked::read(query), admin.brand(), app.clock.now());
    let path = admin.path(CONSOLE_INVITATIONS);
    let mut found = app.accounts.invitations(&admin.tenant, None, (&asked.after, asked.limit())).await?;
    let pager = Pager::of(&path, &asked, &[], &mut found, |invitation| invitation.id.clone());
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let highest = giver(admin).highest;
    let roles = ROLES.iter().filter(|role| highest.rank() >= role.rank());
    let page = InvitationsPage {
        shell: Shell::of_tenant(admin, "console-users", query).await?.refused(brand.words, refusal),
        email: refusal.and_then(|_| query.get("email")).unwrap_or_default().to_owned(),
        roles: roles.map(|role| (role.as_str(), role_word(brand.words, *role))).collect(),
        rows: found.iter().map(|invitation| row(brand.words, invitation, now)).collect(),
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

fn row(words: Words, invitation: &Invitation, now: Timestamp) -> Row {
    let state = match invitation {
        Invitation { accepted_at: Some(_), .. } => "console-invitation-accepted",
        Invitation { cancelled_at: Some(_), .. } => "console-invitation-cancelled",
        Invitation { expires_at, .. } if *expires_at <= now => "console-invitation-expired",
        _ => "console-invitation-open",
    };
    Row {
        id: invitation.id.clone(),
        email: invitation.email.as_str().to_owned(),
        role: role_word(words, invitation.role),
        open: invitation.accepted_at.is_none() && invitation.cancelled_at.is_none(),
        state: words.say(state),
        sent: When::new(words, invitation.sent_at, now),
    }
}

/// An invitation in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub email: String,
    /// As what.
    pub role: String,
    /// Whether it can be sent again or taken back.
    pub open: bool,
    /// What has become of it, in a word.
    pub state: String,
    /// When it was last sent.
    pub sent: When,
}

/// The list, and the form. The forms send back `csrf`, and `email` and `role`, or `again`, or `cancel`.
#[derive(Template)]
#[template(path = "pages/console/invitations.html")]
pub struct InvitationsPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Whom to invite.
    pub email: String,
    /// As what one can.
    pub roles: Vec<(&'static str, String)>,
    /// The invitations.
    pub rows: Vec<Row>,
    /// The links below.
    pub pager: Pager,
}
