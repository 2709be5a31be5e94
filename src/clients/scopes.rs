//! The scopes that we know, and who may hold them: what a client may register, and what of it a person can give.

use crate::base::Scope;
use crate::store::clients::Client;
use crate::store::users::Role;

/// Every scope of the house with the least role that a person needs to give it.
pub const KNOWN: [(&str, Role); 36] = [
    ("openid", Role::User),
    ("profile", Role::User),
    ("email", Role::User),
    ("address", Role::User),
    ("phone", Role::User),
    ("offline_access", Role::User),
    ("roles", Role::User),
    // Which plans somebody has paid for.
    ("entitlements", Role::User),
    // To manage one's own account; only the tenant's own applications get it.
    ("account", Role::User),
    ("storage:read", Role::User),
    ("storage:write", Role::User),
    ("archive:read", Role::User),
    ("archive:write", Role::User),
    ("payments:read", Role::User),
    ("payments:write", Role::User),
    ("orgs:read", Role::User),
    ("orgs:write", Role::User),
    ("users:read", Role::Support),
    ("sessions:read", Role::Support),
    ("clients:read", Role::Support),
    ("tenant:read", Role::Support),
    ("users:write", Role::Admin),
    ("users:invite", Role::Admin),
    ("users:roles", Role::Admin),
    ("clients:write", Role::Admin),
    ("sessions:revoke", Role::Admin),
    ("tenant:write", Role::Admin),
    ("audit:read", Role::Admin),
    ("webhooks:read", Role::Admin),
    ("webhooks:write", Role::Admin),
    ("keys:write", Role::Admin),
    ("storage:admin", Role::Admin),
    ("archive:admin", Role::Admin),
    ("payments:admin", Role::Admin),
    ("auth:proxy", Role::Admin),
    ("platform:*", Role::Owner),
];

/// What a client for people gets when it does not say (RFC 7591 §2).
pub const DEFAULT_FOR_PEOPLE: &str = "address email offline_access openid phone profile";

/// Scopes about a person, which mean nothing in a token that a client gets for itself.
const ABOUT_PEOPLE: [&str; 8] =
    ["openid", "profile", "email", "address", "phone", "offline_access", "roles", "account"];

/// The scopes a client of a tenant may be registered for, of those asked for. Those of the operators are among them where
/// an operator registers it at their own tenant, and never when a tenant lists them as its own (C4, U7).
#[must_use]
pub fn registrable(asked: &Scope, tenants_own: &[String], over_platform: bool) -> Scope {
    let known = |token: &str| {
        if token.starts_with("platform:") {
            return over_platform && least_role(token).is_some();
        }
        least_role(token).is_some() || tenants_own.iter().any(|own| own == token)
    };
    Scope::of(asked.tokens().into_iter().filter(|token| known(token)))
}

/// The scopes that a tenant's clients may ask for, as metadata lists them.
#[must_use]
pub fn offered(tenants_own: &[String]) -> Vec<&str> {
    let own = tenants_own.iter().map(String::as_str).filter(|own| least_role(own).is_none());
    let all = KNOWN.iter().map(|(known, _)| *known).chain(own);
    all.filter(|token| !token.starts_with("platform:")).collect()
}

/// What of a scope this person may give away: rights end at the person's own (W-055).
#[must_use]
pub fn within_role(scope: &Scope, role: Role) -> Scope {
    Scope::of(
        scope.tokens().into_iter().filter(|token| least_role(token).is_none_or(|least| role.rank() >= least.rank())),
    )
}

/// What a client may ask a person for: what it is registered for; but to manage people's accounts is for the tenant's
/// own applications alone.
#[must_use]
pub fn of_client(client: &Client) -> Scope {
    let own = client.policy.first_party;
    Scope::of(client.metadata.scope.tokens().into_iter().filter(|token| own || *token != "account"))
}

/// What of `asked` is held, be it as part of something wider: who holds `storage:read` may ask for
/// `storage:read:orders` alone.
#[must_use]
pub fn covered(asked: &Scope, held: &Scope) -> Scope {
    let holds = |token: &&str| held.contains(token) || wider(token).is_some_and(|wide| held.contains(wide));
    Scope::of(asked.tokens().into_iter().filter(holds))
}

/// A scope for a client that acts for itself (RFC 6749 §4.4).
#[must_use]
pub fn for_machines(scope: &Scope) -> Scope {
    Scope::of(scope.tokens().into_iter().filter(|token| !ABOUT_PEOPLE.contains(token)))
}

/// Whether it is one that means the same at every tenant, or for operators only.
#[must_use]
pub fn is_of_the_house(token: &str) -> bool {
    token.starts_with("platform:") || least_role(token).is_some()
}

/// What of a scope lets its holder manage the tenant or others: whoever gives it to a client has to hold it.
#[must_use]
pub fn to_manage(scope: &Scope) -> Scope {
    let manages = |token: &&str| least_role(token).is_some_and(|least| least != Role::User);
    Scope::of(scope.tokens().into_iter().filter(manages))
}

/// `storage:read:orders` narrows `storage:read` and needs what that needs.
fn least_role(token: &str) -> Option<Role> {
    let is = |name: &str| KNOWN.iter().find(|(known, _)| *known == name).map(|(_, least)| *least);
    is(token).or_else(|| wider(token).and_then(is))
}

/// What a scope for one collection is part of.
fn wider(token: &str) -> Option<&str> {
    let (wide, collection) = token.rsplit_once(':')?;
    let is_wide = ["storage:read", "storage:write", "storage:admin"].contains(&wide);
    (is_wide && !collection.is_empty()).then_some(wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    #[test]
    fn c4_unknown_and_operators_scopes_are_dropped() {
        let own = vec!["orders:read".to_owned(), "platform:*".to_owned()];
        let kept =
            registrable(&scope("openid orders:read platform:* platform:x Openid storage:read:orders x:y"), &own, false);
        assert_eq!(kept, scope("openid orders:read storage:read:orders"));
    }

    #[test]
    fn w055_a_person_gives_no_more_than_the_role_holds() {
        let all = scope("openid users:read users:write storage:admin:orders orders:read");
        assert_eq!(within_role(&all, Role::User), scope("openid orders:read"));
        assert_eq!(within_role(&all, Role::Support), scope("openid users:read orders:read"));
        assert_eq!(within_role(&all, Role::Owner), all);
    }

    #[test]
    fn who_holds_the_whole_may_ask_for_a_part() {
        let held = scope("storage:read storage:write:orders openid");
        let asked = scope("storage:read:orders storage:write:orders storage:write:x storage:write openid:x");
        assert_eq!(covered(&asked, &held), scope("storage:read:orders storage:write:orders"));
    }

    #[test]
    fn a_machine_has_no_identity_to_tell_of() {
        assert_eq!(for_machines(&scope("openid email users:read offline_access roles")), scope("users:read"));
    }

    #[test]
    fn every_known_scope_is_a_scope_and_stands_once() {
        let all = KNOWN.map(|(token, _)| token);
        assert_eq!(Scope::of(all).tokens().len(), all.len());
    }
}
