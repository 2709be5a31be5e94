//! What happened lately: `{T}/account/activity`.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::shell::{Section, Shell, When, visitor};
use crate::app::App;
use crate::audit::names::current;
use crate::base::Timestamp;
use crate::frame::{Brand, Words};
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_ACTIVITY;
use crate::http::{Browser, Page, PageError, Query, Tenant};
use crate::people::{Activity, By, NEWEST};

/// How many rows a page has.
const ROWS: i64 = 25;

/// Shows it, newest first.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_ACTIVITY).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (brand, now) = (brand_of(&tenant), app.clock.now());
    let before = query.get("before").unwrap_or(NEWEST);
    let found = app.people.activity(&tenant, &who.user.id, before, ROWS).await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count == ROWS);
    let older = found.last().filter(|_| more).map(|last| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("before", last.id.as_str()).finish();
        format!("{}?{query}", here(&tenant, ACCOUNT_ACTIVITY))
    });
    let page = ActivityPage {
        shell: Shell::new(&tenant, brand.words, Section::Activity),
        rows: found.iter().map(|activity| row(brand.words, activity, now)).collect(),
        older,
        brand,
    };
    Ok(Page::new(page).into_response())
}

fn row(words: Words, activity: &Activity, now: Timestamp) -> Row {
    let device = activity.device.words();
    let by = match activity.by {
        By::You => None,
        By::Administrator => Some(words.say("account-by-administrator")),
        By::Unknown => Some(words.say("account-by-unknown")),
    };
    let parts = [by, Some(device), activity.ip.clone()].into_iter().flatten().filter(|part| !part.is_empty());
    Row {
        what: told(words, &activity.action),
        who: parts.collect::<Vec<_>>().join(" · "),
        failed: activity.result != "success",
        at: When::new(words, activity.happened, now),
    }
}

/// What happened, in words; an action without words is named as the catalogue of events names it.
fn told(words: Words, action: &str) -> String {
    match current(action) {
        "user.created" => words.say("activity-user-created"),
        "user.updated" => words.say("activity-user-updated"),
        "user.login" => words.say("activity-user-login"),
        "user.login_failed" => words.say("activity-user-login-failed"),
        "user.verified" => words.say("activity-user-verified"),
        "user.password_changed" => words.say("activity-password-changed"),
        "user.password_reset" => words.say("activity-password-reset"),
        "user.email_changed" => words.say("activity-email-changed"),
        "user.role_changed" => words.say("activity-role-changed"),
        "user.suspended" => words.say("activity-user-suspended"),
        "user.unsuspended" => words.say("activity-user-activated"),
        "user.deleted" => words.say("activity-user-deleted"),
        "user.restored" => words.say("activity-user-restored"),
        "user.exported" => words.say("activity-user-exported"),
        "user.mfa_enrolled" => words.say("activity-mfa-enrolled"),
        "user.mfa_removed" => words.say("activity-mfa-removed"),
        "session.created" => words.say("activity-session-created"),
        "user.logout" | "session.revoked" => words.say("activity-session-ended"),
        "consent.granted" => words.say("activity-consent-granted"),
        "consent.revoked" => words.say("activity-consent-revoked"),
        other => other.to_owned(),
    }
}

/// A row as it is shown.
#[derive(Clone, Debug)]
pub struct Row {
    /// What happened.
    pub what: String,
    /// Who, with what, from where.
    pub who: String,
    /// Whether it was refused.
    pub failed: bool,
    /// When.
    pub at: When,
}

/// The list.
#[derive(Template)]
#[template(path = "pages/account_activity.html")]
pub struct ActivityPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Newest first.
    pub rows: Vec<Row>,
    /// The next page.
    pub older: Option<String>,
}
