//! The one policy for every path that sets a password (W-013): long enough, not too long, not one that everybody tries
//! first, and not the person's own name. There are no rules about kinds of letters (NIST SP 800-63B-4 §3.1.1.2).

use super::common::is_common;
use super::password::check_length;
use crate::base::{Code, Email, Result, Secret, Stop};
use crate::store::tenants::PasswordPolicy;

/// Refuses a password that must not be set. `personal` is what belongs to the person: address and user name.
///
/// # Errors
/// `InvalidRequest`: longer than anything that is looked at. `Unprocessable`: too easy to guess.
pub(super) fn check(policy: &PasswordPolicy, password: &Secret, personal: &[&str]) -> Result<()> {
    check_length(password)?;
    let text = password.expose();
    if text.chars().count() < policy.shortest {
        return refuse(format!("the password has to have {} characters or more", policy.shortest));
    }
    if policy.refuse_common && (is_common(text) || is_monotonous(text)) {
        return refuse("this password is among the first that are tried; choose another one");
    }
    if personal.iter().any(|word| is_about(text, word)) {
        return refuse("the password must not be the account's own name or address");
    }
    Ok(())
}

fn refuse(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Result<()> {
    Err(Stop::refuse(Code::Unprocessable, sentence))
}

/// One or two letters, again and again.
fn is_monotonous(text: &str) -> bool {
    let mut seen: Vec<char> = text.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() <= 2
}

/// The address, what stands before its `@`, or the user name, as they are or turned around.
fn is_about(text: &str, word: &str) -> bool {
    let (text, word) = (Email::key_of(text), Email::key_of(word));
    let local = word.split('@').next().unwrap_or_default();
    let turned: String = text.chars().rev().collect();
    [word.as_str(), local].iter().any(|own| !own.is_empty() && (text == *own || turned == *own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Option<Code> {
        let personal = ["Ada.Lovelace@example.test", "enchantress"];
        match check(&PasswordPolicy::default(), &Secret::new(password), &personal) {
            Ok(()) => None,
            Err(Stop::Refused(refusal)) => Some(refusal.code),
            Err(fault) => panic!("{fault:?}"),
        }
    }

    #[test]
    fn w013_one_policy_counts_characters_below_and_bytes_above() {
        for (password, verdict_is) in [
            ("1e3r5t7", Some(Code::Unprocessable)),
            ("pässwör1", None),
            (&"ab3x".repeat(256), None),
            (&"ä".repeat(513), Some(Code::InvalidRequest)),
            ("aaaaaaaaaaaa", Some(Code::Unprocessable)),
            ("abababababab", Some(Code::Unprocessable)),
            ("password", Some(Code::Unprocessable)),
            ("correct horse", None),
        ] {
            assert_eq!(verdict(password), verdict_is, "{password:.20}");
        }
    }

    #[test]
    fn w013_the_account_s_own_name_is_no_password() {
        for own in ["ada.lovelace@example.test", "Ada.Lovelace", "ENCHANTRESS", "ssertnahcne", " enchantress "] {
            assert_eq!(verdict(own), Some(Code::Unprocessable), "{own}");
        }
        assert_eq!(verdict("enchantress of numbers"), None);
    }

    #[test]
    fn a_tenant_can_ask_for_more_and_leave_the_list_out() {
        let policy = PasswordPolicy { shortest: 14, refuse_common: false };
        assert!(check(&policy, &Secret::new("correct horse"), &[]).is_err());
        assert!(check(&policy, &Secret::new("passwordpassword"), &[]).is_ok());
    }
}
