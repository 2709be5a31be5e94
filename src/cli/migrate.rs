//! `chancery migrate`.

use super::output::Out;
use super::place::{Place, open_database};
use crate::base::Result;
use crate::store::{Db, migrations};

/// What to do with the schema.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Migrate {
    /// Bring it to this version
    Up,
    /// Show what it has
    Status,
}

impl Migrate {
    pub(super) async fn run(self, place: &Place, out: Out) -> Result<()> {
        let config = place.config()?;
        let db = match self {
            Self::Up => {
                config.make_data_dir()?;
                let db = Db::open(&config.database_url(), 1).await?;
                migrations::up(&db).await?;
                db
            }
            Self::Status => open_database(&config).await?,
        };
        out.list(&migrations::status(&db).await?, &["version", "description", "applied"])
    }
}
