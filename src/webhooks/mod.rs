//! Outgoing webhooks: a tenant's endpoints are told what happens in it. The source is the audit trail, which is written
//! in the transaction of what it tells of, so that an endpoint is told of something if and only if it happened (W-109);
//! and of everything at least once, however often this process dies (W-110).

mod aegis;
mod catalogue;
mod courier;
mod deliver;
mod documents;
mod endpoints;
mod fan_out;
mod log;
mod payload;
mod receive;
mod shown;
mod signature;
mod troubles;
mod wishes;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::base::{Clock, Code, Fault, Result, Secret, Stop, Timestamp};
use crate::config::{self, Config};
use crate::keys::{Keys, Purpose};
use crate::mail::Mail;
use crate::outbound::Outbound;
use crate::store::webhooks::{Endpoint, SealedSecret};
use crate::store::{Db, DocumentDb};

pub use catalogue::{EVENTS, type_of};
pub use courier::Courier;
pub use deliver::Outcome;
pub use log::Wanted;
pub use receive::{Forged, Message, verify, verify_aegis};
pub use shown::{Detailed, ShownAttempt, ShownDelivery, ShownEndpoint};
pub use signature::{aegis as sign_as_aegis, new_secret, standard as sign};
pub use wishes::{Changes, NewEndpoint, Rotation, check_secret};

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Webhooks {
    db: Db,
    documents: DocumentDb,
    clock: Clock,
    keys: Keys,
    outbound: Outbound,
    mail: Mail,
    settings: config::Webhooks,
    written: Arc<Notify>,
}

impl Webhooks {
    /// Over these databases, sealing with these keys.
    #[must_use]
    pub fn new(config: &Config, clock: Clock, (db, documents): (Db, DocumentDb), with: (Keys, Outbound, Mail)) -> Self {
        let (keys, outbound, mail) = with;
        let (settings, written) = (config.webhooks.clone(), Arc::default());
        Self { db, documents, clock, keys, outbound, mail, settings, written }
    }

    /// What messages to an endpoint are signed with now, the newest first.
    ///
    /// # Errors
    /// The keys do not open it.
    pub fn secrets(&self, endpoint: &Endpoint, now: Timestamp) -> Result<Vec<Secret>, Fault> {
        let signing = endpoint.sealed_secrets.iter().filter(|secret| secret.until.is_none_or(|until| until > now));
        signing.map(|secret| self.open(endpoint, secret)).collect()
    }

    fn open(&self, endpoint: &Endpoint, secret: &SealedSecret) -> Result<Secret, Fault> {
        let opened = self.keys.open(Purpose::WebhookSecret, &endpoint.tenant_id, &secret.sealed)?;
        Ok(Secret::new(String::from_utf8_lossy(&opened).into_owned()))
    }
}

fn none() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such webhook")
}
