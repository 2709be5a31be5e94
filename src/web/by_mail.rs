//! Sign-in by mail: the address, then the code or the link. Both work in the browser that asked and nowhere else: it
//! keeps, sealed, what they are worth something with (W-027).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::arrival::arrive;
use super::login::turn;
use super::turn::{Turn, check};
use crate::accounts::factors::passwordless::Wanted;
use crate::app::App;
use crate::base::{Method, Refusal, Result, Secret, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::{LOGIN, LOGIN_BY_LINK, LOGIN_CODE, LOGIN_EMAIL};
use crate::http::{Browser, Form, Page, PageError, Query, Tenant};
use crate::keys::Purpose;

/// The member of a browser's data that holds the sealed flow.
const FLOW: &str = "by_mail";

/// What a browser keeps of it.
#[derive(Serialize, Deserialize)]
struct Flow {
    token: String,
    request: String,
}

async fn keep((app, tenant, browser): (&App, &Tenant, &Browser), flow: &Flow) -> Result<()> {
    let sealed = app.keys.seal(Purpose::Record, &tenant.id, &serde_json::to_vec(flow)?)?;
    browser.put(FLOW, sealed).await
}

async fn kept((app, tenant, browser): (&App, &Tenant, &Browser)) -> Result<Option<Flow>> {
    let Some(sealed) = browser.get::<String>(FLOW).await? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&app.keys.open(Purpose::Record, &tenant.id, &sealed)?)?))
}

/// `GET {T}/login/email`.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let turn = turn(&app, &tenant, &browser, &query).await?;
    show(&tenant, &browser, turn.as_ref(), ("", None)).await
}

async fn show(
    tenant: &Tenant,
    browser: &Browser,
    turn: Option<&Turn<'_>>,
    (email, refused): (&str, Option<Refusal>),
) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let page = LoginEmailPage {
        action: here(tenant, LOGIN_EMAIL),
        back: here(tenant, LOGIN),
        csrf: browser.csrf().await?,
        request: turn.map(Turn::reference).unwrap_or_default().to_owned(),
        email: email.to_owned(),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// `POST {T}/login/email`: the same answer whether the address has an account or not.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let turn = turn(&app, &tenant, &browser, &form).await?;
    let email = form.raw("email").unwrap_or_default();
    let link = Some(format!("{}{LOGIN_BY_LINK}", tenant.issuer));
    let token = match app.factors.begin_by_mail(&tenant, &Wanted { email, code: true, link }, &origin()).await {
        Ok(token) => token.expose().to_owned(),
        Err(Stop::Refused(refusal)) => return show(&tenant, &browser, turn.as_ref(), (email, Some(refusal))).await,
        Err(fault) => return Err(fault.into()),
    };
    let request = turn.as_ref().map(Turn::reference).unwrap_or_default().to_owned();
    keep((&app, &tenant, &browser), &Flow { token, request }).await?;
    see_other(&here(&tenant, LOGIN_CODE))
}

/// `GET {T}/login/code`.
pub async fn code(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match kept((&app, &tenant, &browser)).await? {
        Some(_) => show_code(&tenant, &browser, None).await,
        None => see_other(&here(&tenant, LOGIN)),
    }
}

async fn show_code(tenant: &Tenant, browser: &Browser, refused: Option<Refusal>) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let page = LoginCodePage {
        action: here(tenant, LOGIN_CODE),
        back: here(tenant, LOGIN),
        csrf: browser.csrf().await?,
        by_code: tenant.settings.sign_in.email_code,
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// `POST {T}/login/code`.
pub async fn typed(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    match Box::pin(complete((&app, &tenant, &browser), (Method::EmailCode, form.raw("code").unwrap_or_default()))).await
    {
        Ok(answer) => answer,
        Err(refusal) => show_code(&tenant, &browser, Some(refusal)).await,
    }
}

/// `GET {T}/login/by-link`: a button, because programs that look through mails open links too (W-134).
pub async fn link(tenant: Tenant, browser: Browser, Query(query): Query) -> Result<Response, PageError> {
    show_link(&tenant, &browser, (query.get("token").unwrap_or_default(), None)).await
}

async fn show_link(
    tenant: &Tenant,
    browser: &Browser,
    (token, refused): (&str, Option<Refusal>),
) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let page = LoginLinkPage {
        action: here(tenant, LOGIN_BY_LINK),
        csrf: browser.csrf().await?,
        token: token.to_owned(),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// `POST {T}/login/by-link`.
pub async fn clicked(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let token = form.raw("token").unwrap_or_default();
    match Box::pin(complete((&app, &tenant, &browser), (Method::MagicLink, token))).await {
        Ok(answer) => answer,
        Err(refusal) => show_link(&tenant, &browser, (token, Some(refusal))).await,
    }
}

/// Lets somebody in who came with what was mailed. A wrong try leaves the browser as it was.
async fn complete(
    place: (&App, &Tenant, &Browser),
    shown: (Method, &str),
) -> std::result::Result<Result<Response, PageError>, Refusal> {
    let (app, tenant, browser) = place;
    let wrong = || Refusal::new(crate::base::Code::InvalidGrant, "the code is wrong, too old, or was used before");
    let flow = match kept(place).await {
        Ok(flow) => flow.ok_or_else(wrong)?,
        Err(stop) => return Ok(Err(stop.into())),
    };
    let first = match app.factors.by_mail(tenant, &Secret::new(flow.token), shown).await {
        Ok(first) => first,
        Err(Stop::Refused(refusal)) => return Err(refusal),
        Err(fault) => return Ok(Err(fault.into())),
    };
    Ok(Box::pin(go_on((app, tenant, browser), &flow.request, first)).await)
}

async fn go_on(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    request: &str,
    first: crate::accounts::engine::FirstFactor,
) -> Result<Response, PageError> {
    browser.take::<String>(FLOW).await?;
    let turn = match request {
        "" => None,
        reference => Some(Turn::find(app, tenant, browser, reference).await?),
    };
    Box::pin(arrive((app, tenant, browser), turn, first)).await
}

/// Where the address is typed.
#[derive(Template)]
#[template(path = "pages/login_email.html")]
#[expect(missing_docs, reason = "each member is what the template names so")]
pub struct LoginEmailPage {
    pub brand: Brand,
    pub action: String,
    pub back: String,
    pub csrf: String,
    pub request: String,
    pub email: String,
    pub error: Option<String>,
}

/// Where the code is typed.
#[derive(Template)]
#[template(path = "pages/login_code.html")]
#[expect(missing_docs, reason = "each member is what the template names so")]
pub struct LoginCodePage {
    pub brand: Brand,
    pub action: String,
    pub back: String,
    pub csrf: String,
    pub by_code: bool,
    pub error: Option<String>,
}

/// Where the link leads.
#[derive(Template)]
#[template(path = "pages/login_link.html")]
#[expect(missing_docs, reason = "each member is what the template names so")]
pub struct LoginLinkPage {
    pub brand: Brand,
    pub action: String,
    pub csrf: String,
    pub token: String,
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, brand, save};

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = || HOSTILE.to_owned();
        let (action, back, csrf) = (hostile(), hostile(), hostile());
        let error = Some(hostile());
        let email = LoginEmailPage { brand: brand(), action, back, csrf, request: hostile(), email: hostile(), error };
        assert_harmless(&email);
        let (action, back, csrf, error) = (hostile(), hostile(), hostile(), Some(hostile()));
        assert_harmless(&LoginCodePage { brand: brand(), action, back, csrf, by_code: true, error });
        let (action, csrf, token, error) = (hostile(), hostile(), hostile(), Some(hostile()));
        let link = LoginLinkPage { brand: brand(), action, csrf, token, error };
        assert_harmless(&link);
        save("login_email", &LoginEmailPage { error: None, email: String::new(), ..email });
    }
}
