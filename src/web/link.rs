//! An account elsewhere and an account here have the same address. Why its owner has to sign in here before the two are
//! linked: an address can change hands, and a provider can be wrong (W-037).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::turn::check;
use crate::accounts::federation::{Returned, Task};
use crate::app::App;
use crate::base::Seconds;
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::page::{brand_of, here};
use crate::http::routes::{LINK, LOGIN};
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::sessions::SignedIn;
use crate::store::providers::IdentityProvider;
use crate::store::users::User;

/// The member of a browser's data that holds what is to be linked.
const MEMBER: &str = "link";
/// The member that holds a link that waits for its person to sign in again.
const STALE: &str = "link_to";
/// How long ago a sign-in may be for linking.
const LATELY: Seconds = Seconds(600);

/// What this browser wants to link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// The person here.
    user: String,
    /// The person's address.
    pub email: String,
    /// The provider's name.
    provider: String,
    /// The reference of the request that waits.
    request: Option<String>,
}

/// Remembers what shall be linked and shows the page that says why a sign-in is needed first.
pub async fn ask(
    (tenant, browser): (&Tenant, &Browser),
    returned: &Returned,
    user: &User,
) -> Result<Response, PageError> {
    let wanted = Wanted {
        user: user.id.to_string(),
        email: user.name_to_show().to_owned(),
        provider: returned.provider.name.clone(),
        request: returned.task.request.clone(),
    };
    browser.put(MEMBER, wanted).await?;
    see_other(&here(tenant, LINK))
}

/// The address that the person should sign in with in this browser.
pub async fn proposed(browser: &Browser) -> crate::base::Result<Option<String>> {
    Ok(browser.get::<Wanted>(MEMBER).await?.map(|wanted| wanted.email))
}

/// Forgets it: the person has signed in.
pub async fn done(browser: &Browser) -> crate::base::Result<()> {
    browser.take::<Wanted>(MEMBER).await.map(drop)
}

/// `GET {T}/login/link`.
pub async fn get(tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    let Some(wanted) = browser.get::<Wanted>(MEMBER).await? else { return see_other(&here(&tenant, LOGIN)) };
    let page = LinkPage {
        brand: brand_of(&tenant),
        provider: wanted.provider.clone(),
        email: wanted.email.clone(),
        sign_in_href: login(&tenant, &wanted),
        action: here(&tenant, LINK),
        csrf: browser.csrf().await?,
    };
    Ok(Page::new(page).into_response())
}

/// `POST {T}/login/link`: not now.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let Some(wanted) = browser.take::<Wanted>(MEMBER).await? else { return see_other(&here(&tenant, LOGIN)) };
    app.federation.forget(&tenant, &browser.name().await?, &wanted.user).await?;
    see_other(&login(&tenant, &wanted))
}

/// `POST {T}/account/identities/{provider}`: whoever is signed in links an account elsewhere.
pub async fn begin(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    axum::extract::Path((_, slug)): axum::extract::Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let provider = app.federation.named(&tenant, &slug).await?;
    let lately = |who: &SignedIn| app.clock.now().since(who.session.auth_time) <= LATELY;
    match browser.person(&app, &tenant).await? {
        Some(who) if lately(&who) => see_other(&start((&app, &tenant, &browser), &provider, &who.user).await?),
        // Whoever asked has to sign in again; then it goes on by itself, for them alone.
        stale => {
            if let Some(who) = stale {
                browser.put(STALE, Stale { user: who.user.id.to_string(), provider: slug }).await?;
            }
            see_other(&here(&tenant, LOGIN))
        }
    }
}

/// A link that its person began when their sign-in was too long ago.
#[derive(Debug, Serialize, Deserialize)]
struct Stale {
    user: String,
    provider: String,
}

/// Where the browser goes on with a link that was begun before its person had to sign in again.
pub async fn resumed(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    who: Option<&SignedIn>,
) -> crate::base::Result<Option<String>> {
    let Some(stale) = browser.take::<Stale>(STALE).await? else { return Ok(None) };
    let Some(who) = who.filter(|who| who.user.id.as_str() == stale.user) else { return Ok(None) };
    let provider = app.federation.named(tenant, &stale.provider).await?;
    start((app, tenant, browser), &provider, &who.user).await.map(Some)
}

async fn start(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    provider: &IdentityProvider,
    user: &User,
) -> crate::base::Result<String> {
    let task = Task { link: Some(user.id.clone()), ..Task::default() };
    app.federation.begin(tenant, provider, &browser.name().await?, task).await
}

fn login(tenant: &Tenant, wanted: &Wanted) -> String {
    match &wanted.request {
        Some(request) => format!("{}?request={request}", here(tenant, LOGIN)),
        None => here(tenant, LOGIN),
    }
}

/// The page that says why.
#[derive(Template)]
#[template(path = "pages/link.html")]
pub struct LinkPage {
    /// The tenant.
    pub brand: Brand,
    /// The provider's name.
    pub provider: String,
    /// The address that both accounts have.
    pub email: String,
    /// The way to the sign-in.
    pub sign_in_href: String,
    /// Where "not now" goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    fn page(text: &str) -> LinkPage {
        LinkPage {
            brand: brand(),
            provider: text.to_owned(),
            email: text.to_owned(),
            sign_in_href: text.to_owned(),
            action: "/t/demo/login/link".to_owned(),
            csrf: text.to_owned(),
        }
    }

    #[test]
    fn the_page_says_why_and_leads_to_the_sign_in() {
        assert_hooks(
            &save("link", &page("ada@demo.test")),
            &[
                r#"<body data-page="link">"#,
                r#"<a id="link-sign-in" class="button primary" href="ada@demo.test">"#,
                r#"<form id="link-later" method="post" action="/t/demo/login/link">"#,
            ],
        );
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        assert_harmless(&page(HOSTILE));
    }
}
