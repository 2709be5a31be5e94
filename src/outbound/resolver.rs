//! Name resolution that gives a connection only addresses which the guard admits. What was checked is what is
//! connected to, so a name that resolves differently a moment later (DNS rebinding) changes nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::Guard;

/// The name leads to an address that must not be reached.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that outgoing requests must not reach")]
pub(super) struct Forbidden;

/// The system's resolver behind a guard.
#[derive(Debug)]
pub(super) struct Guarded(pub(super) Arc<Guard>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !guard.admits(address.ip())) {
                return Err(Forbidden.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
