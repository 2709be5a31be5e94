//! Answers to requests that make something, kept for a while and sealed, because some of them show a secret once. A
//! request that comes again under its key is answered as the first one was (`Idempotency-Key`).

use super::db::Run;
use super::sql::sql;
use crate::base::{Digest, TenantId, Timestamp};

sql! {
    tenant CLAIM(4) = "INSERT INTO created_replays (tenant_id, request, digest, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, request) DO UPDATE SET digest = excluded.digest, answer = NULL,
            created_at = excluded.created_at
        WHERE created_replays.created_at < $4 - 86400";
    tenant FIND(2) = "SELECT digest, answer FROM created_replays WHERE tenant_id = $1 AND request = $2";
    tenant KEEP(3) = "UPDATE created_replays SET answer = $3 WHERE tenant_id = $1 AND request = $2";
    tenant FORGET(2) = "DELETE FROM created_replays WHERE tenant_id = $1 AND request = $2 AND answer IS NULL";
}

/// A request that was made before.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Kept {
    /// With which body.
    pub digest: Digest,
    /// What was answered, sealed; absent: it is being done, or nobody knows how it ended.
    pub answer: Option<String>,
}

/// Claims a request for a day. `None`: it is new, and the caller's to do.
///
/// # Errors
/// The database failed.
pub async fn claim(
    run: impl Run + Copy,
    tenant: &TenantId,
    (request, body): (&Digest, &Digest),
    now: Timestamp,
) -> sqlx::Result<Option<Kept>> {
    if run.execute(CLAIM, (tenant.clone(), request.clone(), body.clone(), now)).await? == 1 {
        return Ok(None);
    }
    run.one(FIND, (tenant.clone(), request.clone())).await
}

/// Keeps what was answered.
///
/// # Errors
/// The database failed.
pub async fn keep(run: impl Run, tenant: &TenantId, request: &Digest, answer: String) -> sqlx::Result<()> {
    run.execute(KEEP, (tenant.clone(), request.clone(), answer)).await.map(drop)
}

/// Forgets a request that came to nothing, so that it can be made again.
///
/// # Errors
/// The database failed.
pub async fn forget(run: impl Run, tenant: &TenantId, request: &Digest) -> sqlx::Result<()> {
    run.execute(FORGET, (tenant.clone(), request.clone())).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_request_is_claimed_once_answered_again_and_forgotten_after_a_day() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let (request, body) = (Digest::of(b"request"), Digest::of(b"body"));
            let now = Timestamp(1_000_000);
            assert_eq!(claim(&db, &one, (&request, &body), now).await.unwrap(), None);
            let waits = Kept { digest: body.clone(), answer: None };
            assert_eq!(claim(&db, &one, (&request, &body), now).await.unwrap(), Some(waits));
            assert_eq!(claim(&db, &two, (&request, &body), now).await.unwrap(), None, "another tenant's is another");
            forget(&db, &one, &request).await.unwrap();
            assert_eq!(claim(&db, &one, (&request, &body), now).await.unwrap(), None);
            keep(&db, &one, &request, "sealed".to_owned()).await.unwrap();
            forget(&db, &one, &request).await.unwrap();
            let kept = claim(&db, &one, (&request, &Digest::of(b"other")), now).await.unwrap().unwrap();
            assert_eq!((kept.answer.as_deref(), kept.digest == body), (Some("sealed"), true));
            let later = Timestamp(1_086_401);
            assert_eq!(claim(&db, &one, (&request, &body), later).await.unwrap(), None, "a day is over");
        }
    }
}
