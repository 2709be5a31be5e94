//! Mails, waiting or sent.

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Mail {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; ids sort by time.
    pub id: String,
    /// Whom it is for.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// What it says, as plain text.
    pub body_text: String,
    /// What it says, as HTML.
    pub body_html: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When a mail server took it.
    pub sent_at: Option<Timestamp>,
}

sql! {
    tenant INSERT(8) = "INSERT INTO mails (tenant_id, id, recipient, subject, body_text, body_html, created_at, sent_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    tenant BY_ID(2) = "SELECT tenant_id, id, recipient, subject, body_text, body_html, created_at, sent_at
        FROM mails WHERE tenant_id = $1 AND id = $2";
    global NEWEST(1) = "SELECT tenant_id, id, recipient, subject, body_text, body_html, created_at, sent_at
        FROM mails ORDER BY id DESC LIMIT $1";
}

/// Stores a mail.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, mail: &Mail) -> sqlx::Result<()> {
    let m = mail.clone();
    let values = (m.tenant_id, m.id, m.recipient, m.subject, m.body_text, m.body_html, m.created_at, m.sent_at);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_mail_is_found_by_its_tenant_and_the_newest_comes_first() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let mail = |tenant: &TenantId, id: &str| Mail {
                tenant_id: tenant.clone(),
                id: id.to_owned(),
                recipient: "ada@one.test".to_owned(),
                subject: "Confirm your address".to_owned(),
                body_text: "text".to_owned(),
                body_html: "<p>text</p>".to_owned(),
                created_at: Timestamp(5),
                sent_at: None,
            };
            for mail in [mail(&one, "1"), mail(&two, "2")] {
                insert(&db, &mail).await.unwrap();
            }
            assert_eq!(by_id(&db, &one, "1").await.unwrap(), Some(mail(&one, "1")));
            assert_eq!(by_id(&db, &two, "1").await.unwrap(), None, "X2: found by another tenant");
            let newest = newest_of_all_tenants(&db, 10).await.unwrap();
            assert_eq!(newest.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>(), ["2", "1"]);
        }
    }
}
