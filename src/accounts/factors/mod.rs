//! What people prove themselves with besides a password: authenticator apps, recovery codes, passkeys; how they get
//! them, see them, and lose them. [`crate::accounts::engine`] is where they count.

mod guesses;
mod lost;
mod passkeys;
pub mod passwordless;
mod recovery;
mod totp;

pub use lost::Lost;
pub(super) use passkeys::UsedPasskey;
pub use passkeys::{AddedPasskey, Ceremony, are_possible as passkeys_are_possible};
pub(super) use recovery::digest_of;
pub use totp::TotpSetup;
pub(super) use totp::{FirstCode, wrong_code};

use serde_json::json;

use super::Accounts;
use super::engine::Entrance;
use crate::base::{Actor, Clock, Code, Method, Origin, Result, Secret, Stop};
use crate::keys::Keys;
use crate::mail::{Factor, Letter, Mail, Recipient};
use crate::store::audit::{self, Event};
use crate::store::factors::{self, Held, TotpFactor};
use crate::store::passkeys::{self as stored, Passkey};
use crate::store::tenants::Tenant;
use crate::store::users::User;
use crate::store::{Db, Tx};
use crate::tenants::TenantContext;

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Factors {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) keys: Keys,
    pub(super) accounts: Accounts,
    pub(super) mail: Mail,
}

/// What a person has.
#[derive(Debug)]
pub struct Overview {
    /// The authenticator app.
    pub totp: Option<TotpFactor>,
    /// Passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
    /// Whether a policy says that there has to be a second factor.
    pub required: bool,
}

impl Factors {
    /// Over these services.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, keys: Keys, accounts: Accounts, mail: Mail) -> Self {
        Self { db, clock, keys, accounts, mail }
    }

    /// What this person has.
    pub async fn overview(&self, tenant: &TenantContext, user: &User) -> Result<Overview> {
        let held = factors::held(&self.db, &tenant.id, &user.id).await?;
        Ok(Overview {
            totp: factors::totp(&self.db, &tenant.id, &user.id).await?,
            passkeys: stored::of_user(&self.db, &tenant.id, &user.id).await?,
            recovery_codes: held.recovery_codes,
            required: Entrance::new(tenant, &Origin::default()).needs_second(user),
        })
    }

    /// Makes the app that waits the person's own, for its first code; answers ten recovery codes.
    ///
    /// # Errors
    /// The code is wrong, or no app waits.
    pub async fn confirm_totp(
        &self,
        tenant: &TenantContext,
        user: &User,
        code: &str,
        by: &Actor,
    ) -> Result<Vec<Secret>> {
        self.may_guess(tenant, user, &by.origin).await?;
        let first = self.first_code(tenant, user, code).await?;
        let mut tx = self.db.begin().await?;
        let codes = self.add_totp_in(&mut tx, tenant, user, first).await?;
        self.tell_of_addition(&mut tx, (tenant, &by.origin), user, Method::Totp).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Adds a passkey.
    ///
    /// # Errors
    /// Somebody has it already.
    pub async fn add_passkey(
        &self,
        tenant: &TenantContext,
        user: &User,
        added: &AddedPasskey,
        by: &Actor,
    ) -> Result<()> {
        if *added.owner() != user.id {
            return Err(Stop::refuse(Code::InvalidGrant, "the passkey was not accepted"));
        }
        let mut tx = self.db.begin().await?;
        self.add_passkey_in(&mut tx, tenant, added).await?;
        self.tell_of_addition(&mut tx, (tenant, &by.origin), user, Method::Passkey).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a passkey another name.
    ///
    /// # Errors
    /// `NotFound`: the person has none of this id.
    pub async fn rename_passkey(&self, tenant: &Tenant, user: &User, id: &str, name: &str) -> Result<()> {
        let name = passkeys::checked_name(name)?;
        let renamed = stored::rename(&self.db, (&tenant.id, &user.id), id, &name).await?;
        if renamed { Ok(()) } else { Err(no_passkey()) }
    }

    /// New recovery codes; those before are worth nothing any more.
    pub async fn renew_recovery_codes(&self, tenant: &TenantContext, user: &User, by: &Actor) -> Result<Vec<Secret>> {
        let held = factors::held(&self.db, &tenant.id, &user.id).await?;
        if held.totp + held.passkeys == 0 {
            return Err(Stop::refuse(Code::Conflict, "recovery codes need a second factor that they stand in for"));
        }
        let mut tx = self.db.begin().await?;
        let codes = self.new_codes_in(&mut tx, tenant, user).await?;
        self.record(
            &mut tx,
            (tenant, user),
            ("user.recovery_codes_renewed", Method::RecoveryCode),
            (&by.id, &by.origin),
        )
        .await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Takes the authenticator app away, and the recovery codes with the last second factor (W-038).
    ///
    /// # Errors
    /// `Conflict`: a policy wants a second factor, and there is no other. `NotFound`: there is none.
    pub async fn remove_totp(&self, tenant: &TenantContext, user: &User, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let held = factors::held(&mut tx, &tenant.id, &user.id).await?;
        may_lose(tenant, user, held)?;
        if !factors::remove_totp(&mut tx, &tenant.id, &user.id).await? {
            return Err(Stop::refuse(Code::NotFound, "there is no authenticator app"));
        }
        self.after_removal(&mut tx, (tenant, user), (held, Method::Totp), by).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a passkey away (W-038).
    ///
    /// # Errors
    /// As [`Factors::remove_totp`]; `Conflict` also when there would be no way in any more.
    pub async fn remove_passkey(&self, tenant: &TenantContext, user: &User, id: &str, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let held = factors::held(&mut tx, &tenant.id, &user.id).await?;
        if !stored::remove(&mut tx, &tenant.id, &user.id, id).await? {
            return Err(no_passkey());
        }
        may_lose(tenant, user, held)?;
        let another_way = held.passkeys > 1 || user.email.is_some() || user.username.is_some();
        if !another_way {
            return Err(Stop::refuse(Code::Conflict, "this is the only way to sign in that is left"));
        }
        self.after_removal(&mut tx, (tenant, user), (held, Method::Passkey), by).await?;
        Ok(tx.commit().await?)
    }

    async fn after_removal(
        &self,
        tx: &mut Tx,
        (tenant, user): (&TenantContext, &User),
        (before, method): (Held, Method),
        by: &Actor,
    ) -> Result<()> {
        if before.totp + before.passkeys == 1 {
            factors::remove_codes(&mut *tx, &tenant.id, &user.id).await?;
        }
        self.record(tx, (tenant, user), ("user.mfa_removed", method), (&by.id, &by.origin)).await?;
        let letter = Letter::FactorRemoved { factor: mailed(method), account: account_of(tenant) };
        self.tell(tx, tenant, user, &letter).await
    }

    /// The audit row of a new factor, and the person's mail.
    pub(super) async fn tell_of_addition(
        &self,
        tx: &mut Tx,
        (tenant, origin): (&TenantContext, &Origin),
        user: &User,
        method: Method,
    ) -> Result<()> {
        self.record(tx, (tenant, user), ("user.mfa_enrolled", method), (user.id.as_str(), origin)).await?;
        let letter = Letter::FactorAdded { factor: mailed(method), account: account_of(tenant) };
        self.tell(tx, tenant, user, &letter).await
    }

    /// The audit row of a recovery code that was used, and the person's mail.
    pub(super) async fn tell_of_recovery(&self, tx: &mut Tx, at: &Entrance<'_>, user: &User) -> Result<()> {
        self.record(
            tx,
            (at.tenant, user),
            ("user.recovery_code_used", Method::RecoveryCode),
            (user.id.as_str(), at.origin),
        )
        .await?;
        let left = factors::held(&mut *tx, &at.tenant.id, &user.id).await?.recovery_codes;
        let letter = Letter::RecoveryCodeUsed { left, account: account_of(at.tenant) };
        self.tell(tx, at.tenant, user, &letter).await
    }

    async fn tell(&self, tx: &mut Tx, tenant: &TenantContext, user: &User, letter: &Letter) -> Result<()> {
        match Recipient::of(user) {
            Some(recipient) => self.mail.send(tx, tenant, &recipient, letter).await,
            None => Ok(()),
        }
    }

    async fn record(
        &self,
        tx: &mut Tx,
        (tenant, user): (&TenantContext, &User),
        (action, method): (&str, Method),
        (by, origin): (&str, &Origin),
    ) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(by).on(user.id.as_str());
        Ok(audit::record(tx, event.from(origin).detail(json!({ "method": method.as_str() }))).await?)
    }

    pub(super) async fn remembers(&self, tenant: &Tenant, user: &User, device: &Secret) -> Result<bool> {
        self.accounts.trusts_device(&tenant.id, &user.id, device).await
    }
}

/// Whether one second factor less is still enough for the policy.
fn may_lose(tenant: &TenantContext, user: &User, held: Held) -> Result<()> {
    if held.totp + held.passkeys == 1 && Entrance::new(tenant, &Origin::default()).needs_second(user) {
        return Err(Stop::refuse(Code::Conflict, "a second factor is required here, and this is the last one"));
    }
    Ok(())
}

const fn mailed(method: Method) -> Factor {
    match method {
        Method::Passkey => Factor::Passkey,
        _ => Factor::Totp,
    }
}

/// Where the person sees to it.
fn account_of(tenant: &TenantContext) -> String {
    format!("{}/account", tenant.issuer)
}

fn no_passkey() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such passkey")
}
