//! Everything that stands sealed in the database and is still wanted tomorrow: read page by page and put back, when it
//! is sealed anew under another master key. One test holds it against the schema.

use super::audit_chain::Head;
use super::db::Run;
use super::sql::{Sql, sql};
use crate::base::TenantId;

/// Where sealed values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Private halves of signing keys.
    SigningKeys,
    /// Seeds of authenticator apps.
    Totp,
    /// What tenants authenticate with to their mail servers.
    MailSecrets,
    /// Secrets of identity providers.
    Providers,
    /// Names of sign-ins elsewhere.
    SignInsElsewhere,
    /// Keys of accounts at Stripe.
    PaymentKeys,
    /// A list of what Stripe's webhooks are signed with.
    PaymentSecrets,
    /// A list of what webhooks are signed with.
    WebhookSecrets,
    /// What mails say that wait.
    Mails,
}

/// A sealed value.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which of theirs.
    pub id: String,
    /// The value, or several of them as JSON.
    pub sealed: String,
}

sql! {
    tenant SIGNING_KEYS(3) = "SELECT tenant_id, kid AS id, sealed_jwk AS sealed FROM signing_keys
        WHERE sealed_jwk <> '' AND (tenant_id, kid) > ($1, $2) ORDER BY tenant_id, kid LIMIT $3";
    tenant PUT_SIGNING_KEY(3) = "UPDATE signing_keys SET sealed_jwk = $3 WHERE tenant_id = $1 AND kid = $2";
    tenant TOTP(3) = "SELECT tenant_id, user_id AS id, sealed FROM totp_factors
        WHERE (tenant_id, user_id) > ($1, $2) ORDER BY tenant_id, user_id LIMIT $3";
    tenant PUT_TOTP(3) = "UPDATE totp_factors SET sealed = $3 WHERE tenant_id = $1 AND user_id = $2";
    tenant MAIL_SECRETS(3) = "SELECT tenant_id, name AS id, sealed FROM mail_secrets
        WHERE (tenant_id, name) > ($1, $2) ORDER BY tenant_id, name LIMIT $3";
    tenant PUT_MAIL_SECRET(3) = "UPDATE mail_secrets SET sealed = $3 WHERE tenant_id = $1 AND name = $2";
    tenant PROVIDERS(3) = "SELECT tenant_id, id, sealed_secret AS sealed FROM identity_providers
        WHERE sealed_secret IS NOT NULL AND (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3";
    tenant PUT_PROVIDER(3) = "UPDATE identity_providers SET sealed_secret = $3 WHERE tenant_id = $1 AND id = $2";
    tenant HINTS(3) = "SELECT tenant_id, session_id AS id, hint AS sealed FROM upstream_sessions
        WHERE hint IS NOT NULL AND (tenant_id, session_id) > ($1, $2) ORDER BY tenant_id, session_id LIMIT $3";
    tenant PUT_HINT(3) = "UPDATE upstream_sessions SET hint = $3 WHERE tenant_id = $1 AND session_id = $2";
    tenant PAYMENT_KEYS(3) = "SELECT tenant_id, tenant_id AS id, sealed_key AS sealed FROM payment_accounts
        WHERE (tenant_id, tenant_id) > ($1, $2) ORDER BY tenant_id LIMIT $3";
    tenant PUT_PAYMENT_KEY(3) = "UPDATE payment_accounts SET sealed_key = $3 WHERE tenant_id = $1 AND tenant_id = $2";
    tenant PAYMENT_SECRETS(3) = "SELECT tenant_id, tenant_id AS id, sealed_secrets AS sealed FROM payment_accounts
        WHERE (tenant_id, tenant_id) > ($1, $2) ORDER BY tenant_id LIMIT $3";
    tenant PUT_PAYMENT_SECRETS(3) = "UPDATE payment_accounts SET sealed_secrets = $3
        WHERE tenant_id = $1 AND tenant_id = $2";
    tenant WEBHOOKS(3) = "SELECT tenant_id, id, sealed_secrets AS sealed FROM webhook_endpoints
        WHERE (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3";
    tenant PUT_WEBHOOK(3) = "UPDATE webhook_endpoints SET sealed_secrets = $3 WHERE tenant_id = $1 AND id = $2";
    tenant MAILS(3) = "SELECT tenant_id, id, content AS sealed FROM mails
        WHERE content <> '' AND (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3";
    tenant PUT_MAIL(3) = "UPDATE mails SET content = $3 WHERE tenant_id = $1 AND id = $2";
    tenant CHAINS(2) = "SELECT tenant_id, seq, hash, cut_seq, cut_hash, mac FROM audit_chains
        WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2";
    tenant PUT_CHAIN(2) = "UPDATE audit_chains SET mac = $2 WHERE tenant_id = $1";
    global FORGET_REPLAYS(0) = "DELETE FROM created_replays";
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::SigningKeys,
        Self::Totp,
        Self::MailSecrets,
        Self::Providers,
        Self::SignInsElsewhere,
        Self::PaymentKeys,
        Self::PaymentSecrets,
        Self::WebhookSecrets,
        Self::Mails,
    ];

    const fn statements(self) -> (Sql<3>, Sql<3>) {
        match self {
            Self::SigningKeys => (SIGNING_KEYS, PUT_SIGNING_KEY),
            Self::Totp => (TOTP, PUT_TOTP),
            Self::MailSecrets => (MAIL_SECRETS, PUT_MAIL_SECRET),
            Self::Providers => (PROVIDERS, PUT_PROVIDER),
            Self::SignInsElsewhere => (HINTS, PUT_HINT),
            Self::PaymentKeys => (PAYMENT_KEYS, PUT_PAYMENT_KEY),
            Self::PaymentSecrets => (PAYMENT_SECRETS, PUT_PAYMENT_SECRETS),
            Self::WebhookSecrets => (WEBHOOKS, PUT_WEBHOOK),
            Self::Mails => (MAILS, PUT_MAIL),
        }
    }
}

/// Up to `limit` values of any tenant after this one.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, place: Place, (tenant, id): (&TenantId, &str), limit: i64) -> sqlx::Result<Vec<Row>> {
    run.all(place.statements().0, (tenant.clone(), id.to_owned(), limit)).await
}

/// Puts a value where another stood.
///
/// # Errors
/// The database failed.
pub async fn put(run: impl Run, place: Place, row: Row) -> sqlx::Result<()> {
    run.execute(place.statements().1, (row.tenant_id, row.id, row.sealed)).await.map(drop)
}

/// Up to `limit` ends of chains of the audit trail after this tenant's.
///
/// # Errors
/// The database failed.
pub async fn chains(run: impl Run, after: &TenantId, limit: i64) -> sqlx::Result<Vec<Head>> {
    run.all(CHAINS, (after.clone(), limit)).await
}

/// Signs the end of a chain anew.
///
/// # Errors
/// The database failed.
pub async fn put_chain(run: impl Run, tenant: &TenantId, mac: &str) -> sqlx::Result<()> {
    run.execute(PUT_CHAIN, (tenant.clone(), mac.to_owned())).await.map(drop)
}

/// Forgets the answers that are kept for requests which come again; they are kept for a day.
///
/// # Errors
/// The database failed.
pub async fn forget_replays(run: impl Run) -> sqlx::Result<()> {
    run.execute(FORGET_REPLAYS, ()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_is_called_sealed_is_among_them() {
        let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut columns = std::collections::BTreeSet::new();
        for folder in ["common", "sqlite", "postgres"] {
            for file in std::fs::read_dir(schema.join(folder)).unwrap().flatten() {
                let text = std::fs::read_to_string(file.path()).unwrap();
                let words = text.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned));
                columns.extend(words.filter(|word| word.starts_with("sealed")));
            }
        }
        assert!(columns.len() >= 5, "{columns:?}");
        for column in columns {
            let known = Place::ALL.iter().any(|place| place.statements().1.text("").sqlite.contains(&column));
            assert!(known, "{column} is not sealed anew");
        }
    }
}
