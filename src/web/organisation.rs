//! Home-realm discovery: who knows their address, and not with whom it signs in, types it here. Nothing is told about
//! accounts: what is looked at is the domain alone.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::login_with;
use super::turn::check;
use crate::app::App;
use crate::base::{Code, Params, Refusal};
use crate::frame::Brand;
use crate::http::page::{brand_of, here};
use crate::http::routes::{LOGIN, ORGANISATION};
use crate::http::{Browser, Form, Page, PageError, Query, Tenant};

/// `GET {T}/login/organisation`.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    show((&app, &tenant, &browser), &query, None).await
}

/// `POST {T}/login/organisation`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let typed = form.get("email").unwrap_or_default();
    if let Some(provider) = app.federation.of_address(&tenant, typed).await? {
        return login_with::go((&app, &tenant, &browser), &provider, &form).await;
    }
    let unknown = Refusal::new(Code::NotFound, "no organisation is known for this address");
    show((&app, &tenant, &browser), &form, Some(&unknown)).await
}

async fn show(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    params: &Params,
    refused: Option<&Refusal>,
) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let page = OrganisationPage {
        action: here(tenant, ORGANISATION),
        csrf: browser.csrf().await?,
        request: params.get("request").unwrap_or_default().to_owned(),
        email: params.get("email").unwrap_or_default().to_owned(),
        error: refused.map(|refusal| brand.words.refusal(refusal)),
        login_href: here(tenant, LOGIN),
        brand,
    };
    let offered = app.federation.offered(tenant).await?;
    let page = offered.iter().fold(Page::new(page), |page, provider| page.leading_to(&provider.settings.issuer));
    Ok(page.into_response())
}

/// The question. What its form sends is `csrf`, `request` and `email`.
#[derive(Template)]
#[template(path = "pages/organisation.html")]
pub struct OrganisationPage {
    /// The tenant.
    pub brand: Brand,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request; empty without one.
    pub request: String,
    /// What was typed before.
    pub email: String,
    /// Why that leads nowhere.
    pub error: Option<String>,
    /// Another way in.
    pub login_href: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    fn page(text: &str) -> OrganisationPage {
        OrganisationPage {
            brand: brand(),
            action: "/t/demo/login/organisation".to_owned(),
            csrf: text.to_owned(),
            request: text.to_owned(),
            email: text.to_owned(),
            error: Some(text.to_owned()),
            login_href: "/t/demo/login".to_owned(),
        }
    }

    #[test]
    fn the_page_asks_for_an_address() {
        assert_hooks(
            &save("organisation", &page("x")),
            &[
                r#"<body data-page="organisation">"#,
                r#"<form id="organisation-form" class="stack" method="post" action="/t/demo/login/organisation">"#,
                r#"<input type="email" id="email" name="email" value="x""#,
                r#"<p id="organisation-error" class="notice" role="alert">x</p>"#,
                r#"<button id="organisation-submit""#,
            ],
        );
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        assert_harmless(&page(HOSTILE));
    }
}
