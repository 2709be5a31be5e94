//! Whose turn it is: a waiting authorization request, the browser that brought it, and the page or answer that is next.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;

use crate::app::App;
use crate::authorization::{AuthorizationRequest, Next, Pending, deny};
use crate::base::{Code, Refusal, Result, Scope};
use crate::clients::KnownClient;
use crate::frame::{Link, ShownClient};
use crate::http::answer::{respond, see_other};
use crate::http::context;
use crate::http::page::here;
use crate::http::routes::{CHOOSE_ORGANIZATION, CONSENT, LOGIN, SECOND_FACTOR};
use crate::http::{Browser, PageError, Tenant};
use crate::sessions::SignedIn;

/// A request that waits in this browser.
pub struct Turn<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    browser: String,
    reference: &'a str,
    /// The request.
    pub pending: Pending,
}

impl<'a> Turn<'a> {
    /// Finds it.
    ///
    /// # Errors
    /// It was answered, is too old, or was begun in another browser (S1).
    pub async fn find(app: &'a App, tenant: &'a Tenant, browser: &Browser, reference: &'a str) -> Result<Self> {
        let browser = browser.name().await?;
        let pending = app.authorization.pending(tenant, &browser, reference).await?;
        if pending.request.language.is_some() {
            context::learn(|preferences| preferences.asked = pending.request.language);
        }
        Ok(Self { app, tenant, browser, reference, pending })
    }

    /// What the pages carry for it.
    pub const fn reference(&self) -> &str {
        self.reference
    }

    /// What is asked.
    pub const fn request(&self) -> &AuthorizationRequest {
        &self.pending.request
    }

    /// The application that asks.
    ///
    /// # Errors
    /// It may not do anything any more.
    pub async fn known_client(&self) -> Result<Arc<KnownClient>> {
        let known = self.app.clients.find(&self.tenant.id, &self.request().client_id).await?;
        known.ok_or_else(|| Refusal::new(Code::InvalidRequest, "this application is not active any more").into())
    }

    /// The application that asks, as its registration shows it.
    pub async fn client(&self) -> Result<ShownClient> {
        let client = self.known_client().await?;
        let link = |uri: &Option<String>| uri.as_deref().and_then(Link::parse);
        Ok(ShownClient {
            name: client.name.clone(),
            logo: link(&client.metadata.logo_uri),
            policy: link(&client.metadata.policy_uri),
            terms: link(&client.metadata.tos_uri),
        })
    }

    /// Remembers that the person proved who they are for this request.
    pub async fn signed_in(mut self, who: &SignedIn) -> Result<Self> {
        let at = (self.browser.as_str(), self.reference);
        self.pending = self.app.authorization.signed_in(self.tenant, at, &self.pending, &who.session.id).await?;
        Ok(self)
    }

    /// Remembers for which organization it is.
    pub async fn choose(mut self, who: &SignedIn, chosen: &str) -> Result<Self> {
        let at = (self.browser.as_str(), self.reference);
        self.pending = self.app.authorization.choose(self.tenant, at, (&self.pending, who), chosen).await?;
        Ok(self)
    }

    /// The name of the organization that it is for.
    pub async fn organization(&self, who: &SignedIn) -> Result<Option<String>> {
        self.app.authorization.place_name(self.tenant, &self.pending, who).await
    }

    /// What is next for this person.
    pub async fn next(&self, who: Option<&SignedIn>) -> Result<Next> {
        self.app.authorization.next(self.tenant, &self.pending, who).await
    }

    /// Goes there.
    pub async fn go(&self, next: Next) -> Result<Response, PageError> {
        match next {
            Next::SignIn => see_other(&self.address(LOGIN)),
            Next::SecondFactor => see_other(&self.address(SECOND_FACTOR)),
            Next::ChooseOrganization => see_other(&self.address(CHOOSE_ORGANIZATION)),
            Next::Consent(_) => see_other(&self.address(CONSENT)),
            Next::Answer(answer) => {
                self.take().await?;
                respond(self.tenant, answer)
            }
        }
    }

    /// Answers with what the person allowed.
    pub async fn approve(&self, who: &SignedIn, scope: &Scope) -> Result<Response, PageError> {
        self.take().await?;
        let origin = crate::http::context::origin();
        let client = &self.request().client_id;
        self.app.authorization.consent(self.tenant, client, (who, scope), &origin).await?;
        let answer = self.app.authorization.approve(self.tenant, &self.pending, who, scope).await?;
        respond(self.tenant, answer)
    }

    /// Answers that the person said no.
    pub async fn deny(&self) -> Result<Response, PageError> {
        self.take().await?;
        respond(self.tenant, deny(self.request()))
    }

    /// From here on it is answered: nobody else can.
    async fn take(&self) -> Result<()> {
        self.app.authorization.finish(self.tenant, &self.browser, self.reference).await
    }

    fn address(&self, page: &str) -> String {
        format!("{}?request={}", here(self.tenant, page), self.reference)
    }
}

/// Lets a form pass, or refuses it as forged (W-044).
pub async fn check(browser: &Browser, headers: &HeaderMap, form: &crate::base::Params) -> Result<()> {
    browser.check(headers, form.get("csrf")).await
}
