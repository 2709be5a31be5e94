//! What receivers do with a message: whether it is from here, from now, and one with its headers (W-111). Written for
//! receivers in Rust and for the tests; the guide shows the same for other languages.

use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::signature;
use crate::base::{Seconds, Secret, Timestamp};

/// How far from now a message may have been signed, before and after.
pub const TOLERANCE: Seconds = Seconds(300);

/// A message that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The event: the same however often it is told.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// All that was sent.
    pub body: Value,
}

/// Not from here, not from now, or not what its headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message does not hold")]
pub struct Forged;

/// Reads a message by Standard Webhooks. `header` gives the one value of a header, `secrets` are those that are expected:
/// two, while one is replaced.
///
/// # Errors
/// It does not hold. Why is not told: only a forger would want to know.
pub fn verify<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    body: &str,
    secrets: &[Secret],
    now: Timestamp,
) -> Result<Message, Forged> {
    let id = header("webhook-id").ok_or(Forged)?;
    let at = recent(header("webhook-timestamp"), now)?;
    let given = header("webhook-signature").ok_or(Forged)?;
    let signed = secrets.iter().any(|secret| {
        let expected = signature::standard(std::slice::from_ref(secret), id, at, body);
        given.split(' ').fold(false, |found, given| found | same(&expected, given))
    });
    let message = read(body, ["id", "type"]).or_else(|_| read(body, ["event_id", "event_type"]))?;
    if signed && message.id == id { Ok(message) } else { Err(Forged) }
}

/// Reads a message by the older header.
///
/// # Errors
/// As [`verify`].
pub fn verify_aegis<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    body: &str,
    secret: &Secret,
    now: Timestamp,
) -> Result<Message, Forged> {
    let at = recent(header("x-aegis-timestamp"), now)?;
    let signed = same(&signature::aegis(secret, at, body), header("x-aegis-signature").ok_or(Forged)?);
    let message = read(body, ["event_id", "event_type"])?;
    // That header is not signed; the body is.
    if signed && header("x-aegis-event") == Some(&message.kind) { Ok(message) } else { Err(Forged) }
}

fn recent(given: Option<&str>, now: Timestamp) -> Result<Timestamp, Forged> {
    let given = given.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).ok_or(Forged)?;
    let at = Timestamp(given.parse().map_err(|_| Forged)?);
    if now.since(at).0.unsigned_abs() <= TOLERANCE.0.unsigned_abs() { Ok(at) } else { Err(Forged) }
}

fn same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

fn read(body: &str, [id, kind]: [&str; 2]) -> Result<Message, Forged> {
    let body: Value = serde_json::from_str(body).map_err(|_| Forged)?;
    let text = |name: &str| body[name].as_str().map(ToOwned::to_owned).ok_or(Forged);
    Ok(Message { id: text(id)?, kind: text(kind)?, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600);
    const BODY: &str = r#"{"id":"e1","type":"user.created","data":{}}"#;
    const FLAT: &str = r#"{"event_id":"e1","event_type":"user.verified","timestamp":1}"#;

    fn secret() -> Secret {
        Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    fn held(id: &str, at: &str, signature: &str, body: &str) -> bool {
        let headers = |name: &str| match name {
            "webhook-id" => Some(id),
            "webhook-timestamp" => Some(at),
            "webhook-signature" => Some(signature),
            _ => None,
        };
        verify(headers, body, &[signature::new_secret(), secret()], NOW).is_ok()
    }

    #[test]
    fn w111_a_message_holds_when_id_time_and_body_are_those_that_were_signed() {
        let signed = |at: i64| signature::standard(&[secret()], "e1", Timestamp(at), BODY);
        let good = signed(NOW.0);
        assert!(held("e1", "1767225600", &good, BODY));
        assert!(held("e1", "1767225600", &format!("v1,AAAA v1a,x {good}"), BODY), "one of several");
        assert!(held("e1", "1767225300", &signed(NOW.0 - 300), BODY));
        for (id, at, signature, body) in [
            ("e2", "1767225600", good.as_str(), BODY),
            ("e1", "1767225601", &good, BODY),
            ("e1", "+1767225600", &good, BODY),
            ("e1", "", &good, BODY),
            ("e1", "1767225600", &good[..good.len() - 1], BODY),
            ("e1", "1767225600", &good.replace("v1,", "v2,"), BODY),
            ("e1", "1767225600", "", BODY),
            ("e1", "1767225600", &good, &BODY.replace("created", "deleted")),
            ("e1", "1767225299", &signed(NOW.0 - 301), BODY),
            ("e1", "1767225901", &signed(NOW.0 + 301), BODY),
        ] {
            assert!(!held(id, at, signature, body), "{id} {at} {signature} {body}");
        }
    }

    #[test]
    fn w111_headers_that_say_otherwise_than_the_body_are_refused() {
        let signed = signature::standard(&[secret()], "e2", NOW, BODY);
        assert!(!held("e2", "1767225600", &signed, BODY), "signed, and yet the body is about another event");
        let signed = signature::aegis(&secret(), NOW, FLAT);
        let aegis = |event: &'static str, signature: &str| {
            let headers = |name: &str| match name {
                "x-aegis-event" => Some(event),
                "x-aegis-timestamp" => Some("1767225600"),
                "x-aegis-signature" => Some(signature),
                _ => None,
            };
            verify_aegis(headers, FLAT, &secret(), NOW).is_ok()
        };
        assert!(aegis("user.verified", &signed));
        assert!(!aegis("user.deleted", &signed), "that header is not signed");
        assert!(!aegis("user.verified", &signed.replace("sha256=", "")) && !aegis("user.verified", "sha256="));
    }
}
