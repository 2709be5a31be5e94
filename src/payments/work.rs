//! Acting upon events: each is taken by one process, and taken up by another when that dies.

use std::time::Duration;

use serde_json::json;

use super::Payments;
use crate::base::{Code, Result, Seconds, Stop};
use crate::store::audit::{self, Event};
use crate::store::payment_accounts as accounts;
use crate::store::payment_events::{self as store, PaymentEvent};

/// How long somebody who died keeps an event from the others.
const LEASE: Seconds = Seconds(120);
/// Events taken at a time.
const BATCH: i64 = 4;
/// What becomes of a subscription's bills.
const BILLS: [&str; 2] = ["invoice.paid", "invoice.payment_failed"];
/// Attempts before an event is given up; with the waits between them that is more than three days.
const ATTEMPTS: i64 = 84;
/// The longest wait between two attempts.
const LONGEST_WAIT: i64 = 3_600;
/// How long nothing is looked for when nothing was told.
const IDLE: Duration = Duration::from_secs(5);

impl Payments {
    /// Acts upon all events that are due; answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn work(&self) -> Result<u64> {
        let mut done = 0;
        loop {
            let now = self.clock.now();
            let taken = store::claim(&self.db, now, now.plus(LEASE), BATCH).await?;
            if taken.is_empty() {
                return Ok(done);
            }
            for event in taken {
                self.act(&event).await?;
                done += 1;
            }
        }
    }

    /// Returns when there may be something to do.
    pub async fn something_received(&self) {
        tokio::select! {
            () = self.received.notified() => {}
            () = tokio::time::sleep(IDLE) => {}
        }
    }

    async fn act(&self, event: &PaymentEvent) -> Result<()> {
        let now = self.clock.now();
        match self.try_to_act(event).await {
            Ok(outcome) => self.conclude(event, outcome).await?,
            // What Stripe refuses today it refuses tomorrow.
            Err(Stop::Refused(refusal)) if refusal.code != Code::PaymentProviderUnavailable => {
                tracing::warn!(event = event.id, hint = refusal.hint, "an event of the payment provider leads nowhere");
                store::done(&self.db, event, now, &refusal.description).await?;
            }
            Err(stop) if event.attempts >= ATTEMPTS => {
                tracing::error!(event = event.id, ?stop, "an event of the payment provider is given up");
                store::done(&self.db, event, now, "given up").await?;
            }
            Err(stop) => {
                let exponent = u32::try_from(event.attempts).unwrap_or(16).min(16);
                let wait = Seconds(5_i64.saturating_mul(2_i64.pow(exponent)).min(LONGEST_WAIT));
                tracing::warn!(event = event.id, ?stop, "an event of the payment provider waits for another attempt");
                let why = match &stop {
                    Stop::Refused(refusal) => refusal.description.clone().into_owned(),
                    Stop::Failed(_) => "failed".to_owned(),
                };
                store::failed(&self.db, event, now.plus(wait), &why).await?;
            }
        }
        Ok(())
    }

    /// Notes that an event has been acted upon. Of a bill there is no row of ours whose change would tell.
    async fn conclude(&self, event: &PaymentEvent, outcome: &str) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        store::done(&mut tx, event, now, outcome).await?;
        if let (true, Some((_, subscription))) = (BILLS.contains(&event.r#type.as_str()), event.object.split_once(':'))
        {
            let told = Event::new(&event.tenant_id, now, &event.r#type).by("payments").on(subscription);
            audit::record(&mut tx, told.detail(json!({ "outcome": outcome, "event": event.id }))).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn try_to_act(&self, event: &PaymentEvent) -> Result<&'static str> {
        let Some(account) = accounts::of_tenant(&self.db, &event.tenant_id).await? else {
            return Ok("no account");
        };
        let opened = self.unseal(account)?;
        match event.object.split_once(':') {
            Some(("subscription", id)) => self.sync_subscription(&opened, id).await,
            Some(("checkout", id)) => self.sync_checkout(&opened, id).await,
            Some(("payment", id)) => self.sync_payment(&opened, id).await,
            Some(("catalogue", _)) => {
                self.catalogues.invalidate(&event.tenant_id);
                Ok("catalogue")
            }
            _ => Ok("nothing to do"),
        }
    }
}
