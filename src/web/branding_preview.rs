//! Pages in a brand that is not published yet, as an administrator looks at them: rendered with made-up content,
//! stored nowhere, and unable to do anything. The policy puts them into a sandbox; only the tenant's own pages may
//! frame them.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::consent::{ConsentPage, ShownScope};
use super::login::LoginPage;
use super::login_with::Providers;
use super::sign_up::SignUpPage;
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Scope};
use crate::frame::{Brand, Dress, ErrorPage, Language, ShownClient, Words};
use crate::http::bearer::RequiredScope;
use crate::http::page::{dressed, here, words_for};
use crate::http::routes::{BRAND_CSS, VERIFY_PAGE};
use crate::http::{Bearer, Problem, Query};
use crate::mail;
use crate::store::tenants::Settings;
use crate::tenants::TenantContext;

/// Nothing runs, nothing is sent, and nobody else shows it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'none'; \
    frame-ancestors 'self'; base-uri 'none'; sandbox";

/// The same of a mail, which has its style in it as mails do: those styles that are in it and no others, each by its
/// digest (CSP 3 §6.7.3.3; attributes need the word `unsafe-hashes`, which allows nothing that has no digest).
fn policy_of_mail(html: &str) -> String {
    let styles: BTreeSet<&str> = html.split("style=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let digests: Vec<String> = styles
        .into_iter()
        .map(|style| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style.as_bytes()))))
        .collect();
    format!(
        "default-src 'none'; style-src 'unsafe-hashes' {}; img-src https:; form-action 'none'; frame-ancestors 'self'; \
         base-uri 'none'; sandbox",
        digests.join(" ")
    )
}

/// To look at a tenant's settings.
#[derive(Clone, Copy, Debug)]
pub struct LookAtBrand;

impl RequiredScope for LookAtBrand {
    const SCOPE: Option<&'static str> = Some("tenant:read");
}

/// `GET {T}/api/v1/tenant/branding/preview?page=login&lang=de`: of the draft, or with `of=published` of that.
pub async fn get(
    State(app): State<App>,
    caller: Bearer<LookAtBrand>,
    Query(query): Query,
) -> Result<Response, Problem> {
    let tenant = &caller.tenant;
    let branding = app.tenants.branding(tenant).await?;
    let dress = match query.get("of") {
        None | Some("draft") => branding.contract().dress(),
        Some("published") => tenant.dress().clone(),
        Some(_) => return Err(Refusal::new(Code::InvalidParameter, "of is draft or published").into()),
    };
    let words = spoken(tenant, &dress, &query)?;
    let brand = dressed(&tenant.name, &dress, stylesheet(tenant, &dress), words);
    let name = query.get("page").unwrap_or("login");
    let html = page(tenant, (brand, &dress), name)?;
    let policy = if name == "mail" { policy_of_mail(&html) } else { POLICY.to_owned() };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, html).into_response())
}

fn spoken(tenant: &TenantContext, dress: &Dress, query: &Params) -> Result<Words, Refusal> {
    let unknown = || Refusal::new(Code::InvalidParameter, "lang is en, es, fr or de");
    let language = match query.get("lang") {
        Some(tag) => Language::of_tag(tag).ok_or_else(unknown)?,
        None => words_for(tenant).language(),
    };
    Ok(Words::of(language).in_own(dress.own(language)))
}

/// The colours of a draft stand in the address of its stylesheet, because nothing of it is stored.
fn stylesheet(tenant: &TenantContext, dress: &Dress) -> Option<String> {
    let digits = |colour: crate::frame::Accent| colour.to_string().trim_start_matches('#').to_owned();
    let (accent, on_dark) = dress.accent;
    let on_dark = on_dark.map(|colour| format!("&accent_dark={}", digits(colour))).unwrap_or_default();
    accent.map(|accent| format!("{}?accent={}{on_dark}", here(tenant, BRAND_CSS), digits(accent)))
}

fn page(tenant: &TenantContext, (brand, dress): (Brand, &Dress), name: &str) -> Result<String> {
    let rendered = match name {
        "login" => login(brand).render(),
        "consent" => consent(brand).render(),
        "signup" => sign_up(brand).render(),
        "error" => error(brand).render(),
        "mail" => {
            let link = format!("{}{VERIFY_PAGE}?token=example", tenant.issuer);
            return Ok(mail::sample((&tenant.name, dress, brand.words), link)?);
        }
        _ => {
            let words = "page is login, consent, signup, error or mail";
            return Err(Refusal::new(Code::InvalidParameter, words).into());
        }
    };
    Ok(rendered.map_err(crate::base::Fault::from)?)
}

fn client() -> ShownClient {
    ShownClient { name: "Example".to_owned(), logo: None, policy: None, terms: None }
}

fn login(brand: Brand) -> LoginPage {
    LoginPage {
        client: Some(client()),
        action: String::new(),
        csrf: String::new(),
        request: String::new(),
        username: String::new(),
        organization: None,
        error: None,
        password: true,
        remember: true,
        verify_href: None,
        passkey: None,
        by_mail_href: Some("#".to_owned()),
        providers: Providers::default(),
        puzzle: None,
        forgot_href: Some("#".to_owned()),
        sign_up_href: Some("#".to_owned()),
        brand,
    }
}

fn consent(brand: Brand) -> ConsentPage {
    let scope = Scope::of(["openid", "profile", "email", "offline_access"]);
    ConsentPage {
        client: client(),
        action: String::new(),
        csrf: String::new(),
        request: String::new(),
        account: "ada@example.com".to_owned(),
        scopes: ShownScope::all(&scope, brand.words, &Settings::default()),
        organization: None,
        details: Vec::new(),
        return_host: Some("app.example.com".to_owned()),
        brand,
    }
}

fn sign_up(brand: Brand) -> SignUpPage {
    SignUpPage {
        client: None,
        action: String::new(),
        csrf: String::new(),
        request: String::new(),
        name: String::new(),
        email: String::new(),
        error: None,
        shortest: 8,
        login_href: "#".to_owned(),
        brand,
    }
}

fn error(brand: Brand) -> ErrorPage {
    ErrorPage {
        title: brand.words.title_of(404),
        code: Code::NotFound.as_str().to_owned(),
        description: brand.words.refusal(&Refusal::new(Code::NotFound, "there is nothing here")),
        request_id: crate::http::context::request_id(),
        brand,
    }
}
