//! The signature of a webhook: HMAC-SHA256 over `{t}.{body}`, in `Stripe-Signature: t=…,v1=…[,v1=…]`. It is looked at
//! before anything of the body is read.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::base::{Seconds, Secret, Timestamp};

/// How far from now an event may have been signed, before and after.
pub const TOLERANCE: Seconds = Seconds(300);
/// Longer headers are none of Stripe's.
const LONGEST: usize = 4_096;

/// Not signed by any of these secrets, or not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct Forged;

/// Whether one of the secrets signed these bytes a moment ago.
///
/// # Errors
/// None did. Why is not told: only a forger would want to know.
pub fn verify(header: &str, body: &[u8], secrets: &[Secret], now: Timestamp) -> Result<(), Forged> {
    if header.len() > LONGEST {
        return Err(Forged);
    }
    let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.split_once('=')).collect();
    let named = |name: &'static str| parts.iter().filter(move |(own, _)| *own == name).map(|(_, value)| *value);
    let mut times = named("t");
    let (Some(time), None) = (times.next(), times.next()) else { return Err(Forged) };
    let signed_at = Some(time).filter(|time| time.bytes().all(|byte| byte.is_ascii_digit()));
    let signed_at = signed_at.and_then(|time| time.parse().ok()).map(Timestamp).ok_or(Forged)?;
    let holds = secrets.iter().filter(|secret| !secret.expose().is_empty()).any(|secret| {
        let expected = signature(secret, time, body);
        // All of them are compared, so that how long it takes tells nothing.
        named("v1").fold(false, |found, given| found | bool::from(expected.as_bytes().ct_eq(given.as_bytes())))
    });
    let age = now.since(signed_at).0;
    if holds && age.unsigned_abs() <= TOLERANCE.0.unsigned_abs() { Ok(()) } else { Err(Forged) }
}

/// In lower-case hexadecimal digits.
fn signature(secret: &Secret, time: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return String::new() };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let digits = mac.finalize().into_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600);
    const BODY: &[u8] = br#"{"id": "evt_1", "object": "event"}"#;
    /// `printf '1767225600.{"id": "evt_1", "object": "event"}' | openssl dgst -sha256 -hmac whsec_test_secret`
    const GOOD: &str = "80c600a8a715ab1b1bad508c32887659ac788686bf4173ce15f813f0beaf040e";

    fn secrets() -> Vec<Secret> {
        vec![Secret::new("whsec_new_secret"), Secret::new("whsec_test_secret")]
    }

    fn signed(secret: &str, at: i64) -> String {
        format!("t={at},v1={}", signature(&Secret::new(secret), &at.to_string(), BODY))
    }

    fn holds(header: &str) -> bool {
        verify(header, BODY, &secrets(), NOW).is_ok()
    }

    #[test]
    fn m1_what_stripe_signed_with_any_of_our_secrets_holds() {
        let other = "0".repeat(64);
        for good in [
            format!("t=1767225600,v1={GOOD}"),
            format!("t=1767225600,v1={other},v1={GOOD},v0={other}"),
            format!("v1={GOOD},t=1767225600"),
            signed("whsec_new_secret", NOW.0),
            signed("whsec_test_secret", NOW.0 - 300),
            signed("whsec_test_secret", NOW.0 + 300),
        ] {
            assert!(holds(&good), "{good}");
        }
    }

    #[test]
    fn m1_w105_everything_else_is_forged() {
        for bad in [
            String::new(),
            format!("v1={GOOD}"),
            "t=1767225600".to_owned(),
            format!("t=1767225600,v0={GOOD}"),
            format!("t=1767225600,v1={}", GOOD.to_uppercase()),
            format!("t=1767225600,v1={}", &GOOD[..63]),
            format!("t=1767225600,v1= {GOOD}"),
            format!("t=1767225600,t=1767225600,v1={GOOD}"),
            format!("t=1767225601,v1={GOOD}"),
            format!("t=+1767225600,v1={GOOD}"),
            format!("t=,v1={GOOD}"),
            signed("whsec_test_secret", NOW.0 - 301),
            signed("whsec_test_secret", NOW.0 + 301),
            signed("test_secret", NOW.0),
            signed("whsec_other_secret", NOW.0),
            signed("", NOW.0),
            format!("{},{}", signed("whsec_other_secret", NOW.0), "x".repeat(LONGEST)),
        ] {
            assert!(!holds(&bad), "{bad}");
        }
        let header = format!("t=1767225600,v1={GOOD}");
        for at in 0..BODY.len() {
            let mut altered = BODY.to_vec();
            altered[at] ^= 1;
            assert_eq!(verify(&header, &altered, &secrets(), NOW), Err(Forged), "byte {at}");
        }
        assert_eq!(verify(&header, br#"{"id":"evt_1","object":"event"}"#, &secrets(), NOW), Err(Forged));
        assert_eq!(verify(&header, BODY, &[], NOW), Err(Forged));
        assert_eq!(verify(&signed("", NOW.0), BODY, &[Secret::new("")], NOW), Err(Forged), "an empty secret is none");
    }
}
