//! Refusals on their way into the store. Whoever refuses does not wait: refusals go through a channel of bounded length
//! to one task, which keeps what waits together. Under a flood some are lost, and a tenant or an address has no more
//! than its share.

use std::collections::HashMap;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::base::{Clock, Code, Fault, Origin, Refusal, Result, Stop, TenantId, Timestamp};
use crate::store::Db;
use crate::store::refusals::{self as store, Refused};

/// Refusals that may wait.
const WAITING: usize = 1_024;
/// Refusals that are stored together.
const TOGETHER: usize = 256;
/// Longest value that is kept, in characters.
const LONGEST: usize = 500;
/// Refusals of a tenant that are kept in a minute.
const OF_TENANT: u32 = 600;
/// Of these, how many of one address.
const OF_ADDRESS: u32 = 60;
/// Counters that are kept at a time.
const COUNTERS: usize = 20_000;

/// A refusal as it was met.
#[derive(Debug)]
pub struct Met<'a> {
    /// At which tenant.
    pub tenant: &'a TenantId,
    /// At which endpoint.
    pub endpoint: &'a str,
    /// Who the request said it was of.
    pub client: Option<&'a str>,
    /// What was refused.
    pub refusal: &'a Refusal,
    /// From where.
    pub origin: Origin,
}

/// A refusal as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownRefusal {
    /// Its id; the page after begins before it.
    pub id: String,
    /// When, as a time of RFC 3339.
    pub at: String,
    /// In which request.
    pub request_id: String,
    /// `authorize`, `token`, `introspect` or `revoke`.
    pub endpoint: String,
    /// Who the request said it was of.
    pub client_id: Option<String>,
    /// The code of the answer.
    pub code: String,
    /// What the client was told.
    pub description: String,
    /// Which rule refused.
    pub rule: String,
    /// What is registered.
    pub registered: Option<String>,
    /// What came.
    pub received: Option<String>,
}

enum Job {
    Keep(Box<Refused>, Option<String>),
    /// Answered when everything before is stored.
    Settle(oneshot::Sender<()>),
}

/// The service. Its task ends with the last handle.
#[derive(Clone, Debug)]
pub struct Refusals {
    db: Db,
    clock: Clock,
    jobs: mpsc::Sender<Job>,
}

impl Refusals {
    /// Starts the task.
    #[must_use]
    pub fn start(db: Db, clock: Clock) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        tokio::spawn(keep(db.clone(), waiting));
        Self { db, clock, jobs }
    }

    /// Keeps a refusal, if there is room.
    pub fn note(&self, met: Met<'_>) {
        let Met { tenant, endpoint, client, refusal, origin } = met;
        let why = refusal.why.as_deref();
        let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
        let row = Refused {
            tenant_id: tenant.clone(),
            id: uuid::Uuid::now_v7().to_string(),
            at: self.clock.now(),
            request_id: origin.request_id.unwrap_or_default(),
            endpoint: endpoint.to_owned(),
            client_id: client.map(short),
            code: refusal.code.as_str().to_owned(),
            description: short(&refusal.description),
            rule: why.map_or(refusal.code.as_str(), |why| why.rule).to_owned(),
            registered: why.and_then(|why| why.registered.as_deref()).map(short),
            received: why.and_then(|why| why.received.as_deref()).map(short),
        };
        if self.jobs.try_send(Job::Keep(Box::new(row), origin.ip)).is_err() {
            lost();
        }
    }

    /// What was refused in this request.
    ///
    /// # Errors
    /// Nothing that is known.
    pub async fn look_up(&self, tenant: &TenantId, request: &str) -> Result<ShownRefusal> {
        self.settle().await;
        let found = store::of_request(&self.db, tenant, request).await?;
        found.map(shown).ok_or_else(|| Stop::refuse(Code::NotFound, "nothing is known of a refusal in this request"))
    }

    /// Up to `limit` refusals before this id, the newest first.
    pub async fn page(&self, tenant: &TenantId, before: &str, limit: i64) -> Result<Vec<ShownRefusal>> {
        self.settle().await;
        Ok(store::page(&self.db, tenant, before, limit).await?.into_iter().map(shown).collect())
    }

    /// Waits until what was met before is stored: who was refused a moment ago may ask at once.
    async fn settle(&self) {
        let (answer, settled) = oneshot::channel();
        if self.jobs.send(Job::Settle(answer)).await.is_ok() {
            let _ = settled.await;
        }
    }
}

fn shown(row: Refused) -> ShownRefusal {
    let Refused { id, at, request_id, endpoint, client_id, code, description, rule, registered, received, .. } = row;
    let at = at.rfc3339();
    ShownRefusal { id, at, request_id, endpoint, client_id, code, description, rule, registered, received }
}

fn lost() {
    metrics::counter!("chancery_refusals_not_kept_total").increment(1);
}

async fn keep(db: Db, mut waiting: mpsc::Receiver<Job>) {
    let (mut jobs, mut shares) = (Vec::with_capacity(TOGETHER), Shares::default());
    while waiting.recv_many(&mut jobs, TOGETHER).await > 0 {
        let (mut rows, mut settled) = (Vec::new(), Vec::new());
        for job in jobs.drain(..) {
            match job {
                Job::Settle(answer) => settled.push(answer),
                Job::Keep(row, ip) if shares.grants(&row, ip.as_deref()) => rows.push(*row),
                Job::Keep(..) => lost(),
            }
        }
        if let Err(fault) = store_all(&db, &rows).await {
            tracing::warn!(fault = fault.chain(), "refusals were not kept");
        }
        for answer in settled {
            let _ = answer.send(());
        }
    }
}

async fn store_all(db: &Db, rows: &[Refused]) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    store::add(&mut tx, rows).await?;
    Ok(tx.commit().await?)
}

/// How much of this minute is used up.
#[derive(Debug, Default)]
struct Shares {
    minute: i64,
    used: HashMap<(TenantId, Option<String>), u32>,
}

impl Shares {
    /// Whether there is a share left for this refusal; then it is taken.
    fn grants(&mut self, row: &Refused, ip: Option<&str>) -> bool {
        let Timestamp(at) = row.at;
        if at / 60 != self.minute || self.used.len() > COUNTERS {
            self.minute = at / 60;
            self.used.clear();
        }
        let of_address = self.used.entry((row.tenant_id.clone(), Some(ip.unwrap_or_default().to_owned()))).or_default();
        if *of_address >= OF_ADDRESS {
            return false;
        }
        *of_address += 1;
        let of_tenant = self.used.entry((row.tenant_id.clone(), None)).or_default();
        *of_tenant += 1;
        *of_tenant <= OF_TENANT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(at: i64) -> Refused {
        Refused {
            tenant_id: TenantId::from("t"),
            id: String::new(),
            at: Timestamp(at),
            request_id: String::new(),
            endpoint: String::new(),
            client_id: None,
            code: String::new(),
            description: String::new(),
            rule: String::new(),
            registered: None,
            received: None,
        }
    }

    #[test]
    fn z1_nobody_has_more_than_a_share_of_a_minute() {
        let mut shares = Shares::default();
        let granted = |shares: &mut Shares, at, ip: &str, times: u32| {
            (0..times).filter(|_| shares.grants(&refused(at), Some(ip))).count()
        };
        assert_eq!(granted(&mut shares, 60, "192.0.2.1", 100), 60);
        assert_eq!(granted(&mut shares, 61, "192.0.2.2", 5), 5, "another address has its own");
        let many: usize = (0..100).map(|n| granted(&mut shares, 62, &format!("198.51.100.{n}"), 10)).sum();
        assert_eq!(many, 600 - 65, "all of them have the tenant's");
        assert_eq!(granted(&mut shares, 120, "192.0.2.1", 1), 1, "another minute");
    }
}
