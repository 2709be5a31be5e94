//! Passwords that everybody tries first (NIST SP 800-63B-4 §3.1.1.2): a Bloom filter of those known from breaches,
//! which `scripts/common-passwords` makes. It holds no passwords, and takes about one in eight hundred thousand others
//! for one of them.

use sha2::{Digest as _, Sha256};

/// How many bits of the filter each password sets.
const HASHES: u64 = 18;
/// Shorter ones are not in the filter.
const SHORTEST: usize = 6;
/// So many digits and signs at the end do not make a common password another one.
const MOST_DECORATION: usize = 4;

static FILTER: &[u8] = include_bytes!("common_passwords.bloom");

/// Whether a password is among the first that are tried, in any case, and with a year or an exclamation mark at its
/// end too.
pub(super) fn is_common(password: &str) -> bool {
    let lower = password.trim().to_lowercase();
    let base = lower.trim_end_matches(|letter: char| !letter.is_alphabetic());
    let decorated = lower.chars().count() - base.chars().count() <= MOST_DECORATION;
    is_known(&lower) || (decorated && is_known(base))
}

fn is_known(lower: &str) -> bool {
    if lower.chars().count() < SHORTEST {
        return false;
    }
    let digest = Sha256::digest(lower.as_bytes());
    let (first, step) = (number(&digest[..8]), number(&digest[8..16]) | 1);
    (0..HASHES).all(|nth| is_set(first.wrapping_add(nth.wrapping_mul(step))))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn is_set(position: u64) -> bool {
    let bits = FILTER.len() as u64 * 8;
    let at = position % bits;
    let byte = usize::try_from(at / 8).ok().and_then(|index| FILTER.get(index));
    byte.is_some_and(|byte| byte & (1 << (at % 8)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w013_what_everybody_tries_first_is_known_in_any_case_and_with_a_year_behind_it() {
        for common in [
            "password",
            "PassWord",
            "12345678",
            "123456789",
            "qwertyuiop",
            "iloveyou",
            "letmein1",
            "trustno1",
            "princess",
        ] {
            assert!(is_common(common), "{common}");
        }
        for decorated in ["Password1!", "dragon2024", "Sunshine99", " monkey123 ", "football!!"] {
            assert!(is_common(decorated), "{decorated}");
        }
    }

    #[test]
    fn w013_what_nobody_tries_is_not_known() {
        for rare in ["correct horse battery staple", "pässwör1", "dragon-of-the-north", "xkcd-936-tr0ub4dor", ""] {
            assert!(!is_common(rare), "{rare}");
        }
        let taken = (0..100_000).filter(|n| is_common(&format!("word{n}of mine"))).count();
        assert!(taken <= 3, "{taken} of 100000 are taken for common ones");
    }
}
