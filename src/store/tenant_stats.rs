//! How much there is in a tenant. Each number is counted up to a bound, so that a million people are told of as quickly as
//! ten.

use serde::Serialize;

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// No number is counted further than this.
pub const COUNTED_TO: i64 = 100_000;

/// The numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Counts {
    /// People who are not deleted.
    pub users: i64,
    /// Those of them who are not suspended.
    pub active: i64,
    /// Those of them whose address is not proven.
    pub unverified: i64,
    /// Applications.
    pub clients: i64,
    /// Sign-ins that have not ended.
    pub sessions: i64,
}

sql! {
    tenant COUNT(3) = "SELECT
        (SELECT COUNT(*) FROM (SELECT 1 FROM users WHERE tenant_id = $1 AND status IN ('active', 'suspended')
            LIMIT $3) a) AS users,
        (SELECT COUNT(*) FROM (SELECT 1 FROM users WHERE tenant_id = $1 AND status = 'active' LIMIT $3) b) AS active,
        (SELECT COUNT(*) FROM (SELECT 1 FROM users WHERE tenant_id = $1 AND status = 'active' AND email_verified = 0
            LIMIT $3) c) AS unverified,
        (SELECT COUNT(*) FROM (SELECT 1 FROM clients WHERE tenant_id = $1 LIMIT $3) d) AS clients,
        (SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE tenant_id = $1 AND ended_at IS NULL AND expires_at > $2
            LIMIT $3) e) AS sessions";
}

/// Counts.
///
/// # Errors
/// The database failed.
pub async fn counts(run: impl Run, tenant: &TenantId, now: Timestamp) -> sqlx::Result<Counts> {
    run.one(COUNT, (tenant.clone(), now, COUNTED_TO)).await?.ok_or(sqlx::Error::RowNotFound)
}
