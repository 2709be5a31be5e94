//! Counters that all processes share: in Redis when there is one, else in the database. A counter begins with the first
//! thing that is counted and is worth nothing after its window; the clock that decides is the caller's.

use std::fmt;
use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;

use redis::Script;
use redis::aio::ConnectionManager;

use super::browser_sessions::Shelf;
use super::db::Run as _;
use super::sql::sql;
use super::{Db, Json};
use crate::base::{Fault, Seconds, TenantId, Timestamp};

/// How long a shared counter may take before it counts as failed: a limit must not become an outage.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where they are.
#[derive(Clone)]
pub enum Counters {
    /// Table `counters`.
    Database(Db),
    /// Keys `chancery:counter:{tenant}:{name}`.
    Redis(ConnectionManager),
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database(_) => "Counters::Database",
            Self::Redis(_) => "Counters::Redis",
        })
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// How often.
    pub count: i64,
    /// When it is forgotten.
    pub ends_at: Timestamp,
}

sql! {
    tenant ADD(4) =
        "INSERT INTO counters (tenant_id, name, count, ends_at)
            SELECT $1, value, 1, $4 FROM json_each($2) WHERE true
            ON CONFLICT (tenant_id, name) DO UPDATE SET
                count = CASE WHEN counters.ends_at <= $3 THEN 1 ELSE counters.count + 1 END,
                ends_at = CASE WHEN counters.ends_at <= $3 THEN excluded.ends_at ELSE counters.ends_at END
            RETURNING name, count, ends_at"
        | "INSERT INTO counters (tenant_id, name, count, ends_at)
            SELECT $1, value, 1, CAST($4 AS BIGINT) FROM jsonb_array_elements_text(CAST($2 AS jsonb)) AS j(value)
            ON CONFLICT (tenant_id, name) DO UPDATE SET
                count = CASE WHEN counters.ends_at <= $3 THEN 1 ELSE counters.count + 1 END,
                ends_at = CASE WHEN counters.ends_at <= $3 THEN excluded.ends_at ELSE counters.ends_at END
            RETURNING name, count, ends_at";
    tenant TAKE(5) = "INSERT INTO counters (tenant_id, name, count, ends_at) VALUES ($1, $2, $3, $5)
        ON CONFLICT (tenant_id, name) DO UPDATE SET
            count = CASE WHEN counters.ends_at <= $4 THEN excluded.count ELSE counters.count + excluded.count END,
            ends_at = CASE WHEN counters.ends_at <= $4 THEN excluded.ends_at ELSE counters.ends_at END
        RETURNING name, count, ends_at";
    tenant LOOK(3) =
        "SELECT name, count, ends_at FROM counters
            WHERE tenant_id = $1 AND ends_at > $3 AND name IN (SELECT value FROM json_each($2))"
        | "SELECT name, count, ends_at FROM counters WHERE tenant_id = $1 AND ends_at > $3
            AND name IN (SELECT value FROM jsonb_array_elements_text(CAST($2 AS jsonb)) AS j(value))";
    tenant FORGET(2) = "DELETE FROM counters WHERE tenant_id = $1 AND name = $2";
}

/// Counts each of KEYS; ARGV: now, end of a window that begins now, seconds to keep, how many. Answers count and end of each.
static ADD_SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local told = {}
        for _, key in ipairs(KEYS) do
            local ends = tonumber(redis.call('HGET', key, 'e') or '0')
            if ends <= tonumber(ARGV[1]) then
                redis.call('DEL', key)
                redis.call('HSET', key, 'e', ARGV[2])
                redis.call('EXPIRE', key, ARGV[3])
                ends = tonumber(ARGV[2])
            end
            told[#told + 1] = redis.call('HINCRBY', key, 'c', ARGV[4])
            told[#told + 1] = ends
        end
        return told",
    )
});
static LOOK_SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local told = {}
        for _, key in ipairs(KEYS) do
            told[#told + 1] = tonumber(redis.call('HGET', key, 'c') or '0')
            told[#told + 1] = tonumber(redis.call('HGET', key, 'e') or '0')
        end
        return told",
    )
});

impl Counters {
    /// Where browsers are kept, counters are too.
    #[must_use]
    pub fn beside(shelf: &Shelf) -> Self {
        match shelf {
            Shelf::Database(db, _) => Self::Database(db.clone()),
            Shelf::Redis(redis) => Self::Redis(redis.clone()),
        }
    }

    /// Counts one more of each; answers what they are now.
    ///
    /// # Errors
    /// The store failed, or took too long.
    pub async fn add(
        &self,
        tenant: &TenantId,
        names: &[String],
        (now, window): (Timestamp, Seconds),
    ) -> Result<Vec<Count>, Fault> {
        let ends = now.plus(window);
        patiently(async {
            match self {
                Self::Database(db) => {
                    let values = (tenant.clone(), Json(names.to_vec()), now, ends);
                    Ok(db.all(ADD, values).await?)
                }
                Self::Redis(redis) => {
                    let mut call = call(&ADD_SCRIPT, tenant, names);
                    call.arg(now.0).arg(ends.0).arg(window.0.max(1) + 60).arg(1);
                    let told: Vec<i64> = call.invoke_async(&mut redis.clone()).await?;
                    Ok(read(names, &told))
                }
            }
        })
        .await
    }

    /// Whether only this process can be counting: it has the database for itself.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::Database(Db::Sqlite { .. }))
    }

    /// Counts several more of one; answers what it is now.
    ///
    /// # Errors
    /// The store failed, or took too long.
    pub async fn take(
        &self,
        tenant: &TenantId,
        name: &str,
        more: i64,
        (now, window): (Timestamp, Seconds),
    ) -> Result<Count, Fault> {
        let ends = now.plus(window);
        patiently(async {
            let told = match self {
                Self::Database(db) => db.one(TAKE, (tenant.clone(), name.to_owned(), more, now, ends)).await?,
                Self::Redis(redis) => {
                    let names = [name.to_owned()];
                    let mut call = call(&ADD_SCRIPT, tenant, &names);
                    call.arg(now.0).arg(ends.0).arg(window.0.max(1) + 60).arg(more);
                    let told: Vec<i64> = call.invoke_async(&mut redis.clone()).await?;
                    read(&names, &told).pop()
                }
            };
            told.ok_or_else(|| Fault::new("the counter told nothing"))
        })
        .await
    }

    /// What they are; those that nothing was counted for are left out.
    ///
    /// # Errors
    /// The store failed, or took too long.
    pub async fn look(&self, tenant: &TenantId, names: &[String], now: Timestamp) -> Result<Vec<Count>, Fault> {
        patiently(async {
            match self {
                Self::Database(db) => Ok(db.all(LOOK, (tenant.clone(), Json(names.to_vec()), now)).await?),
                Self::Redis(redis) => {
                    let told: Vec<i64> = call(&LOOK_SCRIPT, tenant, names).invoke_async(&mut redis.clone()).await?;
                    Ok(read(names, &told).into_iter().filter(|count| count.ends_at > now).collect())
                }
            }
        })
        .await
    }

    /// Begins one again at nothing.
    ///
    /// # Errors
    /// The store failed, or took too long.
    pub async fn forget(&self, tenant: &TenantId, name: &str) -> Result<(), Fault> {
        patiently(async {
            match self {
                Self::Database(db) => Ok(db.execute(FORGET, (tenant.clone(), name.to_owned())).await.map(drop)?),
                Self::Redis(redis) => {
                    let mut command = redis::cmd("DEL");
                    Ok(command.arg(key(tenant, name)).query_async(&mut redis.clone()).await?)
                }
            }
        })
        .await
    }
}

async fn patiently<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(Fault::new("the counters take too long")))
}

fn key(tenant: &TenantId, name: &str) -> String {
    format!("chancery:counter:{tenant}:{name}")
}

fn call<'a>(script: &'a Script, tenant: &TenantId, names: &[String]) -> redis::ScriptInvocation<'a> {
    let mut call = script.prepare_invoke();
    for name in names {
        call.key(key(tenant, name));
    }
    call
}

fn read(names: &[String], told: &[i64]) -> Vec<Count> {
    let counts = told.chunks_exact(2);
    names
        .iter()
        .zip(counts)
        .map(|(name, told)| Count { name: name.clone(), count: told[0], ends_at: Timestamp(told[1]) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::reader::Reader;
    use crate::store::testing::{databases, tenant};

    async fn places() -> Vec<(Counters, TenantId, TenantId)> {
        let mut places = Vec::new();
        #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
        let redis = std::env::var("TEST_REDIS").unwrap_or_default();
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            if !redis.is_empty() {
                let shelf = Shelf::open(&redis, db.clone(), Reader::start(db.clone())).await.unwrap();
                places.push((Counters::beside(&shelf), one.clone(), two.clone()));
            }
            places.push((Counters::beside(&Shelf::Database(db.clone(), Reader::start(db))), one, two));
        }
        places
    }

    #[tokio::test]
    async fn w118_what_is_counted_is_counted_once_for_all_and_forgotten_after_its_window() {
        for (counters, one, two) in places().await {
            let names = ["a".to_owned(), "b'\"\\ü".to_owned()];
            let add = async |at| {
                let mut told = counters.add(&one, &names, (Timestamp(at), Seconds(100))).await.unwrap();
                told.sort_by(|x, y| x.name.cmp(&y.name));
                told.iter().map(|count| (count.count, count.ends_at.0)).collect::<Vec<_>>()
            };
            assert_eq!(add(1_000).await, [(1, 1_100), (1, 1_100)], "{counters:?}");
            assert_eq!(add(1_099).await, [(2, 1_100), (2, 1_100)]);
            assert_eq!(counters.look(&one, &names[..1], Timestamp(1_099)).await.unwrap()[0].count, 2);
            assert_eq!(counters.look(&two, &names, Timestamp(1_099)).await.unwrap(), [], "another tenant");
            assert_eq!(counters.look(&one, &names, Timestamp(1_100)).await.unwrap(), []);
            assert_eq!(add(1_100).await, [(1, 1_200), (1, 1_200)]);
            counters.forget(&one, "a").await.unwrap();
            assert_eq!(counters.look(&one, &names, Timestamp(1_101)).await.unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn u2_nothing_counted_at_once_is_lost() {
        for (counters, one, _) in places().await {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (counters, one) = (counters.clone(), one.clone());
                all.spawn(async move {
                    let names = ["x".to_owned(), "y".to_owned()];
                    counters.add(&one, &names, (Timestamp(5), Seconds(9))).await.unwrap()[0].count
                });
            }
            let mut told = all.join_all().await;
            told.sort_unstable();
            assert_eq!(told, (1..=20).collect::<Vec<_>>(), "{counters:?}");
        }
    }
}
