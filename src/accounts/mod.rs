//! People: their accounts, their passwords, and proof that they are who they say.

mod accept;
mod change;
mod common;
pub mod devices;
mod email_change;
pub mod engine;
pub mod factors;
pub mod federation;
mod founding;
mod invitations;
mod invitations_over;
mod joining;
mod letters;
mod links;
mod made;
pub mod password;
mod policy;
mod pool;
mod protection;
mod recover;
mod recover_for;
mod register;
mod register_by_name;
mod roles;
pub mod second;
mod sign_in;
pub mod standing;
#[cfg(test)]
mod tests;
mod verify;

use crate::base::{Actor, Clock, Code, Email, Origin, Result, Seconds, Secret, Stop, TenantId, UserId};
use crate::limits::Limits;
use crate::mail::{Letter, Mail};
use crate::store::audit::{self, Event};
use crate::store::grants::{self, Revocation, RevocationKind};
use crate::store::tenants::Tenant;
use crate::store::users::{self as store, Profile, Role, User, UserStatus};
use crate::store::{Db, Flag, Json, Tx, devices as known_devices, endings, sessions};
use crate::tenants::{Counted, TenantContext, make_room};

pub use accept::{Acceptance, Invited};
pub use factors::{Factors, Lost};
pub use founding::Owner;
pub use joining::{Place, Waiting};
pub use made::{Giver, Made};
pub use password::{Passwords, StoredHash};
pub use recover_for::{Delivery, MadeLink};
pub use register::SignUp;
pub use register_by_name::NameSignUp;
pub use sign_in::{REPLACE, UNVERIFIED};
pub use verify::{Checked, Verified};

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Db,
    clock: Clock,
    passwords: Passwords,
    limits: Limits,
    mail: Mail,
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

impl NewUser {
    /// What a password must not be.
    fn personal(&self) -> Vec<&str> {
        self.email.as_ref().map(Email::as_str).into_iter().chain(self.username.as_deref()).collect()
    }
}

impl Accounts {
    /// Over this database.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, passwords: Passwords, limits: Limits, mail: Mail) -> Self {
        Self { db, clock, passwords, limits, mail }
    }

    /// Adds a person. Of two at the same time with one address, one is added (W-012).
    pub async fn create(&self, tenant: &Tenant, new: NewUser, by: &Actor) -> Result<User> {
        let hash = self.check_new(tenant, &new).await?;
        let mut tx = self.db.begin().await?;
        let user = self.insert_new(&mut tx, tenant, new, hash).await?;
        self.record(&mut tx, tenant, "user.created", &user.id, by).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Whether a person can be added; the hash of the password.
    async fn check_new(&self, tenant: &Tenant, new: &NewUser) -> Result<Option<String>> {
        if new.email.is_none() && new.username.is_none() {
            return Err(Stop::refuse(Code::Unprocessable, "a person needs an e-mail address or a user name"));
        }
        check_profile(&new.profile)?;
        if let Some(username) = &new.username {
            check_username(username)?;
        }
        match &new.password {
            Some(password) => {
                policy::check(&tenant.settings.passwords, password, &new.personal())?;
                Ok(Some(self.passwords.hash(&tenant.id, password).await?))
            }
            None => Ok(None),
        }
    }

    async fn insert_new(&self, tx: &mut Tx, tenant: &Tenant, new: NewUser, hash: Option<String>) -> Result<User> {
        make_room(&mut *tx, tenant, Counted::Users, self.clock.now()).await?;
        self.insert_expected(tx, tenant, new, hash).await
    }

    /// Adds somebody for whom room is kept.
    async fn insert_expected(&self, tx: &mut Tx, tenant: &Tenant, new: NewUser, hash: Option<String>) -> Result<User> {
        let user = self.user_of(tenant, new);
        if !store::insert(&mut *tx, &user).await? {
            return Err(Stop::refuse(Code::Conflict, "the e-mail address or user name is taken"));
        }
        if let Some(hash) = hash {
            store::set_password(tx, &tenant.id, &user.id, &hash, user.created_at).await?;
        }
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

    /// Those of these ids who are people of the tenant, suspended ones included.
    pub async fn find_all(&self, tenant: &Tenant, ids: &[&str]) -> Result<Vec<User>> {
        Ok(store::of_ids(&self.db, &tenant.id, ids).await?)
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

    /// The hash of a password that another system kept in the clear: it is right, and has to be replaced.
    pub async fn hash_of_known(&self, tenant: &TenantId, password: &Secret) -> Result<StoredHash> {
        self.passwords.hash_of_known(tenant, password).await
    }

    /// Sets another password; every session and token of the person ends (W-014).
    pub async fn set_password(&self, tenant: &Tenant, user: &UserId, password: &Secret, by: &Actor) -> Result<()> {
        self.replace_password(tenant, (user, password), None, by).await
    }

    /// As [`Accounts::set_password`], and the person hears of it: whoever did not want it shall know.
    pub async fn set_password_with_notice(
        &self,
        tenant: &TenantContext,
        user: &UserId,
        password: &Secret,
        by: &Actor,
    ) -> Result<()> {
        let letter = recover::password_changed(tenant);
        self.replace_password(tenant, (user, password), Some(&letter), by).await
    }

    async fn replace_password(
        &self,
        tenant: &Tenant,
        (user, password): (&UserId, &Secret),
        letter: Option<&Letter>,
        by: &Actor,
    ) -> Result<()> {
        password::check_length(password)?;
        let person = store::by_id(&self.db, &tenant.id, user).await?.ok_or_else(nobody)?;
        policy::check(&tenant.settings.passwords, password, &person.personal())?;
        let hash = self.passwords.hash(&tenant.id, password).await?;
        let mut tx = self.db.begin().await?;
        store::set_password(&mut tx, &tenant.id, user, &hash, self.clock.now()).await?;
        self.end_everything(&mut tx, tenant, user).await?;
        endings::links(&mut tx, &tenant.id, user, self.clock.now()).await?;
        self.record(&mut tx, tenant, "user.password_changed", user, by).await?;
        if let Some(letter) = letter {
            self.notify(&mut tx, tenant, &person, letter).await?;
        }
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
        known_devices::forget_all(&mut *tx, &tenant.id, user).await?;
        sessions::end_of_user(&mut *tx, &tenant.id, user, now).await?;
        Ok(grants::revoke(tx, &revocation).await?)
    }

    async fn record(&self, tx: &mut Tx, tenant: &Tenant, action: &str, user: &UserId, by: &Actor) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(&by.id).on(user.as_str()).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }

    /// What a stranger asked for, about somebody or nobody.
    async fn record_asked(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (action, user): (&str, Option<&UserId>),
        origin: &Origin,
    ) -> Result<()> {
        let mut event = Event::new(&tenant.id, self.clock.now(), action).from(origin);
        event.target = user.map(ToString::to_string);
        let event = if user.is_none() { event.result("unknown") } else { event };
        Ok(audit::record(tx, event).await?)
    }

    /// What people do to their own accounts, or what is done by a link that only they have.
    async fn record_on(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (action, user): (&str, &UserId),
        origin: &Origin,
    ) -> Result<()> {
        let by = Actor { id: user.to_string(), origin: origin.clone() };
        self.record(tx, tenant, action, user, &by).await
    }
}

/// Refuses what no account can be called.
///
/// # Errors
/// `Unprocessable`, with what is wrong.
pub fn check_names(user: &User) -> Result<()> {
    if user.email.is_none() && user.username.is_none() {
        return Err(Stop::refuse(Code::Unprocessable, "a person needs an e-mail address or a user name"));
    }
    user.username.as_deref().map_or(Ok(()), check_username)?;
    check_profile(&user.profile)
}

fn nobody() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such person in this tenant")
}

/// A name is for people to read: a line of it, not a page.
fn check_profile(profile: &Profile) -> Result<()> {
    let name = profile.name.as_deref().unwrap_or_default();
    if name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Stop::refuse(Code::Unprocessable, "a name is one line of up to 200 characters"));
    }
    let locale = profile.locale.as_deref().unwrap_or("en");
    if locale.len() > 35 || !locale.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(Stop::refuse(Code::Unprocessable, "the locale is not a language tag (BCP 47)"));
    }
    Ok(())
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
