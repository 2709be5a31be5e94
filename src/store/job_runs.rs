//! What is known of recurring jobs: when each was done last, and how that ended.

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::sql::sql;
use super::values::Json;
use crate::base::Timestamp;

/// How a job was done last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRun {
    /// When it ended.
    pub at: Timestamp,
    /// How many things it did.
    pub count: u64,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// Why it was not done, where it was not.
    pub failed: Option<String>,
}

sql! {
    global NOTE(2) = "INSERT INTO meta (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    global RUNS(0) = "SELECT name, value FROM meta WHERE name LIKE 'job:%' ORDER BY name";
}

/// Notes how a job was done.
///
/// # Errors
/// The database failed.
pub async fn note(run: impl Run, job: &str, done: JobRun) -> sqlx::Result<()> {
    run.execute(NOTE, (format!("job:{job}"), Json(done))).await.map(drop)
}

/// The last run of each job that has ever been done, by name.
///
/// # Errors
/// The database failed.
pub async fn all(run: impl Run) -> sqlx::Result<Vec<(String, JobRun)>> {
    let found: Vec<(String, Json<JobRun>)> = run.all(RUNS, ()).await?;
    Ok(found.into_iter().map(|(name, done)| (name.trim_start_matches("job:").to_owned(), done.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::databases;

    #[tokio::test]
    async fn the_last_run_of_each_job_is_known() {
        for db in databases().await {
            assert_eq!(all(&db).await.unwrap(), []);
            let done = |at| JobRun { at: Timestamp(at), count: 7, took_ms: 12, failed: None };
            note(&db, "keys", done(5)).await.unwrap();
            note(&db, "files", JobRun { failed: Some("away".to_owned()), ..done(6) }).await.unwrap();
            note(&db, "keys", done(9)).await.unwrap();
            let known = all(&db).await.unwrap();
            let [(files, away), (keys, well)] = &known[..] else { panic!("{known:?}") };
            assert_eq!((files.as_str(), keys.as_str()), ("files", "keys"));
            assert_eq!((away.failed.as_deref(), well), (Some("away"), &done(9)));
        }
    }
}
