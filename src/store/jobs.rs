//! Recurring work: the lease that elects one process for it, and the removal of rows whose time is over.

use super::db::{Db, Run};
use super::sql::{Sql, sql};
use crate::base::{Seconds, Timestamp};

/// Most rows removed by one statement: a purge must not hold the writer for long.
const BATCH: i64 = 1_000;
/// Most statements per table and purge; what is left waits for the next one.
const ROUNDS: usize = 50;

/// How long a spent code or refresh token stays, so that its reuse is recognised.
const REUSE: Seconds = Seconds(86_400);

sql! {
    // `value` is twenty digits of the time it ends at, and its holder.
    global LEASE(4) = "INSERT INTO meta (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        WHERE substr(meta.value, 1, 20) < $3 OR substr(meta.value, 22) = $4";
    tenant BROWSERS(2) = "DELETE FROM browser_sessions WHERE (tenant_id, digest) IN
        (SELECT tenant_id, digest FROM browser_sessions WHERE expires_at < $1 LIMIT $2)";
    tenant SESSIONS(2) = "DELETE FROM sessions WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM sessions WHERE expires_at < $1 LIMIT $2)";
    tenant REQUESTS(2) = "DELETE FROM authorization_requests WHERE (tenant_id, digest) IN
        (SELECT tenant_id, digest FROM authorization_requests WHERE expires_at < $1 LIMIT $2)";
    tenant CODES(2) = "DELETE FROM authorization_codes WHERE (tenant_id, digest) IN
        (SELECT tenant_id, digest FROM authorization_codes WHERE expires_at < $1 LIMIT $2)";
    tenant REFRESH_TOKENS(2) = "DELETE FROM refresh_tokens WHERE (tenant_id, digest) IN
        (SELECT tenant_id, digest FROM refresh_tokens WHERE expires_at < $1 LIMIT $2)";
    tenant ACCESS_TOKENS(2) = "DELETE FROM access_tokens WHERE (tenant_id, digest) IN
        (SELECT tenant_id, digest FROM access_tokens WHERE expires_at < $1 LIMIT $2)";
    tenant GRANTS(2) = "DELETE FROM grants WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM grants WHERE expires_at < $1 LIMIT $2)";
    tenant REVOCATIONS(2) = "DELETE FROM revocations WHERE (tenant_id, kind, id) IN
        (SELECT tenant_id, kind, id FROM revocations WHERE expires_at < $1 LIMIT $2)";
    tenant ASSERTIONS(2) = "DELETE FROM assertions WHERE (tenant_id, client_id, jti) IN
        (SELECT tenant_id, client_id, jti FROM assertions WHERE expires_at < $1 LIMIT $2)";
    tenant ONE_TIME(2) = "DELETE FROM one_time_secrets WHERE (tenant_id, kind, digest) IN
        (SELECT tenant_id, kind, digest FROM one_time_secrets WHERE expires_at < $1 LIMIT $2)";
    tenant UPSTREAM(2) = "DELETE FROM upstream_sessions WHERE (tenant_id, session_id) IN
        (SELECT tenant_id, session_id FROM upstream_sessions WHERE expires_at < $1 LIMIT $2)";
    tenant DEVICES(2) = "DELETE FROM known_devices WHERE (tenant_id, user_id, digest) IN
        (SELECT tenant_id, user_id, digest FROM known_devices WHERE expires_at < $1 LIMIT $2)";
    tenant REFUSALS(2) = "DELETE FROM refusals WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM refusals WHERE at < $1 LIMIT $2)";
    tenant COUNTERS(2) = "DELETE FROM counters WHERE (tenant_id, name) IN
        (SELECT tenant_id, name FROM counters WHERE ends_at < $1 LIMIT $2)";
    tenant REPLAYS(2) = "DELETE FROM created_replays WHERE (tenant_id, request) IN
        (SELECT tenant_id, request FROM created_replays WHERE created_at < $1 LIMIT $2)";
}

/// What is removed, and how long after its end.
const TABLES: [(Sql<2>, Seconds); 15] = [
    (BROWSERS, Seconds(0)),
    (SESSIONS, REUSE),
    (REQUESTS, Seconds(0)),
    (CODES, REUSE),
    (REFRESH_TOKENS, REUSE),
    (ACCESS_TOKENS, Seconds(0)),
    (GRANTS, Seconds(2 * REUSE.0)),
    (REVOCATIONS, Seconds(60)),
    (ASSERTIONS, Seconds(60)),
    (ONE_TIME, Seconds(0)),
    (UPSTREAM, REUSE),
    (DEVICES, Seconds(0)),
    (REFUSALS, Seconds(7 * 86_400)),
    (COUNTERS, Seconds(0)),
    (REPLAYS, Seconds(86_400)),
];

/// Takes or keeps the lease `name` for `holder` until `until`. `false`: another process has it.
///
/// # Errors
/// The database failed.
pub async fn lease(run: impl Run, name: &str, holder: &str, now: Timestamp, until: Timestamp) -> sqlx::Result<bool> {
    let value = format!("{:020}:{holder}", until.0);
    let values = (format!("lease:{name}"), value, format!("{:020}", now.0), holder.to_owned());
    Ok(run.execute(LEASE, values).await? == 1)
}

/// Removes what nobody can use any more, in bounded statements; answers how many rows that were.
///
/// # Errors
/// The database failed; what was removed before stays removed.
pub async fn purge(db: &Db, now: Timestamp) -> sqlx::Result<u64> {
    let mut removed = 0;
    for (sql, after) in TABLES {
        for _ in 0..ROUNDS {
            let count = db.execute(sql, (now.minus(after), BATCH)).await?;
            removed += count;
            if count < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::store::sessions::{BrowserData, load_browser, save_browser};
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn one_process_holds_a_lease_until_it_ends() {
        for db in databases().await {
            let take = async |holder: &str, now: i64| {
                lease(&db, "purge", holder, Timestamp(now), Timestamp(now + 100)).await.unwrap()
            };
            assert!(take("one", 1_000).await);
            assert!(!take("two", 1_050).await);
            assert!(take("one", 1_050).await, "its holder keeps it");
            assert!(!take("two", 1_150).await);
            assert!(take("two", 1_151).await, "it has ended");
            assert!(!take("one", 1_152).await);
        }
    }

    #[tokio::test]
    async fn w125_what_has_expired_is_removed_and_nothing_else() {
        for db in databases().await {
            let tenant = tenant(&db, "one").await;
            for number in 0..2_500 {
                let digest = Digest::of(format!("old {number}").as_bytes());
                save_browser(&db, &tenant, &digest, BrowserData::new(), Timestamp(10)).await.unwrap();
            }
            let live = Digest::of(b"live");
            save_browser(&db, &tenant, &live, BrowserData::new(), Timestamp(1_000)).await.unwrap();
            assert_eq!(purge(&db, Timestamp(500)).await.unwrap(), 2_500);
            assert_eq!(purge(&db, Timestamp(500)).await.unwrap(), 0);
            assert!(load_browser(&db, &tenant, &live, Timestamp(500)).await.unwrap().is_some());
        }
    }
}
