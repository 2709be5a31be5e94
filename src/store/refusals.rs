//! Why requests were refused, for some days: for whoever sees a request id on an error page and wonders.

use serde::Serialize;
use serde_json::json;

use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// So many are kept of each tenant; older ones make room.
pub const MOST: i64 = 5_000;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Refused {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; ids sort by time.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// In which request.
    pub request_id: String,
    /// Where.
    pub endpoint: String,
    /// Who the request said it was of.
    pub client_id: Option<String>,
    /// The code of the answer.
    pub code: String,
    /// What the client was told.
    pub description: String,
    /// Which rule refused.
    pub rule: String,
    /// What is registered.
    pub registered: Option<String>,
    /// What came.
    pub received: Option<String>,
}

sql! {
    tenant ADD(1) = "INSERT INTO refusals (tenant_id, id, at, request_id, endpoint, client_id, code, description, rule,
            registered, received)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
            value ->> 8, value ->> 9, value ->> 10 FROM json_each($1)"
        | "INSERT INTO refusals (tenant_id, id, at, request_id, endpoint, client_id, code, description, rule,
            registered, received)
        SELECT v ->> 0, v ->> 1, (v ->> 2)::bigint, v ->> 3, v ->> 4, v ->> 5, v ->> 6, v ->> 7, v ->> 8, v ->> 9, v ->> 10
        FROM jsonb_array_elements($1::text::jsonb) n(v)";
    tenant TRIM(2) = "DELETE FROM refusals WHERE tenant_id = $1 AND id <= (SELECT id FROM refusals
        WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
    tenant PAGE(3) = "SELECT tenant_id, id, at, request_id, endpoint, client_id, code, description, rule, registered,
            received
        FROM refusals WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    tenant OF_REQUEST(2) = "SELECT tenant_id, id, at, request_id, endpoint, client_id, code, description, rule,
            registered, received
        FROM refusals WHERE tenant_id = $1 AND request_id = $2 ORDER BY id DESC LIMIT 1";
}

/// Keeps refusals, each tenant's newest.
///
/// # Errors
/// The database failed.
pub async fn add(tx: &mut Tx, all: &[Refused]) -> sqlx::Result<()> {
    let rows = all.iter().map(|one| {
        let Refused { tenant_id, id, at, request_id, endpoint, client_id, code, description, rule, .. } = one;
        json!([
            tenant_id,
            id,
            at,
            request_id,
            endpoint,
            client_id,
            code,
            description,
            rule,
            one.registered,
            one.received
        ])
    });
    tx.execute(ADD, (json!(rows.collect::<Vec<_>>()).to_string(),)).await?;
    let mut tenants: Vec<_> = all.iter().map(|one| &one.tenant_id).collect();
    tenants.sort();
    tenants.dedup();
    for tenant in tenants {
        tx.execute(TRIM, (tenant.clone(), MOST)).await?;
    }
    Ok(())
}

/// Up to `limit` refusals before this id, the newest first.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, before: &str, limit: i64) -> sqlx::Result<Vec<Refused>> {
    run.all(PAGE, (tenant.clone(), before.to_owned(), limit)).await
}

/// What was refused in this request.
///
/// # Errors
/// The database failed.
pub async fn of_request(run: impl Run, tenant: &TenantId, request: &str) -> sqlx::Result<Option<Refused>> {
    run.one(OF_REQUEST, (tenant.clone(), request.to_owned())).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn refused(tenant: &TenantId, number: i64) -> Refused {
        Refused {
            tenant_id: tenant.clone(),
            id: format!("{number:06}"),
            at: Timestamp(number),
            request_id: format!("request {number}"),
            endpoint: "token".to_owned(),
            client_id: None,
            code: "invalid_client".to_owned(),
            description: "no".to_owned(),
            rule: "client_secret".to_owned(),
            registered: Some("'\"é".to_owned()),
            received: None,
        }
    }

    #[tokio::test]
    async fn a_tenant_has_its_newest_refusals_and_never_more_than_some() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let add_some = async |numbers: std::ops::Range<i64>| {
                let all: Vec<_> = numbers.map(|number| refused(&one, number)).chain([refused(&two, 1)]).collect();
                let mut tx = db.begin().await.unwrap();
                add(&mut tx, &all).await.unwrap();
                tx.commit().await.unwrap();
            };
            add_some(0..MOST).await;
            assert_eq!(page(&db, &one, "x", 3).await.unwrap()[0], refused(&one, MOST - 1));
            assert_eq!(of_request(&db, &one, "request 0").await.unwrap(), Some(refused(&one, 0)));
            assert_eq!(of_request(&db, &two, "request 2").await.unwrap(), None);
            let mut tx = db.begin().await.unwrap();
            add(&mut tx, &[refused(&one, MOST), refused(&one, MOST + 1)]).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(of_request(&db, &one, "request 1").await.unwrap(), None, "it made room");
            assert!(of_request(&db, &one, "request 2").await.unwrap().is_some());
            assert_eq!(page(&db, &one, "000003", 9).await.unwrap(), [refused(&one, 2)]);
        }
    }
}
