//! The one who carries mails while a server runs. A mail server that does not answer holds up its own tenant's mails,
//! and nobody else's (W-123).

use std::collections::HashMap;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Mail;
use super::deliver::{PER_TENANT, SLOTS};
use crate::base::{Result, Stop, TenantId};
use crate::store::outbox::BUSY;

/// What is on the way.
#[derive(Debug)]
pub struct Courier {
    mail: Mail,
    under_way: JoinSet<(TenantId, Result<()>)>,
    of_tenant: HashMap<TenantId, i64>,
}

impl Courier {
    /// With nothing on the way yet.
    #[must_use]
    pub fn new(mail: Mail) -> Self {
        Self { mail, under_way: JoinSet::new(), of_tenant: HashMap::new() }
    }

    /// Carries mails until `stop` becomes true; what is on the way then arrives, or is noted as not.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let taken = match self.take_up().await {
                Ok(taken) => taken,
                Err(stop) => {
                    complain(&stop);
                    0
                }
            };
            if taken == 0 {
                let mail = self.mail.clone();
                tokio::select! {
                    () = mail.something_written() => {}
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
        let mut busy =
            self.of_tenant.iter().filter(|(_, count)| **count >= PER_TENANT).map(|(tenant, _)| tenant.clone());
        let busy: [_; BUSY] = std::array::from_fn(|_| busy.next());
        let claimed = self.mail.claim(free, busy).await?;
        let count = claimed.len();
        for row in claimed {
            *self.of_tenant.entry(row.tenant_id.clone()).or_default() += 1;
            let mail = self.mail.clone();
            self.under_way.spawn(async move { (row.tenant_id.clone(), mail.attempt(&row).await.map(drop)) });
        }
        Ok(count)
    }

    fn arrived(&mut self, done: std::result::Result<(TenantId, Result<()>), tokio::task::JoinError>) {
        let Ok((tenant, ended)) = done else { return };
        if let Some(count) = self.of_tenant.get_mut(&tenant) {
            *count -= 1;
            if *count <= 0 {
                self.of_tenant.remove(&tenant);
            }
        }
        if let Err(stop) = ended {
            complain(&stop);
        }
    }
}

fn complain(stop: &Stop) {
    match stop {
        Stop::Failed(fault) => tracing::error!(fault = fault.chain(), "carrying mail failed"),
        Stop::Refused(refusal) => tracing::error!(%refusal.description, "carrying mail failed"),
    }
}
