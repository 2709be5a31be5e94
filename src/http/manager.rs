//! Whoever manages a tenant's people by its API: a credential with the scope, and how far the role of whoever is behind
//! it reaches at this moment (W-055, W-071).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::bearer::{Bearer, Principal, RequiredScope, Unproven};
use super::context::origin;
use crate::accounts::Giver;
use crate::app::App;
use crate::base::{Actor, Scope, Seconds, Stop, Timestamp};
use crate::clients::Registrant;
use crate::clients::scopes::within_role;
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

    /// The caller as one who gives roles.
    #[must_use]
    pub fn giver(&self) -> Giver {
        Giver { actor: self.actor(), highest: self.role, name: None }
    }

    /// What the caller may do: a person no more than their role allows at this moment.
    #[must_use]
    pub fn holds(&self) -> Scope {
        within_role(self.caller.principal.scope(), self.role)
    }

    /// The caller as one who registers clients.
    #[must_use]
    pub fn registrant(&self) -> Registrant {
        Registrant::holding(self.actor(), self.holds(), self.role)
    }

    /// Demands a person who proved who they are lately: a program never did.
    ///
    /// # Errors
    /// `insufficient_user_authentication`.
    pub fn recently(&self, app: &App, within: Seconds) -> Result<(), Unproven> {
        let proven = match &self.caller.principal {
            Principal::Token(token) => token.claims().get("auth_time").and_then(serde_json::Value::as_i64),
            Principal::Key(_) => None,
        };
        let now = app.clock.now();
        if proven.is_some_and(|at| now.since(Timestamp(at)).0 <= within.0) {
            return Ok(());
        }
        Err(Unproven::too_long_ago(&self.tenant, within))
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
    /// To give people other roles.
    UsersRoles = "users:roles";
    /// To look at clients.
    ClientsRead = "clients:read";
    /// To register, change and remove clients.
    ClientsWrite = "clients:write";
    /// To manage API keys and signing keys.
    KeysWrite = "keys:write";
    /// To look at where people are signed in.
    SessionsRead = "sessions:read";
    /// To end people's sessions.
    SessionsRevoke = "sessions:revoke";
}
