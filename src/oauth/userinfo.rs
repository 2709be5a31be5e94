//! Userinfo: what a token tells about its person (OIDC Core §5.3).

use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Json, http::request::Parts};
use serde_json::{Map, Value};

use crate::app::App;
use crate::base::{Code, Refusal, Result, Secret};
use crate::http::bearer::{self, Principal, Unproven};
use crate::http::params::is_form;
use crate::http::{Form, OAuthError, Tenant};
use crate::keys::SigningAlgorithm;
use crate::tenants::TenantContext;
use crate::tokens::LiveToken;

/// The scope that userinfo needs.
const OPENID: &str = "openid";

/// With the token in the header.
pub async fn get(State(app): State<App>, tenant: Tenant, parts: Parts) -> Result<Response, OAuthError> {
    let token = bearer::given(&parts.headers, parts.uri.query(), &tenant)?;
    answer(&app, &tenant, token).await
}

/// With the token in the header or in the form (RFC 6750 §2.2), but not in both.
pub async fn post(State(app): State<App>, tenant: Tenant, request: Request) -> Result<Response, OAuthError> {
    let in_header = bearer::given(request.headers(), request.uri().query(), &tenant)?;
    let in_form = if is_form(request.headers()) {
        let Form(params) = Form::from_request(request, &app).await?;
        params.get("access_token").map(Secret::new)
    } else {
        None
    };
    if in_header.is_some() && in_form.is_some() {
        return Err(Refusal::new(Code::InvalidRequest, "there is more than one token").into());
    }
    answer(&app, &tenant, in_header.or(in_form)).await
}

async fn answer(app: &App, tenant: &TenantContext, token: Option<Secret>) -> Result<Response, OAuthError> {
    let principal = bearer::prove(app, tenant, token).await?;
    let Principal::Token(token) = principal else { return Err(Unproven::insufficient(tenant, OPENID).into()) };
    if token.user().is_none() || !token.scope().contains(OPENID) {
        return Err(Unproven::insufficient(tenant, OPENID).into());
    }
    match app.tokens.userinfo(tenant, &token).await? {
        Some(claims) => Ok(in_form_of(app, tenant, &token, &claims).await?),
        None => Err(Unproven::invalid(tenant).into()),
    }
}

/// JSON, or the JWT that the client registered for (OIDC Core §5.3.2).
async fn in_form_of(
    app: &App,
    tenant: &TenantContext,
    token: &LiveToken,
    claims: &Map<String, Value>,
) -> Result<Response> {
    let client = app.clients.find(&tenant.id, token.client_id()).await?;
    let algorithm = client.as_ref().and_then(|client| client.metadata.userinfo_signed_response_alg.as_deref());
    let Some(algorithm) = algorithm.and_then(|name| name.parse::<SigningAlgorithm>().ok()) else {
        return Ok(Json(claims).into_response());
    };
    let mut claims = claims.clone();
    claims.insert("iss".to_owned(), tenant.issuer.as_str().into());
    claims.insert("aud".to_owned(), token.client_id().as_str().into());
    claims.insert("iat".to_owned(), app.clock.now().0.into());
    let jwt = app.keys.sign(&tenant.id, algorithm, "JWT", &claims).await?;
    Ok(([(CONTENT_TYPE, "application/jwt")], jwt).into_response())
}
