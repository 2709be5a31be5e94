//! What is alive in a tenant, page by page, the newest first: sessions, and grants.

use super::db::Run;
use super::grants::Grant;
use super::sessions::Session;
use super::sql::sql;
use crate::base::{ClientId, TenantId, Timestamp, UserId};

sql! {
    tenant SESSIONS(4) = "SELECT tenant_id, id, user_id, auth_time, amr, acr, ip, user_agent, created_at, last_seen_at,
            expires_at, ended_at, remembered
        FROM sessions WHERE tenant_id = $1 AND id < $2 AND ended_at IS NULL AND expires_at > $3
        ORDER BY id DESC LIMIT $4";
    tenant GRANTS(5) = "SELECT tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at,
            revoked_at, organization_id
        FROM grants WHERE tenant_id = $1 AND id < $2 AND revoked_at IS NULL AND expires_at > $3
            AND (client_id = $4 OR $4 IS NULL)
        ORDER BY id DESC LIMIT $5";
    tenant GRANTS_OF_USER(6) = "SELECT tenant_id, id, client_id, user_id, session_id, scope, context, created_at,
            expires_at, revoked_at, organization_id
        FROM grants WHERE tenant_id = $1 AND user_id = $2 AND id < $3 AND revoked_at IS NULL AND expires_at > $4
            AND (client_id = $5 OR $5 IS NULL)
        ORDER BY id DESC LIMIT $6";
}

/// Up to `limit` sessions before this id that have neither ended nor expired.
///
/// # Errors
/// The database failed.
pub async fn sessions(
    run: impl Run,
    tenant: &TenantId,
    before: &str,
    now: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<Session>> {
    run.all(SESSIONS, (tenant.clone(), before.to_owned(), now, limit)).await
}

/// Up to `limit` grants before this id that are alive: a person's, a client's, or all.
///
/// # Errors
/// The database failed.
pub async fn grants(
    run: impl Run,
    tenant: &TenantId,
    (user, client): (Option<&UserId>, Option<&ClientId>),
    before: &str,
    (now, limit): (Timestamp, i64),
) -> sqlx::Result<Vec<Grant>> {
    let (tenant, client, before) = (tenant.clone(), client.cloned(), before.to_owned());
    match user {
        Some(user) => run.all(GRANTS_OF_USER, (tenant, user.clone(), before, now, client, limit)).await,
        None => run.all(GRANTS, (tenant, before, now, client, limit)).await,
    }
}
