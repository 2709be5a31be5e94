//! Invitations that nobody accepted in time: the trail tells of each, once.

use super::Accounts;
use crate::base::Result;
use crate::store::audit::{self, Event};
use crate::store::{expired_invitations, organization_events};

/// Invitations of one transaction.
const BATCH: i64 = 200;

impl Accounts {
    /// Notes what is over by now; answers how many invitations that were.
    ///
    /// # Errors
    /// The database failed; what was noted before stays so.
    pub async fn note_expired_invitations(&self) -> Result<usize> {
        let (mut noted, now) = (0, self.clock.now());
        loop {
            let mut tx = self.db.begin().await?;
            let over = expired_invitations::note(&mut tx, now, BATCH).await?;
            for invitation in &over {
                let event = Event::new(&invitation.tenant_id, now, "invitation.expired").by("system");
                let event = event.on(&invitation.id);
                match invitation.organization_id.as_str() {
                    "" => audit::record(&mut tx, event).await?,
                    _ => organization_events::record(&mut tx, &invitation.organization_id, event).await?,
                }
            }
            tx.commit().await?;
            noted += over.len();
            if over.is_empty() {
                return Ok(noted);
            }
        }
    }
}
