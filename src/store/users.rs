//! People and their passwords.

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::sql::sql;
use super::values::{Flag, Json, words};
use crate::base::{Email, TenantId, Timestamp, UserId};

words! {
    /// Whether a person may do anything.
    UserStatus {
        /// Yes.
        Active = "active",
        /// An administrator said no, for now.
        Suspended = "suspended",
        /// Gone; the row waits to be purged.
        Deleted = "deleted",
    }
}

words! {
    /// What a person may do inside the tenant. Each holds what the ones before it hold.
    Role {
        /// Only what is their own.
        User = "user",
        /// Look, and help.
        Support = "support",
        /// Manage the tenant.
        Admin = "admin",
        /// Manage it and decide about it.
        Owner = "owner",
    }
}

impl Role {
    /// The more, the more a person may do.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::User => 0,
            Self::Support => 1,
            Self::Admin => 2,
            Self::Owner => 3,
        }
    }
}

/// A person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct User {
    /// Whose.
    pub tenant_id: TenantId,
    /// The `sub`.
    pub id: UserId,
    /// Unique in the tenant under case folding.
    pub email: Option<Email>,
    /// Whether a mail to it was answered.
    pub email_verified: Flag,
    /// Unique in the tenant under case folding.
    pub username: Option<String>,
    /// Whether the person may do anything.
    pub status: UserStatus,
    /// What the person may do in the tenant.
    pub role: Role,
    /// Standard claims (OIDC Core §5.1).
    pub profile: Json<Profile>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was last changed; the `updated_at` claim.
    pub updated_at: Timestamp,
    /// When the person last signed in.
    pub last_login_at: Option<Timestamp>,
}

impl User {
    /// What tells the person which account this is.
    #[must_use]
    pub fn name_to_show(&self) -> &str {
        let email = self.email.as_ref().map(Email::as_str);
        email.or(self.username.as_deref()).unwrap_or_else(|| self.id.as_str())
    }

    /// What everybody knows of the account: no password.
    #[must_use]
    pub fn personal(&self) -> Vec<&str> {
        self.email.as_ref().map(Email::as_str).into_iter().chain(self.username.as_deref()).collect()
    }
}

/// The standard claims (OIDC Core §5.1) that are not columns of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each member is the claim of the same name in OIDC Core §5.1")]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

impl Profile {
    /// What the whole name and the family name are searched by.
    #[must_use]
    pub fn name_keys(&self) -> (String, String) {
        let name = self.name.as_deref().unwrap_or_default();
        let last = name.rsplit(char::is_whitespace).next().filter(|last| *last != name);
        let family = self.family_name.as_deref().or(last).unwrap_or_default();
        (Email::key_of(name), Email::key_of(family))
    }
}

/// The `address` claim (OIDC Core §5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each member is the one of the same name in OIDC Core §5.1.1")]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// A person with the password's hash, for sign-in only.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Credentials {
    /// The person.
    #[sqlx(flatten)]
    pub user: User,
    /// PHC string; absent for a person without a password.
    pub hash: Option<String>,
}

sql! {
    tenant INSERT(14) = "INSERT INTO users (tenant_id, id, email, email_key, email_verified, username, username_key,
            status, role, profile, created_at, updated_at, last_login_at, name_key, surname_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
    tenant BY_ID(2) = "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
    tenant OF_IDS(2) = "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND id IN (SELECT value FROM json_each($2)) AND status <> 'deleted'"
        | "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
            AND status <> 'deleted'";
    tenant BY_EMAIL(2) = "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND email_key = $2 AND status <> 'deleted'";
    tenant PAGE(3) = "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND id > $2 AND status <> 'deleted' ORDER BY id LIMIT $3";
    tenant CREDENTIALS(2) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role,
            u.profile, u.created_at, u.updated_at, u.last_login_at, p.hash
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND (u.email_key = $2 OR u.username_key = $2) AND u.status <> 'deleted'
        ORDER BY u.id LIMIT 1";
    tenant SET_PASSWORD(4) = "INSERT INTO passwords (tenant_id, user_id, hash, updated_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET hash = excluded.hash, updated_at = excluded.updated_at";
    tenant FORGET_PASSWORD(2) = "DELETE FROM passwords WHERE tenant_id = $1 AND user_id = $2";
    tenant HAS_PASSWORD(2) = "SELECT user_id FROM passwords WHERE tenant_id = $1 AND user_id = $2";
    tenant SET_STATUS(4) = "UPDATE users SET status = $3, updated_at = $4
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
    tenant DELETE(3) = "UPDATE users SET status = 'deleted', email_key = NULL, username_key = NULL, updated_at = $3
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
    tenant SET_ROLE(4) = "UPDATE users SET role = $3, updated_at = $4
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
    tenant SIGNED_IN(3) = "UPDATE users SET last_login_at = $3
        WHERE tenant_id = $1 AND id = $2 AND status = 'active'";
}

/// Stores a new person. `false`: the e-mail address or user name is taken in this tenant, nothing was stored.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, user: &User) -> sqlx::Result<bool> {
    let user = user.clone();
    let email_key = user.email.as_ref().map(Email::key);
    let username_key = user.username.as_deref().map(Email::key_of);
    let (name_key, surname_key) = user.profile.name_keys();
    let values = (
        user.tenant_id,
        user.id,
        user.email,
        email_key,
        user.email_verified,
        user.username,
        username_key,
        user.status,
        user.role,
        user.profile,
        user.created_at,
        user.last_login_at,
        name_key,
        surname_key,
    );
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The person of this id, suspended ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &UserId) -> sqlx::Result<Option<User>> {
    run.one(BY_ID, (tenant.clone(), id.clone())).await
}

/// Those of these ids who are people of the tenant, suspended ones included.
///
/// # Errors
/// The database failed.
pub async fn of_ids(run: impl Run, tenant: &TenantId, ids: &[&str]) -> sqlx::Result<Vec<User>> {
    run.all(OF_IDS, (tenant.clone(), serde_json::to_string(ids).unwrap_or_default())).await
}

/// The person of this address, in any case.
///
/// # Errors
/// The database failed.
pub async fn by_email(run: impl Run, tenant: &TenantId, email: &str) -> sqlx::Result<Option<User>> {
    run.one(BY_EMAIL, (tenant.clone(), Email::key_of(email))).await
}

/// Up to `limit` people after this id, oldest first.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, after: &str, limit: i64) -> sqlx::Result<Vec<User>> {
    run.all(PAGE, (tenant.clone(), after.to_owned(), limit)).await
}

/// The person whose address or user name this is, with the password's hash.
///
/// # Errors
/// The database failed.
pub async fn credentials(run: impl Run, tenant: &TenantId, identifier: &str) -> sqlx::Result<Option<Credentials>> {
    run.one(CREDENTIALS, (tenant.clone(), Email::key_of(identifier))).await
}

/// Stores a password's hash in place of the one before.
///
/// # Errors
/// The database failed.
pub async fn set_password(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    hash: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(SET_PASSWORD, (tenant.clone(), user.clone(), hash.to_owned(), now)).await.map(drop)
}

/// Takes the password away: nobody signs in with it any more.
///
/// # Errors
/// The database failed.
pub async fn forget_password(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<bool> {
    Ok(run.execute(FORGET_PASSWORD, (tenant.clone(), user.clone())).await? == 1)
}

/// Whether the person can sign in with a password.
///
/// # Errors
/// The database failed.
pub async fn has_password(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<bool> {
    let found: Option<(UserId,)> = run.one(HAS_PASSWORD, (tenant.clone(), user.clone())).await?;
    Ok(found.is_some())
}

/// Suspends or activates; deleting frees the address and the user name at once.
///
/// # Errors
/// The database failed.
pub async fn set_status(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    status: UserStatus,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let changed = if status == UserStatus::Deleted {
        run.execute(DELETE, (tenant.clone(), user.clone(), now)).await?
    } else {
        run.execute(SET_STATUS, (tenant.clone(), user.clone(), status, now)).await?
    };
    Ok(changed == 1)
}

/// Gives another role.
///
/// # Errors
/// The database failed.
pub async fn set_role(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    role: Role,
    now: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(SET_ROLE, (tenant.clone(), user.clone(), role, now)).await? == 1)
}

/// Remembers when the person signed in. `false`: meanwhile the person was suspended or deleted.
///
/// # Errors
/// The database failed.
pub async fn signed_in(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(SIGNED_IN, (tenant.clone(), user.clone(), now)).await? == 1)
}
