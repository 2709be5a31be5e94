//! Who did what in a tenant, and how it ended: `{console}/audit`, the newest first.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt};
use super::list::{Asked as AskedPage, Pager};
use super::needs::Audit;
use super::shell::Shell;
use crate::app::App;
use crate::audit::{Asked, Place, Shown};
use crate::base::{Params, Result};
use crate::frame::{Brand, Words};
use crate::http::routes::CONSOLE_AUDIT;
use crate::http::{Page, Query};

/// What one mostly looks for: a name, the actions, and the word for it.
const KINDS: [(&str, &[&str], &str); 6] = [
    ("", &[], "console-any"),
    ("sign-ins", &["user.login", "user.login_failed"], "console-sign-ins"),
    ("people", &["user.*", "invitation.*"], "console-users"),
    ("clients", &["client.*"], "console-clients"),
    ("keys", &["signing_key.*", "key.*"], "console-keys"),
    ("tenant", &["tenant.*", "identity_provider.*", "mail.*"], "console-settings"),
];

/// Fields that are compared as they are typed.
const EXACT: [&str; 4] = ["actor", "target", "result", "request"];

/// Shows a page of it.
pub async fn get(State(app): State<App>, admin: Admin<Audit>, Query(query): Query) -> Result<Response, Halt> {
    let (page, brand) = (AskedPage::read(&query), admin.brand());
    let kind = KINDS.iter().find(|(name, ..)| query.get("kind").unwrap_or_default() == *name).unwrap_or(&KINDS[0]);
    let place = if page.after.is_empty() { None } else { Some(Place::read(&page.after)?) };
    let mut found = app.audit.page(&admin.tenant.id, &asked(&query, kind.1), place, page.limit()).await?;
    let kept: Vec<_> = EXACT.iter().map(|name| (*name, query.get(name).unwrap_or_default())).collect();
    let more: Vec<_> = std::iter::once(("kind", kind.0)).chain(kept.iter().copied()).collect();
    let pager = Pager::of(&admin.path(CONSOLE_AUDIT), &page, &more, &mut found, |row| row.place().to_string());
    let names = names(&app, &admin, &found, brand.words).await?;
    let shown = AuditPage {
        shell: Shell::of_tenant(&admin, "console-audit", &query).await?,
        kinds: KINDS.map(|(name, _, word)| (name, brand.words.say(word), name == kind.0)).to_vec(),
        filters: kept.iter().map(|(name, value)| Filter::new(brand.words, name, value)).collect(),
        rows: found.into_iter().map(|row| Row::of(row, &names)).collect(),
        pager,
        brand,
    };
    Ok(Page::new(shown).into_response())
}

fn asked(query: &Params, actions: &[&str]) -> Asked {
    let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Asked {
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        actor: text("actor"),
        target: text("target"),
        result: text("result"),
        request_id: text("request"),
        ..Asked::default()
    }
}

/// What the ids of a page's actors and targets are called, where they are people of the tenant, or operators.
async fn names<S>(app: &App, admin: &Admin<S>, rows: &[Shown], words: Words) -> Result<BTreeMap<String, String>> {
    let ids: BTreeSet<&str> =
        rows.iter().flat_map(|row| row.actor.iter().chain(&row.target)).map(String::as_str).collect();
    let (operators, others): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(|id| id.starts_with("operator"));
    let mut names: BTreeMap<String, String> =
        operators.iter().map(|id| ((*id).to_owned(), words.say("console-operator"))).collect();
    let people = app.accounts.find_all(&admin.tenant, &others).await?;
    names.extend(people.into_iter().map(|user| (user.id.to_string(), user.name_to_show().to_owned())));
    Ok(names)
}

/// A field of the form above the list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub label: String,
    /// What is looked for.
    pub value: String,
}

impl Filter {
    fn new(words: Words, name: &'static str, value: &str) -> Self {
        let label = match name {
            "actor" => words.say("console-audit-actor"),
            "target" => words.say("console-audit-target"),
            "result" => words.say("console-audit-result"),
            _ => words.say("error-request"),
        };
        Self { name, label, value: value.to_owned() }
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Row {
    /// What, as in the catalogue of events.
    pub action: String,
    /// When, exactly.
    pub exact: String,
    /// The same to be read.
    pub at: String,
    /// Who: the name, and the id.
    pub actor: Option<(String, String)>,
    /// To whom or what.
    pub target: Option<(String, String)>,
    /// Why not, where it was refused.
    pub refused: Option<String>,
    /// From where, in which request, and the circumstances.
    pub more: Vec<String>,
}

impl Row {
    fn of(row: Shown, names: &BTreeMap<String, String>) -> Self {
        let named = |id: Option<String>| id.map(|id| (names.get(&id).cloned().unwrap_or_else(|| id.clone()), id));
        let detail = Some(row.detail.to_string()).filter(|_| !row.detail.is_null());
        Self {
            action: row.action,
            at: row.at.replace('T', " ").trim_end_matches('Z').to_owned(),
            exact: row.at,
            actor: named(row.actor),
            target: named(row.target),
            refused: Some(row.result).filter(|result| result != "success"),
            more: [row.ip, row.request_id, detail].into_iter().flatten().collect(),
        }
    }
}

/// The list.
#[derive(Template)]
#[template(path = "pages/console/audit.html")]
pub struct AuditPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What to choose from: name, word, and whether it is chosen.
    pub kinds: Vec<(&'static str, String, bool)>,
    /// The fields.
    pub filters: Vec<Filter>,
    /// What happened.
    pub rows: Vec<Row>,
    /// The links below.
    pub pager: Pager,
}
