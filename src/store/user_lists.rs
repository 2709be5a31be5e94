//! Lists of people, page by page in an order that an index has: the newest first, or by what they are called. None of
//! them counts or sorts a whole tenant.

use super::db::Run;
use super::people::Described;
use super::sql::sql;
use super::users::{Role, UserStatus};
use super::values::Flag;
use crate::base::{Email, TenantId, Timestamp, UserId};

/// After every word that begins like another.
const LAST: char = char::MAX;

/// Which people a list is of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this role.
    pub role: Option<Role>,
    /// Of this status; absent: all but deleted ones.
    pub status: Option<UserStatus>,
    /// Whose address is, or is not, proven.
    pub verified: Option<bool>,
    /// Whose account was made later.
    pub created_after: Option<Timestamp>,
}

/// Somebody who was found, and by which word.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Found {
    /// The first of their names that begins as asked.
    pub word: String,
    /// The person.
    #[sqlx(flatten)]
    pub person: Described,
}

sql! {
    tenant NEWEST(8) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND (u.created_at, u.id) < ($2, $3) AND (u.role = $4 OR $4 IS NULL)
            AND (u.status = $5 OR ($5 IS NULL AND u.status <> 'deleted')) AND (u.email_verified = $6 OR $6 IS NULL)
            AND u.created_at > $7
        ORDER BY u.created_at DESC, u.id DESC LIMIT $8";
    // The same by an index of those who are not many: a role, a status, those who proved no address.
    tenant OF_ROLE(8) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND (u.created_at, u.id) < ($2, $3) AND u.role = $4 AND u.role <> 'user'
            AND (u.status = $5 OR ($5 IS NULL AND u.status <> 'deleted')) AND (u.email_verified = $6 OR $6 IS NULL)
            AND u.created_at > $7
        ORDER BY +u.created_at DESC, u.id DESC LIMIT $8";
    tenant OF_STATUS(8) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND (u.created_at, u.id) < ($2, $3) AND (u.role = $4 OR $4 IS NULL)
            AND u.status = $5 AND u.status <> 'active' AND (u.email_verified = $6 OR $6 IS NULL)
            AND u.created_at > $7
        ORDER BY u.created_at DESC, u.id DESC LIMIT $8";
    tenant UNVERIFIED(7) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND (u.created_at, u.id) < ($2, $3) AND (u.role = $4 OR $4 IS NULL)
            AND (u.status = $5 OR ($5 IS NULL AND u.status <> 'deleted')) AND u.email_verified = 0
            AND u.created_at > $6
        ORDER BY u.created_at DESC, u.id DESC LIMIT $7";
    // Names from $4 (after the person $5) to $3, of which $2 is the beginning; of several names of one person the first.
    tenant CALLED(10) = "SELECT f.word, u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role,
            u.profile, u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata,
            u.deletion_protected, CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM (
            SELECT word, id FROM (SELECT email_key AS word, id FROM users
                WHERE tenant_id = $1 AND email_key >= $4 AND email_key < $3 AND (email_key > $4 OR id > $5)
                    AND (username_key IS NULL OR username_key < $2 OR username_key >= email_key)
                    AND (name_key < $2 OR name_key >= email_key) AND (surname_key < $2 OR surname_key >= email_key)
                    AND (role = $6 OR $6 IS NULL) AND (status = $7 OR ($7 IS NULL AND status <> 'deleted'))
                    AND (email_verified = $8 OR $8 IS NULL) AND created_at > $9
                ORDER BY email_key, id LIMIT $10) AS a
            UNION SELECT word, id FROM (SELECT username_key AS word, id FROM users
                WHERE tenant_id = $1 AND username_key >= $4 AND username_key < $3 AND (username_key > $4 OR id > $5)
                    AND (email_key IS NULL OR email_key < $2 OR email_key >= username_key)
                    AND (name_key < $2 OR name_key >= username_key)
                    AND (surname_key < $2 OR surname_key >= username_key)
                    AND (role = $6 OR $6 IS NULL) AND (status = $7 OR ($7 IS NULL AND status <> 'deleted'))
                    AND (email_verified = $8 OR $8 IS NULL) AND created_at > $9
                ORDER BY username_key, id LIMIT $10) AS b
            UNION SELECT word, id FROM (SELECT name_key AS word, id FROM users
                WHERE tenant_id = $1 AND name_key <> '' AND name_key >= $4 AND name_key < $3
                    AND (name_key > $4 OR id > $5)
                    AND (email_key IS NULL OR email_key < $2 OR email_key >= name_key)
                    AND (username_key IS NULL OR username_key < $2 OR username_key >= name_key)
                    AND (surname_key < $2 OR surname_key >= name_key)
                    AND (role = $6 OR $6 IS NULL) AND (status = $7 OR ($7 IS NULL AND status <> 'deleted'))
                    AND (email_verified = $8 OR $8 IS NULL) AND created_at > $9
                ORDER BY name_key, id LIMIT $10) AS c
            UNION SELECT word, id FROM (SELECT surname_key AS word, id FROM users
                WHERE tenant_id = $1 AND surname_key <> '' AND surname_key >= $4 AND surname_key < $3
                    AND (surname_key > $4 OR id > $5)
                    AND (email_key IS NULL OR email_key < $2 OR email_key >= surname_key)
                    AND (username_key IS NULL OR username_key < $2 OR username_key >= surname_key)
                    AND (name_key < $2 OR name_key >= surname_key)
                    AND (role = $6 OR $6 IS NULL) AND (status = $7 OR ($7 IS NULL AND status <> 'deleted'))
                    AND (email_verified = $8 OR $8 IS NULL) AND created_at > $9
                ORDER BY surname_key, id LIMIT $10) AS d
        ) AS f JOIN users u ON u.tenant_id = $1 AND u.id = f.id
            LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        ORDER BY f.word, f.id LIMIT $10";
    tenant WHOLE(3) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected, p.hash,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND u.id > $2 AND u.status <> 'deleted' ORDER BY u.id LIMIT $3";
    tenant NAMED(3) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND u.status <> 'deleted' AND (u.email_key = $2 OR u.username_key = $3)
        ORDER BY u.id";
}

/// Somebody with the password's hash, for those who take everybody elsewhere.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Whole {
    /// The person.
    #[sqlx(flatten)]
    pub person: Described,
    /// PHC string, or a form that another system made.
    pub hash: Option<String>,
}

/// Up to `limit` people after this id.
///
/// # Errors
/// The database failed.
pub async fn whole(run: impl Run, tenant: &TenantId, after: &UserId, limit: i64) -> sqlx::Result<Vec<Whole>> {
    run.all(WHOLE, (tenant.clone(), after.clone(), limit)).await
}

/// Up to `limit` people whose accounts were made before this one, the newest first.
///
/// # Errors
/// The database failed.
pub async fn newest(
    run: impl Run,
    tenant: &TenantId,
    filter: Filter,
    before: Option<(Timestamp, UserId)>,
    limit: i64,
) -> sqlx::Result<Vec<Described>> {
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX), UserId::from("")));
    let Filter { role, status, verified, created_after } = filter;
    let (tenant, after) = (tenant.clone(), created_after.unwrap_or(Timestamp(i64::MIN)));
    if verified == Some(false) && role.is_none() && status.is_none() {
        return run.all(UNVERIFIED, (tenant, at, id, role, status, after, limit)).await;
    }
    let statement = match (role, status) {
        (Some(Role::Support | Role::Admin | Role::Owner), _) => OF_ROLE,
        (_, Some(UserStatus::Suspended | UserStatus::Deleted)) => OF_STATUS,
        _ => NEWEST,
    };
    run.all(statement, (tenant, at, id, role, status, verified.map(Flag), after, limit)).await
}

/// Up to `limit` people of whom an address, a user name, a name or a family name begins like this, in the order of
/// these words and after this one.
///
/// # Errors
/// The database failed.
pub async fn called(
    run: impl Run,
    tenant: &TenantId,
    (beginning, after): (&str, Option<(String, UserId)>),
    filter: Filter,
    limit: i64,
) -> sqlx::Result<Vec<Found>> {
    let beginning = Email::key_of(beginning);
    let end = format!("{beginning}{LAST}");
    let (word, id) = after.unwrap_or_else(|| (beginning.clone(), UserId::from("")));
    let Filter { role, status, verified, created_after } = filter;
    let since = created_after.unwrap_or(Timestamp(i64::MIN));
    let values = (tenant.clone(), beginning, end, word, id, role, status, verified.map(Flag), since, limit);
    run.all(CALLED, values).await
}

/// The person of this address, and the one of this user name.
///
/// # Errors
/// The database failed.
pub async fn named(
    run: impl Run,
    tenant: &TenantId,
    (email, username): (Option<&str>, Option<&str>),
) -> sqlx::Result<Vec<Described>> {
    run.all(NAMED, (tenant.clone(), email.map(Email::key_of), username.map(Email::key_of))).await
}

#[cfg(test)]
#[path = "user_lists_tests.rs"]
mod tests;
