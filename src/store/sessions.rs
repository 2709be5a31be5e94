//! Sign-in sessions (what `sid` names), the browser's cookie-bound data, and requests waiting for a person.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::db::Run;
use super::sql::sql;
use super::values::{Flag, Json};
use crate::base::{Digest, SessionId, TenantId, Timestamp, UserId};

/// One sign-in of one person in one browser.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// The `sid`.
    pub id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// When the person last proved who they are; copied into tokens, never recomputed.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Json<Vec<String>>,
    /// How well.
    pub acr: String,
    /// From where.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Whether the person asked for it to outlive the browser.
    pub remembered: Flag,
}

/// What belongs to one browser.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BrowserRow {
    /// Names and values.
    pub data: Json<HashMap<String, Value>>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

sql! {
    tenant INSERT(10) = "INSERT INTO sessions (tenant_id, id, user_id, auth_time, amr, acr, ip, user_agent, created_at,
            last_seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)";
    tenant BY_ID(2) = "SELECT tenant_id, id, user_id, auth_time, amr, acr, ip, user_agent, created_at, last_seen_at,
            expires_at, ended_at, remembered
        FROM sessions WHERE tenant_id = $1 AND id = $2";
    tenant OF_USER(3) = "SELECT tenant_id, id, user_id, auth_time, amr, acr, ip, user_agent, created_at, last_seen_at,
            expires_at, ended_at, remembered
        FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 ORDER BY id";
    tenant REAUTHENTICATED(5) = "UPDATE sessions SET auth_time = $3, amr = $4, acr = $5
        WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL";
    tenant SEEN(3) = "UPDATE sessions SET last_seen_at = $3 WHERE tenant_id = $1 AND id = $2 AND last_seen_at < $3";
    tenant REMEMBER(3) = "UPDATE sessions SET remembered = 1, expires_at = $3
        WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL";
    tenant END(3) = "UPDATE sessions SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL";
    tenant END_OF_USER(3) = "UPDATE sessions SET ended_at = $3
        WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL";
    tenant SAVE_BROWSER(4) = "INSERT INTO browser_sessions (tenant_id, digest, data, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, digest) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at";
    tenant CREATE_BROWSER(4) = "INSERT INTO browser_sessions (tenant_id, digest, data, expires_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, digest) DO NOTHING";
    tenant LOAD_BROWSER(3) = "SELECT data FROM browser_sessions WHERE tenant_id = $1 AND digest = $2 AND expires_at > $3";
    tenant DELETE_BROWSER(2) = "DELETE FROM browser_sessions WHERE tenant_id = $1 AND digest = $2";
    tenant PUT_REQUEST(6) = "INSERT INTO authorization_requests (tenant_id, digest, browser, request, created_at,
            expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    tenant GET_REQUEST(4) = "SELECT request FROM authorization_requests
        WHERE tenant_id = $1 AND digest = $2 AND browser = $3 AND used_at IS NULL AND expires_at > $4";
    tenant UPDATE_REQUEST(4) = "UPDATE authorization_requests SET request = $4
        WHERE tenant_id = $1 AND digest = $2 AND browser = $3 AND used_at IS NULL";
    tenant USE_REQUEST(4) = "UPDATE authorization_requests SET used_at = $4
        WHERE tenant_id = $1 AND digest = $2 AND browser = $3 AND used_at IS NULL AND expires_at > $4";
}

/// Stores a new session.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, session: &Session) -> sqlx::Result<()> {
    let s = session.clone();
    let values =
        (s.tenant_id, s.id, s.user_id, s.auth_time, s.amr, s.acr, s.ip, s.user_agent, s.created_at, s.expires_at);
    run.execute(INSERT, values).await.map(drop)
}

/// The session of this id, ended and expired ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &SessionId) -> sqlx::Result<Option<Session>> {
    run.one(BY_ID, (tenant.clone(), id.clone())).await
}

/// A person's live sessions.
///
/// # Errors
/// The database failed.
pub async fn of_user(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<Vec<Session>> {
    run.all(OF_USER, (tenant.clone(), user.clone(), now)).await
}

/// Remembers that the person proved again who they are.
///
/// # Errors
/// The database failed.
pub async fn reauthenticated(run: impl Run, session: &Session) -> sqlx::Result<()> {
    let s = session.clone();
    run.execute(REAUTHENTICATED, (s.tenant_id, s.id, s.auth_time, s.amr, s.acr)).await.map(drop)
}

/// Remembers that the session was used.
///
/// # Errors
/// The database failed.
pub async fn seen(run: impl Run, tenant: &TenantId, id: &SessionId, now: Timestamp) -> sqlx::Result<()> {
    run.execute(SEEN, (tenant.clone(), id.clone(), now)).await.map(drop)
}

/// Lets a session outlive the browser, until then.
///
/// # Errors
/// The database failed.
pub async fn remember(run: impl Run, tenant: &TenantId, id: &SessionId, until: Timestamp) -> sqlx::Result<()> {
    run.execute(REMEMBER, (tenant.clone(), id.clone(), until)).await.map(drop)
}

/// Ends a session. `false`: it had ended before.
///
/// # Errors
/// The database failed.
pub async fn end(run: impl Run, tenant: &TenantId, id: &SessionId, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(END, (tenant.clone(), id.clone(), now)).await? == 1)
}

/// Ends all sessions of a person.
///
/// # Errors
/// The database failed.
pub async fn end_of_user(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<()> {
    run.execute(END_OF_USER, (tenant.clone(), user.clone(), now)).await.map(drop)
}

/// Stores a browser's data under the digest of its cookie.
///
/// # Errors
/// The database failed.
pub async fn save_browser<T: Serialize + DeserializeOwned + Send>(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    data: T,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    run.execute(SAVE_BROWSER, (tenant.clone(), digest.clone(), Json(data), expires_at)).await.map(drop)
}

/// As [`save_browser`], but never over data that is there. `false`: there was some.
///
/// # Errors
/// The database failed.
pub async fn create_browser<T: Serialize + DeserializeOwned + Send>(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    data: T,
    expires_at: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(CREATE_BROWSER, (tenant.clone(), digest.clone(), Json(data), expires_at)).await? == 1)
}

/// A browser's data, unless it has expired.
///
/// # Errors
/// The database failed.
pub async fn load_browser<T: Serialize + DeserializeOwned + Send + Unpin + 'static>(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<Option<T>> {
    let row: Option<(Json<T>,)> = run.one(LOAD_BROWSER, (tenant.clone(), digest.clone(), now)).await?;
    Ok(row.map(|(data,)| data.0))
}

/// Forgets a browser.
///
/// # Errors
/// The database failed.
pub async fn delete_browser(run: impl Run, tenant: &TenantId, digest: &Digest) -> sqlx::Result<()> {
    run.execute(DELETE_BROWSER, (tenant.clone(), digest.clone())).await.map(drop)
}

/// Where an authorization request waits for a person: known by the digest of its reference, and only to the browser
/// that brought it.
#[derive(Clone, Debug)]
pub struct Waiting<'a> {
    /// Whose tenant.
    pub tenant: &'a TenantId,
    /// Digest of the reference that the pages carry.
    pub reference: &'a Digest,
    /// What names the browser.
    pub browser: &'a str,
}

/// Keeps a request while a person signs in and consents.
///
/// # Errors
/// The database failed.
pub async fn put_request<T: Serialize + DeserializeOwned + Send>(
    run: impl Run,
    at: &Waiting<'_>,
    request: T,
    now: Timestamp,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    let values = (at.tenant.clone(), at.reference.clone(), at.browser.to_owned(), Json(request), now, expires_at);
    run.execute(PUT_REQUEST, values).await.map(drop)
}

/// The request that waits there, unless it was answered or has expired.
///
/// # Errors
/// The database failed.
pub async fn get_request<T: Serialize + DeserializeOwned + Send + Unpin + 'static>(
    run: impl Run,
    at: &Waiting<'_>,
    now: Timestamp,
) -> sqlx::Result<Option<T>> {
    let values = (at.tenant.clone(), at.reference.clone(), at.browser.to_owned(), now);
    let row: Option<(Json<T>,)> = run.one(GET_REQUEST, values).await?;
    Ok(row.map(|(request,)| request.0))
}

/// Replaces the request that waits there, for instance when the person has signed in.
///
/// # Errors
/// The database failed.
pub async fn update_request<T: Serialize + DeserializeOwned + Send>(
    run: impl Run,
    at: &Waiting<'_>,
    request: T,
) -> sqlx::Result<bool> {
    let values = (at.tenant.clone(), at.reference.clone(), at.browser.to_owned(), Json(request));
    Ok(run.execute(UPDATE_REQUEST, values).await? == 1)
}

/// Takes the request away for good, once. `false`: somebody else did, or it has expired.
///
/// # Errors
/// The database failed.
pub async fn use_request(run: impl Run, at: &Waiting<'_>, now: Timestamp) -> sqlx::Result<bool> {
    let values = (at.tenant.clone(), at.reference.clone(), at.browser.to_owned(), now);
    Ok(run.execute(USE_REQUEST, values).await? == 1)
}
