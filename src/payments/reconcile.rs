//! What no webhook told: once a day Stripe is asked for the events since the last time, and those that never came are
//! acted upon like the others.

use serde_json::json;

use super::{Opened, Payments, refused};
use crate::base::{Result, Seconds, Timestamp};
use crate::store::{payment_accounts as accounts, payment_events};
use crate::stripe::{Event, Listed};

/// How often.
const EVERY: Seconds = Seconds(86_400);
/// How much earlier than the last time it is begun, for clocks that differ.
const OVERLAP: Seconds = Seconds(3_600);
/// Accounts at a time.
const BATCH: i64 = 20;
/// Events on a page, and pages.
const PAGE: usize = 20;
const MOST_PAGES: usize = 250;
/// How long events are kept that were acted upon: longer than Stripe sends one again.
const KEPT: Seconds = Seconds(40 * 86_400);

impl Payments {
    /// Asks for what was missed, in every tenant where it is time to; answers how many events that were.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reconcile(&self) -> Result<u64> {
        self.lapse().await?;
        let now = self.clock.now();
        let mut missed = 0;
        for account in accounts::due(&self.db, now.minus(EVERY), BATCH).await? {
            let (tenant, since) = (account.tenant_id.clone(), account.reconciled_at);
            if !accounts::looked(&self.db, &tenant, since, now).await? {
                continue;
            }
            let opened = self.unseal(account)?;
            match self.missed(&opened, since.minus(OVERLAP)).await {
                Ok(found) => missed += found,
                Err(stop) => {
                    tracing::warn!(tenant = %tenant, ?stop, "payments could not be reconciled");
                    accounts::looked(&self.db, &tenant, now, since).await?;
                }
            }
        }
        payment_events::forget(&self.db, now.minus(KEPT)).await?;
        if missed > 0 {
            self.received.notify_one();
        }
        Ok(missed)
    }

    async fn missed(&self, opened: &Opened, since: Timestamp) -> Result<u64> {
        let (mut missed, mut last) = (0, None);
        for _ in 0..MOST_PAGES {
            let query = json!({ "created": { "gte": since }, "limit": PAGE, "starting_after": last });
            let page: Listed<Event> = self.at(opened).get("/v1/events", &query).await.map_err(refused)?;
            for event in &page.data {
                let noted = self.note(&opened.row, event).await?;
                missed += u64::from(noted == super::Received::Noted);
            }
            last = page.data.last().map(|event| event.id.clone());
            if !page.has_more || last.is_none() {
                break;
            }
        }
        Ok(missed)
    }
}
