//! How much whoever registers or changes a client may give it: nothing beyond what they hold themselves (W-055, C4).

use super::scopes::{covered, for_machines, to_manage};
use crate::base::{Actor, Code, Result, Scope, Slug, Stop};
use crate::store::clients::Client;
use crate::store::tenants::Tenant;
use crate::store::users::Role;

/// Whoever registers or changes clients.
#[derive(Clone, Debug)]
pub struct Registrant {
    /// Who.
    pub actor: Actor,
    /// What they hold and their role; absent for operators, who hold everything.
    holds: Option<(Scope, Role)>,
}

impl Registrant {
    /// Somebody at the server itself.
    #[must_use]
    pub const fn operator(actor: Actor) -> Self {
        Self { actor, holds: None }
    }

    /// Somebody with this scope and role.
    #[must_use]
    pub const fn holding(actor: Actor, scope: Scope, role: Role) -> Self {
        Self { actor, holds: Some((scope, role)) }
    }

    /// Whether clients of this tenant may be given what operators hold: by one of them, at their own (U7).
    pub(super) fn reaches_platform(&self, tenant: &Tenant) -> bool {
        let holds = self.holds.as_ref().is_none_or(|(held, _)| held.contains("platform:*"));
        holds && tenant.slug.as_str() == Slug::SYSTEM
    }

    /// Refuses a client that can do what this registrant cannot: neither to make it, nor to get at its secret.
    ///
    /// # Errors
    /// `Forbidden`, with what is beyond.
    pub(super) fn check(&self, client: &Client) -> Result<()> {
        let Some((held, role)) = &self.holds else { return Ok(()) };
        let given = given(client);
        let within = covered(&given, held);
        if let Some(beyond) = given.tokens().into_iter().find(|token| !within.contains(token)) {
            let sentence = format!("a client cannot have the scope {beyond}, which its registrant does not hold");
            return Err(Stop::refuse(Code::Forbidden, sentence));
        }
        // Nobody is asked before such a client gets what it wants: not even an owner who follows a link to it.
        let unasked = client.policy.first_party && reaches_accounts(&client.metadata.scope);
        if unasked && *role != Role::Owner {
            let sentence = "only an owner makes a first-party client that manages accounts or the tenant";
            return Err(Stop::refuse(Code::Forbidden, sentence));
        }
        Ok(())
    }
}

/// What a client has by being registered. What people can do anyway, they give or do not give; what a client does for
/// itself, and what lets it manage a tenant, is given by its registrant.
fn given(client: &Client) -> Scope {
    let scope = &client.metadata.scope;
    if client.allows_grant("client_credentials") { for_machines(scope) } else { to_manage(scope) }
}

fn reaches_accounts(scope: &Scope) -> bool {
    scope.contains("account") || !to_manage(scope).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::clients::Registration;
    use crate::clients::registration::tests::tenant;
    use crate::store::clients::ClientKind;

    fn client(kind: ClientKind, scope: &str, first_party: bool) -> Client {
        let mut wish = Registration::preset(kind, "App");
        if kind != ClientKind::Service {
            wish.metadata.redirect_uris = vec!["https://app.test/back".to_owned()];
        }
        wish.metadata.scope = scope.parse().unwrap();
        wish.policy.first_party = first_party;
        wish.into_client(&tenant(), false, Timestamp(1)).unwrap()
    }

    fn may(held: &str, role: Role, client: &Client) -> bool {
        Registrant::holding(Actor::operator(), held.parse().unwrap(), role).check(client).is_ok()
    }

    #[test]
    fn c4_w055_a_client_gets_nothing_that_its_registrant_does_not_hold() {
        use ClientKind::{Confidential, Public, Service};
        let own = "clients:write users:read storage:read";
        for (kind, scope, allowed) in [
            (Public, "openid profile email offline_access storage:write", true),
            (Public, "openid users:read", true),
            (Public, "openid users:write", false),
            (Confidential, "openid tenant:write", false),
            (Service, "users:read storage:read storage:read:orders", true),
            (Service, "storage:write", false),
            (Service, "users:roles", false),
        ] {
            assert_eq!(may(own, Role::Admin, &client(kind, scope, false)), allowed, "{kind:?} {scope}");
            assert!(Registrant::operator(Actor::operator()).check(&client(kind, scope, true)).is_ok());
        }
    }

    #[test]
    fn c4_nobody_below_an_owner_makes_a_client_that_takes_an_owners_rights_unasked() {
        for (scope, least) in
            [("openid profile", Role::Admin), ("openid account", Role::Owner), ("openid users:read", Role::Owner)]
        {
            for role in [Role::Admin, Role::Owner] {
                let made = client(ClientKind::Public, scope, true);
                assert_eq!(may("clients:write users:read", role, &made), role.rank() >= least.rank(), "{scope}");
            }
        }
    }
}
