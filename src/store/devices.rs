//! Browsers that a person is known by: each holds a random cookie, whose digest stands here.

use super::db::Run;
use super::sql::sql;
use crate::base::{Digest, Email, TenantId, Timestamp, UserId};

sql! {
    tenant KEEP(6) = "INSERT INTO known_devices (tenant_id, user_id, digest, remembered_until, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, user_id, digest) DO UPDATE SET expires_at = excluded.expires_at,
            remembered_until = CASE WHEN excluded.remembered_until > known_devices.remembered_until
                THEN excluded.remembered_until ELSE known_devices.remembered_until END";
    tenant REMEMBERED_UNTIL(4) = "SELECT remembered_until FROM known_devices
        WHERE tenant_id = $1 AND user_id = $2 AND digest = $3 AND expires_at > $4";
    tenant KNOWN_AS(4) = "SELECT d.remembered_until FROM known_devices d
        JOIN users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id
        WHERE d.tenant_id = $1 AND d.digest = $2 AND d.expires_at > $3 AND u.status <> 'deleted'
            AND (u.email_key = $4 OR u.username_key = $4)";
    tenant COUNT(3) = "SELECT COUNT(*) FROM known_devices WHERE tenant_id = $1 AND user_id = $2 AND expires_at > $3";
    tenant FORGET_ALL(2) = "DELETE FROM known_devices WHERE tenant_id = $1 AND user_id = $2";
}

/// A person's browser.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a> {
    /// Whose tenant.
    pub tenant: &'a TenantId,
    /// Who.
    pub user: &'a UserId,
    /// The digest of its cookie.
    pub digest: &'a Digest,
}

/// Knows a browser from here on, until `expires_at`. A longer promise to ask for no second factor replaces a shorter.
///
/// # Errors
/// The database failed.
pub async fn keep(
    run: impl Run,
    device: Device<'_>,
    remembered_until: Timestamp,
    (now, expires_at): (Timestamp, Timestamp),
) -> sqlx::Result<()> {
    let (tenant, user, digest) = (device.tenant.clone(), device.user.clone(), device.digest.clone());
    run.execute(KEEP, (tenant, user, digest, remembered_until, now, expires_at)).await.map(drop)
}

/// Until when no second factor is asked for in this browser; `None`: the person is not known by it.
///
/// # Errors
/// The database failed.
pub async fn remembered_until(run: impl Run, device: Device<'_>, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let (tenant, user, digest) = (device.tenant.clone(), device.user.clone(), device.digest.clone());
    let found: Option<(Timestamp,)> = run.one(REMEMBERED_UNTIL, (tenant, user, digest, now)).await?;
    Ok(found.map(|(until,)| until))
}

/// Whether the person of this address or user name is known by this browser.
///
/// # Errors
/// The database failed.
pub async fn is_known_as(
    run: impl Run,
    tenant: &TenantId,
    digest: &Digest,
    (identifier, now): (&str, Timestamp),
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), digest.clone(), now, Email::key_of(identifier));
    let found: Option<(Timestamp,)> = run.one(KNOWN_AS, values).await?;
    Ok(found.is_some())
}

/// By how many browsers a person is known.
///
/// # Errors
/// The database failed.
pub async fn count(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<i64> {
    let found: Option<(i64,)> = run.one(COUNT, (tenant.clone(), user.clone(), now)).await?;
    Ok(found.map_or(0, |(count,)| count))
}

/// Forgets every browser of a person.
///
/// # Errors
/// The database failed.
pub async fn forget_all(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<u64> {
    run.execute(FORGET_ALL, (tenant.clone(), user.clone())).await
}
