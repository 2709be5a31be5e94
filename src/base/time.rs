//! Time as whole seconds since 1970-01-01T00:00:00Z, the unit of JWT's `NumericDate` (RFC 7519 §2), and the clock
//! that everything asks, so that tests can turn it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant, in unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A duration in whole seconds, as OAuth states lifetimes (`expires_in`, RFC 6749 §5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Timestamp {
    /// This instant moved by `by`; stops at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn plus(self, by: Seconds) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// This instant moved back by `by`.
    #[must_use]
    pub const fn minus(self, by: Seconds) -> Self {
        Self(self.0.saturating_sub(by.0))
    }

    /// How long after `earlier` this instant is; negative when it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }

    /// The instant that a text of RFC 3339 names, to the second.
    #[must_use]
    pub fn of_rfc3339(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(|at| Self(at.unix_timestamp()))
    }

    /// RFC 3339 in UTC with `Z`, the form of every time in `/api/v1`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp(self.0).ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
    }
}

/// Where "now" comes from. Cloning keeps the same clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    turned: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at `at` until it is advanced.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self { turned: Some(Arc::new(AtomicI64::new(at.0))) }
    }

    /// The present instant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system clock")]
    pub fn now(&self) -> Timestamp {
        let seconds = self.turned.as_ref().map_or_else(
            || {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
            },
            |turned| turned.load(Ordering::SeqCst),
        );
        Timestamp(seconds)
    }

    /// Turns a fixed clock forward (or back, with a negative value); a system clock is not moved.
    pub fn advance(&self, by: Seconds) {
        if let Some(turned) = &self.turned {
            turned.fetch_add(by.0, Ordering::SeqCst);
        }
    }
}
