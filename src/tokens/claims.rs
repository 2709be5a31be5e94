//! What can be told about a person (OIDC Core §5.1).

use serde_json::{Map, Value};

use crate::store::users::User;

/// Every standard claim that this person has, in the types of the specification. `sub` is not among them.
#[must_use]
pub fn standard_claims(user: &User) -> Map<String, Value> {
    let profile = serde_json::to_value(&user.profile.0).unwrap_or_default();
    let mut claims = match profile {
        Value::Object(claims) => claims,
        _ => Map::new(),
    };
    if let Some(email) = &user.email {
        claims.insert("email".to_owned(), email.as_str().into());
        claims.insert("email_verified".to_owned(), user.email_verified.0.into());
    }
    if let Some(username) = &user.username {
        claims.entry("preferred_username").or_insert_with(|| username.as_str().into());
    }
    claims.insert("updated_at".to_owned(), user.updated_at.0.into());
    claims
}
