//! People: their accounts, their passwords, and proof that they are who they say.

pub mod engine;
mod factors;
pub mod federation;
mod limiter;
pub mod password;
mod pool;
mod sign_in;
#[cfg(test)]
mod tests;

use crate::base::{Actor, Clock, Code, Email, Result, Seconds, Secret, Stop, UserId};
use crate::store::audit::{self, Event};
use crate::store::grants::{self, Revocation, RevocationKind};
use crate::store::tenants::Tenant;
use crate::store::users::{self as store, Profile, Role, User, UserStatus};
use crate::store::{Db, Flag, Json, Tx, sessions};

pub use factors::Factors;
use limiter::Limiter;
pub use password::Passwords;

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Db,
    clock: Clock,
    passwords: Passwords,
    limiter: Limiter,
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Unique in the tenant, in any case.
    pub email: Option<Email>,
    /// Whether a mail to it was answered, or somebody vouches for it.
    pub email_verified: bool,
    /// Unique in the tenant, in any case.
    pub username: Option<String>,
    /// Absent: the person cannot sign in with a password.
    pub password: Option<Secret>,
    /// What the person may do in the tenant.
    pub role: Role,
    /// Further claims.
    pub profile: Profile,
}

impl Accounts {
    /// Over this database; `limits_off` is the switch for test suites.
    #[must_use]
    pub fn new(db: Db, clock: Clock, passwords: Passwords, limits_off: bool) -> Self {
        Self { db, clock, passwords, limiter: Limiter::new(limits_off) }
    }

    /// Adds a person. Of two at the same time with one address, one is added (W-012).
    pub async fn create(&self, tenant: &Tenant, new: NewUser, by: &Actor) -> Result<User> {
        if new.email.is_none() && new.username.is_none() {
            return Err(Stop::refuse(Code::Unprocessable, "a person needs an e-mail address or a user name"));
        }
        if let Some(username) = &new.username {
            check_username(username)?;
        }
        let hash = match &new.password {
            Some(password) => {
                password::check_policy(password)?;
                Some(self.passwords.hash(&tenant.id, password).await?)
            }
            None => None,
        };
        let user = self.user_of(tenant, new);
        let mut tx = self.db.begin().await?;
        if !store::insert(&mut tx, &user).await? {
            return Err(Stop::refuse(Code::Conflict, "the e-mail address or user name is taken"));
        }
        if let Some(hash) = hash {
            store::set_password(&mut tx, &tenant.id, &user.id, &hash, user.created_at).await?;
        }
        self.record(&mut tx, tenant, "user.created", &user.id, by).await?;
        tx.commit().await?;
        Ok(user)
    }

    fn user_of(&self, tenant: &Tenant, new: NewUser) -> User {
        let now = self.clock.now();
        User {
            tenant_id: tenant.id.clone(),
            id: UserId::generate(),
            email: new.email,
            email_verified: Flag(new.email_verified),
            username: new.username,
            status: UserStatus::Active,
            role: new.role,
            profile: Json(new.profile),
            created_at: now,
            updated_at: now,
            last_login_at: None,
        }
    }

    /// The person of this id, suspended ones included.
    pub async fn find(&self, tenant: &Tenant, id: &UserId) -> Result<Option<User>> {
        Ok(store::by_id(&self.db, &tenant.id, id).await?)
    }

    /// The person of this id, e-mail address or user name, as an operator types it.
    pub async fn look_up(&self, tenant: &Tenant, typed: &str) -> Result<User> {
        let by_id = store::by_id(&self.db, &tenant.id, &UserId::from(typed)).await?;
        let found = match by_id {
            Some(user) => Some(user),
            None => store::credentials(&self.db, &tenant.id, typed).await?.map(|found| found.user),
        };
        found.ok_or_else(nobody)
    }

    /// Up to `limit` people after this id, oldest first.
    pub async fn page(&self, tenant: &Tenant, after: &str, limit: i64) -> Result<Vec<User>> {
        Ok(store::page(&self.db, &tenant.id, after, limit).await?)
    }

    /// Sets another password; every session and token of the person ends (W-014).
    pub async fn set_password(&self, tenant: &Tenant, user: &UserId, password: &Secret, by: &Actor) -> Result<()> {
        password::check_policy(password)?;
        let hash = self.passwords.hash(&tenant.id, password).await?;
        let mut tx = self.db.begin().await?;
        store::by_id(&mut tx, &tenant.id, user).await?.ok_or_else(nobody)?;
        store::set_password(&mut tx, &tenant.id, user, &hash, self.clock.now()).await?;
        self.end_everything(&mut tx, tenant, user).await?;
        self.record(&mut tx, tenant, "user.password_changed", user, by).await?;
        Ok(tx.commit().await?)
    }

    /// Suspends, activates or deletes; unless activated, every session and token of the person ends (W-025).
    pub async fn set_status(&self, tenant: &Tenant, user: &UserId, status: UserStatus, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !store::set_status(&mut tx, &tenant.id, user, status, self.clock.now()).await? {
            return Err(nobody());
        }
        let action = match status {
            UserStatus::Active => "user.activated",
            UserStatus::Suspended => "user.suspended",
            UserStatus::Deleted => "user.deleted",
        };
        if status != UserStatus::Active {
            self.end_everything(&mut tx, tenant, user).await?;
        }
        self.record(&mut tx, tenant, action, user, by).await?;
        Ok(tx.commit().await?)
    }

    /// Gives another role.
    pub async fn set_role(&self, tenant: &Tenant, user: &UserId, role: Role, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !store::set_role(&mut tx, &tenant.id, user, role, self.clock.now()).await? {
            return Err(nobody());
        }
        let event = Event::new(&tenant.id, self.clock.now(), "user.role_changed").by(&by.id).on(user.as_str());
        let event = event.from(&by.origin).detail(serde_json::json!({ "role": role.as_str() }));
        audit::record(&mut tx, event).await?;
        Ok(tx.commit().await?)
    }

    async fn end_everything(&self, tx: &mut Tx, tenant: &Tenant, user: &UserId) -> Result<()> {
        let now = self.clock.now();
        let lifetimes = &tenant.settings.lifetimes;
        let longest =
            [lifetimes.access_token, lifetimes.refresh_absolute, lifetimes.session_absolute].into_iter().max();
        let revocation = Revocation {
            tenant_id: tenant.id.clone(),
            kind: RevocationKind::User,
            id: user.to_string(),
            revoked_at: now,
            expires_at: now.plus(longest.unwrap_or(Seconds(0))),
        };
        sessions::end_of_user(&mut *tx, &tenant.id, user, now).await?;
        Ok(grants::revoke(tx, &revocation).await?)
    }

    async fn record(&self, tx: &mut Tx, tenant: &Tenant, action: &str, user: &UserId, by: &Actor) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(&by.id).on(user.as_str()).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }
}

fn nobody() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such person in this tenant")
}

/// A user name cannot be taken for an e-mail address, nor for another user name that looks the same (U3).
fn check_username(username: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=64).contains(&username.len()) && username.bytes().all(plain) {
        Ok(())
    } else {
        Err(Stop::refuse(Code::Unprocessable, "a user name has up to 64 characters of a-z, 0-9, . _ and -"))
    }
}
