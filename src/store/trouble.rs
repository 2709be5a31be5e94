//! What a failure of the database means to whoever asked for something.

use super::own::is_away;
use crate::base::Fault;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Two transactions waited for each other, and this one was given up: tried again, it goes well.
    Crossing,
    /// There is no room left on the disk.
    Full,
    /// It does not answer, or has too much to do.
    Away,
}

impl Trouble {
    /// What is behind a fault, if it is one of these.
    #[must_use]
    pub fn of(fault: &Fault) -> Option<Self> {
        let error = fault.cause::<sqlx::Error>()?;
        if is_away(error) {
            return Some(Self::Away);
        }
        let sqlx::Error::Database(inner) = error else { return None };
        match inner.code()?.as_ref() {
            // deadlock_detected, serialization_failure.
            "40P01" | "40001" => Some(Self::Crossing),
            // disk_full; SQLITE_FULL.
            "53100" | "13" => Some(Self::Full),
            // SQLITE_BUSY; too_many_connections, admin_shutdown, cannot_connect_now.
            "5" | "517" | "53300" | "57P01" | "57P03" => Some(Self::Away),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Result, Stop};
    use crate::store::db::Db;
    use crate::store::testing::databases;

    fn trouble(result: Result<()>) -> Option<Trouble> {
        match result {
            Err(Stop::Failed(fault)) => Trouble::of(&fault),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_disk_without_room_is_told_from_other_failures() {
        for db in databases().await {
            let Db::Sqlite { write, .. } = &db else { continue };
            // As many pages as there are: what needs one more finds no room.
            let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(write).await.unwrap();
            let most = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
            sqlx::query(most).execute(write).await.unwrap();
            let large = "INSERT INTO archive_rules (tenant_id, rules, updated_at) VALUES ('t', $1, 1)";
            let done = sqlx::query(large).bind("x".repeat(1 << 20)).execute(write).await;
            assert_eq!(trouble(done.map(drop).map_err(Stop::from)), Some(Trouble::Full));
            let wrong = sqlx::query("SELECT nothing FROM nowhere").execute(write).await;
            assert_eq!(trouble(wrong.map(drop).map_err(Stop::from)), None);
            db.close().await;
            let closed = crate::store::archive_rules::get(&db, &crate::base::TenantId::from("t")).await;
            assert_eq!(trouble(closed.map(drop).map_err(Stop::from)), Some(Trouble::Away));
        }
    }
}
