//! What is kept with an account besides the account: metadata, its end and what comes after it.

use serde_json::{Map, Value};

use super::db::{Run, Tx};
use super::sql::{Sql, sql};
use super::users::{Role, User};
use super::values::{Flag, Json};
use crate::base::{Email, TenantId, Timestamp, UserId};

/// A person with what else is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Described {
    /// The person.
    #[sqlx(flatten)]
    pub user: User,
    /// What the person, or an application for them, keeps here.
    pub user_metadata: Json<Map<String, Value>>,
    /// What the tenant keeps about the person; only its administrators write it.
    pub app_metadata: Json<Map<String, Value>>,
    /// Whether there is a password.
    pub has_password: Flag,
    /// Whether nobody can delete the account until this is taken back.
    pub deletion_protected: Flag,
}

/// A deleted person who can still come back.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Buried {
    /// The address as it was.
    pub email: Option<Email>,
    /// The user name as it was.
    pub username: Option<String>,
    /// The role as it was.
    pub role: Role,
    /// When it is too late.
    pub purge_at: Option<Timestamp>,
}

/// What a restoration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised {
    /// The person is back.
    Back,
    /// There is nobody, or it is too late.
    Nobody,
    /// The address or user name is somebody else's now.
    Taken,
}

sql! {
    tenant BY_ID(2) = "SELECT u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile,
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected,
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password
        FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
        WHERE u.tenant_id = $1 AND u.id = $2 AND u.status <> 'deleted'";
    tenant LOCK(2) = "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'"
        | "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted' FOR UPDATE";
    tenant DESCRIBE(9) = "UPDATE users SET profile = $3, user_metadata = $4, app_metadata = $5, updated_at = $6,
            name_key = $7, surname_key = $8, deletion_protected = $9
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
    // Locked in one order, so that two who leave at the same time see each other go.
    tenant RULERS(1) = "SELECT id, role FROM users WHERE tenant_id = $1 AND role <> 'user'
            AND role IN ('owner', 'admin') AND status = 'active' ORDER BY id"
        | "SELECT id, role FROM users WHERE tenant_id = $1 AND role <> 'user'
            AND role IN ('owner', 'admin') AND status = 'active' ORDER BY id FOR UPDATE";
    tenant GOVERNING(2) = "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND role IN ('owner', 'admin') AND status = 'active' ORDER BY id LIMIT $2";
    tenant BURY(4) = "UPDATE users SET status = 'deleted', email_key = NULL, username_key = NULL, updated_at = $3,
            deleted_at = $3, purge_at = $4
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted' AND deletion_protected = 0";
    tenant BURIED(2) = "SELECT email, username, role, purge_at FROM users
        WHERE tenant_id = $1 AND id = $2 AND status = 'deleted'";
    tenant BURIED_AS(2) = "SELECT id FROM users WHERE tenant_id = $1 AND status = 'deleted'
            AND (id = $2 OR LOWER(email) = $2 OR LOWER(username) = $2)
        ORDER BY deleted_at DESC, id DESC LIMIT 1";
    tenant TELL(3) = "UPDATE users SET user_metadata = $3 WHERE tenant_id = $1 AND id = $2";
    tenant RAISE(5) = "UPDATE users SET status = 'active', email_key = $3, username_key = $4, updated_at = $5,
            deleted_at = NULL, purge_at = NULL
        WHERE tenant_id = $1 AND id = $2 AND status = 'deleted' AND purge_at > $5";
    tenant DUE(2) = "SELECT tenant_id, id FROM users WHERE status = 'deleted' AND purge_at <= $1
        ORDER BY purge_at LIMIT $2";
    tenant ERASE_CODES(2) = "DELETE FROM authorization_codes WHERE tenant_id = $1
        AND grant_id IN (SELECT id FROM grants WHERE tenant_id = $1 AND user_id = $2)";
    tenant ERASE_REFRESH(2) = "DELETE FROM refresh_tokens WHERE tenant_id = $1
        AND grant_id IN (SELECT id FROM grants WHERE tenant_id = $1 AND user_id = $2)";
    tenant ERASE_GRANTS(2) = "DELETE FROM grants WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_CONSENTS(2) = "DELETE FROM consents WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_SESSIONS(2) = "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_PASSWORDS(2) = "DELETE FROM passwords WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_TOTP(2) = "DELETE FROM totp_factors WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_RECOVERY(2) = "DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_PASSKEYS(2) = "DELETE FROM passkeys WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_GRACE(2) = "DELETE FROM factor_grace WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_UPSTREAM(2) = "DELETE FROM upstream_sessions WHERE tenant_id = $1
        AND session_id IN (SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2)";
    tenant ERASE_MEMBERSHIPS(2) = "DELETE FROM organization_members WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_IDENTITIES(2) = "DELETE FROM identities WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_DEVICES(2) = "DELETE FROM known_devices WHERE tenant_id = $1 AND user_id = $2";
    tenant ERASE_ENTITLEMENTS(2) = "DELETE FROM entitlements WHERE tenant_id = $1 AND subject = $2";
    tenant ERASE_CUSTOMERS(2) = "DELETE FROM payment_customers WHERE tenant_id = $1 AND subject = $2";
    tenant ERASE_CHECKOUTS(2) = "DELETE FROM checkouts WHERE tenant_id = $1 AND subject = $2";
    tenant ERASE_SUBSCRIPTIONS(2) = "DELETE FROM subscriptions WHERE tenant_id = $1 AND subject = $2";
    tenant ERASE_PAYMENTS(2) = "DELETE FROM payments WHERE tenant_id = $1 AND subject = $2";
    // What is still to be told of them is told, and is removed by its age.
    tenant ERASE_TOLD(2) = "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND subject = $2
        AND state NOT IN ('waiting', 'held')";
    tenant ERASE_ONE_TIME(2) = "DELETE FROM one_time_secrets WHERE tenant_id = $1 AND subject = $2";
    // Their bytes are removed by the sweeper, which looks for what is due.
    tenant ERASE_FILES(2) = "UPDATE files SET deleted_at = 0, purge_at = 0 WHERE tenant_id = $1 AND owner = $2";
    tenant ERASE_UPLOADS(2) = "UPDATE uploads SET ends_at = 0 WHERE tenant_id = $1 AND owner = $2";
    // Documents lie in a database of their own.
    tenant ERASE_OWNED(2) = "INSERT INTO owner_erasures (tenant_id, owner, due_at) VALUES ($1, $2, 0)
        ON CONFLICT (tenant_id, owner) DO NOTHING";
    // What was done stays, by an id that names nobody any more; from where, with what and about which address goes.
    tenant ANONYMISE(2) = "UPDATE audit_events SET ip = NULL, user_agent = NULL, detail = 'null', salt = NULL
        WHERE tenant_id = $1 AND (actor = $2 OR target = $2)";
    tenant ERASE(2) = "DELETE FROM users WHERE tenant_id = $1 AND id = $2 AND status = 'deleted'";
}

/// Everything that goes with a person, in an order in which it can.
const ERASED: &[Sql<2>] = &[
    ERASE_CODES,
    ERASE_REFRESH,
    ERASE_GRANTS,
    ERASE_CONSENTS,
    ERASE_UPSTREAM,
    ERASE_SESSIONS,
    ERASE_PASSWORDS,
    ERASE_TOTP,
    ERASE_RECOVERY,
    ERASE_PASSKEYS,
    ERASE_GRACE,
    ERASE_IDENTITIES,
    ERASE_MEMBERSHIPS,
    ERASE_DEVICES,
    ERASE_ENTITLEMENTS,
    ERASE_CUSTOMERS,
    ERASE_CHECKOUTS,
    ERASE_SUBSCRIPTIONS,
    ERASE_PAYMENTS,
    ERASE_TOLD,
    ERASE_ONE_TIME,
    ERASE_FILES,
    ERASE_UPLOADS,
    ERASE_OWNED,
    ANONYMISE,
];

/// The person of this id, suspended ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &UserId) -> sqlx::Result<Option<Described>> {
    run.one(BY_ID, (tenant.clone(), id.clone())).await
}

/// As [`by_id`], and nobody else changes the person until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock(tx: &mut Tx, tenant: &TenantId, id: &UserId) -> sqlx::Result<Option<Described>> {
    let locked: Option<(UserId,)> = tx.one(LOCK, (tenant.clone(), id.clone())).await?;
    match locked {
        Some((id,)) => by_id(tx, tenant, &id).await,
        None => Ok(None),
    }
}

/// Stores profile and metadata of a person who was locked before.
///
/// # Errors
/// The database failed.
pub async fn describe(tx: &mut Tx, person: &Described, now: Timestamp) -> sqlx::Result<()> {
    let Described { user, user_metadata, app_metadata, deletion_protected, .. } = person.clone();
    let (name, surname) = user.profile.name_keys();
    let (tenant, id, profile) = (user.tenant_id, user.id, user.profile);
    let values = (tenant, id, profile, user_metadata, app_metadata, now, name, surname, deletion_protected);
    tx.execute(DESCRIBE, values).await.map(drop)
}

/// Those who rule a tenant: its active owners, or its active administrators where there is no owner. None of them
/// ceases to be one until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn rulers(tx: &mut Tx, tenant: &TenantId) -> sqlx::Result<Vec<UserId>> {
    let rows: Vec<(UserId, Role)> = tx.all(RULERS, (tenant.clone(),)).await?;
    let highest = rows.iter().map(|(_, role)| *role).max_by_key(|role| role.rank());
    Ok(rows.into_iter().filter(|(_, role)| Some(*role) == highest).map(|(id, _)| id).collect())
}

/// Up to `limit` of those who administrate a tenant.
///
/// # Errors
/// The database failed.
pub async fn governing(run: impl Run, tenant: &TenantId, limit: i64) -> sqlx::Result<Vec<User>> {
    run.all(GOVERNING, (tenant.clone(), limit)).await
}

/// Deletes a person: address and user name are free at once, the rest can come back until `purge_at`. `false`: there
/// is nobody.
///
/// # Errors
/// The database failed.
pub async fn bury(
    run: impl Run,
    tenant: &TenantId,
    id: &UserId,
    now: Timestamp,
    purge_at: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(BURY, (tenant.clone(), id.clone(), now, purge_at)).await? == 1)
}

/// A person who was deleted and not yet purged.
///
/// # Errors
/// The database failed.
pub async fn buried(run: impl Run, tenant: &TenantId, id: &UserId) -> sqlx::Result<Option<Buried>> {
    run.one(BURIED, (tenant.clone(), id.clone())).await
}

/// Who was deleted last of those who had this id, address or user name.
///
/// # Errors
/// The database failed.
pub async fn buried_as(run: impl Run, tenant: &TenantId, typed: &str) -> sqlx::Result<Option<UserId>> {
    let found: Option<(UserId,)> = run.one(BURIED_AS, (tenant.clone(), typed.to_lowercase())).await?;
    Ok(found.map(|(id,)| id))
}

/// Stores what somebody new says of themselves.
///
/// # Errors
/// The database failed.
pub async fn tell(run: impl Run, tenant: &TenantId, id: &UserId, metadata: Map<String, Value>) -> sqlx::Result<()> {
    run.execute(TELL, (tenant.clone(), id.clone(), Json(metadata))).await.map(drop)
}

/// Brings a deleted person back, if it is not too late and nobody took their names meanwhile.
///
/// # Errors
/// The database failed.
pub async fn raise(tx: &mut Tx, tenant: &TenantId, id: &UserId, now: Timestamp) -> sqlx::Result<Raised> {
    let Some(was) = buried(&mut *tx, tenant, id).await? else { return Ok(Raised::Nobody) };
    let keys = (was.email.as_ref().map(Email::key), was.username.as_deref().map(Email::key_of));
    match tx.execute(RAISE, (tenant.clone(), id.clone(), keys.0, keys.1, now)).await {
        Ok(1) => Ok(Raised::Back),
        Ok(_) => Ok(Raised::Nobody),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(Raised::Taken),
        Err(error) => Err(error),
    }
}

/// Up to `limit` people of any tenant whose time to come back is over.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<(TenantId, UserId)>> {
    run.all(DUE, (now, limit)).await
}

/// Removes a deleted person for good. `false`: meanwhile the person came back, or somebody else did it.
///
/// # Errors
/// The database failed.
pub async fn erase(tx: &mut Tx, tenant: &TenantId, id: &UserId) -> sqlx::Result<bool> {
    if tx.execute(ERASE, (tenant.clone(), id.clone())).await? == 0 {
        return Ok(false);
    }
    for sql in ERASED {
        tx.execute(*sql, (tenant.clone(), id.clone())).await?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::store::testing::{databases, tenant};
    use crate::store::users::{self, Profile, UserStatus};

    const NOW: Timestamp = Timestamp(1_000);
    const LATER: Timestamp = Timestamp(2_000);

    fn user(tenant: &TenantId, email: &str, role: Role) -> User {
        User {
            tenant_id: tenant.clone(),
            id: UserId::generate(),
            email: Some(email.parse().unwrap()),
            email_verified: Flag(true),
            username: None,
            status: UserStatus::Active,
            role,
            profile: Json(Profile::default()),
            created_at: NOW,
            updated_at: NOW,
            last_login_at: None,
        }
    }

    #[tokio::test]
    async fn what_is_kept_with_a_person_is_found_again_and_by_their_tenant_only() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let ada = user(&one, "ada@one.test", Role::User);
            assert!(users::insert(&db, &ada).await.unwrap());
            let mut tx = db.begin().await.unwrap();
            let mut person = lock(&mut tx, &one, &ada.id).await.unwrap().unwrap();
            assert!(!person.has_password.0 && person.user_metadata.is_empty());
            person.user_metadata.0.insert("theme".to_owned(), "dark".into());
            describe(&mut tx, &person, LATER).await.unwrap();
            tx.commit().await.unwrap();
            users::set_password(&db, &one, &ada.id, "x", NOW).await.unwrap();
            let found = by_id(&db, &one, &ada.id).await.unwrap().unwrap();
            assert_eq!((found.user_metadata["theme"].as_str(), found.user.updated_at), (Some("dark"), LATER));
            assert!(found.has_password.0);
            assert!(by_id(&db, &two, &ada.id).await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn a_deleted_person_comes_back_unless_it_is_too_late_or_their_address_is_taken() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let (ada, other) = (user(&one, "ada@one.test", Role::Owner), user(&one, "ADA@one.test", Role::User));
            assert!(users::insert(&db, &ada).await.unwrap());
            assert!(bury(&db, &one, &ada.id, NOW, LATER).await.unwrap());
            assert!(!bury(&db, &one, &ada.id, NOW, LATER).await.unwrap());
            let raise = async |now| {
                let mut tx = db.begin().await.unwrap();
                let raised = raise(&mut tx, &one, &ada.id, now).await.unwrap();
                if raised != Raised::Taken {
                    tx.commit().await.unwrap();
                }
                raised
            };
            assert!(users::insert(&db, &other).await.unwrap(), "the address is free at once");
            assert_eq!(raise(NOW).await, Raised::Taken);
            assert!(bury(&db, &one, &other.id, NOW, LATER).await.unwrap());
            assert_eq!(raise(LATER).await, Raised::Nobody);
            assert_eq!(raise(LATER.minus(Seconds(1))).await, Raised::Back);
            assert_eq!(raise(NOW).await, Raised::Nobody, "nobody comes back twice");
            let mut tx = db.begin().await.unwrap();
            assert_eq!(rulers(&mut tx, &one).await.unwrap(), std::slice::from_ref(&ada.id));
            assert!(!erase(&mut tx, &one, &ada.id).await.unwrap(), "somebody who is there is not erased");
            assert_eq!(due(&mut tx, LATER, 9).await.unwrap(), [(one.clone(), other.id.clone())]);
            assert!(erase(&mut tx, &one, &other.id).await.unwrap());
            assert!(buried(&mut tx, &one, &other.id).await.unwrap().is_none());
        }
    }

    #[test]
    fn every_table_about_people_is_erased_with_them() {
        let mut tables = Vec::new();
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/common")).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for table in text.split("CREATE TABLE ").skip(1) {
                let (name, columns) = table.split_once(" (").unwrap();
                let columns = columns.split(';').next().unwrap();
                let names_people = ["\n    user_id ", "\n    subject "].iter().any(|column| columns.contains(column));
                // The subject of a mail is what it is about; of files, the sweeper takes back what is on its way and
                // counts down what it removes.
                if names_people && !["mails", "loose_blobs", "archive_usage"].contains(&name) {
                    tables.push(name.to_owned());
                }
            }
        }
        assert!(tables.len() >= 4, "{tables:?}");
        for table in tables {
            let erased = ERASED.iter().any(|sql| sql.sqlite.starts_with(&format!("DELETE FROM {table} WHERE")));
            assert!(erased, "{table} names a person and outlives its person");
        }
    }
}
