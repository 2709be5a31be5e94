//! People, as administrators and services list them and make accounts for them.

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;

use super::page::{Page, only};
use super::people::{Mailed, Shown};
use crate::accounts::{Giver, Made, NewUser, Passwords};
use crate::app::App;
use crate::base::{Actor, Code, Email, Params, Refusal, Result, Secret, Timestamp, UserId};
use crate::http::bearer::{Principal, RequiredScope, Unproven};
use crate::http::context::origin;
use crate::http::manager::UsersRead;
use crate::http::{Bearer, Body, Data, Manager, Problem, Query};
use crate::people::{self, Asked};
use crate::store::user_lists::Filter;
use crate::store::users::{self, Profile, Role};

/// To make and change people.
#[derive(Clone, Copy, Debug)]
pub struct Write;

impl RequiredScope for Write {
    const SCOPE: Option<&'static str> = Some("users:write");
}

/// To give a role above `user`.
const ROLES: &str = "users:roles";

/// A person to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    #[serde(default)]
    email: Option<Email>,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    password_hash: Option<String>,
    /// Whether whoever made a bcrypt hash refused passwords of more than 72 bytes, instead of cutting them.
    #[serde(default)]
    password_never_cut: bool,
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default = "user")]
    role: Role,
    #[serde(default)]
    send_invite: bool,
}

const fn user() -> Role {
    Role::User
}

/// `POST {T}/api/v1/users`.
pub async fn create(
    State(app): State<App>,
    caller: Bearer<Write>,
    Body(told): Body<New>,
) -> Result<Data<Shown>, Problem> {
    let giver = giver(&app, &caller).await?;
    let new = NewUser {
        email: told.email,
        email_verified: told.email_verified && !told.send_invite,
        username: told.username,
        password: told.password.map(Secret::new),
        role: told.role,
        profile: Profile { name: told.full_name, locale: told.locale, ..Profile::default() },
    };
    let hash = told.password_hash.as_deref().map(Passwords::accept_foreign).transpose()?;
    let hash = hash.map(|hash| if told.password_never_cut { hash.never_cut() } else { hash });
    let user = app.accounts.make(&caller.tenant, Made { new, hash, invite: told.send_invite }, &giver).await?;
    Ok(Data::created(Shown::of(&user)))
}

/// What may be asked of the list.
const ASKED: [&str; 9] = ["q", "email", "username", "role", "status", "verified", "created_after", "cursor", "limit"];

/// `GET {T}/api/v1/users`: the newest first; with `q` those of whom a name begins like this, by that name.
pub async fn list(
    State(app): State<App>,
    caller: Manager<UsersRead>,
    Query(query): Query,
) -> Result<Data<Vec<people::Shown>>, Unproven> {
    only(&query, &ASKED)?;
    let (asked, page) = (asked(&query)?, Page::read(&query, "")?);
    let listed = app.people.list(&caller.tenant, &asked, page.limit).await?;
    let meta = json!({ "next_cursor": listed.next });
    Ok(Data::new(listed.people.into_iter().map(people::Shown::to_administrator).collect()).meta(meta))
}

fn asked(query: &Params) -> Result<Asked<'_>, Refusal> {
    fn read<T>(query: &Params, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        let refused = || Refusal::new(Code::InvalidRequest, format!("{name} cannot be that"));
        query.get(name).map(|text| read(text).ok_or_else(refused)).transpose()
    }
    let filter = Filter {
        role: read(query, "role", |text| text.parse().ok())?,
        status: read(query, "status", |text| text.parse().ok())?,
        verified: read(query, "verified", |text| text.parse().ok())?,
        created_after: read(query, "created_after", Timestamp::of_rfc3339)?,
    };
    let (q, email, username) = (query.get("q"), query.get("email"), query.get("username"));
    Ok(Asked { q, email, username, filter, cursor: query.get("cursor") })
}

/// `POST {T}/api/v1/users/{id}/resend-verification`: 409 when there is nothing to verify.
pub async fn resend_verification(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<Write>,
) -> Result<Data<Mailed>, Problem> {
    let giver = giver(&app, &caller).await?;
    app.accounts.resend_verification_of(&caller.tenant, &UserId::from(id), &giver.actor).await?;
    Ok(Mailed::answer())
}

/// Who asks, and the highest role they may give: without `users:roles` none above `user`; a person none above their
/// own; a program, which has none, an administrator's at most.
pub(super) async fn giver<S>(app: &App, caller: &Bearer<S>) -> Result<Giver> {
    let id = match &caller.principal {
        Principal::Token(token) => token.user(),
        Principal::Key(_) => None,
    };
    let person = match id {
        Some(id) => users::by_id(&app.db, &caller.tenant.id, &id).await?,
        None => None,
    };
    let own = person.as_ref().map_or(Role::Admin, |person| person.role);
    let highest = if caller.principal.scope().contains(ROLES) { own } else { Role::User };
    let actor = Actor { id: caller.principal.subject().to_owned(), origin: origin() };
    Ok(Giver { actor, highest, name: person.and_then(|person| person.profile.0.name) })
}
