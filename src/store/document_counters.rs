//! How many documents and bytes a tenant, a collection and an owner have: one row each, changed in the transaction that
//! changes the documents, by one guarded UPDATE, so that a limit holds exactly whoever else writes.

use super::DocumentDb;
use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::TenantId;

sql! {
    tenant ADD(7) = "UPDATE document_counters
        SET documents = documents + $3, bytes = bytes + $4, changes = changes + $5
        WHERE tenant_id = $1 AND holder = $2
            AND ($3 <= 0 OR documents + $3 <= $6) AND ($4 <= 0 OR bytes + $4 <= $7) RETURNING changes";
    tenant OPEN(2) = "INSERT INTO document_counters (tenant_id, holder, documents, bytes, changes)
        VALUES ($1, $2, 0, 0, 0) ON CONFLICT (tenant_id, holder) DO NOTHING";
    tenant READ(2) = "SELECT documents, bytes, changes FROM document_counters WHERE tenant_id = $1 AND holder = $2";
    tenant CLOSE(2) = "DELETE FROM document_counters WHERE tenant_id = $1 AND holder = $2";
}

/// Who has documents. The order is the one in which a transaction takes the rows: the tenant's is the last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A collection.
    Collection(i64),
    /// The owner of documents.
    Owner(String),
    /// The tenant.
    Tenant,
}

impl Holder {
    fn key(&self) -> String {
        match self {
            Self::Collection(coll) => format!("c:{coll}"),
            Self::Owner(subject) => format!("s:{subject}"),
            Self::Tenant => String::new(),
        }
    }
}

/// How much somebody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Documents.
    pub documents: i64,
    /// Bytes of their bodies, as JSON.
    pub bytes: i64,
}

/// How much somebody may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceiling {
    /// Documents.
    pub documents: Option<u64>,
    /// Bytes of their bodies, as JSON.
    pub bytes: Option<u64>,
}

/// It would be more than somebody may have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there would be too many {what}")]
pub struct Full {
    /// Who.
    pub holder: Holder,
    /// `documents` or `bytes`.
    pub what: &'static str,
    /// How much there is.
    pub used: i64,
    /// How much there may be.
    pub limit: u64,
}

/// What is added to a holder's row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Documents and bytes; less than nothing is taken away.
    pub usage: Usage,
    /// Changes that are to be numbered.
    pub changes: i64,
}

/// Adds to what somebody has; answers the number of the last change.
///
/// # Errors
/// The database failed. The inner one: it would be too much; nothing is added then.
pub async fn add(
    tx: &mut Tx,
    tenant: &TenantId,
    holder: &Holder,
    added: Added,
    ceiling: Ceiling,
) -> sqlx::Result<Result<i64, Full>> {
    let most = |limit: Option<u64>| limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let Added { usage, changes } = added;
    let key = holder.key();
    for _ in 0..2 {
        let (documents, bytes) = (most(ceiling.documents), most(ceiling.bytes));
        let args = (tenant.clone(), key.clone(), usage.documents, usage.bytes, changes, documents, bytes);
        let last: Option<(i64,)> = tx.one(ADD, args).await?;
        if let Some((last,)) = last {
            return Ok(Ok(last));
        }
        // Somebody else may have opened the row meanwhile: only the second refusal is one.
        tx.execute(OPEN, (tenant.clone(), key.clone())).await?;
    }
    let (has, _) = read(tx, tenant, holder).await?;
    let too_many = usage.documents > 0 && has.documents + usage.documents > most(ceiling.documents);
    let (what, used, limit) =
        if too_many { ("documents", has.documents, ceiling.documents) } else { ("bytes", has.bytes, ceiling.bytes) };
    Ok(Err(Full { holder: holder.clone(), what, used, limit: limit.unwrap_or_default() }))
}

/// How much somebody has.
///
/// # Errors
/// The database failed.
pub async fn usage(db: &DocumentDb, tenant: &TenantId, holder: &Holder) -> sqlx::Result<Usage> {
    read(db.db(), tenant, holder).await.map(|(usage, _)| usage)
}

/// The number of a tenant's last change.
///
/// # Errors
/// The database failed.
pub async fn last_change(db: &DocumentDb, tenant: &TenantId) -> sqlx::Result<i64> {
    read(db.db(), tenant, &Holder::Tenant).await.map(|(_, last)| last)
}

/// As [`last_change`], within a transaction.
///
/// # Errors
/// The database failed.
pub async fn last_change_in(tx: &mut Tx, tenant: &TenantId) -> sqlx::Result<i64> {
    read(tx, tenant, &Holder::Tenant).await.map(|(_, last)| last)
}

/// Forgets that somebody had anything.
///
/// # Errors
/// The database failed.
pub async fn close(tx: &mut Tx, tenant: &TenantId, holder: &Holder) -> sqlx::Result<()> {
    tx.execute(CLOSE, (tenant.clone(), holder.key())).await.map(drop)
}

async fn read(run: impl Run, tenant: &TenantId, holder: &Holder) -> sqlx::Result<(Usage, i64)> {
    let row: Option<(i64, i64, i64)> = run.one(READ, (tenant.clone(), holder.key())).await?;
    Ok(row.map_or_else(Default::default, |(documents, bytes, changes)| (Usage { documents, bytes }, changes)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::document_databases;
    use super::*;

    const ONE: Added = Added { usage: Usage { documents: 1, bytes: 10 }, changes: 1 };

    #[tokio::test]
    async fn a_limit_holds_to_the_last_document_and_byte() {
        for db in document_databases().await {
            let (tenant, other) = (TenantId::generate(), TenantId::generate());
            let mut tx = db.begin().await.unwrap();
            let holder = Holder::Owner("ann".to_owned());
            let ceiling = Ceiling { documents: Some(2), bytes: Some(25) };
            assert_eq!(add(&mut tx, &tenant, &holder, ONE, ceiling).await.unwrap(), Ok(1));
            assert_eq!(add(&mut tx, &tenant, &holder, ONE, ceiling).await.unwrap(), Ok(2));
            let full = |what, used, limit| Err(Full { holder: holder.clone(), what, used, limit });
            assert_eq!(add(&mut tx, &tenant, &holder, ONE, ceiling).await.unwrap(), full("documents", 2, 2));
            let bytes = Added { usage: Usage { documents: 0, bytes: 6 }, changes: 0 };
            assert_eq!(add(&mut tx, &tenant, &holder, bytes, ceiling).await.unwrap(), full("bytes", 20, 25));
            assert_eq!(add(&mut tx, &other, &holder, ONE, ceiling).await.unwrap(), Ok(1));
            let less = Added { usage: Usage { documents: -1, bytes: -10 }, changes: 0 };
            let none = Ceiling { documents: Some(0), bytes: Some(0) };
            assert!(add(&mut tx, &tenant, &holder, less, none).await.unwrap().is_ok(), "less is always allowed");
            assert!(add(&mut tx, &tenant, &Holder::Tenant, ONE, none).await.unwrap().is_err(), "of the first one too");
            tx.commit().await.unwrap();
            assert_eq!(usage(&db, &tenant, &holder).await.unwrap(), Usage { documents: 1, bytes: 10 });
        }
    }

    #[tokio::test]
    async fn d7_a_limit_holds_while_many_write_at_once() {
        for db in document_databases().await {
            let tenant = TenantId::generate();
            let tasks = (0..40).map(|_| {
                let (db, tenant) = (db.clone(), tenant.clone());
                tokio::spawn(async move {
                    let mut tx = db.begin().await.unwrap();
                    let ceiling = Ceiling { documents: Some(17), bytes: None };
                    let added = add(&mut tx, &tenant, &Holder::Tenant, ONE, ceiling).await.unwrap();
                    tx.commit().await.unwrap();
                    added.is_ok()
                })
            });
            let mut taken = 0;
            for task in tasks.collect::<Vec<_>>() {
                taken += usize::from(task.await.unwrap());
            }
            assert_eq!(taken, 17);
            assert_eq!(usage(&db, &tenant, &Holder::Tenant).await.unwrap(), Usage { documents: 17, bytes: 170 });
            assert_eq!(last_change(&db, &tenant).await.unwrap(), 17);
        }
    }
}
