//! The schema and its versions: `migrations/common` for both databases, merged with the overlay of each.

use std::collections::BTreeSet;

use sqlx::migrate::{MigrateError, Migration, Migrator};

use super::db::{Db, OpenError, Run as _};
use super::sql::sql;

static COMMON: Migrator = sqlx::migrate!("migrations/common");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

sql! {
    global APPLIED(0) = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
}

/// Why the schema is not as this program needs it.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A later version of the program has been here.
    #[error(
        "the database was made by a newer version of chancery (schema {found}, this program knows {known}); use that version or restore a backup"
    )]
    Newer {
        /// The newest version in the database.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Opening failed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A migration failed; it left nothing.
    #[error("a migration failed: {0}")]
    Migrate(#[from] MigrateError),
}

/// One schema version.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// What it brings.
    pub description: String,
    /// Whether this database has it.
    pub applied: bool,
}

fn migrator(db: &Db) -> Migrator {
    let overlay = match db {
        Db::Sqlite { .. } => &SQLITE,
        Db::Postgres(_) => &POSTGRES,
    };
    let all: Vec<Migration> = COMMON.iter().chain(overlay.iter()).cloned().collect();
    Migrator::with_migrations(all)
}

/// The newest schema that this program knows, whichever the database.
#[must_use]
pub fn newest() -> i64 {
    let all = COMMON.iter().chain(SQLITE.iter()).chain(POSTGRES.iter());
    all.map(|migration| migration.version).max().unwrap_or_default()
}

/// Every version this program knows, oldest first, and whether the database has it.
///
/// # Errors
/// [`SchemaError::Newer`] when the database knows more than this program.
pub async fn status(db: &Db) -> Result<Vec<Version>, SchemaError> {
    let applied: Vec<(i64,)> = db.all(APPLIED, ()).await.unwrap_or_default();
    let applied: BTreeSet<i64> = applied.into_iter().map(|(version,)| version).collect();
    let known = migrator(db);
    let newest = known.iter().map(|migration| migration.version).max().unwrap_or_default();
    if let Some(found) = applied.last().copied().filter(|found| *found > newest) {
        return Err(SchemaError::Newer { found, known: newest });
    }
    Ok(known
        .iter()
        .map(|migration| Version {
            version: migration.version,
            description: migration.description.to_string(),
            applied: applied.contains(&migration.version),
        })
        .collect())
}

/// Brings the schema to the newest version. Processes that start together take turns.
///
/// # Errors
/// As [`status`], or when a migration fails.
pub async fn up(db: &Db) -> Result<(), SchemaError> {
    if status(db).await?.iter().all(|version| version.applied) {
        return Ok(());
    }
    let migrator = migrator(db);
    match db {
        Db::Sqlite { write, .. } => migrator.run(write).await?,
        Db::Postgres(pool) => migrator.run(pool).await?,
    }
    Ok(())
}
