//! Argon2 (RFC 9106): new hashes, always Argon2id, and the verification of every variant.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::base::{Fault, Secret};

/// Most memory that a hash made elsewhere may ask for, in KiB, and most passes over it.
const MOST_MEMORY: u32 = 262_144;
const MOST_PASSES: u32 = 32;

/// The blocks that a thread fills again and again: allocating them each time costs as much as a third of the hash.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

/// What a new hash costs.
#[derive(Clone, Debug)]
pub(super) struct Cost(Params);

impl Default for Cost {
    /// 19 MiB, two passes, one lane (OWASP).
    fn default() -> Self {
        Self(Params::DEFAULT)
    }
}

impl Cost {
    /// Of so many KiB, passes and lanes.
    ///
    /// # Errors
    /// RFC 9106 §3.1 does not allow it, or nobody could afford it.
    pub(super) fn new(memory: u32, passes: u32, lanes: u32) -> Result<Self, Fault> {
        if memory > MOST_MEMORY || passes > MOST_PASSES || lanes > 16 {
            return Err(Fault::new("the cost of a password's hash is more than 256 MiB, 32 passes or 16 lanes"));
        }
        Ok(Self(Params::new(memory, passes, lanes, None)?))
    }

    /// A new hash with a new salt.
    pub(super) fn hash(&self, memory: &mut Memory, password: &Secret) -> Result<String, Fault> {
        let salt = Salt::generate();
        let mut output = Zeroizing::new([0_u8; Params::DEFAULT_OUTPUT_LEN]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone());
        derive(memory, &argon, password.expose().as_bytes(), &salt, output.as_mut())?;
        self.written(salt, output.as_ref())
    }

    /// What is hashed against when there is no such person or no password: same cost, and nothing matches it.
    pub(super) fn dummy(&self) -> Result<String, Fault> {
        self.written(Salt::new(&[0; 16])?, &[0; Params::DEFAULT_OUTPUT_LEN])
    }

    fn written(&self, salt: Salt, output: &[u8]) -> Result<String, Fault> {
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.0)?,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        };
        Ok(hash.to_string())
    }

    /// Whether a hash is one that would be made today.
    pub(super) fn made(&self, stored: &str) -> bool {
        let parsed = PasswordHash::new(stored).ok();
        parsed.is_some_and(|hash| {
            hash.algorithm == Algorithm::Argon2id.ident()
                && hash.version == Some(Version::V0x13.into())
                && ParamsString::try_from(&self.0).is_ok_and(|ours| ours == hash.params)
        })
    }
}

/// A stored hash of any variant.
pub(super) struct Stored {
    argon: Argon2<'static>,
    salt: Salt,
    expected: Output,
}

impl Stored {
    /// Reads a PHC string; `None` if it is none of ours, or asks for more than anybody can afford.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        // A string without a version is older than versions.
        let version = hash.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?;
        let params = Params::try_from(&hash).ok()?;
        if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_PASSES {
            return None;
        }
        Some(Self { argon: Argon2::new(algorithm, version, params), salt: hash.salt?, expected: hash.hash? })
    }

    /// Whether it is of this password.
    pub(super) fn is_of(&self, memory: &mut Memory, password: &[u8]) -> Result<bool, Fault> {
        let mut output = Zeroizing::new(vec![0_u8; self.expected.len()]);
        derive(memory, &self.argon, password, &self.salt, &mut output)?;
        Ok(output.as_slice().ct_eq(self.expected.as_bytes()).into())
    }
}

fn derive(
    memory: &mut Memory,
    argon: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), argon2::Error> {
    memory.0.resize(argon.params().block_count(), Block::new());
    argon.hash_password_into_with_memory(password, salt, output, &mut memory.0)
}
