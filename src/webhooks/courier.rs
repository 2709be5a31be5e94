//! The one who carries messages while a server runs. An endpoint that does not answer holds up its own messages, and
//! nobody else's.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::Webhooks;
use super::deliver::{PER_ENDPOINT, SLOTS};
use crate::base::{Result, Stop};
use crate::store::webhook_deliveries::BUSY;

/// Messages of other processes, and those whose time has come, are found this late.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is on the way.
#[derive(Debug)]
pub struct Courier {
    webhooks: Webhooks,
    under_way: JoinSet<(String, Result<()>)>,
    of_endpoint: HashMap<String, i64>,
}

impl Courier {
    /// With nothing on the way yet.
    #[must_use]
    pub fn new(webhooks: Webhooks) -> Self {
        Self { webhooks, under_way: JoinSet::new(), of_endpoint: HashMap::new() }
    }

    /// Carries messages until `stop` becomes true; what is on the way then arrives, or is noted as not.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let taken = self.take_up().await.unwrap_or_else(|stop| {
                complain(&stop);
                0
            });
            if taken == 0 {
                let written = self.webhooks.written.clone();
                tokio::select! {
                    () = written.notified() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    Some(done) = self.under_way.join_next() => self.arrived(done),
                    _ = stop.wait_for(|stop| *stop) => break,
                }
            }
            while let Some(done) = self.under_way.try_join_next() {
                self.arrived(done);
            }
        }
        while let Some(done) = self.under_way.join_next().await {
            self.arrived(done);
        }
    }

    async fn take_up(&mut self) -> Result<usize> {
        let free = SLOTS - i64::try_from(self.under_way.len()).unwrap_or(SLOTS);
        if free <= 0 {
            return Ok(0);
        }
        let mut busy = self.of_endpoint.iter().filter(|(_, count)| **count >= PER_ENDPOINT).map(|(id, _)| id.clone());
        let busy: [_; BUSY] = std::array::from_fn(|_| busy.next().unwrap_or_default());
        let claimed = self.webhooks.claim(free, busy).await?;
        let count = claimed.len();
        for delivery in claimed {
            *self.of_endpoint.entry(delivery.endpoint_id.clone()).or_default() += 1;
            let webhooks = self.webhooks.clone();
            self.under_way.spawn(async move {
                let ended = webhooks.attempt(&delivery).await.map(drop);
                (delivery.endpoint_id, ended)
            });
        }
        Ok(count)
    }

    fn arrived(&mut self, done: Result<(String, Result<()>), JoinError>) {
        let Ok((endpoint, ended)) = done else { return };
        if let Some(count) = self.of_endpoint.get_mut(&endpoint) {
            *count -= 1;
            if *count <= 0 {
                self.of_endpoint.remove(&endpoint);
            }
        }
        if let Err(stop) = ended {
            complain(&stop);
        }
    }
}

fn complain(stop: &Stop) {
    match stop {
        Stop::Failed(fault) => tracing::error!(fault = fault.chain(), "carrying messages to webhooks failed"),
        Stop::Refused(refusal) => tracing::error!(%refusal.description, "carrying messages to webhooks failed"),
    }
}
