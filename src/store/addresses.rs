//! What becomes of people's e-mail addresses: proven, changed, given up. An address belongs to one account of a tenant
//! (W-011); one that nobody has proven gives way to whoever proves it.

use super::db::{Run, Tx};
use super::sql::sql;
use super::users::User;
use super::values::Flag;
use crate::base::{Email, TenantId, Timestamp, UserId};

sql! {
    tenant HELD(2) = "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at,
            updated_at, last_login_at
        FROM users WHERE tenant_id = $1 AND email_key = $2 AND status <> 'deleted'"
        | "SELECT tenant_id, id, email, email_verified, username, status, role, profile, created_at, updated_at,
            last_login_at
        FROM users WHERE tenant_id = $1 AND email_key = $2 AND status <> 'deleted' FOR UPDATE";
    tenant VERIFIED(4) = "UPDATE users SET email_verified = 1, updated_at = $4
        WHERE tenant_id = $1 AND id = $2 AND email_key = $3 AND status <> 'deleted'";
    tenant CHANGE(6) = "UPDATE users SET email = $3, email_key = $4, email_verified = $5, updated_at = $6
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted' AND NOT EXISTS
            (SELECT 1 FROM users taken WHERE taken.tenant_id = $1 AND taken.email_key = $4 AND taken.id <> $2)";
    tenant GIVE_WAY(4) = "UPDATE users SET email = NULL, email_key = NULL, updated_at = $4,
            status = CASE WHEN last_login_at IS NULL THEN 'deleted' ELSE status END,
            username_key = CASE WHEN last_login_at IS NULL THEN NULL ELSE username_key END
        WHERE tenant_id = $1 AND email_key = $2 AND id <> $3 AND email_verified = 0";
    tenant NAME(5) = "UPDATE users SET username = $3, username_key = $4, updated_at = $5
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted' AND NOT EXISTS
            (SELECT 1 FROM users taken WHERE taken.tenant_id = $1 AND taken.username_key = $4 AND taken.id <> $2)";
    tenant FORGET_PASSWORD(2) = "DELETE FROM passwords WHERE tenant_id = $1 AND user_id = $2";
    tenant HASH(2) = "SELECT hash FROM passwords WHERE tenant_id = $1 AND user_id = $2";
}

/// The person of this address, held by the transaction until it ends: what two of them do about one person, one does
/// after the other. (On SQLite they wait for each other anyway.)
///
/// # Errors
/// The database failed.
pub async fn held_by_email(tx: &mut Tx, tenant: &TenantId, email: &Email) -> sqlx::Result<Option<User>> {
    tx.one(HELD, (tenant.clone(), email.key())).await
}

/// Remembers that a mail to this address was answered. `false`: the account has another address by now.
///
/// # Errors
/// The database failed.
pub async fn verified(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    email: &Email,
    now: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(VERIFIED, (tenant.clone(), user.clone(), email.key(), now)).await? == 1)
}

/// Makes this the account's address. `false`: another account has it, or the account is gone.
///
/// # Errors
/// The database failed.
pub async fn change(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    (email, verified): (&Email, bool),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), user.clone(), email.clone(), email.key(), Flag(verified), now);
    match run.execute(CHANGE, values).await {
        Ok(changed) => Ok(changed == 1),
        // Somebody else took it at the same moment.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives an account this user name. `false`: another account has it, or there is no such account.
///
/// # Errors
/// The database failed.
pub async fn name(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    username: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), user.clone(), username.to_owned(), Email::key_of(username), now);
    Ok(run.execute(NAME, values).await? == 1)
}

/// Takes the address from an account, other than `winner`'s, that never proved it; one that nobody ever signed in to
/// goes with it.
///
/// # Errors
/// The database failed.
pub async fn give_way(
    run: impl Run,
    tenant: &TenantId,
    email: &Email,
    winner: &UserId,
    now: Timestamp,
) -> sqlx::Result<u64> {
    run.execute(GIVE_WAY, (tenant.clone(), email.key(), winner.clone(), now)).await
}

/// Leaves a person without a password.
///
/// # Errors
/// The database failed.
pub async fn forget_password(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<bool> {
    Ok(run.execute(FORGET_PASSWORD, (tenant.clone(), user.clone())).await? == 1)
}

/// The hash of a person's password.
///
/// # Errors
/// The database failed.
pub async fn hash(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Option<String>> {
    let found: Option<(String,)> = run.one(HASH, (tenant.clone(), user.clone())).await?;
    Ok(found.map(|(hash,)| hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};
    use crate::store::users::{self, Profile, Role, UserStatus};
    use crate::store::{Db, Json};

    async fn person(db: &Db, tenant: &TenantId, email: &str, verified: bool) -> UserId {
        let user = User {
            tenant_id: tenant.clone(),
            id: UserId::generate(),
            email: Some(email.parse().unwrap()),
            email_verified: Flag(verified),
            username: None,
            status: UserStatus::Active,
            role: Role::User,
            profile: Json(Profile::default()),
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
            last_login_at: None,
        };
        assert!(users::insert(db, &user).await.unwrap());
        user.id
    }

    #[tokio::test]
    async fn w011_an_address_moves_only_where_nobody_has_it() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let ada = person(&db, &one, "ada@x.test", true).await;
            let bob = person(&db, &one, "bob@x.test", true).await;
            person(&db, &two, "new@x.test", true).await;
            let (taken, free) = ("ADA@x.test".parse().unwrap(), "new@x.test".parse().unwrap());
            let at = Timestamp(2);
            assert!(!change(&db, &one, &bob, (&taken, true), at).await.unwrap());
            assert!(
                change(&db, &one, &bob, (&free, true), at).await.unwrap(),
                "the other tenant's address is free here"
            );
            assert!(!change(&db, &two, &ada, (&"x@x.test".parse().unwrap(), true), at).await.unwrap(), "X2");
            assert!(!verified(&db, &one, &bob, &"bob@x.test".parse().unwrap(), at).await.unwrap(), "not his any more");
            assert!(verified(&db, &one, &bob, &free, at).await.unwrap());
            assert!(name(&db, &one, &bob, "Bob", at).await.unwrap());
            assert!(!name(&db, &one, &ada, "bOB", at).await.unwrap());
            assert!(!name(&db, &two, &bob, "bob", at).await.unwrap(), "X2");
        }
    }

    #[tokio::test]
    async fn u6_an_unproven_address_gives_way_and_a_proven_one_does_not() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let squatter = person(&db, &one, "ada@x.test", false).await;
            let proven = person(&db, &one, "bob@x.test", true).await;
            let (ada, bob) = ("ada@x.test".parse().unwrap(), "bob@x.test".parse().unwrap());
            let winner = UserId::generate();
            assert_eq!(give_way(&db, &one, &ada, &squatter, Timestamp(2)).await.unwrap(), 0, "to itself");
            assert_eq!(give_way(&db, &one, &ada, &winner, Timestamp(2)).await.unwrap(), 1);
            assert_eq!(give_way(&db, &one, &bob, &winner, Timestamp(2)).await.unwrap(), 0);
            assert!(users::by_id(&db, &one, &squatter).await.unwrap().is_none());
            assert!(users::by_id(&db, &one, &proven).await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn a_password_can_be_forgotten() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let ada = person(&db, &one, "ada@x.test", true).await;
            assert_eq!(hash(&db, &one, &ada).await.unwrap(), None);
            users::set_password(&db, &one, &ada, "hash", Timestamp(1)).await.unwrap();
            assert_eq!(hash(&db, &one, &ada).await.unwrap().as_deref(), Some("hash"));
            assert!(forget_password(&db, &one, &ada).await.unwrap());
            assert!(!forget_password(&db, &one, &ada).await.unwrap());
        }
    }
}
