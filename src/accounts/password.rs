//! Passwords as Argon2id (RFC 9106) in PHC strings: the one place argon2 appears.

use std::sync::Arc;
use std::{fmt, io};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq as _;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::pool::Pool;
use crate::base::{Code, Fault, Result, Secret, Stop, TenantId};

/// Longest accepted password, in bytes. Longer ones are refused before anything is looked up (W-010), never cut.
pub const LONGEST: usize = 1024;
/// Shortest password that may be set, in characters (NIST SP 800-63B §5.1.1.2).
const SHORTEST: usize = 8;

/// Memory, passes and lanes of new hashes: 19 MiB, 2, 1 (OWASP).
const COST: Params = Params::DEFAULT;
/// Most passwords of one tenant that wait for their turn.
const MOST_WAITING: usize = 512;

/// What is hashed against when there is no such person or no password: same cost, and nothing matches it.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies on threads of its own, tenants taking turns. Cloning shares the threads.
#[derive(Clone)]
pub struct Passwords(Arc<Pool<Memory>>);

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

/// The blocks that a thread fills again and again: allocating them each time costs as much as a third of the hash.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Passwords {
    /// Starts one thread per processor.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self(Arc::new(Pool::start(processors, MOST_WAITING)?)))
    }

    /// The PHC string of a password that follows the policy.
    pub async fn hash(&self, tenant: &TenantId, password: &Secret) -> Result<String> {
        let password = password.clone();
        self.run(tenant, move |memory| hash(memory, &password)).await
    }

    /// Whether this is the password of the stored PHC string. Without one the same work is done, and the answer is no
    /// (W-007); an empty password is no exception.
    pub async fn verify(&self, tenant: &TenantId, password: &Secret, stored: Option<&str>) -> Result<bool> {
        check_length(password)?;
        let (password, known) = (password.clone(), stored.is_some());
        let stored = stored.unwrap_or(DUMMY).to_owned();
        Ok(self.run(tenant, move |memory| verify(memory, &password, &stored)).await? && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        tenant: &TenantId,
        work: impl FnOnce(&mut Memory) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            // Nobody waits any more: a closed connection must not cost a hash.
            if !answer.is_closed() {
                drop(answer.send(work(memory)));
            }
        };
        let full = |_| Stop::refuse(Code::TooManyRequests, "too many people are signing in; try again in a moment");
        self.0.push(tenant, Box::new(work)).map_err(full)?;
        Ok(outcome.await.map_err(|_| Fault::new("the hashing of a password was interrupted"))??)
    }
}

/// The one policy for every path that sets a password (W-013).
pub fn check_policy(password: &Secret) -> Result<()> {
    check_length(password)?;
    if password.expose().chars().count() < SHORTEST {
        return Err(Stop::refuse(Code::Unprocessable, "the password has to have 8 characters or more"));
    }
    Ok(())
}

/// Refuses what is too long to be looked at. To be called before any look-up (W-010).
pub fn check_length(password: &Secret) -> Result<()> {
    if password.expose().len() > LONGEST {
        return Err(Stop::refuse(Code::InvalidRequest, "the password is longer than 1024 bytes"));
    }
    Ok(())
}

fn hash(memory: &mut Memory, password: &Secret) -> Result<String, Fault> {
    let salt = Salt::generate();
    let mut output = Zeroizing::new([0_u8; Params::DEFAULT_OUTPUT_LEN]);
    derive(memory, COST, password, &salt, output.as_mut())?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&COST)?,
        salt: Some(salt),
        hash: Some(Output::new(output.as_ref())?),
    };
    Ok(hash.to_string())
}

fn verify(memory: &mut Memory, password: &Secret, stored: &str) -> Result<bool, Fault> {
    let stored = PasswordHash::new(stored)?;
    let foreign = || Fault::new("a stored password is not an Argon2id hash");
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Err(foreign()) };
    if stored.algorithm != Algorithm::Argon2id.ident() || stored.version != Some(Version::V0x13.into()) {
        return Err(foreign());
    }
    let mut output = Zeroizing::new(vec![0_u8; expected.len()]);
    derive(memory, Params::try_from(&stored)?, password, salt, &mut output)?;
    Ok(output.as_slice().ct_eq(expected.as_bytes()).into())
}

fn derive(
    memory: &mut Memory,
    cost: Params,
    password: &Secret,
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), argon2::Error> {
    memory.0.resize(cost.block_count(), Block::new());
    let password = password.expose().as_bytes();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost).hash_password_into_with_memory(
        password,
        salt,
        output,
        &mut memory.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> TenantId {
        TenantId::from("t")
    }

    #[tokio::test]
    async fn w005_a_hash_is_argon2id_and_holds_nothing_of_the_password() {
        let passwords = Passwords::start().unwrap();
        let secret = Secret::new("correct horse");
        let hash = passwords.hash(&tenant(), &secret).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains("correct"));
        assert_ne!(hash, passwords.hash(&tenant(), &secret).await.unwrap(), "no salt");
        assert!(passwords.verify(&tenant(), &secret, Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn u3_a_password_is_taken_whole_and_as_it_is() {
        let passwords = Passwords::start().unwrap();
        let long = "x".repeat(100);
        let hash = passwords.hash(&tenant(), &Secret::new(format!("{long}Aa\0b"))).await.unwrap();
        for wrong in ["", &long, &format!("{long}Aa"), &format!("{long}aa\0b"), &format!("{long}Aa\0b ")] {
            assert!(!passwords.verify(&tenant(), &Secret::new(wrong), Some(&hash)).await.unwrap(), "{wrong:?}");
        }
        assert!(passwords.verify(&tenant(), &Secret::new(format!("{long}Aa\0b")), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn w007_without_a_stored_hash_nothing_is_right_not_even_the_empty_password() {
        let passwords = Passwords::start().unwrap();
        for guess in ["", "password", "\0"] {
            assert!(!passwords.verify(&tenant(), &Secret::new(guess), None).await.unwrap());
        }
    }

    #[test]
    fn w007_the_dummy_costs_what_a_new_hash_costs() {
        let dummy = PasswordHash::new(DUMMY).unwrap();
        let real = PasswordHash::new(&hash(&mut Memory::default(), &Secret::new("12345678")).unwrap()).unwrap();
        assert_eq!(dummy.params, real.params);
        assert_eq!(dummy.hash.unwrap().len(), real.hash.unwrap().len());
        assert_eq!(dummy.salt.unwrap().len(), real.salt.unwrap().len());
    }

    #[test]
    fn w013_one_policy_counts_characters_below_and_bytes_above() {
        assert!(check_policy(&Secret::new("1234567")).is_err());
        assert!(check_policy(&Secret::new("pässwör1")).is_ok());
        assert!(check_policy(&Secret::new("x".repeat(1024))).is_ok());
        assert!(check_policy(&Secret::new("ä".repeat(513))).is_err());
    }

    #[tokio::test]
    async fn a_stored_hash_of_another_kind_is_a_fault_not_a_wrong_password() {
        let passwords = Passwords::start().unwrap();
        for foreign in ["", "plain", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"] {
            let outcome = passwords.verify(&tenant(), &Secret::new("x"), Some(foreign)).await;
            assert!(matches!(outcome, Err(Stop::Failed(_))), "{foreign}");
        }
    }
}
