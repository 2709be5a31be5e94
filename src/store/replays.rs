//! Answers that are kept for a while, so that a request that comes again under the same idempotency key is answered as
//! the first one was. They stand in the database of documents and are written in the transaction of what they tell of.

use serde_json::Value;

use super::Tx;
use super::db::Run as _;
use super::document_db::DocumentDb;
use super::sql::sql;
use crate::base::{Digest, TenantId, Timestamp};

sql! {
    tenant CLAIM(4) = "INSERT INTO replays (tenant_id, request, digest, answer, created_at)
        VALUES ($1, $2, $3, 'null', $4) ON CONFLICT (tenant_id, request) DO NOTHING";
    tenant FIND(2) = "SELECT digest, answer FROM replays WHERE tenant_id = $1 AND request = $2";
    tenant FORGET(3) = "DELETE FROM replays WHERE tenant_id = $1 AND request = $2 AND created_at < $3";
    tenant KEEP(3) = "UPDATE replays SET answer = $3 WHERE tenant_id = $1 AND request = $2";
    global CLEAN(1) = "DELETE FROM replays WHERE created_at < $1";
}

/// A request that may come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks what under which key.
    pub name: Digest,
    /// With which body.
    pub body: Digest,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is new.
    New,
    /// It came with this body before, and was answered so.
    Answered(Value),
    /// It came with another body before.
    Other,
}

/// Claims a request in the transaction that will do what it asks. Where the same one is being done, this waits for it.
///
/// # Errors
/// The database failed.
pub async fn claim(tx: &mut Tx, tenant: &TenantId, request: &Request, times: Times) -> sqlx::Result<Claim> {
    let (tenant, name) = (tenant.as_str().to_owned(), request.name.as_str().to_owned());
    tx.execute(FORGET, (tenant.clone(), name.clone(), times.forgotten.0)).await?;
    let body = request.body.as_str().to_owned();
    if tx.execute(CLAIM, (tenant.clone(), name.clone(), body.clone(), times.now.0)).await? == 1 {
        return Ok(Claim::New);
    }
    let found: Option<(String, String)> = tx.one(FIND, (tenant, name)).await?;
    let Some((_, answer)) = found.filter(|(digest, _)| *digest == body) else { return Ok(Claim::Other) };
    serde_json::from_str(&answer).map(Claim::Answered).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// When it is, and before when everything is forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The present.
    pub now: Timestamp,
    /// What is older does not count.
    pub forgotten: Timestamp,
}

/// Keeps the answer of a claimed request.
///
/// # Errors
/// The database failed.
pub async fn keep(tx: &mut Tx, tenant: &TenantId, request: &Request, answer: &Value) -> sqlx::Result<()> {
    let args = (tenant.as_str().to_owned(), request.name.as_str().to_owned(), answer.to_string());
    tx.execute(KEEP, args).await.map(drop)
}

/// Removes what is older.
///
/// # Errors
/// The database failed.
pub async fn clean(db: &DocumentDb, before: Timestamp) -> sqlx::Result<u64> {
    db.db().execute(CLEAN, (before.0,)).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::document_databases;
    use super::*;

    fn request(name: &str, body: &str) -> Request {
        Request { name: Digest::of(name.as_bytes()), body: Digest::of(body.as_bytes()) }
    }

    #[tokio::test]
    async fn a_request_is_answered_once_and_then_repeated_until_it_is_forgotten() {
        for db in document_databases().await {
            let (tenant, other) = (TenantId::generate(), TenantId::generate());
            let at = |now| Times { now: Timestamp(now), forgotten: Timestamp(now - 100) };
            let mut tx = db.begin().await.unwrap();
            let first = request("a", "x");
            assert_eq!(claim(&mut tx, &tenant, &first, at(1_000)).await.unwrap(), Claim::New);
            keep(&mut tx, &tenant, &first, &json!({"n": 1})).await.unwrap();
            tx.commit().await.unwrap();
            let mut tx = db.begin().await.unwrap();
            let again = claim(&mut tx, &tenant, &first, at(1_050)).await.unwrap();
            assert_eq!(again, Claim::Answered(json!({"n": 1})));
            assert_eq!(claim(&mut tx, &tenant, &request("a", "y"), at(1_050)).await.unwrap(), Claim::Other);
            assert_eq!(claim(&mut tx, &other, &first, at(1_050)).await.unwrap(), Claim::New);
            assert_eq!(claim(&mut tx, &tenant, &first, at(1_101)).await.unwrap(), Claim::New);
            drop(tx);
            assert_eq!(clean(&db, Timestamp(1_000)).await.unwrap(), 0);
            assert_eq!(clean(&db, Timestamp(1_001)).await.unwrap(), 1);
        }
    }
}
