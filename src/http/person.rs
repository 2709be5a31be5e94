//! Somebody who is signed in, at an API: by a token of theirs (RFC 6750), or in the browser by the same cookie as the
//! pages. What a cookie allows needs the browser's anti-forgery token as well, in `X-CSRF-Token` (W-044).

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::bearer::{Bearer, Principal, RequiredScope, Unproven};
use super::context::origin;
use super::{Browser, Tenant};
use crate::app::App;
use crate::base::{Actor, Code, Refusal, Seconds, SessionId, Timestamp};
use crate::sessions::SignedIn;
use crate::store::people::{self, Described};
use crate::store::users::{User, UserStatus};
use crate::tenants::TenantContext;
use crate::tokens::LiveToken;

/// The scope to manage one's own account. Clients of strangers never get it.
#[derive(Clone, Copy, Debug)]
pub struct Account;

impl RequiredScope for Account {
    const SCOPE: Option<&'static str> = Some("account");
}

/// How somebody showed who they are.
#[derive(Clone, Debug)]
pub enum Shown {
    /// By a token.
    Token(LiveToken),
    /// By the cookie of this browser.
    Cookie(Browser, Box<SignedIn>),
}

/// Extractor: a person of this tenant who may act. A token needs the scope; a cookie is the person. The route has to
/// be mounted below `browser::of_tenant`.
#[derive(Clone, Debug)]
pub struct Person<S> {
    /// The tenant.
    pub tenant: Arc<TenantContext>,
    /// Who, active.
    pub user: User,
    /// By what.
    pub shown: Shown,
    described: Option<Box<Described>>,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> FromRequestParts<App> for Person<S> {
    type Rejection = Unproven;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Unproven> {
        if !parts.headers.contains_key(AUTHORIZATION)
            && let Some(person) = Self::by_cookie(parts, app).await?
        {
            return Ok(person);
        }
        let Bearer { tenant, principal, .. } = Bearer::<S>::from_request_parts(parts, app).await?;
        let Principal::Token(token) = principal else { return Err(Self::machine()) };
        let Some(id) = token.user() else { return Err(Self::machine()) };
        let described = people::by_id(&app.db, &tenant.id, &id).await?;
        let Some(described) = described.filter(|person| person.user.status == UserStatus::Active) else {
            return Err(Unproven::invalid(&tenant));
        };
        let (user, shown) = (described.user.clone(), Shown::Token(token));
        Ok(Self { tenant, user, shown, described: Some(Box::new(described)), scope: PhantomData })
    }
}

impl<S> Person<S> {
    async fn by_cookie(parts: &mut Parts, app: &App) -> Result<Option<Self>, Unproven> {
        let Tenant(tenant) = Tenant::from_request_parts(parts, app).await?;
        let browser = Browser::from_request_parts(parts, app).await?;
        let Some(who) = browser.person(app, &tenant).await? else { return Ok(None) };
        if ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method) {
            let token = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
            browser.check(&parts.headers, token).await?;
        }
        let (user, described) = (who.user.clone(), who.described.clone());
        let shown = Shown::Cookie(browser, Box::new(who));
        Ok(Some(Self { tenant, user, shown, described, scope: PhantomData }))
    }

    /// A client that acts for itself has no account.
    fn machine() -> Unproven {
        Refusal::new(Code::Forbidden, "this is for people; the credential is a program's").into()
    }

    /// When the person last proved who they are.
    #[must_use]
    pub fn auth_time(&self) -> Option<Timestamp> {
        match &self.shown {
            Shown::Token(token) => token.claims().get("auth_time").and_then(serde_json::Value::as_i64).map(Timestamp),
            Shown::Cookie(_, who) => Some(who.session.auth_time),
        }
    }

    /// The browser whose cookie it was.
    #[must_use]
    pub const fn browser(&self) -> Option<&Browser> {
        match &self.shown {
            Shown::Token(_) => None,
            Shown::Cookie(browser, _) => Some(browser),
        }
    }

    /// The person with what else is kept about them; mostly it has been read already (W-121).
    ///
    /// # Errors
    /// The database failed, or the person is gone by now.
    pub async fn described(&self, app: &App) -> Result<Described, Unproven> {
        match &self.described {
            Some(described) => Ok(Described::clone(described)),
            None => Ok(app.people.describe(&self.tenant, &self.user.id).await?),
        }
    }

    /// The session that this is part of.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match &self.shown {
            Shown::Token(token) => token.session(),
            Shown::Cookie(_, who) => Some(who.session.id.clone()),
        }
    }

    /// Demands that the person proved who they are lately (W-026).
    ///
    /// # Errors
    /// `insufficient_user_authentication`, with the `max_age` that is wanted (RFC 9470 §3).
    pub fn recently(&self, app: &App, within: Seconds) -> Result<(), Unproven> {
        let now = app.clock.now();
        if self.auth_time().is_some_and(|at| now.since(at).0 <= within.0) {
            return Ok(());
        }
        Err(Unproven::too_long_ago(&self.tenant, within))
    }

    /// This person as the one who changes something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.user.id.to_string(), origin: origin() }
    }
}
