//! A copy of an embedded database while it is in use.

use std::path::Path;

use super::db::Db;
use super::document_db::DocumentDb;

impl Db {
    /// Copies the database into a new file, as it is at one moment, whoever reads and writes meanwhile. `false`: it is
    /// no file, and PostgreSQL has tools of its own.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub async fn copy_to(&self, file: &Path) -> sqlx::Result<bool> {
        let Self::Sqlite { read, .. } = self else { return Ok(false) };
        sqlx::query("VACUUM INTO ?").bind(file.to_string_lossy().into_owned()).execute(read).await?;
        Ok(true)
    }
}

impl DocumentDb {
    /// As [`Db::copy_to`].
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub async fn copy_to(&self, file: &Path) -> sqlx::Result<bool> {
        self.0.copy_to(file).await
    }
}
