//! How much files take up, exactly: each count is one guarded statement in the transaction of what it counts.

use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::TenantId;

/// The subject of a whole tenant.
const EVERYBODY: &str = "";

sql! {
    tenant BEGIN(2) = "INSERT INTO archive_usage (tenant_id, subject, files, bytes) VALUES ($1, $2, 0, 0)
        ON CONFLICT (tenant_id, subject) DO NOTHING";
    tenant ADD(6) = "UPDATE archive_usage SET files = files + $3, bytes = bytes + $4
        WHERE tenant_id = $1 AND subject = $2 AND ($3 <= 0 OR files + $3 <= $5) AND ($4 <= 0 OR bytes + $4 <= $6)";
    tenant GET(2) = "SELECT files, bytes FROM archive_usage WHERE tenant_id = $1 AND subject = $2";
}

/// So many files with so many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Amount {
    /// Files.
    pub files: i64,
    /// Their bytes.
    pub bytes: i64,
}

/// How much there may be; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceiling {
    /// Files.
    pub files: Option<u64>,
    /// Their bytes.
    pub bytes: Option<u64>,
}

/// What stands against taking more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// Whether it is the owner's own ceiling, and not the tenant's.
    pub own: bool,
    /// What is taken up.
    pub used: Amount,
}

/// Takes up so much more, or gives it back, for an owner and their tenant. Giving back is never refused.
///
/// # Errors
/// The database failed.
pub async fn add(
    tx: &mut Tx,
    (tenant, subject): (&TenantId, &str),
    amount: Amount,
    (of_tenant, own): (Ceiling, Ceiling),
) -> sqlx::Result<Result<(), Over>> {
    for (whose, ceiling) in [(EVERYBODY, of_tenant), (subject, own)] {
        tx.execute(BEGIN, (tenant.clone(), whose.to_owned())).await?;
        let most = |limit: Option<u64>| limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX);
        let Amount { files, bytes } = amount;
        let values = (tenant.clone(), whose.to_owned(), files, bytes, most(ceiling.files), most(ceiling.bytes));
        if tx.execute(ADD, values).await? == 0 {
            let used = get(tx, tenant, whose).await?;
            return Ok(Err(Over { own: whose == subject, used }));
        }
    }
    Ok(Ok(()))
}

/// What this owner has, or with an empty subject the whole tenant.
///
/// # Errors
/// The database failed.
pub async fn get(run: impl Run, tenant: &TenantId, subject: &str) -> sqlx::Result<Amount> {
    Ok(run.one(GET, (tenant.clone(), subject.to_owned())).await?.unwrap_or_default())
}

impl Amount {
    /// As much less.
    #[must_use]
    pub const fn less(self) -> Self {
        Self { files: -self.files, bytes: -self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;
    use crate::store::testing::{databases, tenant};

    const NONE: Ceiling = Ceiling { files: None, bytes: None };

    async fn take(db: &Db, tenant: &TenantId, bytes: i64, ceilings: (Ceiling, Ceiling)) -> Result<(), Over> {
        let mut tx = db.begin().await.unwrap();
        let taken = add(&mut tx, (tenant, "ada"), Amount { files: 1, bytes }, ceilings).await.unwrap();
        if taken.is_ok() {
            tx.commit().await.unwrap();
        }
        taken
    }

    #[tokio::test]
    async fn w102_a_quota_is_exact_however_many_come_at_once() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let ten = Ceiling { files: None, bytes: Some(100) };
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..30 {
                let (db, one) = (db.clone(), one.clone());
                all.spawn(async move { take(&db, &one, 10, (ten, NONE)).await.is_ok() });
            }
            let taken = all.join_all().await.into_iter().filter(|taken| *taken).count();
            assert_eq!(taken, 10);
            assert_eq!(get(&db, &one, "").await.unwrap(), Amount { files: 10, bytes: 100 });
            assert_eq!(get(&db, &one, "ada").await.unwrap(), Amount { files: 10, bytes: 100 });
        }
    }

    #[tokio::test]
    async fn the_owners_ceiling_is_another_and_giving_back_is_never_refused() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let three = Ceiling { files: Some(1), bytes: None };
            assert!(take(&db, &one, 5, (NONE, three)).await.is_ok());
            let over = take(&db, &one, 5, (NONE, three)).await.unwrap_err();
            assert_eq!(over, Over { own: true, used: Amount { files: 1, bytes: 5 } });
            let mut tx = db.begin().await.unwrap();
            let nothing = Ceiling { files: Some(0), bytes: Some(0) };
            let less = Amount { files: 1, bytes: 5 }.less();
            assert_eq!(add(&mut tx, (&one, "ada"), less, (nothing, nothing)).await.unwrap(), Ok(()));
            tx.commit().await.unwrap();
            assert_eq!(get(&db, &one, "").await.unwrap(), Amount::default());
        }
    }
}
