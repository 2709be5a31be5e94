//! Where a request comes from, for the audit trail and the limits.

use super::Secret;

/// Facts about the request that an audit row keeps.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address: the peer's, or what a trusted proxy says.
    pub ip: Option<String>,
    /// `User-Agent`, shortened.
    pub user_agent: Option<String>,
    /// What the browser has from an earlier sign-in, so that it is known again.
    pub device: Option<Secret>,
    /// The solution of a puzzle that this server gave, `{puzzle}:{number}`.
    pub solution: Option<String>,
    /// The request's id, the same as in `X-Request-ID`, in the log and on error pages.
    pub request_id: Option<String>,
}

/// Who changes something, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    /// A user, client or key id, or a word for what has none.
    pub id: String,
    /// The request in which it happens.
    pub origin: Origin,
}

impl Actor {
    /// Somebody with access to the machine: the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self { id: "operator".to_owned(), origin: Origin::default() }
    }
}
