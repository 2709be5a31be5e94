//! API keys of the operators' own tenant. They are shown once, and listed without what opens anything (W-076).

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::api::page::Page;
use crate::api_keys::NewKey;
use crate::app::App;
use crate::base::{ApiKeyId, Code, Scope, Stop, Timestamp};
use crate::http::bearer::Unproven;
use crate::http::{Body, Data, Operator, Query, Segments};
use crate::store::api_keys::ApiKey;

/// A key to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    #[serde(default = "everything")]
    scope: String,
    #[serde(default)]
    expires_at: Option<String>,
}

fn everything() -> String {
    crate::http::operator::PLATFORM.to_owned()
}

/// A key as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: ApiKeyId,
    name: String,
    prefix: String,
    scope: Scope,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
}

impl Shown {
    fn of(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scope: key.scope,
            created_at: key.created_at.rfc3339(),
            expires_at: key.expires_at.map(Timestamp::rfc3339),
            revoked_at: key.revoked_at.map(Timestamp::rfc3339),
            last_used_at: key.last_used_at.map(Timestamp::rfc3339),
            api_key: None,
        }
    }
}

/// `GET {P}/api/v1/platform/api-keys`: the oldest first, ended ones included.
pub async fn list(State(app): State<App>, caller: Operator, Query(query): Query) -> Result<Data<Vec<Shown>>, Unproven> {
    let page = Page::read(&query, "")?;
    let found = app.api_keys.page(&caller.system.id, &page.after, page.limit).await?;
    let meta = page.next(&found, |key| key.id.as_str());
    Ok(Data::new(found.into_iter().map(Shown::of).collect()).meta(meta))
}

/// `POST {P}/api/v1/platform/api-keys`: the key itself is told this once.
pub async fn create(State(app): State<App>, caller: Operator, Body(new): Body<New>) -> Result<Data<Shown>, Unproven> {
    let refuse = |sentence: &'static str| Stop::refuse(Code::Unprocessable, sentence);
    let expires_at = new
        .expires_at
        .as_deref()
        .map(|text| Timestamp::of_rfc3339(text).ok_or_else(|| refuse("expires_at is a time, as RFC 3339 writes it")));
    let scope: Scope = new.scope.parse().map_err(|_| refuse("scope is a list of scopes"))?;
    let wish = NewKey { name: new.name, scope, expires_at: expires_at.transpose()? };
    let (key, secret) = app.api_keys.create(&caller.system, wish, &caller.actor()).await?;
    Ok(Data::created(Shown { api_key: Some(secret.expose().to_owned()), ..Shown::of(key) }))
}

/// `DELETE {P}/api/v1/platform/api-keys/{id}`: from now on it opens nothing.
pub async fn revoke(
    State(app): State<App>,
    caller: Operator,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    app.api_keys.revoke(&caller.system.id, &ApiKeyId::from(id), &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
