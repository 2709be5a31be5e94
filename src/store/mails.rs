//! The outbox of mails: waiting, sent, or given up.

use super::db::Run;
use super::sql::sql;
use super::values::{Flag, words};
use crate::base::{TenantId, Timestamp};

words! {
    /// What has become of a mail.
    MailState {
        /// It is to be sent.
        Waiting = "waiting",
        /// A mail server took it.
        Sent = "sent",
        /// It was given up, and waits for somebody who looks.
        Dead = "dead",
        /// It was written for nobody, so that writing to somebody takes no longer; it only counts.
        Withheld = "withheld",
    }
}

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Mail {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; ids sort by time.
    pub id: String,
    /// Which letter it is.
    pub kind: String,
    /// Whom it is for.
    pub recipient: String,
    /// The address as it is compared.
    pub recipient_key: String,
    /// Its subject.
    pub subject: String,
    /// What it says, sealed; empty once it is sent and forgotten.
    pub content: String,
    /// The `Message-ID`, the same at every attempt.
    pub message_id: String,
    /// Whether a stranger can have caused it.
    pub requested: Flag,
    /// The network address that did.
    pub requested_by: Option<String>,
    /// What has become of it.
    pub state: MailState,
    /// How often sending it was begun.
    pub attempts: i64,
    /// When it is to be sent; while somebody is at it, when that is given up.
    pub due_at: Timestamp,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When a mail server took it.
    pub sent_at: Option<Timestamp>,
}

/// Mails of one kind that are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Those that strangers can cause, to this address.
    To(String),
    /// Those that strangers can cause, asked for from this network address.
    AskedFrom(String),
    /// All that strangers can cause.
    Requested,
    /// Invitations and tests.
    Invited,
    /// All of them.
    All,
}

sql! {
    tenant INSERT(14) = "INSERT INTO mails (tenant_id, id, kind, recipient, recipient_key, subject, content, message_id,
            requested, requested_by, state, attempts, due_at, last_error, created_at, sent_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $14, NULL)";
    tenant BY_ID(2) = "SELECT tenant_id, id, kind, recipient, recipient_key, subject, content, message_id, requested,
            requested_by, state, attempts, due_at, last_error, created_at, sent_at
        FROM mails WHERE tenant_id = $1 AND id = $2";
    global NEWEST(1) = "SELECT tenant_id, id, kind, recipient, recipient_key, subject, content, message_id, requested,
            requested_by, state, attempts, due_at, last_error, created_at, sent_at
        FROM mails WHERE state <> 'withheld' ORDER BY id DESC LIMIT $1";
    tenant TO(3) = "SELECT COUNT(*) FROM mails
        WHERE tenant_id = $1 AND recipient_key = $2 AND created_at > $3 AND requested = 1";
    tenant ASKED_FROM(3) = "SELECT COUNT(*) FROM mails
        WHERE tenant_id = $1 AND requested = 1 AND requested_by = $2 AND created_at > $3";
    tenant REQUESTED(2) = "SELECT COUNT(*) FROM mails WHERE tenant_id = $1 AND requested = 1 AND created_at > $2";
    tenant EVERY(2) = "SELECT COUNT(*) FROM mails WHERE tenant_id = $1 AND created_at > $2";
    tenant INVITED(2) = "SELECT COUNT(*) FROM mails
        WHERE tenant_id = $1 AND requested = 0 AND created_at > $2 AND kind IN ('invitation', 'test')";
}

/// Stores a mail that is to be sent.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, mail: &Mail) -> sqlx::Result<()> {
    let m = mail.clone();
    let values = (
        m.tenant_id,
        m.id,
        m.kind,
        m.recipient,
        m.recipient_key,
        m.subject,
        m.content,
        m.message_id,
        m.requested,
        m.requested_by,
        m.state,
        m.attempts,
        m.due_at,
        m.created_at,
    );
    run.execute(INSERT, values).await.map(drop)
}

/// The mail of this id.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Option<Mail>> {
    run.one(BY_ID, (tenant.clone(), id.to_owned())).await
}

/// The newest mails of all tenants, for the developer's mailbox.
///
/// # Errors
/// The database failed.
pub async fn newest_of_all_tenants(run: impl Run, limit: i64) -> sqlx::Result<Vec<Mail>> {
    run.all(NEWEST, (limit,)).await
}

/// How many mails of this kind a tenant's outbox took since then.
///
/// # Errors
/// The database failed.
pub async fn count(run: impl Run, tenant: &TenantId, what: Counted, since: Timestamp) -> sqlx::Result<i64> {
    let tenant = tenant.clone();
    let found: Option<(i64,)> = match what {
        Counted::To(address) => run.one(TO, (tenant, address, since)).await?,
        Counted::AskedFrom(address) => run.one(ASKED_FROM, (tenant, address, since)).await?,
        Counted::Requested => run.one(REQUESTED, (tenant, since)).await?,
        Counted::Invited => run.one(INVITED, (tenant, since)).await?,
        Counted::All => run.one(EVERY, (tenant, since)).await?,
    };
    Ok(found.map_or(0, |(count,)| count))
}

#[cfg(test)]
pub(crate) fn sample(tenant: &TenantId, id: &str) -> Mail {
    Mail {
        tenant_id: tenant.clone(),
        id: id.to_owned(),
        kind: "verify-email".to_owned(),
        recipient: "Ada@one.test".to_owned(),
        recipient_key: "ada@one.test".to_owned(),
        subject: "Confirm your address".to_owned(),
        content: "sealed".to_owned(),
        message_id: format!("<{id}@localhost>"),
        requested: Flag(true),
        requested_by: Some("192.0.2.7".to_owned()),
        state: MailState::Waiting,
        attempts: 0,
        due_at: Timestamp(5),
        last_error: None,
        created_at: Timestamp(5),
        sent_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_mail_is_found_by_its_tenant_and_the_newest_comes_first() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            for mail in [sample(&one, "1"), sample(&two, "2")] {
                insert(&db, &mail).await.unwrap();
            }
            assert_eq!(by_id(&db, &one, "1").await.unwrap(), Some(sample(&one, "1")));
            assert_eq!(by_id(&db, &two, "1").await.unwrap(), None, "X2: found by another tenant");
            let newest = newest_of_all_tenants(&db, 10).await.unwrap();
            assert_eq!(newest.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>(), ["2", "1"]);
        }
    }

    #[tokio::test]
    async fn w115_mails_are_counted_by_address_by_asker_and_by_tenant() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            insert(&db, &sample(&one, "1")).await.unwrap();
            insert(&db, &Mail { requested_by: None, ..sample(&one, "2") }).await.unwrap();
            let invitation = Mail { requested: Flag(false), kind: "invitation".to_owned(), ..sample(&one, "3") };
            insert(&db, &invitation).await.unwrap();
            let count = async |what, since| count(&db, &one, what, Timestamp(since)).await.unwrap();
            assert_eq!(count(Counted::To("ada@one.test".to_owned()), 0).await, 2);
            assert_eq!(count(Counted::To("eve@one.test".to_owned()), 0).await, 0);
            assert_eq!(count(Counted::AskedFrom("192.0.2.7".to_owned()), 0).await, 1);
            assert_eq!(count(Counted::Requested, 0).await, 2);
            assert_eq!(count(Counted::Requested, 5).await, 0, "those are not since then");
            assert_eq!(count(Counted::Invited, 0).await, 1);
            assert_eq!((count(Counted::All, 0).await, count(Counted::All, 5).await), (3, 0));
        }
    }
}
