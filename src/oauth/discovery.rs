//! What a client has to know about a tenant (OIDC Discovery §3, RFC 8414 §2). Only what is switched on is listed, and
//! the defaults of absent members are never relied on.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::base::Level;
use crate::clients::{GRANT_TYPES, scopes};
use crate::frame::Language;
use crate::http::routes::{AUTHORIZE, INTROSPECT, JWKS, LOGOUT, METADATA_AGE, REVOKE, TOKEN, USERINFO};
use crate::http::{OAuthError, Tenant};
use crate::keys::{Algorithm, SigningAlgorithm};
use crate::tenants::TenantContext;
use crate::tokens::claims_of_scopes;

/// Claims about the token and the sign-in; those about the person belong to scopes.
const ABOUT_TOKENS: [&str; 18] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "roles",
    "plan",
    "features",
    "entitlements",
    "org_id",
    "org_name",
    "permissions",
];

/// The document, the same for both specifications. It is written once per tenant and sent as it is.
pub async fn get(tenant: Tenant) -> Result<Response, OAuthError> {
    let ready = tenant.discovery.get_or_init(|| Bytes::from(metadata(&tenant).to_string())).clone();
    Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, METADATA_AGE)], ready).into_response())
}

fn metadata(tenant: &TenantContext) -> Value {
    let at = |path: &str| format!("{}{path}", tenant.issuer);
    let grants = GRANT_TYPES.iter().filter(|grant| **grant != "password" || tenant.settings.password_grant);
    let own = tenant.settings.self_registration.then_some("create");
    let prompts: Vec<_> = ["none", "login", "consent", "select_account"].into_iter().chain(own).collect();
    let proven = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    let known = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    json!({
        "issuer": tenant.issuer,
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "userinfo_endpoint": at(USERINFO),
        "jwks_uri": at(JWKS),
        "introspection_endpoint": at(INTROSPECT),
        "revocation_endpoint": at(REVOKE),
        "end_session_endpoint": at(LOGOUT),
        "scopes_supported": scopes::offered(&tenant.settings.own_scopes()),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": grants.collect::<Vec<_>>(),
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "id_token_signing_alg_values_supported": SigningAlgorithm::ALL,
        "userinfo_signing_alg_values_supported": SigningAlgorithm::ALL,
        "introspection_signing_alg_values_supported": [SigningAlgorithm::RS256],
        "token_endpoint_auth_methods_supported": known,
        "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL,
        "introspection_endpoint_auth_methods_supported": proven,
        "introspection_endpoint_auth_signing_alg_values_supported": Algorithm::ALL,
        "revocation_endpoint_auth_methods_supported": known,
        "revocation_endpoint_auth_signing_alg_values_supported": Algorithm::ALL,
        "claims_supported": ABOUT_TOKENS.into_iter().chain(claims_of_scopes()).collect::<Vec<_>>(),
        "authorization_details_types_supported": ["storage"],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "acr_values_supported": Level::ALL.map(Level::acr),
        "prompt_values_supported": prompts,
        "display_values_supported": ["page"],
        "ui_locales_supported": Language::ALL.map(Language::tag),
    })
}
