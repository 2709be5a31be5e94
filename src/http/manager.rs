//! Whoever manages a tenant's people by its API: a credential with the scope, and how far the role of whoever is behind
//! it reaches at this moment (W-055, W-071).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::bearer::{Bearer, Principal, RequiredScope, Unproven};
use super::context::origin;
use crate::app::App;
use crate::base::{Actor, Stop};
use crate::people::above;
use crate::store::users::{self, Role, UserStatus};
use crate::tenants::TenantContext;

/// Extractor: a caller who may do what the scope says.
#[derive(Clone, Debug)]
pub struct Manager<S> {
    /// The tenant.
    pub tenant: Arc<TenantContext>,
    /// How far the caller reaches. A program reaches as far as an administrator.
    pub role: Role,
    caller: Bearer<S>,
}

impl<S: RequiredScope> FromRequestParts<App> for Manager<S> {
    type Rejection = Unproven;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Unproven> {
        let caller = Bearer::<S>::from_request_parts(parts, app).await?;
        let tenant = Arc::clone(&caller.tenant);
        let person = match &caller.principal {
            Principal::Token(token) => token.user(),
            Principal::Key(_) => None,
        };
        let Some(person) = person else { return Ok(Self { tenant, role: Role::Admin, caller }) };
        let user = users::by_id(&app.db, &tenant.id, &person).await?;
        let Some(user) = user.filter(|user| user.status == UserStatus::Active) else {
            return Err(Unproven::invalid(&tenant));
        };
        Ok(Self { tenant, role: user.role, caller })
    }
}

impl<S> Manager<S> {
    /// The caller as the one who changes something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.caller.principal.subject().to_owned(), origin: origin() }
    }

    /// Refuses to touch somebody whose role is above the caller's (W-070).
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_reach(&self, role: Role) -> Result<(), Stop> {
        if self.role.rank() >= role.rank() { Ok(()) } else { Err(above()) }
    }
}

/// Declares scopes that endpoints ask for.
macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $scope:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl RequiredScope for $name {
            const SCOPE: Option<&'static str> = Some($scope);
        }
    )*};
}

scopes! {
    /// To look at people.
    UsersRead = "users:read";
    /// To change, suspend, delete and restore people.
    UsersWrite = "users:write";
    /// To look at where people are signed in.
    SessionsRead = "sessions:read";
    /// To end people's sessions.
    SessionsRevoke = "sessions:revoke";
}
