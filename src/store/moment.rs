//! What time the database thinks it is. Several processes share what they write down, so their clocks have to agree.

use super::db::Run;
use super::sql::sql;
use crate::base::Timestamp;

sql! {
    global NOW(0) = "SELECT CAST(strftime('%s', 'now') AS INTEGER)"
        | "SELECT CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)";
}

/// The database's present instant. SQLite has this machine's.
///
/// # Errors
/// The database failed.
pub async fn now(run: impl Run) -> sqlx::Result<Timestamp> {
    let found: Option<(Timestamp,)> = run.one(NOW, ()).await?;
    Ok(found.map_or_else(Timestamp::default, |(at,)| at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;
    use crate::store::testing::databases;

    #[tokio::test]
    async fn the_database_tells_the_time() {
        for db in databases().await {
            let away = now(&db).await.unwrap().since(Clock::system().now()).0.abs();
            assert!(away < 60, "{away} seconds");
        }
    }
}
