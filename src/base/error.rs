//! Refusals and faults: what the caller did wrong, and what went wrong here.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::code::Code;
use super::time::Seconds;

/// The caller's fault. `description` is for the client to see and holds no secret and nothing the client sent that
/// is not in the RFC's character set; `hint` is for the log and the tenant's administrator.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What kind of refusal this is.
    pub code: Code,
    /// One sentence the client may see.
    pub description: Cow<'static, str>,
    /// What the registered or received values were; for the log only.
    pub hint: Option<String>,
    /// After how long it makes sense to try again, where that is known.
    pub retry_after: Option<Seconds>,
    /// What else the answer tells to machines: members beside those that every refusal has.
    pub members: Box<Map<String, Value>>,
    /// Which rule refused, for the tenant's administrator.
    pub why: Option<Box<Why>>,
}

/// The rule behind a refusal, and what it held against what; never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Its name, mostly that of a parameter.
    pub rule: &'static str,
    /// What is registered.
    pub registered: Option<String>,
    /// What came.
    pub received: Option<String>,
}

impl Refusal {
    /// A refusal with its public sentence.
    #[must_use]
    pub fn new(code: Code, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        Self { code, description, hint: None, retry_after: None, members: Box::default(), why: None }
    }

    /// Says which rule refused, what is registered and what came.
    #[must_use]
    pub fn because(
        mut self,
        rule: &'static str,
        registered: impl Into<Option<String>>,
        received: impl Into<Option<String>>,
    ) -> Self {
        self.why = Some(Box::new(Why { rule, registered: registered.into(), received: received.into() }));
        self
    }

    /// Says after how long it makes sense to try again.
    #[must_use]
    pub const fn retry_after(mut self, wait: Seconds) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Tells machines something more.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds what only the log shall see.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Our fault. Built by `?` from any error; the client sees a request id and nothing else. Cloning shares the error, for
/// those who wait for one piece of work together.
#[derive(Clone, Debug)]
pub struct Fault(Arc<dyn std::error::Error + Send + Sync>);

impl Fault {
    /// A fault that has no underlying error.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self(Box::<dyn std::error::Error + Send + Sync>::from(what.into()).into())
    }

    /// The first of its causes that is of this type; it is its own first cause.
    #[must_use]
    pub fn cause<E: std::error::Error + 'static>(&self) -> Option<&E> {
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(self.0.as_ref());
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// The error and its causes on one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(Arc::new(error))
    }
}

/// Why a piece of work stopped: the caller's fault or ours.
#[derive(Debug)]
pub enum Stop {
    /// The caller's.
    Refused(Refusal),
    /// Ours.
    Failed(Fault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<Stop> for Fault {
    /// Where nobody asked, as at start-up, a refusal is a fault too.
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::new(refusal.description),
            Stop::Failed(fault) => fault,
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(Fault::from(error))
    }
}

impl Stop {
    /// A refusal, written short.
    #[must_use]
    pub fn refuse(code: Code, description: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(Refusal::new(code, description))
    }
}

/// What services return.
pub type Result<T, E = Stop> = std::result::Result<T, E>;
