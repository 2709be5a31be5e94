//! Stripe's webhook: the signature first, on the bytes as they came; then the event is noted, once, and answered. What
//! it means is found out afterwards.

use super::Payments;
use crate::base::{Code, Refusal, Result};
use crate::store::Flag;
use crate::store::payment_accounts as accounts;
use crate::store::payment_events::{self as store, PaymentEvent};
use crate::store::tenants::Tenant;
use crate::stripe::{self, Event};

/// What became of an event that Stripe signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is noted.
    Noted,
    /// It was noted before.
    Known,
}

impl Payments {
    /// Takes an event.
    ///
    /// # Errors
    /// It is not signed by this tenant's account a moment ago, or it is none.
    pub async fn receive(&self, tenant: &Tenant, signature: &str, body: &[u8]) -> Result<Received> {
        let disabled = || Refusal::new(Code::PaymentsDisabled, "this tenant takes no payments");
        let account = accounts::of_tenant(&self.db, &tenant.id).await?.ok_or_else(disabled)?;
        let secrets = self.webhook_secrets(&account)?;
        if stripe::verify(signature, body, &secrets, self.clock.now()).is_err() {
            metrics::counter!("chancery_payment_events_total", "result" => "forged").increment(1);
            return Err(Refusal::new(Code::InvalidRequest, "this is not signed as it has to be").into());
        }
        let malformed = |_| Refusal::new(Code::InvalidRequest, "this is not an event");
        let event: Event = serde_json::from_slice(body).map_err(malformed)?;
        if !stripe::is_id(&event.id) || event.kind.len() > 200 {
            return Err(Refusal::new(Code::InvalidRequest, "this is not an event").into());
        }
        let received = self.note(&account, &event).await?;
        metrics::counter!("chancery_payment_events_total", "result" => "taken").increment(1);
        self.received.notify_one();
        Ok(received)
    }

    /// Notes an event, once. One of the other mode, or about nothing of ours, is done with that.
    pub(super) async fn note(&self, account: &accounts::PaymentAccount, event: &Event) -> Result<Received> {
        let now = self.clock.now();
        let hint = event.hint();
        let outcome = match (&hint, event.livemode == account.livemode.0) {
            (_, false) => Some("other mode"),
            (None, true) => Some("nothing to do"),
            (Some(_), true) => None,
        };
        let row = PaymentEvent {
            tenant_id: account.tenant_id.clone(),
            id: event.id.clone(),
            r#type: event.kind.clone(),
            object: hint.unwrap_or_default(),
            livemode: Flag(event.livemode),
            created_at: event.created,
            received_at: now,
            due_at: now,
            attempts: 0,
            processed_at: outcome.map(|_| now),
            outcome: outcome.map(str::to_owned),
        };
        Ok(if store::insert(&self.db, &row).await? { Received::Noted } else { Received::Known })
    }
}
