//! Sign-in with a password. Nothing but the right password tells anything about an account: the same answer after the
//! same work for unknown people, wrong passwords and people without one (W-001, W-007, W-008, W-009).

use super::engine::FirstFactor;
use super::{Accounts, password};
use crate::base::{Code, Email, Method, Origin, Result, Secret, Stop, UserId};
use crate::limits::{Attempt, Excuse};
use crate::store::audit::{self, Event};
use crate::store::devices::is_known_as;
use crate::store::passwords;
use crate::store::tenants::Tenant;
use crate::store::users::{self, Credentials, User, UserStatus};

/// What is said to the owner of an account whose address waits for its verification.
pub const UNVERIFIED: &str = "the e-mail address of this account is not verified yet";
/// What is said to the owner of an account whose password others may know.
pub const REPLACE: &str = "this password has to be replaced; ask for a link to a new one by \"forgotten password\"";
/// Longest identifier that is looked up, in bytes.
const LONGEST_IDENTIFIER: usize = 320;

impl Accounts {
    /// The person who has this address or user name and this password, and may come in by it. What else is needed
    /// before a session begins, [`super::Factors::after_first_factor`] says.
    ///
    /// # Errors
    /// `InvalidGrant`: one of the two is wrong. `Forbidden`: both are right, but the account is suspended or waits for
    /// the verification of its address (W-020), or the password has to be replaced. `TooManyRequests`: one failure too many lately. `InvalidRequest`:
    /// longer than anything that could be right.
    pub async fn authenticate(
        &self,
        tenant: &Tenant,
        identifier: &str,
        password: &Secret,
        origin: &Origin,
    ) -> Result<FirstFactor> {
        password::check_length(password)?;
        if identifier.len() > LONGEST_IDENTIFIER {
            return Err(Stop::refuse(Code::InvalidRequest, "the user name is too long"));
        }
        let found = users::credentials(&self.db, &tenant.id, identifier).await?;
        let known = found.as_ref().map(|found| found.user.id.clone());
        let mut attempt = self.limits.attempt(&tenant.id, identifier, origin);
        attempt.is_about(known.as_ref());
        let spent = self.may_try(tenant, (identifier, origin), &mut attempt).await?;
        let stored = found.as_ref().and_then(|found| found.hash.as_deref());
        let right = self.passwords.verify(&tenant.id, password, stored).await? && !spent;
        // Again: guesses that were hashed while others failed must not slip through (U2).
        let right = self.tried(&attempt, right).await?;
        let found = found.filter(|_| right);
        let replaced = |found: &Credentials| !found.hash.as_deref().is_some_and(password::must_be_changed);
        let outcome = match found {
            Some(found) if !replaced(&found) => Err(Stop::refuse(Code::Forbidden, REPLACE)),
            Some(found) => self.upgrade(tenant, &found, password).await.and_then(|()| admit(tenant, found.user)),
            None => Err(wrong()),
        };
        match outcome {
            Ok(user) => Ok(FirstFactor::proven(user, Method::Password)),
            Err(stop) => {
                self.record_failure(tenant, (identifier, known), origin, &stop).await?;
                Err(stop)
            }
        }
    }

    /// Lets somebody try, or asks for patience or a puzzle. Strangers' failures do not keep out who is known by this
    /// browser, nor who has solved the puzzle (W-118). `true`: the try is in vain, which only its outcome may show.
    pub(super) async fn may_try(
        &self,
        tenant: &Tenant,
        (identifier, origin): (&str, &Origin),
        attempt: &mut Attempt,
    ) -> Result<bool> {
        let looked = self.limits.look(attempt).await;
        let checked = self.limits.check(attempt, &looked);
        let spent = self.limits.is_spent(attempt, &looked);
        if checked.is_ok() && !spent {
            return Ok(false);
        }
        if self.is_known(tenant, (identifier, origin)).await? {
            attempt.excuse(Excuse::Known);
        } else {
            match (&origin.solution, checked) {
                (_, Ok(())) => {}
                (Some(solution), Err(_)) if self.limits.spend(attempt, solution).await => {
                    attempt.excuse(Excuse::Solved);
                }
                (_, Err(refusal)) => return Err(refusal),
            }
        }
        self.limits.check(attempt, &looked)?;
        Ok(self.limits.is_spent(attempt, &looked))
    }

    /// Whether the person of this name has signed in in this browser before.
    async fn is_known(&self, tenant: &Tenant, (identifier, origin): (&str, &Origin)) -> Result<bool> {
        match origin.device.as_ref().map(Secret::digest) {
            Some(device) => Ok(is_known_as(&self.db, &tenant.id, &device, (identifier, self.clock.now())).await?),
            None => Ok(false),
        }
    }

    /// Counts how a try went, and refuses its outcome to those who have tried too often meanwhile. Answers whether it
    /// was right and counts as that.
    pub(super) async fn tried(&self, attempt: &Attempt, right: bool) -> Result<bool> {
        let mut looked = if right { self.limits.look(attempt).await } else { self.limits.failed(attempt).await };
        let spent = right && self.limits.is_spent(attempt, &looked);
        if spent {
            looked = self.limits.failed(attempt).await;
        }
        self.limits.check(attempt, &looked)?;
        if right && !spent {
            self.limits.succeeded(attempt, &looked).await;
        }
        Ok(right && !spent)
    }

    /// Hashes a right password anew if its hash is not one that would be made today (W-028).
    pub(super) async fn upgrade(&self, tenant: &Tenant, found: &Credentials, password: &Secret) -> Result<()> {
        let Some(old) = found.hash.as_deref().filter(|old| !self.passwords.is_current(old)) else { return Ok(()) };
        let new = self.passwords.hash(&tenant.id, password).await?;
        passwords::replace(&self.db, &tenant.id, &found.user.id, (old, &new)).await?;
        Ok(())
    }

    /// One row, whoever it was. What was typed is kept only if it looks like an address: people type their password
    /// into the wrong field.
    async fn record_failure(
        &self,
        tenant: &Tenant,
        (typed, known): (&str, Option<UserId>),
        origin: &Origin,
        stop: &Stop,
    ) -> Result<()> {
        let Stop::Refused(refusal) = stop else { return Ok(()) };
        let address = typed.parse::<Email>().ok();
        let mut event = Event::new(&tenant.id, self.clock.now(), "user.login_failed").from(origin);
        event.target = known.map(|id| id.to_string());
        let event = event.result(refusal.code.as_str()).detail(serde_json::json!({ "email": address }));
        Ok(audit::record(&self.db, event).await?)
    }
}

/// Whether a person with the right password may come in.
pub(super) fn admit(tenant: &Tenant, user: User) -> Result<User> {
    if user.status != UserStatus::Active {
        return Err(Stop::refuse(Code::Forbidden, "this account is suspended"));
    }
    let waits = user.email.is_some() && !user.email_verified.0 && !tenant.settings.unverified_sign_in;
    if waits {
        return Err(Stop::refuse(Code::Forbidden, UNVERIFIED));
    }
    Ok(user)
}

fn wrong() -> Stop {
    Stop::refuse(Code::InvalidGrant, "the user name or the password is wrong")
}
