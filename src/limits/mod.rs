//! How often somebody may guess, and how often ask for what costs others something. Counted are failures and sensitive
//! acts, never what succeeds; the counters are shared by all processes. Who fails too often for one account from one
//! address waits. What strangers can cause, many failures of one account, one address or one tenant, keeps nobody out
//! who is there: a browser in which the person signed in before passes (W-118), any other solves a puzzle first.

mod attempt;
mod local;
mod pace;
mod puzzle;
mod standing;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use crate::base::{Clock, Code, Digest, Fault, Origin, Refusal, Result, Seconds, TenantId};
use crate::config::{self, Config};
use crate::keys::Keys;
use crate::store::counters::{Count, Counters};

pub use attempt::{Attempt, Excuse, Looked};
use local::Local;
use pace::Shares;
pub use standing::{Standing, watched};

/// How long an act counts.
const HOUR: Seconds = Seconds(3_600);

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Limits(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    off: bool,
    settings: config::Limits,
    clock: Clock,
    counters: Counters,
    keys: Keys,
    local: Local,
    shares: Shares,
}

impl Limits {
    /// With these settings, over these counters; puzzles are sealed with these keys.
    #[must_use]
    pub fn new(config: &Config, clock: Clock, counters: Counters, keys: Keys) -> Self {
        let (off, settings) = (config.testing.rate_limits_off, config.limits.clone());
        Self(Arc::new(Inner {
            off,
            settings,
            clock,
            counters,
            keys,
            local: Local::default(),
            shares: Shares::default(),
        }))
    }

    /// Counts one more of a sensitive act from this address, and refuses what is too much.
    ///
    /// # Errors
    /// `TooManyRequests`.
    pub async fn act(&self, tenant: &TenantId, act: &str, origin: &Origin) -> Result<()> {
        if self.0.off {
            return Ok(());
        }
        let names = [format!("act:{}", digest(&[act, &network(origin)]))];
        let (counts, most) = match self.add(tenant, &names, HOUR).await {
            (counts, true) => (counts, self.0.settings.acts),
            (counts, false) => (counts, stricter(self.0.settings.acts)),
        };
        let Some(count) = counts.first() else { return Ok(()) };
        let reset = count.ends_at.since(self.0.clock.now());
        standing::note(Standing { limit: most, remaining: (most - count.count).max(0), reset });
        if count.count > most {
            metrics::counter!("chancery_limited_total", "by" => "act").increment(1);
            return Err(too_many("too many requests; try again later", reset).into());
        }
        Ok(())
    }

    /// Counts one more of each, here and in the shared store; `false`: the store failed, and these are only ours.
    async fn add(&self, tenant: &TenantId, names: &[String], window: Seconds) -> (Vec<Count>, bool) {
        let now = self.0.clock.now();
        let ours = self.0.local.add(tenant, names, (now, window));
        match self.0.counters.add(tenant, names, (now, window)).await {
            Ok(counts) => (counts, true),
            Err(fault) => (Self::without_store(&fault, ours), false),
        }
    }

    /// What they are; `false`: the store failed, and these are only ours.
    async fn read(&self, tenant: &TenantId, names: &[String]) -> (Vec<Count>, bool) {
        let now = self.0.clock.now();
        match self.0.counters.look(tenant, names, now).await {
            Ok(counts) => (counts, true),
            Err(fault) => (Self::without_store(&fault, self.0.local.look(tenant, names, now)), false),
        }
    }

    /// The limits stay up when their store is down (W-087).
    fn without_store(fault: &Fault, ours: Vec<Count>) -> Vec<Count> {
        metrics::counter!("chancery_limits_store_failures_total").increment(1);
        tracing::warn!(
            fault = fault.chain(),
            "the shared limits cannot be reached; stricter ones hold in this process"
        );
        ours
    }
}

/// What holds while only this process counts.
const fn stricter(most: i64) -> i64 {
    let half = most / 2;
    if half < 1 { 1 } else { half }
}

fn too_many(text: &'static str, wait: Seconds) -> Refusal {
    Refusal::new(Code::TooManyRequests, text).retry_after(wait)
}

/// A name of fixed length for what somebody typed, whatever it holds.
fn digest(parts: &[&str]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&part.len().to_be_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    Digest::of(&all).as_str().to_owned()
}

/// The address that a request comes from; of IPv6 the network, of which one subscriber has all addresses.
fn network(origin: &Origin) -> String {
    let text = origin.ip.as_deref().unwrap_or_default();
    match text.parse::<std::net::Ipv6Addr>() {
        Ok(address) => address.to_ipv4_mapped().map_or_else(
            || {
                let [one, two, three, four, ..] = address.segments();
                format!("{one:x}:{two:x}:{three:x}:{four:x}:")
            },
            |address| address.to_string(),
        ),
        Err(_) => text.to_owned(),
    }
}
