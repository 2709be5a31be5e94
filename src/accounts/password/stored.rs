//! What is stored of a password: our own hash, or one that another system made and a person still signs in with once
//! (W-028). Known are Argon2 in its variants, bcrypt, Werkzeug's PBKDF2 and scrypt, and Django's forms of all of these.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::argon::{self, Memory};
use crate::base::{Code, Fault, Result, Secret, Stop};

/// Where bcrypt stops reading.
const BCRYPT_READS: usize = 72;
/// Marks the hash of a password that its owner has to replace: it is right, and lets nobody in.
const MUST_CHANGE: &str = "must_change$";
/// Marks a bcrypt hash whose maker refused longer passwords, so that none of them is right.
const NEVER_CUT: &str = "bcrypt_whole$";
/// What a hash made elsewhere may cost: about three seconds of one thread each.
const MOST_BCRYPT: u32 = 15;
const MOST_ROUNDS: u32 = 5_000_000;
const MOST_SCRYPT_BYTES: u64 = 1 << 28;

/// A hash that can be stored, and verified later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHash(String);

impl StoredHash {
    /// Takes a hash that another system made.
    ///
    /// # Errors
    /// `Unprocessable`: it has no form that is known, or it would cost too much to verify.
    pub fn of_foreign(text: &str) -> Result<Self> {
        match Form::parse(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(Stop::refuse(Code::Unprocessable, "this form of a password's hash is not known")),
        }
    }

    /// Says that its maker refused passwords of more than 72 bytes instead of cutting them, so that what is longer
    /// is wrong. Without this a bcrypt hash is taken to be of a password that was cut.
    #[must_use]
    pub fn never_cut(self) -> Self {
        if self.0.starts_with("$2") { Self(format!("{NEVER_CUT}{}", self.0)) } else { self }
    }

    /// Says that its owner has to replace the password before they come in.
    #[must_use]
    pub fn must_change(self) -> Self {
        if must_be_changed(&self.0) { self } else { Self(format!("{MUST_CHANGE}{}", self.0)) }
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the password of a stored hash lets nobody in until its owner has replaced it.
#[must_use]
pub fn must_be_changed(stored: &str) -> bool {
    stored.starts_with(MUST_CHANGE)
}

/// A stored hash, read.
pub(super) enum Form<'a> {
    Argon(argon::Stored),
    Bcrypt { hash: &'a str, reads: Reads },
    Pbkdf2 { prf: Prf, rounds: u32, salt: &'a str, expected: Vec<u8> },
    Scrypt { cost: scrypt::Params, salt: &'a str, expected: Vec<u8> },
}

/// What of a password goes into bcrypt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// The first 72 bytes.
    Beginning,
    /// All of it, or none.
    Whole,
    /// Its SHA-256 in hex.
    Digest,
}

#[derive(Clone, Copy)]
pub(super) enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl<'a> Form<'a> {
    /// Reads a stored hash; `None` if it has no form that is known, or asks for more than anybody can afford.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix(MUST_CHANGE).unwrap_or(text);
        let (head, rest) = text.split_once('$')?;
        match head {
            "" if text.starts_with("$argon2") => argon::Stored::parse(text).map(Self::Argon),
            "" => bcrypt(text, Reads::Beginning),
            "bcrypt" => bcrypt(rest, Reads::Beginning),
            "bcrypt_sha256" => bcrypt(rest, Reads::Digest),
            "bcrypt_whole" => bcrypt(rest, Reads::Whole),
            "argon2" => argon::Stored::parse(&text["argon2".len()..]).map(Self::Argon),
            "scrypt" => django_scrypt(rest),
            "pbkdf2_sha1" => django_pbkdf2(Prf::Sha1, rest),
            "pbkdf2_sha256" => django_pbkdf2(Prf::Sha256, rest),
            _ => werkzeug(head, rest),
        }
    }

    /// Whether it is of this password.
    pub(super) fn is_of(&self, memory: &mut Memory, password: &Secret) -> Result<bool, Fault> {
        let password = password.expose().as_bytes();
        match self {
            Self::Argon(stored) => stored.is_of(memory, password),
            Self::Bcrypt { hash, reads } => is_bcrypt_of(hash, *reads, password),
            Self::Pbkdf2 { prf, rounds, salt, expected } => {
                let mut output = Zeroizing::new(vec![0_u8; expected.len()]);
                prf.derive(password, salt.as_bytes(), *rounds, &mut output);
                Ok(output.ct_eq(expected).into())
            }
            Self::Scrypt { cost, salt, expected } => {
                let mut output = Zeroizing::new(vec![0_u8; expected.len()]);
                scrypt::scrypt(password, salt.as_bytes(), cost, &mut output)?;
                Ok(output.ct_eq(expected).into())
            }
        }
    }
}

impl Prf {
    fn derive(self, password: &[u8], salt: &[u8], rounds: u32, output: &mut [u8]) {
        match self {
            Self::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, rounds, output),
            Self::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, rounds, output),
            Self::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, rounds, output),
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// `$2b$12$` and 53 characters. `$2x` marks the results of a bug and is not taken.
fn bcrypt(hash: &str, reads: Reads) -> Option<Form<'_>> {
    let parts: bcrypt::HashParts = hash.parse().ok()?;
    let known = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| hash.starts_with(prefix));
    (known && (4..=MOST_BCRYPT).contains(&parts.get_cost())).then_some(Form::Bcrypt { hash, reads })
}

fn is_bcrypt_of(hash: &str, reads: Reads, password: &[u8]) -> Result<bool, Fault> {
    let digest;
    let read = if reads == Reads::Digest {
        digest = Zeroizing::new(hex(&Sha256::digest(password)));
        digest.as_bytes()
    } else {
        password
    };
    // bcrypt repeats what it reads with a NUL between: "a" and "a\0a" would be one password.
    let sound = !read.contains(&0) && (reads != Reads::Whole || read.len() <= BCRYPT_READS);
    Ok(bcrypt::verify(read, hash)? && sound)
}

/// `pbkdf2:sha256:600000$salt$hex` and `scrypt:32768:8:1$salt$hex`.
fn werkzeug<'a>(method: &str, rest: &'a str) -> Option<Form<'a>> {
    let (salt, expected) = rest.split_once('$')?;
    let expected = unhex(expected)?;
    let method: Vec<_> = method.split(':').collect();
    match method.as_slice() {
        ["pbkdf2", prf, rounds] => {
            let prf = match *prf {
                "sha1" => Prf::Sha1,
                "sha256" => Prf::Sha256,
                "sha512" => Prf::Sha512,
                _ => return None,
            };
            pbkdf2(prf, rounds, salt, expected)
        }
        ["scrypt", n, r, p] => scrypt([n, r, p], salt, expected),
        _ => None,
    }
}

/// `600000$salt$base64`.
fn django_pbkdf2(prf: Prf, rest: &str) -> Option<Form<'_>> {
    let [rounds, salt, expected] = fields(rest)?;
    pbkdf2(prf, rounds, salt, STANDARD.decode(expected).ok()?)
}

/// `16384$salt$8$1$base64`.
fn django_scrypt(rest: &str) -> Option<Form<'_>> {
    let [n, salt, r, p, expected] = fields(rest)?;
    scrypt([n, r, p], salt, STANDARD.decode(expected).ok()?)
}

fn pbkdf2<'a>(prf: Prf, rounds: &str, salt: &'a str, expected: Vec<u8>) -> Option<Form<'a>> {
    let rounds = rounds.parse().ok().filter(|rounds| (1..=MOST_ROUNDS).contains(rounds))?;
    (expected.len() == prf.length()).then_some(Form::Pbkdf2 { prf, rounds, salt, expected })
}

fn scrypt<'a>([n, r, p]: [&str; 3], salt: &'a str, expected: Vec<u8>) -> Option<Form<'a>> {
    let (n, r, p): (u64, u32, u32) = (n.parse().ok()?, r.parse().ok()?, p.parse().ok()?);
    let bytes = n.checked_mul(128)?.checked_mul(u64::from(r))?.checked_mul(u64::from(p))?;
    if !n.is_power_of_two() || n < 2 || bytes > MOST_SCRYPT_BYTES || !(16..=64).contains(&expected.len()) {
        return None;
    }
    let cost = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r, p).ok()?;
    Some(Form::Scrypt { cost, salt, expected })
}

fn fields<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('$').collect::<Vec<_>>().try_into().ok()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _never_fails = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}
