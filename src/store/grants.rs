//! Grants and what is issued from them: codes, refresh tokens, opaque access tokens; consents; revocations. The
//! writes of the hot path are in [`super::writer`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::db::{Run, Tx};
use super::sql::sql;
use super::users::{Role, UserStatus};
use super::values::{Json, words};
use crate::base::{
    AuthorizationDetails, ClientId, Digest, GrantId, OrganizationId, Scope, SessionId, TenantId, Timestamp, UserId,
};

/// One authorization given to one client. Every token issued from it names it, so that ending it ends them.
#[derive(Clone, Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct Grant {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: GrantId,
    /// Given to.
    pub client_id: ClientId,
    /// Given by; absent when a client acts for itself.
    pub user_id: Option<UserId>,
    /// During which sign-in.
    pub session_id: Option<SessionId>,
    /// For what.
    pub scope: Scope,
    /// What ID tokens and refreshed tokens repeat.
    pub context: Json<Context>,
    /// When.
    pub created_at: Timestamp,
    /// When everything issued from it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was ended.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
    /// In which organization, where it is for one.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
}

/// What a grant remembers of the sign-in and the request (OIDC Core §12.2: refreshed ID tokens repeat it).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// When the person last proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// How well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// `nonce` of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// `resource` values of the request (RFC 8707).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// `claims` of the request (OIDC Core §5.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Value>,
    /// `authorization_details` of the request (RFC 9396).
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub details: AuthorizationDetails,
}

/// What a code is bound to (RFC 6749 §4.1.3, RFC 7636 §4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// The `redirect_uri` of the authorization request.
    pub redirect_uri: String,
    /// The `code_challenge` (S256).
    pub code_challenge: Option<String>,
}

/// How the person and the session of a grant stand at this moment, read together with it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    /// Absent when the grant is nobody's.
    pub user_status: Option<UserStatus>,
    /// What the person may do.
    pub user_role: Option<Role>,
    /// When the person signed out.
    pub session_ended_at: Option<Timestamp>,
}

/// A code with its grant.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CodeRow {
    /// The grant it stands for.
    #[sqlx(flatten)]
    pub grant: Grant,
    /// What it is bound to.
    pub request: Json<CodeRequest>,
    /// When it ends.
    pub code_expires_at: Timestamp,
    /// When it was redeemed.
    pub used_at: Option<Timestamp>,
    /// Whose it is, as of now.
    #[sqlx(flatten)]
    pub standing: Standing,
}

/// A refresh token with its grant.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RefreshRow {
    /// The grant it belongs to; all refresh tokens of a grant are one family.
    #[sqlx(flatten)]
    pub grant: Grant,
    /// When it was issued.
    pub token_created_at: Timestamp,
    /// When it ends without use.
    pub token_expires_at: Timestamp,
    /// When it was rotated.
    pub used_at: Option<Timestamp>,
    /// Whose it is, as of now.
    #[sqlx(flatten)]
    pub standing: Standing,
}

/// An opaque access token.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccessRow {
    /// The same claims a JWT would carry.
    pub claims: Json<Map<String, Value>>,
    /// When it ends.
    pub expires_at: Timestamp,
}

words! {
    /// What a revocation names.
    RevocationKind {
        /// One token, by `jti`.
        Token = "token",
        /// Everything issued from a grant.
        Grant = "grant",
        /// Everything of a person.
        User = "user",
        /// Everything issued during a session.
        Session = "session",
        /// Everything of a tenant, which was suspended or deleted.
        Tenant = "tenant",
    }
}

/// Something that is refused although it has not expired. Things issued after `revoked_at` are not concerned.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Revocation {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// What `id` names.
    pub kind: RevocationKind,
    /// Which one.
    pub id: String,
    /// Since when.
    pub revoked_at: Timestamp,
    /// When nothing concerned can be alive any more.
    pub expires_at: Timestamp,
}

sql! {
    tenant BY_ID(2) = "SELECT tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at,
            revoked_at, organization_id
        FROM grants WHERE tenant_id = $1 AND id = $2";
    tenant REFRESH(2) = "SELECT g.tenant_id, g.id, g.client_id, g.user_id, g.session_id, g.scope, g.context,
            g.created_at, g.expires_at, g.revoked_at, g.organization_id, r.created_at AS token_created_at,
            r.expires_at AS token_expires_at, r.used_at,
            u.status AS user_status, u.role AS user_role, s.ended_at AS session_ended_at
        FROM refresh_tokens r JOIN grants g ON g.tenant_id = r.tenant_id AND g.id = r.grant_id
            LEFT JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
            LEFT JOIN sessions s ON s.tenant_id = g.tenant_id AND s.id = g.session_id
        WHERE r.tenant_id = $1 AND r.digest = $2";
    tenant EXTEND_REFRESH(3) = "UPDATE refresh_tokens SET expires_at = $3
        WHERE tenant_id = $1 AND digest = $2 AND used_at IS NULL";
    tenant ACCESS(2) = "SELECT claims, expires_at FROM access_tokens WHERE tenant_id = $1 AND digest = $2";
    tenant REVOKE_GRANT(3) = "UPDATE grants SET revoked_at = $3
        WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL";
    tenant REVOKE_SESSION_GRANTS(3) = "UPDATE grants SET revoked_at = $3
        WHERE tenant_id = $1 AND session_id = $2 AND revoked_at IS NULL
            AND ' ' || scope || ' ' NOT LIKE '% offline_access %'";
    tenant REVOKE_USER_GRANTS(3) = "UPDATE grants SET revoked_at = $3
        WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    tenant REVOKE(5) = "INSERT INTO revocations (tenant_id, kind, id, revoked_at, expires_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, kind, id) DO UPDATE SET revoked_at = excluded.revoked_at,
            expires_at = excluded.expires_at";
    tenant REVOKE_CLIENT(3) = "INSERT INTO revocations (tenant_id, kind, id, revoked_at, expires_at)
        SELECT tenant_id, 'grant', id, $3, expires_at FROM grants
        WHERE tenant_id = $1 AND client_id = $2 AND revoked_at IS NULL AND expires_at > $3
        ON CONFLICT (tenant_id, kind, id) DO UPDATE SET revoked_at = excluded.revoked_at";
    tenant REVOKE_CLIENT_GRANTS(3) = "UPDATE grants SET revoked_at = $3
        WHERE tenant_id = $1 AND client_id = $2 AND revoked_at IS NULL";
    global REVOKED_SINCE(2) = "SELECT tenant_id, kind, id, revoked_at, expires_at FROM revocations
        WHERE revoked_at >= $1 AND expires_at > $2";
    tenant REVOKED(6) = "SELECT tenant_id, kind, id, revoked_at, expires_at FROM revocations
        WHERE tenant_id = $1 AND expires_at > $2 AND ((kind = 'token' AND id = $3) OR (kind = 'grant' AND id = $4)
            OR (kind = 'session' AND id = $5) OR (kind = 'user' AND id = $6) OR kind = 'tenant')";
    tenant CONSENT(3) = "SELECT scope FROM consents WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3";
    tenant SET_CONSENT(5) = "INSERT INTO consents (tenant_id, user_id, client_id, scope, updated_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, user_id, client_id) DO UPDATE SET scope = excluded.scope,
            updated_at = excluded.updated_at";
}

/// The grant of this id, ended ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &GrantId) -> sqlx::Result<Option<Grant>> {
    run.one(BY_ID, (tenant.clone(), id.clone())).await
}

/// The refresh token of this digest, used and expired ones included.
///
/// # Errors
/// The database failed.
pub async fn refresh_token(run: impl Run, tenant: &TenantId, digest: &Digest) -> sqlx::Result<Option<RefreshRow>> {
    run.one(REFRESH, (tenant.clone(), digest.clone())).await
}

/// Lets an unused refresh token live longer: one that does not rotate dies of disuse, not of age.
///
/// # Errors
/// The database failed.
pub async fn extend_refresh(run: impl Run, tenant: &TenantId, digest: &Digest, until: Timestamp) -> sqlx::Result<()> {
    run.execute(EXTEND_REFRESH, (tenant.clone(), digest.clone(), until)).await.map(drop)
}

/// The opaque access token of this digest, expired ones included.
///
/// # Errors
/// The database failed.
pub async fn access_token(run: impl Run, tenant: &TenantId, digest: &Digest) -> sqlx::Result<Option<AccessRow>> {
    run.one(ACCESS, (tenant.clone(), digest.clone())).await
}

/// Records a revocation, and ends the grants it concerns, in the caller's transaction. The end of a session does not
/// concern grants with `offline_access` (OIDC Back-Channel Logout §2.7).
///
/// # Errors
/// The database failed.
pub async fn revoke(tx: &mut Tx, revocation: &Revocation) -> sqlx::Result<()> {
    let Revocation { tenant_id, kind, id, revoked_at, expires_at } = revocation.clone();
    let concerned = (tenant_id.clone(), id.clone(), revoked_at);
    match kind {
        RevocationKind::Token | RevocationKind::Tenant => {}
        RevocationKind::Grant => drop(tx.execute(REVOKE_GRANT, concerned).await?),
        RevocationKind::Session => drop(tx.execute(REVOKE_SESSION_GRANTS, concerned).await?),
        RevocationKind::User => drop(tx.execute(REVOKE_USER_GRANTS, concerned).await?),
    }
    tx.execute(REVOKE, (tenant_id, kind, id, revoked_at, expires_at)).await.map(drop)
}

/// Ends every grant that was given to a client, in the caller's transaction.
///
/// # Errors
/// The database failed.
pub async fn revoke_client(tx: &mut Tx, tenant: &TenantId, client: &ClientId, now: Timestamp) -> sqlx::Result<()> {
    tx.execute(REVOKE_CLIENT, (tenant.clone(), client.clone(), now)).await?;
    tx.execute(REVOKE_CLIENT_GRANTS, (tenant.clone(), client.clone(), now)).await.map(drop)
}

/// The revocations of all tenants since `since` that still matter, for the set kept in memory.
///
/// # Errors
/// The database failed.
pub async fn revoked_since(run: impl Run, since: Timestamp, now: Timestamp) -> sqlx::Result<Vec<Revocation>> {
    run.all(REVOKED_SINCE, (since, now)).await
}

/// The names by which one token can be revoked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Its `jti`.
    pub token: Option<&'a str>,
    /// Its grant.
    pub grant: Option<&'a str>,
    /// The session it was issued in.
    pub session: Option<&'a str>,
    /// The person it is about.
    pub user: Option<&'a str>,
}

/// The revocations of any of these names that still matter, for when the set in memory cannot tell.
///
/// # Errors
/// The database failed.
pub async fn revoked(
    run: impl Run,
    tenant: &TenantId,
    names: Names<'_>,
    now: Timestamp,
) -> sqlx::Result<Vec<Revocation>> {
    let name = |name: Option<&str>| name.map(str::to_owned);
    let Names { token, grant, session, user } = names;
    run.all(REVOKED, (tenant.clone(), now, name(token), name(grant), name(session), name(user))).await
}

/// What the person has allowed this client so far.
///
/// # Errors
/// The database failed.
pub async fn consent(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    client: &ClientId,
) -> sqlx::Result<Option<Scope>> {
    let row: Option<(Scope,)> = run.one(CONSENT, (tenant.clone(), user.clone(), client.clone())).await?;
    Ok(row.map(|(scope,)| scope))
}

/// Remembers what the person allows this client.
///
/// # Errors
/// The database failed.
pub async fn set_consent(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    client: &ClientId,
    (scope, now): (&Scope, Timestamp),
) -> sqlx::Result<()> {
    let values = (tenant.clone(), user.clone(), client.clone(), scope.clone(), now);
    run.execute(SET_CONSENT, values).await.map(drop)
}
