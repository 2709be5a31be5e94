//! Who asks, as far as rules and scopes are about it.

use crate::base::{Actor, AuthorizationDetails, DetailAction, Proven, Scope, TenantId, UserId};
use crate::organizations::Belonging;
use crate::query::Variables;
use crate::store::document_counters::Ceiling;

/// Somebody who asks for documents.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Whose documents.
    pub tenant: TenantId,
    /// What names the caller: `$$auth.sub`, and `_owner` of what it stores.
    pub subject: String,
    /// The client that holds the token.
    pub client_id: Option<String>,
    /// The person it acts for; a program that acts for itself has none.
    pub person: Option<UserId>,
    /// How that person proved who they are.
    pub proven: Option<Proven>,
    /// The organization that the token is for, and what the person is there at this moment.
    pub organization: Option<Belonging>,
    /// What it may do.
    pub scope: Scope,
    /// What narrows that (RFC 9396).
    pub details: AuthorizationDetails,
    /// What the caller has paid for.
    pub plans: Vec<String>,
    /// What that gives.
    pub features: Vec<String>,
    /// How much there may be.
    pub quotas: Ceilings,
    /// For the audit trail.
    pub actor: Actor,
}

/// How much there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Of the tenant's.
    pub tenant: Ceiling,
    /// Of the caller's own.
    pub own: Ceiling,
}

impl Asking {
    /// Somebody with access to the machine, who governs all collections of a tenant.
    #[must_use]
    pub fn operator(tenant: TenantId, actor: Actor) -> Self {
        Self {
            tenant,
            subject: actor.id.clone(),
            client_id: None,
            person: None,
            proven: None,
            organization: None,
            scope: Scope::of(["storage:admin"]),
            details: AuthorizationDetails::default(),
            plans: Vec::new(),
            features: Vec::new(),
            quotas: Ceilings::default(),
            actor,
        }
    }

    /// Whether the rules are not about this caller.
    #[must_use]
    pub fn governs(&self) -> bool {
        self.scope.contains("storage:admin")
    }

    /// Whether it may see what is in a collection.
    #[must_use]
    pub fn reads(&self, collection: &str) -> bool {
        self.details.of(DetailAction::Read, collection).is_ok() && self.holds("storage:read", collection)
    }

    /// Whether it may change what is in a collection.
    #[must_use]
    pub fn writes(&self, collection: &str) -> bool {
        self.details.of(DetailAction::Write, collection).is_ok() && self.holds("storage:write", collection)
    }

    fn holds(&self, wide: &str, collection: &str) -> bool {
        self.scope.contains(wide) || self.scope.contains(&format!("{wide}:{collection}"))
    }

    /// What the variables of rules stand for; the roles are asked for where a rule names them.
    pub(super) fn variables(&self, roles: Option<&str>, now: &str) -> Variables {
        let there = self.organization.as_ref().map(Belonging::named_role);
        let known = Variables::default()
            .with("$$auth.sub", self.subject.as_str())
            .with("$$auth.tenant", self.tenant.as_str())
            .with("$$auth.roles", roles.into_iter().map(str::to_owned).chain(there).collect::<Vec<_>>())
            .with("$$auth.scopes", self.scope.tokens())
            .with("$$auth.features", self.features.clone())
            .with("$$now", now);
        let known = self.client_id.iter().fold(known, |known, id| known.with("$$auth.client_id", id.as_str()));
        let known = self.organization.iter().fold(known, |known, place| {
            let known = known.with("$$auth.organization", place.id.as_str());
            known.with("$$auth.permissions", place.permissions.clone())
        });
        self.plans.first().iter().fold(known, |known, plan| known.with("$$auth.plan", plan.as_str()))
    }
}
