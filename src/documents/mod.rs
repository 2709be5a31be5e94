//! Documents: collections of JSON with rules about who may do what, found, changed and computed in MongoDB's language.
//! A rule and what a caller asks for become one question to the database, so that nothing is seen and then withheld.

mod aggregate;
mod asking;
mod bells;
mod bulk;
mod checkup;
mod collections;
mod condition;
mod cursor;
mod definition;
mod edit;
mod expiry;
mod find;
mod hidden;
mod owned;
mod reading;
mod refusals;
pub mod schema;
mod sight;
mod slots;
mod transaction;
mod transfer;
mod upkeep;
mod watch;
mod work;
mod write;

use std::time::Duration;

pub use asking::{Asking, Ceilings};
pub use bulk::{Choice, Counts, Returned, Updated};
pub use collections::{Described, named as check_collection_name};
pub use condition::{Condition, Match};
pub use definition::{Definition, Limits, Rule, Rules, Verb};
pub use edit::Edit;
pub use find::{Found, MOST, USUAL, Wish};
pub use hidden::Hidden;
pub use refusals::{invalid, wrong};
pub use transaction::Operation;
pub use transfer::{Imported, OnConflict, Times, check as check_document};
pub use upkeep::{Life, Upkeep};
pub use watch::{Happened, Watch};
pub use work::Work;

use crate::base::{Clock, Fault, Result};
use crate::keys::Keys;
use crate::store::{Db, DocumentDb};

/// How long one request may keep the database busy.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Collections of a tenant.
pub const COLLECTIONS: i64 = 200;
/// Documents that one request changes by filter.
pub const BULK: usize = 10_000;
/// Documents that one request stores.
pub const BATCH: usize = 1_000;
/// Bytes of a document.
pub const DOCUMENT_BYTES: usize = 1 << 20;

/// The service. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Documents {
    db: DocumentDb,
    identity: Db,
    clock: Clock,
    keys: Keys,
    slots: slots::Slots,
    schemas: schema::Schemas,
    bells: bells::Bells,
}

impl Documents {
    /// The documents that belong to this database, brought to the newest schema.
    ///
    /// # Errors
    /// Their database cannot be opened or is of a newer version.
    pub async fn open(identity: Db, connections: u32, clock: Clock, keys: Keys) -> Result<Self, Fault> {
        let db = DocumentDb::beside(&identity, connections).await?;
        db.up().await?;
        let (slots, schemas, bells) = (slots::Slots::default(), schema::Schemas::default(), bells::Bells::default());
        Ok(Self { db, identity, clock, keys, slots, schemas, bells })
    }

    /// Where they are.
    #[must_use]
    pub const fn database(&self) -> &DocumentDb {
        &self.db
    }

    /// Ends all connections after their work is done.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// The present time as documents write times: of one width, so that texts sort as times do.
    fn now(&self) -> String {
        let text = self.clock.now().rfc3339();
        format!("{}.000Z", text.trim_end_matches('Z'))
    }
}
