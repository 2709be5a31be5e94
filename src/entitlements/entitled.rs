//! What the plans of one person or client come to.

use serde_json::{Map, Value};

use crate::base::Scope;
use crate::store::plans::{Plan, Quotas};

/// What somebody has.
#[derive(Clone, Debug, PartialEq)]
pub struct Entitled {
    /// The keys of the plans, the highest first.
    pub plans: Vec<String>,
    /// All features of these, in alphabetical order.
    pub features: Vec<String>,
    /// All scopes of these.
    pub scopes: Scope,
    /// How much may be kept.
    pub quotas: Quotas,
    claims: Map<String, Value>,
    /// What is sold and not bought.
    lacking: Scope,
}

impl Default for Entitled {
    /// Nothing, where nothing is sold.
    fn default() -> Self {
        Self {
            plans: Vec::new(),
            features: Vec::new(),
            scopes: Scope::empty(),
            quotas: Quotas::default(),
            claims: Map::new(),
            lacking: Scope::empty(),
        }
    }
}

impl Entitled {
    /// What somebody with the plans of these keys has, of all that a tenant sells.
    #[must_use]
    pub(super) fn with(all: &[Plan], keys: &[String]) -> Self {
        let mut held: Vec<&Plan> = all.iter().filter(|plan| plan.definition.free || keys.contains(&plan.key)).collect();
        held.sort_by(|one, two| (-one.definition.rank, &one.key).cmp(&(-two.definition.rank, &two.key)));
        let union = |plans: &[&Plan]| plans.iter().fold(Scope::empty(), |sum, plan| sum.union(&plan.definition.scopes));
        let (sold, scopes) = (union(&all.iter().collect::<Vec<_>>()), union(&held));
        let mut features: Vec<String> = held.iter().flat_map(|plan| plan.definition.features.iter().cloned()).collect();
        features.sort_unstable();
        features.dedup();
        let mut claims = Map::new();
        for plan in held.iter().rev() {
            claims.extend(plan.definition.claims.clone().into_iter().filter(|(name, _)| !is_reserved(name)));
        }
        let quotas = held.iter().map(|plan| plan.definition.quotas).reduce(Quotas::or).unwrap_or_default();
        let lacking = Scope::of(sold.tokens().into_iter().filter(|token| !scopes.contains(token)));
        Self { plans: held.iter().map(|plan| plan.key.clone()).collect(), features, scopes, quotas, claims, lacking }
    }

    /// What of a scope may be granted: everything but what has to be bought first.
    #[must_use]
    pub fn within(&self, scope: &Scope) -> Scope {
        if self.lacking.is_empty() {
            return scope.clone();
        }
        Scope::of(scope.tokens().into_iter().filter(|token| !self.lacks(token)))
    }

    /// `storage:read:orders` is sold with `storage:read`.
    fn lacks(&self, token: &str) -> bool {
        let wide = wider(token);
        let bought = |token: &str| self.scopes.contains(token);
        let lacks = |token: &str| self.lacking.contains(token);
        lacks(token) || (!bought(token) && wide.is_some_and(lacks))
    }

    /// The claims of tokens with the scope `entitlements`: `plan`, `features`, `entitlements`, and the plans' own.
    #[must_use]
    pub fn claims(&self, scope: &Scope) -> Map<String, Value> {
        let mut claims = Map::new();
        if !scope.contains("entitlements") {
            return claims;
        }
        if let Some(plan) = self.plans.first() {
            claims.insert("plan".to_owned(), plan.as_str().into());
        }
        claims.insert("features".to_owned(), self.features.clone().into());
        claims.insert("entitlements".to_owned(), self.plans.clone().into());
        claims.extend(self.claims.clone());
        claims
    }
}

/// `storage:read` of `storage:read:orders`.
pub(super) fn wider(token: &str) -> Option<&str> {
    token.match_indices(':').nth(1).map(|(at, _)| &token[..at])
}

/// Claims that other specifications or other parts of this server give a meaning (RFC 7519 §4.1, RFC 9068 §2.2, OIDC
/// Core §2 and §5.1, RFC 7662 §2.2): a plan cannot have one of them.
const RESERVED: &str = " iss sub aud exp nbf iat jti client_id scope gid sid auth_time acr amr roles groups azp nonce \
    at_hash c_hash s_hash cnf act may_act authorization_details active token_type username plan features \
    entitlements events txn org org_id permissions tenant name given_name family_name middle_name nickname \
    preferred_username profile picture website email email_verified gender birthdate zoneinfo locale phone_number \
    phone_number_verified address updated_at ";

/// Whether a plan cannot have a claim of this name.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    name.is_empty() || name.contains(' ') || RESERVED.contains(&format!(" {name} "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::{TenantId, Timestamp};
    use crate::store::Json;

    fn plan(key: &str, definition: Value) -> Plan {
        Plan {
            tenant_id: TenantId::from("t"),
            key: key.to_owned(),
            definition: Json(serde_json::from_value(definition).unwrap()),
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
        }
    }

    fn plans() -> Vec<Plan> {
        vec![
            plan("free", json!({ "free": true, "quotas": { "documents": 10, "files": 1 } })),
            plan(
                "pro",
                json!({
                    "rank": 2, "scopes": "reports:read storage:write", "features": ["export", "api"],
                    "quotas": { "documents": 1000 }, "claims": { "seats": 5, "sub": "root" },
                }),
            ),
            plan(
                "team",
                json!({ "rank": 1, "scopes": "reports:read teams", "features": ["api"],
                "claims": { "seats": 2, "support": "mail" } }),
            ),
        ]
    }

    fn entitled(keys: &[&str]) -> Entitled {
        Entitled::with(&plans(), &keys.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    fn within(keys: &[&str], scope: &str) -> String {
        entitled(keys).within(&scope.parse().unwrap()).to_string()
    }

    #[test]
    fn what_is_sold_is_granted_to_those_who_have_it_and_the_rest_to_everybody() {
        assert_eq!(within(&[], "openid reports:read storage:write:orders teams"), "openid");
        assert_eq!(within(&["team"], "openid reports:read storage:write"), "openid reports:read");
        assert_eq!(within(&["pro"], "reports:read storage:write:orders teams"), "reports:read storage:write:orders");
        assert_eq!(within(&["gone"], "openid"), "openid", "a plan that is there no more opens nothing");
        let all = "reports:read teams".parse().unwrap();
        assert_eq!(Entitled::default().within(&all), all);
    }

    #[test]
    fn several_plans_come_to_all_that_any_of_them_gives() {
        let both = entitled(&["team", "pro"]);
        assert_eq!((both.plans.join(" "), both.features.join(" ")), ("pro team free".into(), "api export".into()));
        assert_eq!(both.quotas, Quotas::default(), "a plan without limits is among them");
        assert_eq!(entitled(&["pro"]).quotas, Quotas { documents: Some(1_000), ..Quotas::default() });
        assert_eq!(entitled(&[]).quotas.documents, Some(10));
    }

    #[test]
    fn claims_are_told_under_their_scope_and_never_replace_others() {
        let scope = "entitlements".parse().unwrap();
        let told = Value::Object(entitled(&["team", "pro"]).claims(&scope));
        let expected = json!({
            "plan": "pro", "features": ["api", "export"], "entitlements": ["pro", "team", "free"],
            "seats": 5, "support": "mail",
        });
        assert_eq!(told, expected);
        assert!(entitled(&["pro"]).claims(&"openid".parse().unwrap()).is_empty());
        assert!(is_reserved("sub") && is_reserved("") && is_reserved("iss sub") && !is_reserved("seats"));
    }
}
