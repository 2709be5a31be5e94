//! What a live token may tell about its person (OIDC Core §5.3–5.5).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::claims::standard_claims;
use super::issue::roles;
use super::{LiveToken, Tokens};
use crate::base::{Result, Scope, UserId};
use crate::organizations::Belonging;
use crate::store::grants;
use crate::store::tenants::Tenant;
use crate::store::users::{self, User, UserStatus};

/// How long what was read about a person is told without reading it again.
pub(super) const FRESH: Duration = Duration::from_secs(1);
/// How many are remembered.
pub(super) const MOST_PEOPLE: u64 = 4_096;

/// The claims that a scope stands for (OIDC Core §5.4); without a scope, `claims.userinfo` can still ask for them.
const BY_SCOPE: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// The claims about a person that any scope stands for.
pub fn claims_of_scopes() -> impl Iterator<Item = &'static str> {
    BY_SCOPE.iter().flat_map(|(_, names)| names.iter().copied())
}

impl Tokens {
    /// The claims that userinfo answers with, `sub` among them. `None`: the token is about nobody who may act.
    ///
    /// # Errors
    /// The database failed.
    pub async fn userinfo(&self, tenant: &Tenant, token: &LiveToken) -> Result<Option<Arc<Map<String, Value>>>> {
        let Some(user) = token.user() else { return Ok(None) };
        let grant = token.grant().map(|grant| grant.to_string()).unwrap_or_default();
        let key = format!("{} {user} {grant} {}", tenant.id, token.scope());
        if let Some(known) = self.people.get(&key) {
            return Ok(Some(known));
        }
        let Some(claims) = self.read_claims(tenant, token, &user).await?.map(Arc::new) else { return Ok(None) };
        self.people.insert(key, Arc::clone(&claims));
        Ok(Some(claims))
    }

    async fn read_claims(
        &self,
        tenant: &Tenant,
        token: &LiveToken,
        user: &UserId,
    ) -> Result<Option<Map<String, Value>>> {
        let user = users::by_id(&self.db, &tenant.id, user).await?;
        let Some(user) = user.filter(|user| user.status == UserStatus::Active) else { return Ok(None) };
        let wishes = match token.grant() {
            Some(grant) => grants::by_id(&self.db, &tenant.id, &grant).await?.and_then(|grant| grant.context.0.claims),
            None => None,
        };
        let wishes = wishes.as_ref().and_then(|wishes| wishes.get("userinfo")).and_then(Value::as_object);
        let mut told = claims(&user, token.scope(), wishes);
        if token.scope().contains("entitlements") {
            told.extend(self.entitled(&tenant.id, user.id.as_str()).await?.claims(token.scope()));
        }
        if let Some(organization) = token.organization() {
            let belonging = Belonging::find(&self.db, tenant, &user.id, organization.as_str()).await?;
            // Whoever was removed a moment ago has nothing of it any more.
            let Some(belonging) = belonging else { return Ok(None) };
            told.extend(belonging.claims(token.scope()));
            if token.scope().contains("roles") {
                told.insert("roles".to_owned(), roles(user.role, Some(&belonging)).into());
            }
        }
        Ok(Some(told))
    }
}

/// What there is to tell, of what the scope allows and the request asked for by name.
fn claims(user: &User, scope: &Scope, wishes: Option<&Map<String, Value>>) -> Map<String, Value> {
    let by_scope = |name: &str| BY_SCOPE.iter().any(|(held, names)| scope.contains(held) && names.contains(&name));
    let by_wish = |name: &str| wishes.is_some_and(|wishes| wishes.contains_key(name));
    let mut claims = standard_claims(user);
    claims.retain(|name, _| by_scope(name) || by_wish(name));
    if scope.contains("roles") {
        claims.insert("roles".to_owned(), [user.role.as_str()].as_slice().into());
    }
    claims.insert("sub".to_owned(), user.id.as_str().into());
    claims
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::{TenantId, Timestamp, UserId};
    use crate::store::users::{Address, Profile, Role};
    use crate::store::{Flag, Json};

    fn ada() -> User {
        let address = Address { locality: Some("London".to_owned()), ..Address::default() };
        User {
            tenant_id: TenantId::from("t"),
            id: UserId::from("u"),
            email: Some("ada@demo.test".parse().unwrap()),
            email_verified: Flag(true),
            username: Some("ada".to_owned()),
            status: UserStatus::Active,
            role: Role::Admin,
            profile: Json(Profile {
                name: Some("Ada".to_owned()),
                phone_number: Some("+44".to_owned()),
                phone_number_verified: Some(false),
                address: Some(address),
                ..Profile::default()
            }),
            created_at: Timestamp(1),
            updated_at: Timestamp(7),
            last_login_at: None,
        }
    }

    fn told(scope: &str, wishes: &Value) -> Value {
        Value::Object(claims(&ada(), &scope.parse().unwrap(), wishes.as_object()))
    }

    #[test]
    fn each_scope_tells_its_claims_in_their_types() {
        assert_eq!(told("openid", &Value::Null), json!({ "sub": "u" }));
        let profile = json!({ "sub": "u", "name": "Ada", "preferred_username": "ada", "updated_at": 7 });
        assert_eq!(told("openid profile", &Value::Null), profile);
        let rest = json!({
            "sub": "u", "email": "ada@demo.test", "email_verified": true, "phone_number": "+44",
            "phone_number_verified": false, "address": { "locality": "London" }, "roles": ["admin"],
        });
        assert_eq!(told("openid email phone address roles", &Value::Null), rest);
    }

    #[test]
    fn w054_a_scope_that_contains_anothers_name_tells_nothing() {
        assert_eq!(told("openid emails my_profile", &Value::Null), json!({ "sub": "u" }));
    }

    #[test]
    fn what_was_asked_for_by_name_is_told_without_its_scope() {
        let wishes = json!({ "email": null, "name": { "essential": true }, "shoe_size": null, "sub": null });
        let told = told("openid", &wishes);
        assert_eq!(told, json!({ "sub": "u", "email": "ada@demo.test", "name": "Ada" }));
    }
}
