//! Who holds the presented credential: the first API that a token opens.

use axum::Json;
use serde::Serialize;

use crate::base::{ApiKeyId, ClientId, Scope, Slug};
use crate::http::Bearer;
use crate::http::bearer::{Anybody, Principal};

/// The answer.
#[derive(Debug, Serialize)]
pub struct Whoami {
    sub: String,
    tenant: Slug,
    scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<String>,
}

/// Answers any live credential of the tenant.
pub async fn get(caller: Bearer<Anybody>) -> Json<Whoami> {
    let principal = &caller.principal;
    let (client_id, api_key_id): (Option<&ClientId>, Option<&ApiKeyId>) = match principal {
        Principal::Token(token) => (Some(token.client_id()), None),
        Principal::Key(key) => (None, Some(&key.id)),
    };
    Json(Whoami {
        sub: principal.subject().to_owned(),
        tenant: caller.tenant.slug.clone(),
        scope: principal.scope().clone(),
        client_id: client_id.map(ToString::to_string),
        api_key_id: api_key_id.map(ToString::to_string),
    })
}
