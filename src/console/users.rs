//! A tenant's people: `{console}/users`, the newest first, or those whose address or name begins as asked.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::desk::{Admin, Halt};
use super::list::{Asked, Entry, Pager, ROWS};
use super::needs::SeePeople;
use super::shell::Shell;
use super::turned_away::role_word;
use crate::app::App;
use crate::base::{Params, Timestamp};
use crate::frame::{Brand, When, Words};
use crate::http::routes::{CONSOLE_INVITATIONS, CONSOLE_USERS};
use crate::http::{Page, Query};
use crate::people;
use crate::store::people::Described;
use crate::store::user_lists::Filter;
use crate::store::users::{Role, UserStatus};

/// The roles to choose from; all of them without one.
const ROLES: [Role; 4] = [Role::Owner, Role::Admin, Role::Support, Role::User];

/// Shows a page of them.
pub async fn get(State(app): State<App>, admin: Admin<SeePeople>, Query(query): Query) -> Result<Response, Halt> {
    let (asked, path) = (Asked::read(&query), admin.path(CONSOLE_USERS));
    let role: Option<Role> = query.get("role").and_then(|role| role.parse().ok());
    let wanted = people::Asked {
        q: Some(asked.search.as_str()).filter(|search| !search.is_empty()),
        filter: Filter { role, ..Filter::default() },
        cursor: Some(asked.after.as_str()).filter(|after| !after.is_empty()),
        ..people::Asked::default()
    };
    let listed = app.people.list(&admin.tenant, &wanted, i64::try_from(ROWS)?).await?;
    let (brand, now) = (admin.brand(), app.clock.now());
    let row = |person: &Described| row(brand.words, person, &path, |at| When::new(brand.words, at, now));
    let page = UsersPage {
        shell: Shell::of_tenant(&admin, "console-users", &query).await?,
        rows: listed.people.iter().map(row).collect(),
        pager: pager(&path, &query, listed.next.as_deref()),
        roles: ROLES.map(|known| (known.as_str(), role_word(brand.words, known), role == Some(known))).to_vec(),
        invite_href: admin.may("users:invite").then(|| admin.path(CONSOLE_INVITATIONS)),
        search: asked.search,
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// The service says where the next page begins.
pub(super) fn pager(path: &str, query: &Params, next: Option<&str>) -> Pager {
    let address = |after: Option<&str>| {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let kept = query.iter().filter(|(name, value)| !["after", "done"].contains(name) && !value.is_empty());
        pairs.extend_pairs(kept);
        after.map(|after| pairs.append_pair("after", after));
        let query = pairs.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    };
    Pager { next: next.map(|next| address(Some(next))), start: query.get("after").map(|_| address(None)) }
}

/// Somebody in the list.
fn row(words: Words, person: &Described, path: &str, when: impl Fn(Timestamp) -> When) -> Entry {
    let user = &person.user;
    let seen = user.last_login_at.map(when);
    let never = seen.is_none().then(|| words.say("console-never-seen"));
    let role = (user.role != Role::User).then(|| (role_word(words, user.role), false));
    let suspended = (user.status == UserStatus::Suspended).then(|| (words.say("console-suspended"), true));
    Entry {
        id: user.id.to_string(),
        named: false,
        href: format!("{path}/{}", user.id),
        title: user.name_to_show().to_owned(),
        notes: user.profile.name.clone().into_iter().chain(never).collect::<Vec<_>>().join(" · "),
        at: seen.map(|seen| When { text: words.tell("console-seen", "when", &seen.text), ..seen }),
        tags: role.into_iter().chain(suspended).collect(),
    }
}

/// The list.
#[derive(Template)]
#[template(path = "pages/console/users.html")]
pub struct UsersPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What was looked for.
    pub search: String,
    /// The roles to choose from: name, word, and whether it is chosen.
    pub roles: Vec<(&'static str, String, bool)>,
    /// The way to invite somebody, for who may.
    pub invite_href: Option<String>,
    /// Who was found.
    pub rows: Vec<Entry>,
    /// The links below.
    pub pager: Pager,
}
