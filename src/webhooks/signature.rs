//! Signatures of messages: Standard Webhooks (`webhook-signature: v1,…`), and the header that receivers of `ByteForge`
//! Aegis know. Both are HMAC-SHA256 over what makes a message one: its id, its time and its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::base::{Secret, Timestamp};

/// What secrets begin with.
const PREFIX: &str = "whsec_";
/// Fewest and most bytes of a key (Standard Webhooks, "Signature scheme").
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A new secret: `whsec_` and 256 random bits as the libraries of Standard Webhooks read them.
#[must_use]
pub fn new_secret() -> Secret {
    let random = Secret::generate();
    let standard = random.expose().replace('-', "+").replace('_', "/");
    Secret::new(format!("{PREFIX}{standard}="))
}

/// Whether a secret that somebody brings can sign.
pub(super) fn is_secret(text: &str) -> bool {
    key_of(text).is_some_and(|key| KEY_BYTES.contains(&key.len()))
}

/// Whether a secret that somebody brings from Aegis can sign there: any text that is hard to guess.
pub(super) fn is_foreign_secret(text: &str) -> bool {
    (24..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The bytes behind a secret. One that is not from here signs as it is written.
fn key(secret: &Secret) -> Vec<u8> {
    key_of(secret.expose()).unwrap_or_else(|| secret.expose().as_bytes().to_vec())
}

fn key_of(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.strip_prefix(PREFIX)?).ok()
}

/// `v1,…` for each secret, the newest first (Standard Webhooks, "Webhook Headers").
#[must_use]
pub fn standard(secrets: &[Secret], id: &str, at: Timestamp, body: &str) -> String {
    let signed = format!("{id}.{}.{body}", at.0);
    let one = |secret: &Secret| format!("v1,{}", STANDARD.encode(mac(&key(secret), signed.as_bytes())));
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// `sha256=…`, of the secret as it is written (`X-Aegis-Signature`).
#[must_use]
pub fn aegis(secret: &Secret, at: Timestamp, body: &str) -> String {
    let signed = format!("{}.{body}", at.0);
    let mac = mac(secret.expose().as_bytes(), signed.as_bytes());
    let digits = mac.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
    format!("sha256={digits}")
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length (RFC 2104 §2).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: Timestamp = Timestamp(1_614_265_330);
    const BODY: &str = r#"{"test": 2432232314}"#;

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_its_libraries_sign_it() {
        let signature = standard(&[Secret::new(SECRET)], ID, AT, BODY);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn w111_a_signature_covers_id_time_and_body() {
        let secrets = [Secret::new(SECRET)];
        let good = standard(&secrets, ID, AT, BODY);
        assert_ne!(standard(&secrets, "msg_x", AT, BODY), good);
        assert_ne!(standard(&secrets, ID, Timestamp(AT.0 + 1), BODY), good);
        assert_ne!(standard(&secrets, ID, AT, &BODY.replace('4', "5")), good);
        assert_ne!(standard(&[new_secret()], ID, AT, BODY), good);
        let two = standard(&[new_secret(), Secret::new(SECRET)], ID, AT, BODY);
        assert!(two.ends_with(&good) && two.matches("v1,").count() == 2, "{two}");
    }

    #[test]
    fn the_older_header_is_signed_as_its_receivers_verify_it() {
        // printf '1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
        let expected = "sha256=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964";
        assert_eq!(aegis(&Secret::new(SECRET), AT, BODY), expected);
    }

    #[test]
    fn a_secret_is_one_that_can_sign() {
        let new = new_secret();
        assert!(is_secret(new.expose()) && key(&new).len() == 32, "{}", new.expose());
        assert!(is_secret(SECRET));
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", "whsec_MfKQ9r8GKYq"]
        {
            assert!(!is_secret(bad), "{bad}");
        }
        assert!(is_foreign_secret("0123456789abcdef01234567") && !is_foreign_secret("short"));
        assert!(!is_foreign_secret("0123456789abcdef 0123456789"));
    }
}
