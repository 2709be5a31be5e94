//! Mail: letters are written in the person's language and put into the outbox in the transaction of what causes them.
//! A letter is therefore sent if and only if that happened, however often this process dies (W-113).

mod budget;
mod compose;
mod courier;
mod deliver;
mod http;
mod letter;
mod manage;
mod message;
mod recipient;
mod sender;
mod smtp;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::Notify;

use self::smtp::SmtpServers;
use crate::base::{Clock, Code, Fault, Result, Stop};
use crate::config::Config;
use crate::keys::{Keys, Purpose};
use crate::outbound::Outbound;
use crate::store::mails::{self as store, MailState};
use crate::store::tenants::Tenant;
use crate::store::{Db, Flag, Tx};

pub use compose::{Content, sample};
pub use courier::Courier;
pub use deliver::Outcome;
pub use letter::{Factor, Letter};
pub use manage::{Changes, Information, SECRETS, Shown};
pub use recipient::Recipient;

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Mail {
    db: Db,
    clock: Clock,
    keys: Keys,
    settings: crate::config::Mail,
    ways: Option<Ways>,
    written: Arc<Notify>,
    /// What message ids end with.
    host: String,
    limits_off: bool,
    dev: bool,
}

/// What mail leaves through.
#[derive(Clone, Debug)]
struct Ways {
    outbound: Outbound,
    servers: SmtpServers,
}

impl Mail {
    /// Over this database, sealing with these keys.
    #[must_use]
    pub fn new(config: &Config, clock: Clock, db: Db, keys: Keys) -> Self {
        let host = config.public_url.host_str().unwrap_or("localhost").to_owned();
        Self {
            db,
            clock,
            keys,
            settings: config.mail.clone(),
            written: Arc::default(),
            host,
            limits_off: config.testing.rate_limits_off,
            dev: config.dev,
            ways: None,
        }
    }

    /// With ways for mail to leave.
    ///
    /// # Errors
    /// A certificate file cannot be read.
    pub fn leaving(mut self, config: &Config, outbound: Outbound) -> Result<Self, Fault> {
        let roots = &config.outbound.extra_root_certificates;
        let servers = SmtpServers::new(outbound.clone(), roots, &self.host, config.mail.timeout)?;
        self.ways = Some(Ways { outbound, servers });
        Ok(self)
    }

    /// Puts a letter into the outbox; it is sent after `tx` commits. A mail that is over a stranger's budget is left
    /// out without a word, because what the stranger sees must not tell whether the address has an account (W-009).
    ///
    /// # Errors
    /// The tenant has sent as many mails as it may today.
    pub async fn send(&self, tx: &mut Tx, tenant: &Tenant, to: &Recipient, letter: &Letter) -> Result<()> {
        self.put(tx, tenant, to, letter).await.map(drop)
    }

    /// As [`Mail::send`]; gives back the id of the mail, unless it was left out.
    async fn put(&self, tx: &mut Tx, tenant: &Tenant, to: &Recipient, letter: &Letter) -> Result<Option<String>> {
        if !self.limits_off && !self.within_budget(&mut *tx, tenant, to, letter).await? {
            metrics::counter!("chancery_mails_withheld_total").increment(1);
            tracing::warn!(tenant = tenant.slug.as_str(), kind = letter.kind(), "a mail is over its budget");
            return if letter.is_requested() {
                Ok(None)
            } else {
                Err(Stop::refuse(Code::TooManyRequests, "this tenant has sent as many mails as it may today"))
            };
        }
        let mail = self.outgoing(tenant, to, letter)?;
        store::insert(tx, &mail).await?;
        self.written.notify_one();
        Ok(Some(mail.id))
    }

    /// Does what [`Mail::send`] does, for a letter that nobody gets: a stranger who asks for a mail to an address must
    /// not find out by the time it takes, nor by a budget that is not used up, that no account has it (W-007).
    ///
    /// # Errors
    /// As [`Mail::send`].
    pub async fn withhold(&self, tx: &mut Tx, tenant: &Tenant, to: &Recipient, letter: &Letter) -> Result<()> {
        if !self.limits_off && !self.within_budget(&mut *tx, tenant, to, letter).await? {
            return Ok(());
        }
        let mail = self.outgoing(tenant, to, letter)?;
        let (recipient, subject, content) = (String::new(), String::new(), String::new());
        let withheld = store::Mail { recipient, subject, content, state: MailState::Withheld, ..mail };
        Ok(store::insert(tx, &withheld).await?)
    }

    fn outgoing(&self, tenant: &Tenant, to: &Recipient, letter: &Letter) -> Result<store::Mail, Fault> {
        let content = compose::compose(tenant, to, letter)?;
        let now = self.clock.now();
        let id = uuid::Uuid::now_v7().to_string();
        Ok(store::Mail {
            tenant_id: tenant.id.clone(),
            kind: letter.kind().to_owned(),
            recipient: to.email.as_str().to_owned(),
            recipient_key: to.email.key(),
            content: self.keys.seal(Purpose::Record, &tenant.id, serde_json::to_string(&content)?.as_bytes())?,
            subject: content.subject,
            message_id: format!("<{id}@{}>", self.host),
            id,
            requested: Flag(letter.is_requested()),
            requested_by: to.asked_from.clone(),
            state: MailState::Waiting,
            attempts: 0,
            due_at: now,
            last_error: None,
            created_at: now,
            sent_at: None,
        })
    }

    /// What a mail of the outbox says; none after it was sent and forgotten.
    ///
    /// # Errors
    /// It was sealed with another master key.
    pub fn read(&self, mail: &store::Mail) -> Result<Option<Content>, Fault> {
        if mail.content.is_empty() {
            return Ok(None);
        }
        let opened = self.keys.open(Purpose::Record, &mail.tenant_id, &mail.content)?;
        let content: Content = serde_json::from_slice(&opened)?;
        Ok(Some(Content { subject: mail.subject.clone(), ..content }))
    }
}
