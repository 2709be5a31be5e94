//! What administrators do with mail: set who it is from and how it leaves, look at the outbox, send again, try.

use serde::{Deserialize, Deserializer, Serialize};

use super::sender::{HTTP_KEY, SMTP_PASSWORD, warnings};
use super::{Letter, Mail, Recipient};
use crate::base::{Actor, Code, Email, Result, Secret, Stop, Timestamp};
use crate::config::{MailProvider, SmtpSecurity};
use crate::keys::Purpose;
use crate::store::audit::{self, Event};
use crate::store::mails::{self as store, MailState};
use crate::store::tenants::{MailSettings, Tenant};
use crate::store::{Tx, mail_secrets, outbox};

/// What a tenant may authenticate with to providers of its own.
pub const SECRETS: [&str; 2] = [SMTP_PASSWORD, HTTP_KEY];

/// Changed settings as the API takes them (RFC 7396): what is absent stays, `null` goes back to the operator's.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each member is the one of the same name in `MailSettings`, or a secret")]
pub struct Changes {
    #[serde(deserialize_with = "given")]
    pub provider: Option<Option<MailProvider>>,
    #[serde(deserialize_with = "given")]
    pub from_address: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub from_name: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub reply_to: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub smtp_host: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub smtp_port: Option<Option<u16>>,
    #[serde(deserialize_with = "given")]
    pub smtp_security: Option<Option<SmtpSecurity>>,
    #[serde(deserialize_with = "given")]
    pub smtp_username: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub smtp_password: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub http_url: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub http_key: Option<Option<String>>,
}

#[expect(clippy::option_option, reason = "absent and null mean different things")]
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Changes {
    /// Changes the settings, and gives back the secrets that are to be set or removed.
    #[must_use]
    pub fn apply(self, to: &mut MailSettings) -> Vec<(&'static str, Option<Secret>)> {
        macro_rules! take {
            ($($member:ident),*) => {$(
                if let Some(value) = self.$member {
                    to.$member = value;
                }
            )*};
        }
        take!(
            provider,
            from_address,
            from_name,
            reply_to,
            smtp_host,
            smtp_port,
            smtp_security,
            smtp_username,
            http_url
        );
        let secrets = [(SMTP_PASSWORD, self.smtp_password), (HTTP_KEY, self.http_key)];
        secrets.into_iter().filter_map(|(name, value)| Some((name, value?.map(Secret::new)))).collect()
    }
}

/// The settings as they are shown: never a secret.
#[derive(Debug, Serialize)]
pub struct Information {
    /// What the tenant has set itself.
    #[serde(flatten)]
    pub own: MailSettings,
    /// Whether it has a password of its own.
    pub smtp_password_set: bool,
    /// Whether it has a key of its own.
    pub http_key_set: bool,
    /// What an administrator should know.
    pub warnings: Vec<&'static str>,
}

/// A mail of the outbox as it is shown: never what it says.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "each member is the one of the same name in `store::mails::Mail`, or an RFC 3339 time")]
pub struct Shown {
    pub id: String,
    pub kind: String,
    pub to: String,
    pub subject: String,
    pub state: MailState,
    pub attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    pub message_id: String,
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
}

impl From<store::Mail> for Shown {
    fn from(mail: store::Mail) -> Self {
        Self {
            next_attempt_at: (mail.state == MailState::Waiting).then(|| mail.due_at.rfc3339()),
            id: mail.id,
            kind: mail.kind,
            to: mail.recipient,
            subject: mail.subject,
            state: mail.state,
            attempts: mail.attempts,
            last_error: mail.last_error,
            message_id: mail.message_id,
            created_at: mail.created_at.rfc3339(),
            sent_at: mail.sent_at.map(Timestamp::rfc3339),
        }
    }
}

impl Mail {
    /// What a tenant has set.
    ///
    /// # Errors
    /// The database failed.
    pub async fn information(&self, tenant: &Tenant) -> Result<Information> {
        let secrets = mail_secrets::of_tenant(&self.db, &tenant.id).await?;
        let has = |name: &str| secrets.iter().any(|(known, _)| known == name);
        let own = tenant.settings.mail.clone();
        let warnings = warnings(&self.settings, &own);
        Ok(Information { own, smtp_password_set: has(SMTP_PASSWORD), http_key_set: has(HTTP_KEY), warnings })
    }

    /// Sets or removes one of a tenant's secrets (`smtp_password`, `http_key`).
    ///
    /// # Errors
    /// There is no secret of this name.
    pub async fn set_secret(&self, tenant: &Tenant, name: &str, secret: Option<&Secret>, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.set_secret_in(&mut tx, tenant, (name, secret), by).await?;
        Ok(tx.commit().await?)
    }

    /// As [`Mail::set_secret`], within the caller's transaction.
    ///
    /// # Errors
    /// There is no secret of this name.
    pub async fn set_secret_in(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (name, secret): (&str, Option<&Secret>),
        by: &Actor,
    ) -> Result<()> {
        if !SECRETS.contains(&name) {
            return Err(Stop::refuse(Code::Unprocessable, "the secrets of mail are smtp_password and http_key"));
        }
        match secret {
            Some(secret) => {
                let sealed = self.keys.seal(Purpose::UpstreamSecret, &tenant.id, secret.expose().as_bytes())?;
                mail_secrets::set(&mut *tx, &tenant.id, name, sealed, self.clock.now()).await?;
            }
            None => mail_secrets::unset(&mut *tx, &tenant.id, name).await?,
        }
        self.record(tx, tenant, ("mail.secret_changed", name), by).await
    }

    /// Up to `limit` mails of a tenant, the newest first: those before `before`, of this state.
    ///
    /// # Errors
    /// The database failed.
    pub async fn page(&self, tenant: &Tenant, state: Option<MailState>, from: (&str, i64)) -> Result<Vec<Shown>> {
        Ok(outbox::page(&self.db, &tenant.id, state, from).await?.into_iter().map(Shown::from).collect())
    }

    /// Up to `limit` mails of any tenant that were given up, the latest first: those before this time and id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn given_up(&self, before: (Timestamp, &str), limit: i64) -> Result<Vec<store::Mail>> {
        Ok(outbox::dead(&self.db, before, limit).await?)
    }

    /// How many mails of all tenants are in a state, counted no further than `most`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self, state: MailState, most: i64) -> Result<i64> {
        Ok(outbox::up_to(&self.db, state, most).await?)
    }

    /// One mail of a tenant.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn look_up(&self, tenant: &Tenant, id: &str) -> Result<Shown> {
        let found = store::by_id(&self.db, &tenant.id, id).await?;
        found.map(Shown::from).ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such mail"))
    }

    /// Lets a mail that was given up, or that waits for another attempt, be sent now, with all attempts ahead of it.
    ///
    /// # Errors
    /// There is none of this id, or it is sent.
    pub async fn again(&self, tenant: &Tenant, id: &str, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !outbox::again(&mut tx, &tenant.id, id, self.clock.now()).await? {
            let known = store::by_id(&mut tx, &tenant.id, id).await?.is_some();
            return Err(if known {
                Stop::refuse(Code::Conflict, "this mail does not wait for another attempt")
            } else {
                Stop::refuse(Code::NotFound, "there is no such mail")
            });
        }
        self.record(&mut tx, tenant, ("mail.retried", id), by).await?;
        tx.commit().await?;
        self.written.notify_one();
        Ok(())
    }

    /// Writes a mail that says that mail works; gives back its id.
    ///
    /// # Errors
    /// The tenant has sent as many mails as it may today.
    pub async fn test(&self, tenant: &Tenant, to: Email, by: &Actor) -> Result<String> {
        let mut tx = self.db.begin().await?;
        let id = self.put(&mut tx, tenant, &Recipient::new(to), &Letter::Test).await?.unwrap_or_default();
        self.record(&mut tx, tenant, ("mail.tested", &id), by).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn record(&self, tx: &mut Tx, tenant: &Tenant, (action, target): (&str, &str), by: &Actor) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(&by.id).on(target).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }
}
