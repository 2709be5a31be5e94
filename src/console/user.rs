//! Somebody, and what administrators do for and about them: `{console}/users/{id}`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::{ChangePeople, SeePeople};
use super::shell::{Shell, done};
use super::turned_away::role_word;
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop, UserId};
use crate::frame::{Brand, When};
use crate::http::answer::see_other;
use crate::http::bearer::RequiredScope;
use crate::http::routes::{CONSOLE_AUDIT, CONSOLE_USERS};
use crate::http::{Page, Query, Segments};
use crate::people::Device;
use crate::store::people::Described;
use crate::store::users::{Role, UserStatus};

/// The roles, the least first.
const ROLES: [Role; 4] = [Role::User, Role::Support, Role::Admin, Role::Owner];

/// Shows them.
pub async fn get(
    State(app): State<App>,
    admin: Admin<SeePeople>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Halt> {
    let person = app.people.describe(&admin.tenant, &UserId::from(id)).await?;
    page(&app, &admin, &person, (&query, None)).await
}

/// Does something about them.
pub async fn post(
    State(app): State<App>,
    admin: Admin<ChangePeople>,
    Segments([id]): Segments<1>,
    Sent(form): Sent,
) -> Result<Response, Halt> {
    if matches!(form.get("do"), Some("role" | "suspend" | "delete")) {
        admin.lately(&app)?;
    }
    let person = app.people.describe(&admin.tenant, &UserId::from(id)).await?;
    let path = admin.path(CONSOLE_USERS);
    match outcome(act(&app, &admin, &person, &form).await)? {
        Ok("deleted") => Ok(see_other(&done(&path, "deleted"))?),
        Ok(what) => Ok(see_other(&done(&format!("{path}/{}", person.user.id), what))?),
        Err(refusal) => page(&app, &admin, &person, (&Params::default(), Some(&refusal))).await,
    }
}

async fn act(app: &App, admin: &Admin<ChangePeople>, person: &Described, form: &Params) -> Result<&'static str> {
    admin.must_reach(person.user.role)?;
    let (tenant, id, by) = (&admin.tenant, &person.user.id, admin.actor());
    match form.get("do") {
        Some("role") if !admin.may("users:roles") => {
            Err(Stop::refuse(Code::Forbidden, "nobody gives a right that they do not have"))
        }
        Some("role") => {
            let role = form.get("role").and_then(|role| role.parse().ok());
            let role = role.ok_or_else(|| Stop::refuse(Code::InvalidRequest, "the request cannot be understood"))?;
            app.accounts.give_role(tenant, id, role, &admin.giver()).await?;
            Ok("saved")
        }
        Some("suspend") => app.people.suspend(tenant, id, &by).await.map(|()| "suspended"),
        Some("activate") => app.people.activate(tenant, id, &by).await.map(|()| "activated"),
        Some("end-sessions") => app.people.end_sessions(tenant, id, None, &by).await.map(|_| "ended"),
        Some("delete") if form.get("sure").is_none() => {
            Err(Stop::refuse(Code::Unprocessable, "tick the box to say that you are sure"))
        }
        Some("delete") => app.people.delete(tenant, id, &by).await.map(|_| "deleted"),
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    person: &Described,
    (query, refusal): (&Params, Option<&Refusal>),
) -> Result<Response, Halt> {
    let (brand, now, user) = (admin.brand(), app.clock.now(), &person.user);
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let reaches = admin.must_reach(user.role).is_ok();
    let of_them = form_urlencoded::Serializer::new(String::new()).append_pair("target", user.id.as_str()).finish();
    let roles = ROLES.iter().filter(|role| admin.role().rank() >= role.rank());
    let when = |at| When::new(brand.words, at, now);
    let proof = if user.email_verified.0 { "account-email-verified" } else { "account-email-unverified" };
    let page = UserPage {
        shell: Shell::of_tenant(admin, "console-users", query).await?.refused(brand.words, refusal),
        action: format!("{}/{}", admin.path(CONSOLE_USERS), user.id),
        account: user.name_to_show().to_owned(),
        name: user.profile.name.clone(),
        id: user.id.to_string(),
        address: user.email.as_ref().map(|_| brand.words.say(proof)),
        role: role_word(brand.words, user.role),
        roles: roles.map(|role| (role.as_str(), role_word(brand.words, *role), *role == user.role)).collect(),
        suspended: user.status == UserStatus::Suspended,
        may_change: reaches && admin.may("users:write"),
        may_give_roles: reaches && admin.may("users:roles"),
        since: when(user.created_at),
        seen: user.last_login_at.map(when),
        sessions: sessions(app, admin, user.id.clone(), when).await?,
        audit_href: admin.may("audit:read").then(|| format!("{}?{of_them}", admin.path(CONSOLE_AUDIT))),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

async fn sessions<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    user: UserId,
    when: impl Fn(crate::base::Timestamp) -> When,
) -> Result<Vec<(String, When)>> {
    let found = app.people.sessions(&admin.tenant, &user).await?;
    let shown = found.iter().take(20).map(|session| {
        let device = Device::of(session.user_agent.as_deref()).words();
        let parts = [Some(device), session.ip.clone()].into_iter().flatten().filter(|part| !part.is_empty());
        (parts.collect::<Vec<_>>().join(" · "), when(session.last_seen_at))
    });
    Ok(shown.collect())
}

/// The page. Its forms send back `csrf` and `do` (`role` with `role`, `suspend`, `activate`, `end-sessions`, `delete`).
#[derive(Template)]
#[template(path = "pages/console/user.html")]
pub struct UserPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// What the account is called.
    pub account: String,
    /// The person's name.
    pub name: Option<String>,
    /// The `sub`.
    pub id: String,
    /// Whether the address is proven, in a word; nothing without an address.
    pub address: Option<String>,
    /// What they may do, in a word.
    pub role: String,
    /// What the visitor can let them do: name, word, and whether it is so.
    pub roles: Vec<(&'static str, String, bool)>,
    /// Whether they may do nothing for now.
    pub suspended: bool,
    /// Whether the visitor may change them.
    pub may_change: bool,
    /// Whether the visitor may give them another role.
    pub may_give_roles: bool,
    /// Since when the account exists.
    pub since: When,
    /// When they last signed in.
    pub seen: Option<When>,
    /// Where they are signed in, and when they were last there.
    pub sessions: Vec<(String, When)>,
    /// What happened to them.
    pub audit_href: Option<String>,
}
