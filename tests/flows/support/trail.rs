//! The audit trail, and somebody who writes into the database by hand.

use chancery::base::TenantId;
use chancery::store::Db;
use chancery::store::audit::{Event, record};

use super::{TestApp, World};

impl World {
    /// Adds so many events `thing.happened`, a second apart, by `somebody`.
    pub async fn happen(&self, times: usize) {
        for _ in 0..times {
            let event = Event::new(&self.tenant.id, self.app.clock.now(), "thing.happened").by("somebody");
            record(&self.app.app.db, event).await.unwrap();
            self.app.clock.advance(chancery::base::Seconds(1));
        }
    }
}

impl TestApp {
    /// Runs a statement as whoever has the database and nothing else.
    pub async fn by_hand(&self, text: String) -> Result<u64, sqlx::Error> {
        let text = sqlx::AssertSqlSafe(text);
        match &self.app.db {
            Db::Sqlite { write, .. } => sqlx::query(text).execute(write).await.map(|done| done.rows_affected()),
            Db::Postgres(pool) => sqlx::query(text).execute(pool).await.map(|done| done.rows_affected()),
        }
    }

    /// Takes away what keeps the rows of the audit trail as they are.
    pub async fn unguard(&self) {
        for name in ["audit_events_stay", "audit_events_stay_there"] {
            let on = if self.app.db.kind() == "sqlite" { "" } else { " ON audit_events" };
            self.by_hand(format!("DROP TRIGGER {name}{on}")).await.unwrap();
        }
    }

    /// Seals everything, and looks at the whole trail.
    pub async fn verified(&self, tenant: &TenantId) -> chancery::audit::Verdict {
        self.app.audit.seal().await.unwrap();
        self.app.audit.verify(tenant).await.unwrap()
    }
}
