//! Recovery codes: ten, for the day when no other second factor is at hand. Each is 80 random bits, kept as a digest,
//! and works once; looking at one costs the same whether it is right or not (W-035).

use super::Factors;
use crate::base::{Digest, Result, Secret, UserId};
use crate::store::Tx;
use crate::store::factors;
use crate::store::tenants::Tenant;
use crate::store::users::User;

/// How many there are.
const MANY: usize = 10;
/// Characters of one, of five bits each.
const LONG: usize = 16;
/// Crockford's base 32: nothing that looks like something else.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Factors {
    /// Gives the person new codes in place of those before. They are shown this once.
    pub(in crate::accounts) async fn new_codes_in(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        user: &User,
    ) -> Result<Vec<Secret>> {
        factors::remove_codes(&mut *tx, &tenant.id, &user.id).await?;
        let codes: Vec<Secret> = (0..MANY).map(|_| random()).collect();
        for code in &codes {
            let digest = digest_of(&user.id, code.expose());
            factors::add_code(&mut *tx, &tenant.id, &user.id, &digest, self.clock.now()).await?;
        }
        Ok(codes)
    }
}

/// `xxxx-xxxx-xxxx-xxxx`.
fn random() -> Secret {
    let five_bits = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    } & 31;
    // The last character of base64url holds four bits only; those before it hold six each.
    let source = Secret::generate();
    let letters = source.expose().bytes().take(LONG).map(|byte| char::from(ALPHABET[usize::from(five_bits(byte))]));
    let mut code = String::with_capacity(LONG + 3);
    for (at, letter) in letters.enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(letter);
    }
    Secret::new(code)
}

/// What is stored of a code, however it was typed.
pub(in crate::accounts) fn digest_of(user: &UserId, typed: &str) -> Digest {
    let plain = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    Digest::of(format!("{user}:{}", plain.collect::<String>()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_random_and_of_one_form() {
        let codes: Vec<_> = (0..200).map(|_| random()).collect();
        for code in &codes {
            let parts: Vec<_> = code.expose().split('-').collect();
            assert!(parts.len() == 4 && parts.iter().all(|part| part.len() == 4), "{}", code.expose());
            assert!(code.expose().bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)));
        }
        let letters: std::collections::BTreeSet<_> = codes.iter().flat_map(|code| code.expose().bytes()).collect();
        assert_eq!(letters.len(), 33, "some letter never comes");
    }

    #[test]
    fn a_code_is_known_however_it_is_typed_and_to_its_owner_only() {
        let (ada, grace) = (UserId::from("ada"), UserId::from("grace"));
        let stored = digest_of(&ada, "0a1b-2c3d-4e5f-6g7h");
        for typed in ["0A1B 2C3D 4E5F 6G7H", "oaib2c3d4e5f6g7h", " 0alb-2c3d-4e5f-6g7h\n"] {
            assert_eq!(digest_of(&ada, typed), stored, "{typed}");
        }
        assert_ne!(digest_of(&grace, "0a1b-2c3d-4e5f-6g7h"), stored);
    }
}
