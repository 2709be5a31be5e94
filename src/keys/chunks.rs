//! Files under a passphrase: one piece after the other, each encrypted and authenticated with its place and with whether
//! it is the last (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015), so that pieces can neither be changed, moved, left
//! out nor cut off. The key is Argon2id's (RFC 9106) of the passphrase, mixed with the file's head.

use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use josekit::jwe::JweContentEncryption as _;
use josekit::jwe::enc::A256GCM;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::base::{Fault, Secret};

/// Bytes of every piece but the last, which may be shorter.
pub const CHUNK: usize = 64 * 1024;
/// Bytes by which a piece is longer when it is sealed.
pub const TAG: usize = 16;

/// Most that a file may ask for, in KiB, passes and lanes: it is paid before anything is known of the file.
const MOST: [u32; 3] = [1024 * 1024, 16, 16];

/// How a key is made of a passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// 128 random bits in hexadecimal, others for each file.
    pub salt: String,
}

impl Stretch {
    /// 64 MiB, three passes and four lanes (RFC 9106 §4, the second recommended option), with a new salt.
    #[must_use]
    pub fn generate() -> Self {
        let mut salt = [0_u8; 16];
        rand::rng().fill_bytes(&mut salt);
        Self { memory: 64 * 1024, passes: 3, lanes: 4, salt: format!("{:032x}", u128::from_be_bytes(salt)) }
    }

    fn derive(&self, passphrase: &Secret) -> Result<Zeroizing<[u8; 32]>, Fault> {
        let asked = [self.memory, self.passes, self.lanes];
        if asked.iter().zip(MOST).any(|(asked, most)| *asked > most) || self.salt.len() != 32 {
            return Err(Fault::new("the file asks for more work than anybody can afford"));
        }
        let params = Params::new(self.memory, self.passes, self.lanes, Some(32))?;
        let mut key = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            passphrase.expose().as_bytes(),
            self.salt.as_bytes(),
            key.as_mut(),
        )?;
        Ok(key)
    }
}

/// Seals or opens the pieces of one file, in their order.
pub struct Chunks {
    key: Zeroizing<[u8; 32]>,
    next: u64,
}

impl std::fmt::Debug for Chunks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunks").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Chunks {
    /// Those of a file with this head. It takes as long as [`Stretch`] says, and does nothing else meanwhile.
    pub fn new(passphrase: &Secret, stretch: &Stretch, head: &[u8]) -> Result<Self, Fault> {
        let mut mac = Hmac::<Sha256>::new_from_slice(stretch.derive(passphrase)?.as_ref())?;
        mac.update(b"chancery file\0");
        mac.update(head);
        Ok(Self { key: Zeroizing::new(mac.finalize().into_bytes().into()), next: 0 })
    }

    /// By what the key is told from others before anything is opened; it says nothing of it.
    pub fn name(&self) -> Result<String, Fault> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_ref())?;
        mac.update(b"name");
        let mac = mac.finalize().into_bytes();
        Ok(mac.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The number of the next piece; the first is 0.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Seals the next piece.
    pub fn seal(&mut self, piece: &[u8], last: bool) -> Result<Vec<u8>, Fault> {
        let iv = self.iv(last);
        let (mut sealed, tag) = A256GCM.encrypt(self.key.as_ref(), Some(&iv), piece, &[])?;
        sealed.extend_from_slice(&tag.ok_or_else(|| Fault::new("sealing gave no tag"))?);
        self.next += 1;
        Ok(sealed)
    }

    /// Opens the next piece; `None`: it is not what was sealed in this place of this file.
    pub fn open(&mut self, sealed: &[u8], last: bool) -> Option<Zeroizing<Vec<u8>>> {
        let (piece, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG)?)?;
        let iv = self.iv(last);
        let opened = A256GCM.decrypt(self.key.as_ref(), Some(&iv), piece, &[], Some(tag)).ok()?;
        self.next += 1;
        Some(Zeroizing::new(opened))
    }

    /// No two pieces of a file have the same, and no two files the same key.
    fn iv(&self, last: bool) -> [u8; 12] {
        let mut iv = [0; 12];
        iv[3..11].copy_from_slice(&self.next.to_be_bytes());
        iv[11] = u8::from(last);
        iv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(passphrase: &str, stretch: &Stretch, head: &[u8]) -> Chunks {
        Chunks::new(&Secret::new(passphrase), stretch, head).unwrap()
    }

    fn cheap() -> Stretch {
        Stretch { memory: 64, passes: 1, lanes: 1, ..Stretch::generate() }
    }

    #[test]
    fn pieces_open_in_their_order_and_in_no_other() {
        let stretch = cheap();
        let mut seal = chunks("a passphrase", &stretch, b"head");
        let [one, two, end] =
            [seal.seal(b"one", false), seal.seal(b"two", false), seal.seal(b"", true)].map(Result::unwrap);
        assert!(!one.windows(3).any(|part| part == b"one"));
        let mut open = chunks("a passphrase", &stretch, b"head");
        assert_eq!(open.open(&one, false).unwrap().as_slice(), b"one");
        assert!(open.open(&end, true).is_none(), "a piece was left out");
        assert!(open.open(&one, false).is_none(), "a piece came again");
        assert!(open.open(&two, true).is_none(), "the rest was cut off");
        assert_eq!(open.open(&two, false).unwrap().as_slice(), b"two");
        assert!(open.open(&end, false).is_none() && open.open(&[], true).is_none());
        assert_eq!(open.open(&end, true).unwrap().as_slice(), b"");
    }

    #[test]
    fn another_passphrase_head_or_salt_and_a_single_bit_open_nothing() {
        let stretch = cheap();
        let mut sealed = chunks("a passphrase", &stretch, b"head").seal(b"one", true).unwrap();
        let mut right = chunks("a passphrase", &stretch, b"head");
        let other = Stretch { salt: cheap().salt, ..stretch.clone() };
        for (passphrase, stretch, head) in
            [("another", &stretch, b"head"), ("a passphrase", &stretch, b"tail"), ("a passphrase", &other, b"head")]
        {
            let mut wrong = chunks(passphrase, stretch, head);
            assert!(wrong.open(&sealed, true).is_none() && wrong.name().unwrap() != right.name().unwrap());
        }
        for at in 0..sealed.len() {
            sealed[at] ^= 1;
            assert!(right.open(&sealed, true).is_none(), "{at}");
            sealed[at] ^= 1;
        }
        assert!(right.open(&sealed, true).is_some());
    }

    #[test]
    fn a_file_does_not_decide_how_much_work_it_makes() {
        let dear = Stretch { memory: 2 * 1024 * 1024, ..cheap() };
        assert!(Chunks::new(&Secret::new("x"), &dear, b"").is_err());
        let short = Stretch { salt: "00".to_owned(), ..cheap() };
        assert!(Chunks::new(&Secret::new("x"), &short, b"").is_err());
    }
}
