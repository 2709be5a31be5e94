//! Whoever asks about organizations: a person by token or cookie, or a program. What they may do is asked of the
//! organization at that moment, not of the token (W-071).

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::bearer::{Bearer, Principal, RequiredScope, Unproven};
use super::context::origin;
use super::person::Person;
use crate::app::App;
use crate::base::{Actor, Scope};
use crate::organizations::Who;
use crate::store::users::{self, Role, UserStatus};
use crate::tenants::TenantContext;

/// To look at organizations.
#[derive(Clone, Copy, Debug)]
pub struct OrgsRead;

impl RequiredScope for OrgsRead {
    const SCOPE: Option<&'static str> = Some("orgs:read");
}

/// To change them.
#[derive(Clone, Copy, Debug)]
pub struct OrgsWrite;

impl RequiredScope for OrgsWrite {
    const SCOPE: Option<&'static str> = Some("orgs:write");
}

/// Extractor: a caller with the scope, or a person with a cookie. The route has to be mounted below
/// `browser::of_tenant`.
#[derive(Clone, Debug)]
pub struct Participant<S> {
    /// The tenant.
    pub tenant: Arc<TenantContext>,
    /// Who asks.
    pub who: Who,
    scope: Option<Scope>,
    needed: PhantomData<S>,
}

impl<S: RequiredScope> FromRequestParts<App> for Participant<S> {
    type Rejection = Unproven;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Unproven> {
        if parts.headers.contains_key(AUTHORIZATION) || parts.headers.contains_key("x-api-key") {
            return Self::of(app, Bearer::<S>::from_request_parts(parts, app).await?).await;
        }
        let person = Person::<S>::from_request_parts(parts, app).await?;
        let actor = person.actor();
        let who = Who { user: Some(person.user), bound: None, actor };
        Ok(Self { tenant: person.tenant, who, scope: None, needed: PhantomData })
    }
}

impl<S> Participant<S> {
    async fn of(app: &App, caller: Bearer<S>) -> Result<Self, Unproven> {
        let Bearer { tenant, principal, .. } = caller;
        let actor = Actor { id: principal.subject().to_owned(), origin: origin() };
        let scope = Some(principal.scope().clone());
        let (person, bound) = match &principal {
            Principal::Token(token) => (token.user(), token.organization()),
            Principal::Key(_) => (None, None),
        };
        let user = match person {
            None => None,
            Some(id) => {
                let found = users::by_id(&app.db, &tenant.id, &id).await?;
                let active = found.filter(|user| user.status == UserStatus::Active);
                Some(active.ok_or_else(|| Unproven::invalid(&tenant))?)
            }
        };
        Ok(Self { tenant, who: Who { user, bound, actor }, scope, needed: PhantomData })
    }

    /// Whether the credential has this scope too; a cookie is the person, with all that the role allows.
    #[must_use]
    pub fn holds(&self, scope: &str) -> bool {
        match &self.scope {
            Some(held) => held.contains(scope),
            None => self.who.user.as_ref().is_some_and(|user| user.role.rank() >= Role::Admin.rank()),
        }
    }
}
