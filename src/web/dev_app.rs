//! The built-in relying party, for development only: it signs in at tenant `demo` with an authorization code and PKCE,
//! over the same endpoints as any stranger's client, and shows what it received.

mod pages;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};

use self::pages::{Credentials, DevAppPage, DevAppResultPage};
use super::demonstration::{self, Demonstration, TENANT};
use super::relying_party::{Begun, RelyingParty, Tokens, Trouble};
use crate::app::App;
use crate::base::{Code, Refusal, Result, SessionId};
use crate::frame::{Brand, Words};
use crate::http::page::brand_of;
use crate::http::{Browser, Form, Page, PageError, Query};
use crate::outbound::Loopback;
use crate::store::users::Role;
use crate::tenants::{Hint, TenantContext};

const BEGUN: &str = "begun";
const TOKENS: &str = "tokens";
const PATH: &str = "/dev/app";

/// What every handler here needs.
struct Setting {
    tenant: std::sync::Arc<TenantContext>,
    party: RelyingParty,
}

async fn setting(app: &App) -> Result<Setting> {
    demonstration::only(app)?;
    let missing = || Refusal::new(Code::NotFound, "there is no tenant `demo`");
    let slug = TENANT.parse().map_err(|_| missing())?;
    let tenant = app.tenants.find(&Hint::Slug(slug)).await?.ok_or_else(missing)?;
    let party = RelyingParty {
        issuer: tenant.issuer.clone(),
        redirect_uri: format!("{}{PATH}/callback", app.config.base()),
        post_logout_redirect_uri: format!("{}{PATH}", app.config.base()),
        http: Loopback::new(&app.config)?,
    };
    Ok(Setting { tenant, party })
}

/// `GET /dev/app`.
pub async fn get(State(app): State<App>, browser: Browser) -> Result<Response, PageError> {
    let setting = setting(&app).await?;
    match browser.get::<Tokens>(TOKENS).await? {
        Some(tokens) => result(&setting, &browser, &tokens).await,
        None => offer(&app, &setting, &browser, None).await,
    }
}

/// `POST /dev/app/sign-in`.
pub async fn sign_in(
    State(app): State<App>,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    let setting = setting(&app).await?;
    browser.check(&headers, form.get("csrf")).await?;
    match setting.party.begin() {
        Ok((url, begun)) => {
            browser.put(BEGUN, begun).await?;
            Ok(Redirect::to(&url).into_response())
        }
        Err(trouble) => offer(&app, &setting, &browser, Some(trouble)).await,
    }
}

/// `GET /dev/app/callback`, the redirect URI.
pub async fn callback(State(app): State<App>, browser: Browser, Query(answer): Query) -> Result<Response, PageError> {
    let setting = setting(&app).await?;
    let tokens = match browser.take::<Begun>(BEGUN).await? {
        None => Err("No sign-in has begun in this browser.".to_owned()),
        Some(begun) => setting.party.finish(&begun, |name| answer.get(name).map(str::to_owned), app.clock.now()).await,
    };
    match tokens {
        Ok(tokens) => {
            browser.put(TOKENS, tokens).await?;
            browser.signed_in(&SessionId::generate(), Role::User).await?;
            Ok(Redirect::to(PATH).into_response())
        }
        Err(trouble) => offer(&app, &setting, &browser, Some(trouble)).await,
    }
}

/// `POST /dev/app/refresh`.
pub async fn refresh(
    State(app): State<App>,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    let setting = setting(&app).await?;
    browser.check(&headers, form.get("csrf")).await?;
    let Some(tokens) = browser.take::<Tokens>(TOKENS).await? else { return Ok(Redirect::to(PATH).into_response()) };
    match setting.party.refresh(&tokens).await {
        Ok(tokens) => {
            browser.put(TOKENS, tokens).await?;
            Ok(Redirect::to(PATH).into_response())
        }
        Err(trouble) => offer(&app, &setting, &browser, Some(trouble)).await,
    }
}

/// `POST /dev/app/logout`.
pub async fn logout(
    State(app): State<App>,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    let setting = setting(&app).await?;
    browser.check(&headers, form.get("csrf")).await?;
    let Some(tokens) = browser.take::<Tokens>(TOKENS).await? else { return Ok(Redirect::to(PATH).into_response()) };
    browser.signed_out().await?;
    match setting.party.sign_out(&tokens) {
        Ok(url) => Ok(Redirect::to(&url).into_response()),
        Err(trouble) => offer(&app, &setting, &browser, Some(trouble)).await,
    }
}

/// The tenant's look; what is for developers alone speaks English.
fn english(tenant: &TenantContext) -> Brand {
    Brand { words: Words::default(), ..brand_of(tenant) }
}

/// The page before the sign-in.
async fn offer(app: &App, setting: &Setting, browser: &Browser, error: Option<Trouble>) -> Result<Response, PageError> {
    let mut known = Demonstration::read(app).await;
    let person = known.tenants.remove(TENANT).and_then(|tenant| tenant.users.into_iter().next());
    let page = DevAppPage {
        brand: english(&setting.tenant),
        tenant: TENANT.to_owned(),
        error,
        sign_in_action: format!("{PATH}/sign-in"),
        csrf: browser.csrf().await?,
        hint: person.map(|person| Credentials { email: person.email, password: person.password }),
    };
    Ok(Page::new(page).leading_to(&setting.party.redirect_uri).into_response())
}

/// The page after it.
async fn result(setting: &Setting, browser: &Browser, tokens: &Tokens) -> Result<Response, PageError> {
    let (claims, reply) = (tokens.claims(), setting.party.call(tokens).await);
    let greeting = setting.party.name(tokens).await.unwrap_or_else(|| "stranger".to_owned());
    let page = DevAppResultPage {
        brand: english(&setting.tenant),
        greeting,
        refreshed: tokens.refreshed,
        claims: claims.iter().map(|(name, value)| (name.clone(), shown(value))).collect(),
        access_token: tokens.access_token.clone(),
        token_facts: format!("{}, {}, {} s", tokens.token_type, tokens.scope, tokens.expires_in),
        api_url: setting.party.api(),
        api_status: reply.status,
        api_body: pretty(&reply.body),
        refresh_action: format!("{PATH}/refresh"),
        logout_action: format!("{PATH}/logout"),
        csrf: browser.csrf().await?,
    };
    Ok(Page::new(page).leading_to(&setting.party.redirect_uri).into_response())
}

fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn pretty(body: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| body.to_owned())
}
