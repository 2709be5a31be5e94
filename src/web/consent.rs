//! Consent: what the application asks for, and the person's answer.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use url::Url;

use super::turn::{Turn, check};
use crate::app::App;
use crate::authorization::Next;
use crate::base::{Detail, Scope};
use crate::frame::{Brand, ShownClient, Words};
use crate::http::page::{brand_of, here};
use crate::http::routes::CONSENT;
use crate::http::{Browser, Page, PageError, Query, Tenant, TickedForm};
use crate::sessions::SignedIn;
use crate::store::tenants::Settings;

/// `GET {T}/consent`, with the reference of the request that waits.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let turn = Turn::find(&app, &tenant, &browser, query.require("request")?).await?;
    let who = browser.person(&app, &tenant).await?;
    match (turn.next(who.as_ref()).await?, who) {
        (Next::Consent(scope), Some(who)) => show(&tenant, &browser, &turn, (&who, &scope)).await,
        (next, _) => turn.go(next).await,
    }
}

/// `POST {T}/consent`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    TickedForm(form): TickedForm,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let turn = Turn::find(&app, &tenant, &browser, form.require("request")?).await?;
    if form.get("decision") != Some("allow") {
        return turn.deny().await;
    }
    let who = browser.person(&app, &tenant).await?;
    match (turn.next(who.as_ref()).await?, who) {
        (Next::Consent(asked), Some(who)) => {
            let allowed = allowed(&asked, form.list("scope"));
            if allowed.is_empty() { turn.deny().await } else { turn.approve(&who, &allowed).await }
        }
        (next, _) => turn.go(next).await,
    }
}

/// What was asked and ticked. `openid` goes with anything: it is how the application asked who this is.
fn allowed<'a>(asked: &Scope, ticked: impl Iterator<Item = &'a str>) -> Scope {
    let ticked = Scope::of(ticked.chain(["openid"]));
    asked.intersection(&ticked)
}

async fn show(
    tenant: &Tenant,
    browser: &Browser,
    turn: &Turn<'_>,
    (who, scope): (&SignedIn, &Scope),
) -> Result<Response, PageError> {
    let organization = turn.organization(who).await?;
    let redirect_uri = &turn.request().return_to.redirect_uri;
    let brand = brand_of(tenant);
    let page = ConsentPage {
        client: turn.client().await?,
        action: here(tenant, CONSENT),
        csrf: browser.csrf().await?,
        request: turn.reference().to_owned(),
        account: who.user.name_to_show().to_owned(),
        scopes: ShownScope::all(scope, brand.words, &tenant.settings),
        organization,
        details: turn.request().details.list().iter().map(ShownDetail::of).collect(),
        return_host: Url::parse(redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned)),
        brand,
    };
    Ok(Page::new(page).leading_to(redirect_uri).into_response())
}

/// The form. What it sends back is `request`, `csrf`, one `scope` per thing allowed, and `decision` (`allow`, `deny`).
#[derive(Template)]
#[template(path = "pages/consent.html")]
pub struct ConsentPage {
    /// The tenant.
    pub brand: Brand,
    /// The application that asks.
    pub client: ShownClient,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request, bound to this browser.
    pub request: String,
    /// Who is signed in.
    pub account: String,
    /// What is asked for.
    pub scopes: Vec<ShownScope>,
    /// The organization that it is for.
    pub organization: Option<String>,
    /// What narrows it (RFC 9396).
    pub details: Vec<ShownDetail>,
    /// The host that the browser returns to.
    pub return_host: Option<String>,
}

/// What a scope is narrowed to, as the application wrote it.
pub struct ShownDetail {
    /// In which collections.
    pub collections: String,
    /// Which documents, in the language of queries.
    pub filter: Option<String>,
    /// Which of their fields.
    pub fields: Option<String>,
}

impl ShownDetail {
    fn of(detail: &Detail) -> Self {
        let filter = detail.filter.as_ref().map(|filter| Value::Object(filter.clone()).to_string());
        Self {
            collections: detail.collections.join(", "),
            filter,
            fields: detail.fields.as_ref().map(|all| all.join(", ")),
        }
    }
}

/// One scope in words.
pub struct ShownScope {
    /// The scope token.
    pub value: String,
    /// What it is.
    pub title: String,
    /// What it lets the application do.
    pub text: String,
    /// Whether it cannot be left out (`openid`).
    pub required: bool,
}

impl ShownScope {
    /// A scope's tokens in words, identity first.
    #[must_use]
    pub fn all(scope: &Scope, words: Words, settings: &Settings) -> Vec<Self> {
        let told = |value: &str| {
            let own = settings.described(value, words.language().tag());
            own.map_or_else(|| Self::of(value, words), |text| Self::described(value, text))
        };
        let mut shown: Vec<_> = scope.to_string().split(' ').map(told).collect();
        shown.sort_by_key(|scope| !scope.required);
        shown
    }

    /// A scope of the tenant's own, in its own words.
    fn described(value: &str, text: &str) -> Self {
        Self { value: value.to_owned(), title: text.to_owned(), text: value.to_owned(), required: false }
    }

    /// The words for a scope; one that we do not know is shown as it is written.
    #[must_use]
    pub fn of(value: &str, words: Words) -> Self {
        let (title, text) = match value {
            "openid" => (words.say("scope-openid"), words.say("scope-openid-text")),
            "profile" => (words.say("scope-profile"), words.say("scope-profile-text")),
            "email" => (words.say("scope-email"), words.say("scope-email-text")),
            "phone" => (words.say("scope-phone"), words.say("scope-phone-text")),
            "address" => (words.say("scope-address"), String::new()),
            "account" => (words.say("scope-account"), words.say("scope-account-text")),
            "entitlements" => (words.say("scope-entitlements"), words.say("scope-entitlements-text")),
            "roles" => (words.say("scope-roles"), words.say("scope-roles-text")),
            "orgs:read" => (words.say("scope-orgs-read"), words.say("scope-orgs-read-text")),
            "orgs:write" => (words.say("scope-orgs-write"), words.say("scope-orgs-write-text")),
            "offline_access" => (words.say("scope-offline-access"), words.say("scope-offline-access-text")),
            _ => (value.to_owned(), String::new()),
        };
        let required = value == "openid";
        Self { value: value.to_owned(), title, text, required }
    }
}

impl ConsentPage {
    fn initial(&self) -> String {
        self.account.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
