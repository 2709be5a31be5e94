//! Sign-in sessions (what `sid` names), the browser's cookie-bound data, and requests waiting for a person.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::{ColumnIndex, FromRow, Row, ValueRef as _};

use super::db::Run;
use super::people::Described;
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

/// A session and whose it is, as one look-up finds them. The person is not deleted, but may be suspended.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WithPerson {
    /// Who signed in.
    #[sqlx(flatten)]
    pub person: Described,
    session_id: SessionId,
    auth_time: Timestamp,
    amr: Json<Vec<String>>,
    acr: String,
    ip: Option<String>,
    user_agent: Option<String>,
    session_created_at: Timestamp,
    last_seen_at: Timestamp,
    session_expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    remembered: Flag,
}

impl WithPerson {
    /// The `sid`.
    #[must_use]
    pub const fn id(&self) -> &SessionId {
        &self.session_id
    }

    /// The session, and the person.
    #[must_use]
    pub fn apart(self) -> (Session, Described) {
        let session = Session {
            tenant_id: self.person.user.tenant_id.clone(),
            id: self.session_id,
            user_id: self.person.user.id.clone(),
            auth_time: self.auth_time,
            amr: self.amr,
            acr: self.acr,
            ip: self.ip,
            user_agent: self.user_agent,
            created_at: self.session_created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.session_expires_at,
            ended_at: self.ended_at,
            remembered: self.remembered,
        };
        (session, self.person)
    }
}

/// The names and values of one browser.
pub type BrowserData = HashMap<String, Value>;

/// The member of a browser's data that names its sign-in; with it the data lives longer.
pub const SIGN_IN: &str = "sid";

/// What belongs to one browser.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BrowserRow {
    /// Names and values.
    pub data: Json<BrowserData>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// Its sign-in, when there is one.
    #[sqlx(flatten)]
    pub sign_in: SignInOf,
}

/// What a left join found of a sign-in.
#[derive(Clone, Debug)]
pub struct SignInOf(pub Option<WithPerson>);

impl<'r, R> FromRow<'r, R> for SignInOf
where
    R: Row,
    &'static str: ColumnIndex<R>,
    WithPerson: FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        if row.try_get_raw("id")?.is_null() {
            return Ok(Self(None));
        }
        WithPerson::from_row(row).map(|found| Self(Some(found)))
    }
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
    tenant SAVE_BROWSER(5) = "INSERT INTO browser_sessions (tenant_id, digest, session_id, data, expires_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, digest)
        DO UPDATE SET session_id = excluded.session_id, data = excluded.data, expires_at = excluded.expires_at";
    tenant CREATE_BROWSER(5) = "INSERT INTO browser_sessions (tenant_id, digest, session_id, data, expires_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, digest) DO NOTHING";
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
pub async fn save_browser(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    data: BrowserData,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    let sign_in = sign_in_of(&data);
    run.execute(SAVE_BROWSER, (tenant.clone(), digest.clone(), sign_in, Json(data), expires_at)).await.map(drop)
}

fn sign_in_of(data: &BrowserData) -> Option<SessionId> {
    data.get(SIGN_IN).and_then(Value::as_str).map(SessionId::from)
}

/// As [`save_browser`], but never over data that is there. `false`: there was some.
///
/// # Errors
/// The database failed.
pub async fn create_browser(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    data: BrowserData,
    expires_at: Timestamp,
) -> sqlx::Result<bool> {
    let sign_in = sign_in_of(&data);
    let values = (tenant.clone(), digest.clone(), sign_in, Json(data), expires_at);
    Ok(run.execute(CREATE_BROWSER, values).await? == 1)
}

/// A browser's data, unless it has expired.
///
/// # Errors
/// The database failed.
pub async fn load_browser(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<Option<BrowserData>> {
    let row: Option<(Json<BrowserData>,)> = run.one(LOAD_BROWSER, (tenant.clone(), digest.clone(), now)).await?;
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
