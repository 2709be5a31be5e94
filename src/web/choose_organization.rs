//! For which of their organizations somebody uses an application.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::account::organizations::role_in_words;
use super::turn::{Turn, check};
use crate::app::App;
use crate::authorization::Next;
use crate::base::{Code, Refusal};
use crate::frame::{Brand, ShownClient};
use crate::http::page::{brand_of, here};
use crate::http::routes::CHOOSE_ORGANIZATION;
use crate::http::{Browser, Form, Page, PageError, Query, Tenant};

/// `GET {T}/login/choose-organization`, with the reference of the request that waits.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let turn = Turn::find(&app, &tenant, &browser, query.require("request")?).await?;
    let who = browser.person(&app, &tenant).await?;
    let (Next::ChooseOrganization, Some(who)) = (turn.next(who.as_ref()).await?, &who) else {
        return turn.go(turn.next(who.as_ref()).await?).await;
    };
    let choices = app.authorization.choices(&tenant, &turn.pending, who).await?;
    let redirect_uri = turn.request().return_to.redirect_uri.clone();
    let brand = brand_of(&tenant);
    let shown = choices.organizations.into_iter().map(|one| Choice {
        id: one.id.to_string(),
        role: role_in_words(brand.words, &one.role),
        name: one.name,
    });
    let page = ChoosePage {
        choices: shown.collect(),
        none: choices.none,
        client: turn.client().await?,
        action: here(&tenant, CHOOSE_ORGANIZATION),
        csrf: browser.csrf().await?,
        request: turn.reference().to_owned(),
        brand,
    };
    Ok(Page::new(page).leading_to(&redirect_uri).into_response())
}

/// `POST {T}/login/choose-organization`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let turn = Turn::find(&app, &tenant, &browser, form.require("request")?).await?;
    let who = browser.person(&app, &tenant).await?;
    match (turn.next(who.as_ref()).await?, &who) {
        (Next::ChooseOrganization, Some(who)) => {
            let nothing = || Refusal::new(Code::InvalidRequest, "the form names no organization");
            let turn = turn.choose(who, form.raw("organization").ok_or_else(nothing)?).await?;
            turn.go(turn.next(Some(who)).await?).await
        }
        (next, _) => turn.go(next).await,
    }
}

/// One of the organizations.
pub struct Choice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the person is there.
    pub role: String,
}

/// The question. What its form sends is `csrf`, `request` and `organization`.
#[derive(Template)]
#[template(path = "pages/choose_organization.html")]
pub struct ChoosePage {
    /// The tenant.
    pub brand: Brand,
    /// The application that asks.
    pub client: ShownClient,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request.
    pub request: String,
    /// The person's organizations.
    pub choices: Vec<Choice>,
    /// Whether none of them is a choice too.
    pub none: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, client, save};

    fn page(text: &str) -> ChoosePage {
        ChoosePage {
            brand: brand(),
            client: client(),
            action: "/t/demo/login/choose-organization".to_owned(),
            csrf: text.to_owned(),
            request: text.to_owned(),
            choices: vec![Choice { id: text.to_owned(), name: text.to_owned(), role: text.to_owned() }],
            none: true,
        }
    }

    #[test]
    fn each_organization_is_a_button() {
        assert_hooks(
            &save("choose-organization", &page("x")),
            &[
                r#"<body data-page="choose-organization">"#,
                r#"<form id="organization-form" class="stack" method="post" action="/t/demo/login/choose-organization">"#,
                r#"<button class="wide" type="submit" name="organization" value="x">"#,
                r#"<button id="organization-none" class="quiet" type="submit" name="organization" value="">"#,
            ],
        );
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        assert_harmless(&page(HOSTILE));
    }
}
