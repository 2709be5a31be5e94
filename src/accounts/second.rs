//! The second factor: shown after a first one, and never without it (W-034). A guess is counted before it is looked
//! at, and what is right is spent in the transaction that lets the person in.

use serde_json::Value;

use super::engine::{Entrance, Halfway};
use super::factors::{AddedPasskey, Factors, FirstCode, UsedPasskey, digest_of, wrong_code};
use super::sign_in::admit;
use crate::base::{Code, Digest, Method, Proof, Refusal, Result, Secret, UserId};
use crate::store::audit::{self, Event};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::users::{self, User};
use crate::store::{Tx, factors};

/// Guesses per first factor.
const MOST_GUESSES: i64 = 5;

/// What somebody shows as second factor.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// A code of the authenticator app.
    Totp(&'a str),
    /// A recovery code.
    RecoveryCode(&'a str),
    /// A passkey: what its ceremony began with, and what the authenticator answered.
    Passkey(&'a Secret, &'a Value),
}

impl Shown<'_> {
    const fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
            Self::RecoveryCode(_) => Method::RecoveryCode,
            Self::Passkey(..) => Method::Passkey,
        }
    }
}

/// Somebody is in.
#[derive(Debug)]
pub struct Passed {
    /// By what.
    pub proof: Proof,
    /// Who.
    pub user: User,
    /// What [`Entrance::context`] was with the first factor.
    pub context: Value,
    /// New recovery codes, where an authenticator app was set up on the way.
    pub recovery_codes: Vec<Secret>,
}

/// A second factor that holds, not spent yet.
enum Right {
    Step(i64),
    RecoveryCode(Digest),
    Passkey(UsedPasskey),
    NewTotp(FirstCode),
    NewPasskey(AddedPasskey),
}

impl Factors {
    /// Who is halfway in, for the pages.
    ///
    /// # Errors
    /// The first factor is too long ago, or was proven elsewhere.
    pub async fn halfway_of(&self, at: &Entrance<'_>, held: &Digest) -> Result<(User, Halfway)> {
        let row = one_time::find(&self.db, &at.tenant.id, Kind::Mfa, held, self.clock.now()).await?;
        self.read_halfway(at, row).await
    }

    async fn read_halfway(&self, at: &Entrance<'_>, row: Option<OneTime>) -> Result<(User, Halfway)> {
        let row = row.filter(|row| row.browser.as_deref() == at.browser).ok_or_else(over)?;
        let halfway: Halfway = serde_json::from_value(row.data.0)?;
        let user = users::by_id(&self.db, &at.tenant.id, &UserId::from(row.subject)).await?;
        Ok((admit(at.tenant, user.ok_or_else(over)?)?, halfway))
    }

    /// Lets somebody in who is halfway in and shows this.
    ///
    /// # Errors
    /// `InvalidGrant`: it is wrong, or the first factor is too long ago or was tried too often.
    pub async fn after_second_factor(&self, at: &Entrance<'_>, held: &Digest, shown: Shown<'_>) -> Result<Passed> {
        let now = self.clock.now();
        let row = one_time::attempt(&self.db, &at.tenant.id, (Kind::Mfa, held), MOST_GUESSES, now).await?;
        let (user, halfway) = self.read_halfway(at, row).await?;
        let method = shown.method();
        if !halfway.methods.contains(&method) {
            return Err(Refusal::new(Code::InvalidGrant, "this second factor is not one that can be used here").into());
        }
        self.may_guess(at.tenant, &user, at.origin).await?;
        let Some(right) = self.look_at(at, &user, halfway.enrol, shown).await? else {
            return Err(self.wrong(at, &user, method).await?.into());
        };
        let mut tx = self.db.begin().await?;
        one_time::take(&mut tx, &at.tenant.id, Kind::Mfa, held, now).await?.ok_or_else(over)?;
        let Some(recovery_codes) = self.spend(&mut tx, at, &user, right).await? else {
            drop(tx);
            return Err(self.wrong(at, &user, method).await?.into());
        };
        let proof = self.complete_in(&mut tx, at, &user, &[halfway.first, method]).await?;
        tx.commit().await?;
        self.guessed_right(at.tenant, &user, at.origin).await;
        Ok(Passed { proof, user, context: halfway.context, recovery_codes })
    }

    /// Whether it holds. A recovery code is only looked at where it is spent.
    async fn look_at(&self, at: &Entrance<'_>, user: &User, enrol: bool, shown: Shown<'_>) -> Result<Option<Right>> {
        Ok(match shown {
            Shown::Totp(code) if enrol => Some(Right::NewTotp(self.first_code(at.tenant, user, code).await?)),
            Shown::Totp(code) => self.totp_step(at.tenant, user, code).await?.map(Right::Step),
            Shown::RecoveryCode(code) => Some(Right::RecoveryCode(digest_of(&user.id, code))),
            Shown::Passkey(ceremony, credential) if enrol => {
                Some(Right::NewPasskey(self.read_registration(at.tenant, user, (ceremony, credential)).await?))
            }
            Shown::Passkey(ceremony, credential) => {
                self.read_assertion(at.tenant, user, (ceremony, credential)).await?.map(Right::Passkey)
            }
        })
    }

    /// Uses it up; new recovery codes, where there are any. `None`: somebody else did.
    async fn spend(&self, tx: &mut Tx, at: &Entrance<'_>, user: &User, right: Right) -> Result<Option<Vec<Secret>>> {
        let (tenant, now) = (&at.tenant.id, self.clock.now());
        let spent = match right {
            Right::Step(step) => factors::spend_step(&mut *tx, tenant, &user.id, step).await?,
            Right::RecoveryCode(digest) => {
                let spent = factors::spend_code(&mut *tx, tenant, &user.id, &digest, now).await?;
                if spent {
                    self.tell_of_recovery(tx, at, user).await?;
                }
                spent
            }
            Right::Passkey(used) => self.remember_use_in(tx, used).await.map(|()| true)?,
            Right::NewTotp(first) => {
                let codes = self.add_totp_in(tx, at.tenant, user, first).await?;
                self.tell_of_addition(tx, (at.tenant, at.origin), user, Method::Totp).await?;
                return Ok(Some(codes));
            }
            Right::NewPasskey(added) => {
                self.add_passkey_in(tx, at.tenant, &added).await?;
                self.tell_of_addition(tx, (at.tenant, at.origin), user, Method::Passkey).await.map(|()| true)?
            }
        };
        Ok(spent.then(Vec::new))
    }

    /// Counts a wrong guess, with its audit row.
    async fn wrong(&self, at: &Entrance<'_>, user: &User, method: Method) -> Result<Refusal> {
        self.guessed_wrong(at.tenant, user, at.origin).await;
        let event = Event::new(&at.tenant.id, self.clock.now(), "user.second_factor_failed").on(user.id.as_str());
        let event = event.result(Code::InvalidGrant.as_str()).detail(serde_json::json!({ "method": method }));
        audit::record(&self.db, event.from(at.origin)).await?;
        Ok(wrong_code())
    }
}

fn over() -> Refusal {
    Refusal::new(Code::InvalidGrant, "this sign-in took too long or was tried too often; please start again")
}
