//! The caller of one of the services that tokens open (RFC 6750, RFC 8707, RFC 9068 §4): alive, of this tenant, for
//! this service, and asked at each step whether it may take it.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Tenant;
use super::bearer::{Principal, Unproven, given, prove_at};
use super::context::{is_for, origin};
use crate::app::App;
use crate::base::{Actor, ApiKeyId, AuthorizationDetails, OrganizationId, Proven, Scope, Stop, UserId};
use crate::clients::scopes::within_role;
use crate::entitlements::plans_with;
use crate::organizations::Belonging;
use crate::store::plans::Plan;
use crate::store::users::{self, Role, UserStatus};
use crate::tenants::TenantContext;

/// One of the services.
pub trait Service: Send + Sync + 'static {
    /// The first part of its scopes and the last of its audience.
    const NAME: &'static str;
}

/// JSON documents.
#[derive(Clone, Copy, Debug)]
pub struct Storage;

/// Files.
#[derive(Clone, Copy, Debug)]
pub struct Archive;

/// Money.
#[derive(Clone, Copy, Debug)]
pub struct Payments;

impl Service for Storage {
    const NAME: &'static str = "storage";
}

impl Service for Archive {
    const NAME: &'static str = "archive";
}

impl Service for Payments {
    const NAME: &'static str = "payments";
}

/// What a caller wants to do: the second part of a scope. To write does not imply to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To look.
    Read,
    /// To change.
    Write,
    /// To govern, and to pass the rules.
    Admin,
}

impl Action {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// Extractor: somebody with a credential that is good at this service. What it allows is asked with [`Caller::may`].
#[derive(Clone, Debug)]
pub struct Caller<S> {
    /// The tenant.
    pub tenant: Arc<TenantContext>,
    /// Who.
    pub principal: Principal,
    scope: Scope,
    details: AuthorizationDetails,
    sold: Arc<Vec<Plan>>,
    service: PhantomData<S>,
}

impl<S: Service> FromRequestParts<App> for Caller<S> {
    type Rejection = Unproven;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Unproven> {
        let Tenant(tenant) = Tenant::from_request_parts(parts, app).await?;
        is_for(&tenant, S::NAME);
        let here = |unproven: Unproven| unproven.at(S::NAME);
        let given = given(&parts.headers, parts.uri.query(), &tenant).map_err(here)?;
        let principal = prove_at(app, &tenant, S::NAME, given).await.map_err(here)?;
        let details = narrowing(&principal).map_err(|_| here(Unproven::invalid(&tenant)))?;
        let scope = governed(principal.scope(), &details);
        let sold = app.entitlements.plans(&tenant.id).await?;
        let mut caller = Self { tenant, principal, scope, details, sold, service: PhantomData };
        caller.keep_to_role(app).await?;
        Ok(caller)
    }
}

/// What a token says about rows and fields.
fn narrowing(principal: &Principal) -> serde_json::Result<AuthorizationDetails> {
    match principal {
        Principal::Token(token) => match token.claims().get("authorization_details") {
            Some(told) => serde_json::from_value(told.clone()),
            None => Ok(AuthorizationDetails::default()),
        },
        Principal::Key(_) => Ok(AuthorizationDetails::default()),
    }
}

/// Who is kept to some documents does not govern collections: redefining one would undo what keeps to it (RFC 9396).
fn governed(scope: &Scope, details: &AuthorizationDetails) -> Scope {
    if details.is_empty() { scope.clone() } else { scope.without("storage:admin") }
}

impl<S: Service> Caller<S> {
    /// Who governs has to be somebody who may do so at this moment, whatever the token says (W-071).
    async fn keep_to_role(&mut self, app: &App) -> Result<(), Unproven> {
        if self.person().is_some() && self.is(Action::Admin) {
            let role = self.role(app).await?;
            self.scope = role.map_or_else(Scope::empty, |role| within_role(&self.scope, role));
        }
        Ok(())
    }

    /// Whether it may do this to anything.
    #[must_use]
    pub fn is(&self, action: Action) -> bool {
        self.scope.contains(&format!("{}:{}", S::NAME, action.as_str()))
    }

    /// Whether it may do this in this collection.
    #[must_use]
    pub fn is_in(&self, action: Action, collection: &str) -> bool {
        self.is(action) || self.scope.contains(&format!("{}:{}:{collection}", S::NAME, action.as_str()))
    }

    /// Demands that it may do this to anything.
    ///
    /// # Errors
    /// `insufficient_scope`, which names the scope (RFC 6750 §3.1).
    pub fn may(&self, action: Action) -> Result<(), Unproven> {
        if self.is(action) { Ok(()) } else { Err(self.lacks(&format!("{}:{}", S::NAME, action.as_str()))) }
    }

    /// Demands that it may do this in this collection.
    ///
    /// # Errors
    /// `insufficient_scope`, which names the narrowest scope that would do.
    pub fn may_in(&self, action: Action, collection: &str) -> Result<(), Unproven> {
        let needed = || format!("{}:{}:{collection}", S::NAME, action.as_str());
        if self.is_in(action, collection) { Ok(()) } else { Err(self.lacks(&needed())) }
    }

    fn lacks(&self, scope: &str) -> Unproven {
        let plans = plans_with(&self.sold, scope);
        let unproven = match plans.as_slice() {
            [] => Unproven::insufficient(&self.tenant, scope),
            plans => Unproven::unpaid(&self.tenant, scope, plans),
        };
        unproven.at(S::NAME)
    }

    /// What narrows its scope in storage (RFC 9396); of an API key nothing does.
    #[must_use]
    pub const fn details(&self) -> &AuthorizationDetails {
        &self.details
    }

    /// What it may do at all.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What names it: `sub` of a token, which is the client's id when a client acts for itself; the id of a key.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.principal.subject()
    }

    /// The person it acts for; a program that acts for itself has none.
    #[must_use]
    pub fn person(&self) -> Option<UserId> {
        match &self.principal {
            Principal::Token(token) => token.user(),
            Principal::Key(_) => None,
        }
    }

    /// How the person it acts for proved who they are; a program that acts for itself has nobody to ask.
    #[must_use]
    pub fn proven(&self) -> Option<Proven> {
        match &self.principal {
            Principal::Token(token) => token.proven(),
            Principal::Key(_) => None,
        }
    }

    /// The organization that the token is for.
    #[must_use]
    pub fn organization(&self) -> Option<OrganizationId> {
        match &self.principal {
            Principal::Token(token) => token.organization(),
            Principal::Key(_) => None,
        }
    }

    /// What the person is in that organization, at this moment.
    ///
    /// # Errors
    /// The database failed.
    pub async fn belonging(&self, app: &App) -> Result<Option<Belonging>, Stop> {
        match self.organization().zip(self.person()) {
            Some((id, person)) => Belonging::find(&app.db, &self.tenant, &person, id.as_str()).await,
            None => Ok(None),
        }
    }

    /// The API key, where it is one.
    #[must_use]
    pub const fn key(&self) -> Option<&ApiKeyId> {
        match &self.principal {
            Principal::Token(_) => None,
            Principal::Key(key) => Some(&key.id),
        }
    }

    /// The client that holds the token.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match &self.principal {
            Principal::Token(token) => Some(token.client_id().as_str()),
            Principal::Key(_) => None,
        }
    }

    /// The role of the person in the tenant at this moment; a program has none.
    ///
    /// # Errors
    /// The person may not act any more, or the database failed.
    pub async fn role(&self, app: &App) -> Result<Option<Role>, Unproven> {
        let Some(person) = self.person() else { return Ok(None) };
        let user = users::by_id(&app.db, &self.tenant.id, &person).await?;
        match user.filter(|user| user.status == UserStatus::Active) {
            Some(user) => Ok(Some(user.role)),
            None => Err(Unproven::invalid(&self.tenant).at(S::NAME)),
        }
    }

    /// The caller as the one who changes something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.subject().to_owned(), origin: origin() }
    }
}
