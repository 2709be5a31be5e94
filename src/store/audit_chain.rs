//! The audit trail as a chain per tenant: which rows have no place in it yet, what gives them one, and where it ends.

use serde_json::json;

use super::audit::Event;
use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::TenantId;

/// A row as it is kept. The seal is given to it once, a moment after it was added.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Kept {
    /// What happened.
    #[sqlx(flatten)]
    pub event: Event,
    /// Its place in the chain; 1 is the first.
    pub seq: Option<i64>,
    /// What its personal part was mixed with; erased with it.
    pub salt: Option<String>,
    /// Digest of its personal part.
    pub personal: Option<String>,
    /// Digest of the row and of the hash before it.
    pub hash: Option<String>,
}

/// A row that has just got its place.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Its place in its tenant's chain, without gaps.
    pub seq: i64,
    /// What happened.
    pub event: Event,
    /// What its personal part was mixed with.
    pub salt: String,
    /// Digest of its personal part.
    pub personal: String,
    /// Digest of the row and of the hash before it.
    pub hash: String,
}

/// Where a tenant's chain ends, and where it begins since older rows were removed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// Whose chain.
    pub tenant_id: TenantId,
    /// The last place.
    pub seq: i64,
    /// The hash there.
    pub hash: String,
    /// The last place that was removed; 0: none was.
    pub cut_seq: i64,
    /// The hash there.
    pub cut_hash: String,
    /// Over these four, under a key that the database does not have.
    pub mac: String,
}

sql! {
    // The oldest first, whosever they are: who writes much does not keep the others waiting.
    global UNSEALED(1) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE seq IS NULL ORDER BY id LIMIT $1";
    tenant OPEN(1) = "INSERT INTO audit_chains (tenant_id, seq, hash, cut_seq, cut_hash, mac)
        SELECT value, 0, '', 0, '', '' FROM json_each($1) WHERE true ON CONFLICT (tenant_id) DO NOTHING"
        | "INSERT INTO audit_chains (tenant_id, seq, hash, cut_seq, cut_hash, mac)
        SELECT value, 0, '', 0, '', '' FROM jsonb_array_elements_text($1::text::jsonb) ON CONFLICT (tenant_id) DO NOTHING";
    // Locked in one order, so that two who seal wait for each other and not in a circle.
    tenant HEADS(1) = "SELECT tenant_id, seq, hash, cut_seq, cut_hash, mac FROM audit_chains
            WHERE tenant_id IN (SELECT value FROM json_each($1)) ORDER BY tenant_id"
        | "SELECT tenant_id, seq, hash, cut_seq, cut_hash, mac FROM audit_chains
            WHERE tenant_id IN (SELECT jsonb_array_elements_text($1::text::jsonb)) ORDER BY tenant_id FOR UPDATE";
    tenant SEAL(1) = "UPDATE audit_events SET seq = n.value ->> 2, salt = n.value ->> 3, personal = n.value ->> 4,
            hash = n.value ->> 5
        FROM json_each($1) n WHERE tenant_id = n.value ->> 0 AND audit_events.id = n.value ->> 1
            AND seq IS NULL"
        | "UPDATE audit_events SET seq = (n.v ->> 2)::bigint, salt = n.v ->> 3, personal = n.v ->> 4, hash = n.v ->> 5
        FROM jsonb_array_elements($1::text::jsonb) n(v)
        WHERE tenant_id = n.v ->> 0 AND id = n.v ->> 1 AND seq IS NULL";
    tenant ADVANCE(1) = "UPDATE audit_chains SET seq = n.value ->> 1, hash = n.value ->> 2, mac = n.value ->> 3
        FROM json_each($1) n WHERE tenant_id = n.value ->> 0"
        | "UPDATE audit_chains SET seq = (n.v ->> 1)::bigint, hash = n.v ->> 2, mac = n.v ->> 3
        FROM jsonb_array_elements($1::text::jsonb) n(v) WHERE tenant_id = n.v ->> 0";
    tenant HEAD(1) = "SELECT tenant_id, seq, hash, cut_seq, cut_hash, mac FROM audit_chains WHERE tenant_id = $1";
    tenant AFTER(3) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND seq IS NOT NULL AND seq > $2 ORDER BY seq LIMIT $3";
    tenant WAITING(1) = "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_events WHERE tenant_id = $1 AND seq IS NULL";
    tenant CUT(4) = "UPDATE audit_chains SET cut_seq = $2, cut_hash = $3, mac = $4 WHERE tenant_id = $1";
    tenant REMOVE(2) = "DELETE FROM audit_events WHERE tenant_id = $1 AND seq IS NOT NULL AND seq <= $2";
    tenant FORGET_CHAIN(1) = "DELETE FROM audit_chains WHERE tenant_id = $1";
    tenant FORGET(1) = "DELETE FROM audit_events WHERE tenant_id = $1";
}

/// Up to `limit` rows of any tenant that have no place yet, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn unsealed(run: impl Run, limit: i64) -> sqlx::Result<Vec<Kept>> {
    run.all(UNSEALED, (limit,)).await
}

/// The ends of these tenants' chains, begun where there was none; nobody else moves them until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &mut Tx, mut tenants: Vec<&TenantId>) -> sqlx::Result<Vec<Head>> {
    tenants.sort();
    let tenants = json!(tenants).to_string();
    tx.execute(OPEN, (tenants.clone(),)).await?;
    tx.all(HEADS, (tenants,)).await
}

/// Gives rows their places, and moves the ends of the chains there. `false`: another process was faster with one of
/// them, and the transaction has to be given up.
///
/// # Errors
/// The database failed.
pub async fn append(tx: &mut Tx, rows: &[Sealed], heads: &[Head]) -> sqlx::Result<bool> {
    let places = rows.iter().map(|row| {
        let Sealed { seq, event, salt, personal, hash } = row;
        json!([event.tenant_id, event.id, seq, salt, personal, hash])
    });
    let given = tx.execute(SEAL, (json!(places.collect::<Vec<_>>()).to_string(),)).await?;
    if usize::try_from(given).ok() != Some(rows.len()) {
        return Ok(false);
    }
    let ends: Vec<_> = heads.iter().map(|head| json!([head.tenant_id, head.seq, head.hash, head.mac])).collect();
    tx.execute(ADVANCE, (json!(ends).to_string(),)).await?;
    Ok(true)
}

/// The end of a tenant's chain; none where nothing was sealed yet.
///
/// # Errors
/// The database failed.
pub async fn head(run: impl Run, tenant: &TenantId) -> sqlx::Result<Option<Head>> {
    run.one(HEAD, (tenant.clone(),)).await
}

/// Up to `limit` rows after this place, in their order.
///
/// # Errors
/// The database failed.
pub async fn sealed_after(run: impl Run, tenant: &TenantId, seq: i64, limit: i64) -> sqlx::Result<Vec<Kept>> {
    run.all(AFTER, (tenant.clone(), seq, limit)).await
}

/// How many rows of a tenant have no place yet.
///
/// # Errors
/// The database failed.
pub async fn waiting(run: impl Run, tenant: &TenantId) -> sqlx::Result<i64> {
    let count: Option<(i64,)> = run.one(WAITING, (tenant.clone(),)).await?;
    Ok(count.map_or(0, |(count,)| count))
}

/// Lets a chain begin after `head.cut_seq`, and removes what is before; `head` is as it shall be.
///
/// # Errors
/// The database failed.
pub async fn cut(tx: &mut Tx, head: &Head) -> sqlx::Result<u64> {
    let Head { tenant_id, cut_seq, cut_hash, mac, .. } = head.clone();
    tx.execute(CUT, (tenant_id.clone(), cut_seq, cut_hash, mac)).await?;
    tx.execute(REMOVE, (tenant_id, cut_seq)).await
}

/// Removes a tenant's whole trail, with the tenant.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &mut Tx, tenant: &TenantId) -> sqlx::Result<u64> {
    // The chain first: without it nothing holds the rows.
    tx.execute(FORGET_CHAIN, (tenant.clone(),)).await?;
    tx.execute(FORGET, (tenant.clone(),)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::store::audit::record;
    use crate::store::db::Db;
    use crate::store::sql::Sql;
    use crate::store::testing::{databases, tenant};

    const fn same(text: &'static str) -> Sql<1> {
        Sql::tenant(text, text)
    }

    const CHANGE: Sql<1> = same("UPDATE audit_events SET actor = 'somebody else' WHERE tenant_id = $1");
    const BLANK: Sql<1> = same("UPDATE audit_events SET ip = '1.1.1.1' WHERE tenant_id = $1");
    const TAKE: Sql<1> = same("DELETE FROM audit_events WHERE tenant_id = $1");

    async fn seal(db: &Db, tenant: &TenantId) -> Vec<Sealed> {
        let rows = unsealed(db, 10).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let mut heads = lock(&mut tx, vec![tenant]).await.unwrap();
        let text = || "x".to_owned();
        let rows: Vec<_> = (heads[0].seq + 1..)
            .zip(rows)
            .map(|(seq, row)| Sealed { seq, event: row.event, salt: text(), personal: text(), hash: text() })
            .collect();
        heads[0].seq = rows.last().unwrap().seq;
        assert!(append(&mut tx, &rows, &heads).await.unwrap());
        tx.commit().await.unwrap();
        rows
    }

    #[tokio::test]
    async fn rows_get_their_places_once_and_in_order() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            for at in 1..4 {
                record(&db, Event::new(&one, Timestamp(at), "thing.happened")).await.unwrap();
            }
            assert_eq!(waiting(&db, &one).await.unwrap(), 3);
            let rows = seal(&db, &one).await;
            assert_eq!((waiting(&db, &one).await.unwrap(), head(&db, &one).await.unwrap().unwrap().seq), (0, 3));
            let found = sealed_after(&db, &one, 1, 9).await.unwrap();
            assert_eq!(
                found.iter().map(|row| (row.seq, row.event.at.0)).collect::<Vec<_>>(),
                [(Some(2), 2), (Some(3), 3)]
            );
            let mut tx = db.begin().await.unwrap();
            let heads = lock(&mut tx, vec![&one]).await.unwrap();
            assert!(!append(&mut tx, &rows, &heads).await.unwrap(), "they have their places");
        }
    }

    #[tokio::test]
    async fn w130_a_row_is_neither_changed_nor_removed_and_a_chain_begins_later_only_as_a_whole() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            for at in 1..4 {
                record(&db, Event::new(&one, Timestamp(at), "thing.happened")).await.unwrap();
            }
            assert!(db.execute(CHANGE, (one.clone(),)).await.is_err(), "not even before it is sealed");
            seal(&db, &one).await;
            for sql in [CHANGE, BLANK, TAKE] {
                assert!(db.execute(sql, (one.clone(),)).await.is_err(), "{}", sql.sqlite);
            }
            let mut tx = db.begin().await.unwrap();
            let was = head(&mut tx, &one).await.unwrap().unwrap();
            assert_eq!(cut(&mut tx, &Head { cut_seq: 2, ..was }).await.unwrap(), 2);
            tx.commit().await.unwrap();
            assert!(db.execute(TAKE, (one.clone(),)).await.is_err());
            let mut tx = db.begin().await.unwrap();
            assert_eq!(forget(&mut tx, &one).await.unwrap(), 1);
            tx.commit().await.unwrap();
            assert!(head(&db, &one).await.unwrap().is_none());
        }
    }
}
