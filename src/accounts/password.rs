//! Passwords: hashed as Argon2id (RFC 9106), and whatever other systems stored is verified too. The one place where
//! anything of argon2, bcrypt, PBKDF2 or scrypt appears.

mod argon;
mod figures;
mod stored;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

pub use self::stored::{StoredHash, must_be_changed};

use self::argon::{Cost, Memory};
use self::figures::Figures;
use self::stored::Form;
use super::pool::Pool;
use crate::base::{Code, Fault, Refusal, Result, Seconds, Secret, Stop, TenantId};
use crate::config::Passwords as Settings;

/// Longest accepted password, in bytes. Longer ones are refused before anything is looked up (W-010), never cut.
pub const LONGEST: usize = 1024;

/// Most passwords of one tenant that wait for their turn.
const MOST_WAITING: usize = 512;

/// Hashes and verifies on threads of its own, tenants taking turns. Cloning shares the threads.
#[derive(Clone)]
pub struct Passwords {
    pool: Arc<Pool<Memory>>,
    cost: Cost,
    dummy: Arc<str>,
    figures: Figures,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// Starts one thread per processor; hashes cost what OWASP recommends.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> Result<Self, Fault> {
        Self::start_at(Cost::default(), MOST_WAITING)
    }

    /// As [`Passwords::start`], at the configured cost.
    ///
    /// # Errors
    /// RFC 9106 does not allow that cost, or nobody could afford it.
    pub fn configured(settings: &Settings) -> Result<Self, Fault> {
        Self::start_at(Cost::new(settings.memory, settings.passes, settings.lanes)?, settings.waiting)
    }

    fn start_at(cost: Cost, waiting: usize) -> Result<Self, Fault> {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let dummy = cost.dummy()?.into();
        Ok(Self { pool: Arc::new(Pool::start(processors, waiting)?), cost, dummy, figures: Figures::default() })
    }

    /// The PHC string of a password that follows the policy.
    pub async fn hash(&self, tenant: &TenantId, password: &Secret) -> Result<String> {
        let (password, cost) = (password.clone(), self.cost.clone());
        self.run(tenant, move |memory| cost.hash(memory, &password)).await
    }

    /// Whether this is the password of the stored hash. Without one the same work is done, and the answer is no
    /// (W-007); an empty password is no exception.
    pub async fn verify(&self, tenant: &TenantId, password: &Secret, stored: Option<&str>) -> Result<bool> {
        check_length(password)?;
        let (password, known) = (password.clone(), stored.is_some());
        let stored = stored.unwrap_or(&self.dummy).to_owned();
        let verify = move |memory: &mut Memory| {
            let form = Form::parse(&stored).ok_or_else(|| Fault::new("a stored password is no hash that is known"))?;
            form.is_of(memory, &password)
        };
        Ok(self.run(tenant, verify).await? && known)
    }

    /// Whether a stored hash is one that would be made today; if not, the next sign-in replaces it.
    #[must_use]
    pub fn is_current(&self, stored: &str) -> bool {
        self.cost.made(stored)
    }

    /// Hashes a password that another system kept in the clear. Whoever could read it there knows it, so that its owner
    /// has to replace it.
    pub async fn hash_of_known(&self, tenant: &TenantId, password: &Secret) -> Result<StoredHash> {
        Ok(StoredHash::of_foreign(&self.hash(tenant, password).await?)?.must_change())
    }

    /// Takes a hash that another system made, so that people bring their passwords with them.
    ///
    /// # Errors
    /// `Unprocessable`: it has no form that is known, or it would cost too much to verify.
    pub fn accept_foreign(text: &str) -> Result<StoredHash> {
        StoredHash::of_foreign(text)
    }

    async fn run<T: Send + 'static>(
        &self,
        tenant: &TenantId,
        work: impl FnOnce(&mut Memory) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let figures = self.figures.of(tenant);
        let (waiting, begun) = (figures.clone(), Instant::now());
        let work = move |memory: &mut Memory| {
            waiting.began(begun.elapsed());
            // Nobody waits any more: a closed connection must not cost a hash.
            if !answer.is_closed() {
                drop(answer.send(work(memory)));
            }
        };
        self.pool.push(tenant, Box::new(work)).map_err(|full| {
            figures.refused();
            let wait = Seconds(i64::try_from(full.wait.as_secs()).unwrap_or(i64::MAX).max(1));
            let text = "too many people are signing in; try again in a moment";
            Refusal::new(Code::TooManyRequests, text).retry_after(wait)
        })?;
        Ok(outcome.await.map_err(|_| Fault::new("the hashing of a password was interrupted"))??)
    }
}

/// Refuses what is too long to be looked at. To be called before any look-up (W-010).
pub fn check_length(password: &Secret) -> Result<()> {
    if password.expose().len() > LONGEST {
        return Err(Stop::refuse(Code::InvalidRequest, "the password is longer than 1024 bytes"));
    }
    Ok(())
}
