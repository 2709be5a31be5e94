//! The second factor: after a first one on any page, or for somebody who is signed in and of whom an application wants
//! more. Who has to have one and has none sets it up here.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::arrival::{ask, asked, enter, open, second_factor};
use super::login::turn;
use super::passkey::{PasskeyForm, answered};
use super::turn::{Turn, check};
use crate::accounts::engine::{Entrance, FirstFactor, Halfway};
use crate::accounts::factors::{TotpSetup, passkeys_are_possible};
use crate::accounts::second::Shown;
use crate::app::App;
use crate::authorization::Next;
use crate::base::{Code, Digest, Method, Origin, Refusal, Result, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT, LOGIN, SECOND_FACTOR};
use crate::http::{Browser, Form, Page, PageError, Query, Tenant};
use crate::sessions::SignedIn;
use crate::store::users::User;

type Place<'a> = (&'a App, &'a Tenant, &'a Browser);

/// `GET {T}/login/second-factor`.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let place = (&app, &tenant, &browser);
    let turn = turn(&app, &tenant, &browser, &query).await?;
    if let Some((user, halfway)) = halfway(place).await? {
        return show(place, turn.as_ref(), (&user, &halfway), None).await;
    }
    let who = browser.person(&app, &tenant).await?;
    let (Some(turn), Some(who)) = (turn, who) else { return see_other(&here(&tenant, LOGIN)) };
    match turn.next(Some(&who)).await? {
        Next::SecondFactor => step_up(place, &turn, &who).await,
        next => turn.go(next).await,
    }
}

/// Asks somebody who is signed in for a second factor.
async fn step_up((app, tenant, browser): Place<'_>, turn: &Turn<'_>, who: &SignedIn) -> Result<Response, PageError> {
    let (name, origin) = (browser.name().await?, origin());
    let at = Entrance { browser: Some(&name), ..Entrance::new(tenant, &origin) };
    let first = FirstFactor::proven(who.user.clone(), first_of(who));
    match app.factors.step_up(&at, first).await? {
        Some(due) => {
            ask(browser, &due).await?;
            see_other(&second_factor(tenant, turn.reference()))
        }
        None => turn.go(Next::SignIn).await,
    }
}

/// What a session began with.
fn first_of(who: &SignedIn) -> Method {
    let has = |word: &str| who.session.amr.iter().any(|known| known == word);
    match () {
        () if has("pwd") => Method::Password,
        () if has("pop") => Method::Passkey,
        () if has("fed") => Method::Upstream,
        () => Method::EmailCode,
    }
}

/// Who is halfway in in this browser.
async fn halfway((app, tenant, browser): Place<'_>) -> Result<Option<(User, Halfway)>> {
    let Some(held) = asked(browser).await? else { return Ok(None) };
    let (name, origin) = (browser.name().await?, origin());
    match app.factors.halfway_of(&at(tenant, &name, &origin), &held).await {
        Ok(found) => Ok(Some(found)),
        Err(Stop::Refused(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn at<'a>(tenant: &'a Tenant, browser: &'a str, origin: &'a Origin) -> Entrance<'a> {
    Entrance { browser: Some(browser), ..Entrance::new(tenant, origin) }
}

/// `POST {T}/login/second-factor`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let place = (&app, &tenant, &browser);
    let turn = turn(&app, &tenant, &browser, &form).await?;
    let (Some(held), Some(who)) = (asked(&browser).await?, halfway(place).await?) else {
        return see_other(&here(&tenant, LOGIN));
    };
    let (code, passkey) = (form.raw("code").unwrap_or_default(), answered(&form));
    let shown = match form.get("method") {
        Some("recovery_code") => Shown::RecoveryCode(code),
        Some("passkey") => Shown::Passkey(&passkey.0, &passkey.1),
        _ => Shown::Totp(code),
    };
    let wished = form.get("remember") == Some("yes");
    let remember = Some(tenant.settings.second_factor.remember_device).filter(|time| wished && time.0 > 0);
    match pass(place, &held, shown).await {
        Ok(passed) if passed.recovery_codes.is_empty() => enter(place, turn, passed.proof, remember).await,
        Ok(passed) => {
            let codes = passed.recovery_codes.iter().map(|code| code.expose().to_owned()).collect();
            let (turn, _) = open(place, turn, passed.proof, remember).await?;
            let next =
                turn.as_ref().map_or_else(|| here(&tenant, ACCOUNT), |turn| second_factor(&tenant, turn.reference()));
            Ok(Page::new(RecoveryCodesPage { brand: brand_of(&tenant), codes, next }).into_response())
        }
        Err(Stop::Refused(refusal)) if halfway(place).await?.is_some() => {
            show(place, turn.as_ref(), (&who.0, &who.1), Some(refusal)).await
        }
        Err(stop) => Err(stop.into()),
    }
}

async fn pass(
    (app, tenant, browser): Place<'_>,
    held: &Digest,
    shown: Shown<'_>,
) -> Result<crate::accounts::second::Passed> {
    let (name, origin) = (browser.name().await?, origin());
    app.factors.after_second_factor(&at(tenant, &name, &origin), held, shown).await
}

async fn show(
    (app, tenant, browser): Place<'_>,
    turn: Option<&Turn<'_>>,
    (user, halfway): (&User, &Halfway),
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let possible = |method| method != Method::Passkey || passkeys_are_possible(tenant);
    let offers = |method| halfway.methods.contains(&method) && possible(method);
    let waiting = if halfway.enrol { app.factors.waiting_totp(tenant, user).await? } else { None };
    let setup =
        if halfway.enrol && waiting.is_none() { Some(app.factors.begin_totp(tenant, user).await?) } else { waiting };
    let action = here(tenant, SECOND_FACTOR);
    let passkey = match (offers(Method::Passkey), halfway.enrol) {
        (false, _) => None,
        (true, true) => Some((app.factors.begin_registration(tenant, user).await?, ("create", "passkey-create"))),
        (true, false) => Some((app.factors.begin_assertion(tenant, user).await?, ("get", "passkey-use"))),
    };
    let brand = brand_of(tenant);
    let status = match refused.as_ref().map(|refusal| refusal.code) {
        Some(Code::TooManyRequests) => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::OK,
    };
    let reference = turn.map(Turn::reference).unwrap_or_default();
    let again = here(tenant, LOGIN);
    let page = SecondFactorPage {
        again: if reference.is_empty() { again } else { format!("{again}?request={reference}") },
        passkey: passkey.map(|(begun, kind)| PasskeyForm::of(&begun, action.clone(), kind)),
        action,
        csrf: browser.csrf().await?,
        request: reference.to_owned(),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
        setup,
        totp: offers(Method::Totp),
        recovery: offers(Method::RecoveryCode),
        remember: !halfway.enrol && tenant.settings.second_factor.remember_device.0 > 0,
    };
    let page = Page::new(page).status(status);
    Ok(match turn {
        Some(turn) => page.leading_to(&turn.request().return_to.redirect_uri).into_response(),
        None => page.into_response(),
    })
}

/// The form. What it sends back is `request`, `csrf`, `method`, and `code` or `ceremony` and `credential`.
#[derive(Template)]
#[template(path = "pages/second_factor.html")]
pub struct SecondFactorPage {
    /// The tenant.
    pub brand: Brand,
    /// Where the forms go.
    pub action: String,
    /// Where somebody begins anew.
    pub again: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request; empty without one.
    pub request: String,
    /// Why the last try did not succeed.
    pub error: Option<String>,
    /// What an authenticator app is set up with, for somebody who has to have one.
    pub setup: Option<TotpSetup>,
    /// The passkey's form.
    pub passkey: Option<PasskeyForm>,
    /// Whether a code of the app is wanted.
    pub totp: bool,
    /// Whether a recovery code would do.
    pub recovery: bool,
    /// Whether this browser can be remembered.
    pub remember: bool,
}

/// Recovery codes, shown this once.
#[derive(Template)]
#[template(path = "pages/recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// The tenant.
    pub brand: Brand,
    /// The codes.
    pub codes: Vec<String>,
    /// Where it goes on.
    pub next: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    fn page() -> SecondFactorPage {
        let setup =
            TotpSetup { secret: "ABCD".to_owned(), uri: String::new(), qr: "data:image/png;base64,AA".to_owned() };
        SecondFactorPage {
            brand: brand(),
            action: "/t/demo/login/second-factor".to_owned(),
            again: "/t/demo/login".to_owned(),
            csrf: "token".to_owned(),
            request: "reference".to_owned(),
            error: Some("The code is wrong.".to_owned()),
            setup: Some(setup),
            passkey: Some(PasskeyForm {
                action: "/t/demo/login/second-factor".to_owned(),
                token: "pk_x".to_owned(),
                options: "{}".to_owned(),
                ceremony_kind: "get",
                label: "passkey-use",
            }),
            totp: true,
            recovery: true,
            remember: true,
        }
    }

    #[test]
    fn the_second_factors_page_has_a_form_for_each_way_and_works_without_scripts() {
        let html = save("second_factor", &page());
        let hooks = [r#"<body data-page="second-factor">"#, r#"<form id="totp-form""#, r#"id="code""#];
        assert_hooks(&html, &hooks);
        assert_hooks(&html, &[r#"<form id="recovery-form""#, r#"<form id="passkey-form""#, r#"id="totp-qr""#]);
        save(
            "recovery_codes",
            &RecoveryCodesPage {
                brand: brand(),
                codes: vec!["0a1b-2c3d-4e5f-6g7h".to_owned(); 10],
                next: "/t/demo/account".to_owned(),
            },
        );
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = || HOSTILE.to_owned();
        let passkey = page().passkey.map(|form| PasskeyForm { token: hostile(), options: hostile(), ..form });
        assert_harmless(&SecondFactorPage {
            csrf: hostile(),
            request: hostile(),
            error: Some(hostile()),
            passkey,
            ..page()
        });
        assert_harmless(&RecoveryCodesPage { brand: brand(), codes: vec![hostile()], next: hostile() });
    }
}
