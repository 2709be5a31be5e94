//! Guesses: what a try to sign in counts towards, and what may excuse one that is too many.

use super::{Limits, digest, network, standing, stricter, too_many};
use crate::base::{Email, Origin, Result, Seconds, TenantId, UserId};
use crate::store::counters::Count;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One account from one address.
    Place,
    /// One account from everywhere: strangers can cause these failures.
    Account,
    /// All accounts from one address: many people may share it.
    Address,
    /// All accounts of the tenant.
    Tenant,
    /// One account in one browser.
    Device,
    /// One person from one address, whichever of their names was typed.
    Person,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Account => "account",
            Self::Address => "address",
            Self::Tenant => "tenant",
            Self::Device => "device",
            Self::Person => "person",
        }
    }
}

/// Why somebody may go on although strangers failed too often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Excuse {
    /// There is none.
    #[default]
    None,
    /// A puzzle was solved.
    Solved,
    /// The person is known by this browser.
    Known,
}

/// A try to sign in.
#[derive(Debug)]
pub struct Attempt {
    pub(super) tenant: TenantId,
    /// What was typed, as a name of fixed length.
    pub(super) account: String,
    kinds: Vec<Kind>,
    names: Vec<String>,
    address: String,
    excuse: Excuse,
}

impl Attempt {
    /// Whom what was typed turned out to name, if anybody. An address and a user name of one person share a counter.
    pub fn is_about(&mut self, person: Option<&UserId>) {
        let whom = person.map_or(self.account.as_str(), UserId::as_str);
        self.names.push(format!("{}:{}", Kind::Person.as_str(), digest(&[whom, &self.address])));
        self.kinds.push(Kind::Person);
    }

    /// Excuses it.
    pub const fn excuse(&mut self, excuse: Excuse) {
        self.excuse = excuse;
    }

    /// Whether a counter of this kind can stop it.
    const fn is_bound_by(&self, kind: Kind) -> bool {
        match self.excuse {
            Excuse::None => !matches!(kind, Kind::Device | Kind::Person),
            Excuse::Solved => matches!(kind, Kind::Place),
            Excuse::Known => matches!(kind, Kind::Device),
        }
    }
}

/// What the counters were.
#[derive(Debug)]
pub struct Looked {
    counts: Vec<Count>,
    shared: bool,
    /// Whether this attempt is among them.
    failed: bool,
}

/// What stops an attempt.
struct Over {
    kind: Kind,
    times: i64,
    wait: Seconds,
}

impl Limits {
    /// A try to sign in as this person from there.
    #[must_use]
    pub fn attempt(&self, tenant: &TenantId, identifier: &str, origin: &Origin) -> Attempt {
        let (account, address) = (Email::key_of(identifier), network(origin));
        let mut kinds = vec![Kind::Place, Kind::Account, Kind::Address, Kind::Tenant];
        let mut of = vec![digest(&[&account, &address]), digest(&[&account]), digest(&[&address]), String::new()];
        if let Some(device) = &origin.device {
            kinds.push(Kind::Device);
            of.push(digest(&[&account, device.digest().as_str()]));
        }
        let names = kinds.iter().zip(&of).map(|(kind, of)| format!("{}:{of}", kind.as_str())).collect();
        Attempt { tenant: tenant.clone(), account: digest(&[&account]), kinds, names, address, excuse: Excuse::None }
    }

    /// What speaks against it.
    pub async fn look(&self, attempt: &Attempt) -> Looked {
        let (counts, shared) =
            if self.0.off { (Vec::new(), true) } else { self.read(&attempt.tenant, &attempt.names).await };
        Looked { counts, shared, failed: false }
    }

    /// Counts its failure.
    pub async fn failed(&self, attempt: &Attempt) -> Looked {
        let window = Seconds(self.0.settings.window);
        let (counts, shared) =
            if self.0.off { (Vec::new(), true) } else { self.add(&attempt.tenant, &attempt.names, window).await };
        Looked { counts, shared, failed: true }
    }

    /// Forgets the failures of this account at this address and in this browser: its owner is there.
    pub async fn succeeded(&self, attempt: &Attempt, looked: &Looked) {
        for (kind, name) in attempt.kinds.iter().zip(&attempt.names) {
            let owned = matches!(kind, Kind::Place | Kind::Device | Kind::Person);
            if owned && looked.counts.iter().any(|count| count.name == *name) {
                self.0.local.forget(&attempt.tenant, name);
                if let Err(fault) = self.0.counters.forget(&attempt.tenant, name).await {
                    Self::without_store(&fault, Vec::new());
                }
            }
        }
    }

    /// Refuses an attempt that is one too many.
    ///
    /// # Errors
    /// `TooManyRequests`, with a puzzle where solving one helps.
    pub fn check(&self, attempt: &Attempt, looked: &Looked) -> Result<()> {
        let Some(over) = self.over(attempt, looked) else { return Ok(()) };
        metrics::counter!("chancery_limited_total", "by" => over.kind.as_str()).increment(1);
        if matches!(over.kind, Kind::Place | Kind::Device) {
            return Err(too_many("too many failed attempts; try again later", over.wait).into());
        }
        let text = "many attempts to sign in have failed; let your browser do some work, then try again";
        Err(too_many(text, over.wait).member("challenge", self.puzzle(attempt, over.times)?).into())
    }

    /// Whether guesses under another name of the same person have used up what this address may guess. That two names
    /// belong together must not be told (W-009): such a try is answered as a wrong one, not as one too many.
    #[must_use]
    pub fn is_spent(&self, attempt: &Attempt, looked: &Looked) -> bool {
        let name = attempt.kinds.iter().zip(&attempt.names).find(|(kind, _)| **kind == Kind::Person);
        let Some((_, name)) = name.filter(|_| attempt.excuse != Excuse::Known) else { return false };
        let most = self.most(Kind::Person);
        let most = if looked.shared { most } else { stricter(most) };
        let now = self.0.clock.now();
        let count = looked.counts.iter().find(|count| count.name == *name && count.ends_at > now);
        count.is_some_and(|count| count.count - i64::from(looked.failed) >= most)
    }

    /// The counter that stops it; one that no puzzle opens before all others.
    fn over(&self, attempt: &Attempt, looked: &Looked) -> Option<Over> {
        let now = self.0.clock.now();
        let (mut over, mut tightest) = (None, None);
        for (kind, name) in attempt.kinds.iter().zip(&attempt.names).filter(|(kind, _)| attempt.is_bound_by(**kind)) {
            let most = if looked.shared { self.most(*kind) } else { stricter(self.most(*kind)) };
            let found = looked.counts.iter().find(|count| count.name == *name && count.ends_at > now);
            let (count, reset) = found.map_or((0, Seconds(self.0.settings.window)), |count| {
                (count.count - i64::from(looked.failed), count.ends_at.since(now))
            });
            let remaining = (most - count - i64::from(looked.failed)).max(0);
            if tightest.is_none_or(|tightest: standing::Standing| remaining < tightest.remaining) {
                tightest = Some(standing::Standing { limit: most, remaining, reset });
            }
            if count >= most && over.is_none() {
                over = Some(Over { kind: *kind, times: count / most, wait: reset });
            }
        }
        if let Some(tightest) = tightest.filter(|_| !self.0.off) {
            standing::note(tightest);
        }
        over
    }

    fn most(&self, kind: Kind) -> i64 {
        let settings = &self.0.settings;
        match kind {
            Kind::Place | Kind::Device | Kind::Person => settings.place,
            Kind::Account => settings.account,
            Kind::Address => settings.address,
            Kind::Tenant => settings.tenant,
        }
    }
}
