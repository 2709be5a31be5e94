//! Token introspection (RFC 7662), as JSON or as a signed JWT (RFC 9701).

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::base::Result;
use crate::http::{ClientAuth, OAuthError};
use crate::keys::SigningAlgorithm;
use crate::organizations::Belonging;
use crate::tokens::{Kind, LiveToken};

/// The media type of RFC 9701 §4, and with it the `typ` of the JWT.
const JWT_TYPE: &str = "token-introspection+jwt";

/// What of a token's claims is told (RFC 7662 §2.2, RFC 9068 §2.2).
const TOLD: [&str; 18] = [
    "authorization_details",
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "client_id",
    "scope",
    "sid",
    "auth_time",
    "acr",
    "amr",
    "roles",
    "org_id",
    "org_name",
    "permissions",
];

/// Tells a proven client about a token that concerns it. Of any other token it learns one thing: not active (T9).
pub async fn post(State(app): State<App>, headers: HeaderMap, caller: ClientAuth) -> Result<Response, OAuthError> {
    let token = caller.params.require("token")?;
    caller.client.must_be_confidential()?;
    let token = visible(&app, &caller, token).await?;
    let mut answer = introspection(token.as_ref());
    if let Some(token) = &token {
        add_entitlements(&app, &caller, token, &mut answer).await?;
        add_organization(&app, &caller, token, &mut answer).await?;
    }
    if wants_jwt(&headers) { Ok(signed(&app, &caller, &answer).await?) } else { Ok(Json(answer).into_response()) }
}

/// The token if it is alive, this client may know of it, and its own client still may do anything.
async fn visible(app: &App, caller: &ClientAuth, token: &str) -> Result<Option<LiveToken>> {
    let found = app.tokens.inspect(&caller.tenant.id, &caller.tenant.issuer, token).await?;
    let Some(token) = found.filter(|token| token.visible_to(&caller.client)) else { return Ok(None) };
    Ok(app.clients.find(&caller.tenant.id, token.client_id()).await?.map(|_| token))
}

fn introspection(token: Option<&LiveToken>) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert("active".to_owned(), token.is_some().into());
    let Some(token) = token else { return answer };
    let claims = token.claims().iter().filter(|(name, _)| TOLD.contains(&name.as_str()));
    answer.extend(claims.map(|(name, value)| (name.clone(), value.clone())));
    if token.kind() == Kind::Access {
        answer.insert("token_type".to_owned(), "Bearer".into());
    }
    answer
}

/// What has been paid for is told as it is now, whatever it was when the token was issued.
async fn add_entitlements(
    app: &App,
    caller: &ClientAuth,
    token: &LiveToken,
    answer: &mut Map<String, Value>,
) -> Result<()> {
    let entitled = app.entitlements.of(&caller.tenant.id, token.subject()).await?;
    if let Some(scope) = answer.get_mut("scope") {
        *scope = entitled.within(token.scope()).to_string().into();
    }
    answer.extend(entitled.claims(token.scope()));
    Ok(())
}

/// What the person is in the organization is told as it is now (W-071); of a token of somebody who is nothing there any
/// more nothing is told.
async fn add_organization(
    app: &App,
    caller: &ClientAuth,
    token: &LiveToken,
    answer: &mut Map<String, Value>,
) -> Result<()> {
    let Some((organization, user)) = token.organization().zip(token.user()) else { return Ok(()) };
    let Some(belonging) = Belonging::find(&app.db, &caller.tenant, &user, organization.as_str()).await? else {
        *answer = introspection(None);
        return Ok(());
    };
    answer.extend(belonging.claims(token.scope()));
    if let Some(Value::Array(roles)) = answer.get_mut("roles") {
        roles.truncate(1);
        roles.push(belonging.named_role().into());
    }
    Ok(())
}

fn wants_jwt(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        essence.strip_prefix("application/").is_some_and(|name| name.eq_ignore_ascii_case(JWT_TYPE))
    })
}

/// For this client alone (RFC 9701 §5).
async fn signed(app: &App, caller: &ClientAuth, answer: &Map<String, Value>) -> Result<Response> {
    let claims = json!({
        "iss": caller.tenant.issuer,
        "aud": caller.client.id.as_str(),
        "iat": app.clock.now(),
        "token_introspection": answer,
    });
    let jwt = app.keys.sign(&caller.tenant.id, SigningAlgorithm::RS256, JWT_TYPE, &claims).await?;
    Ok(([(CONTENT_TYPE, format!("application/{JWT_TYPE}"))], jwt).into_response())
}
