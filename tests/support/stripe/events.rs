//! What the stand-in tells, signed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Objects;

/// What the account's webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_of_the_stand_in_account";

/// `Stripe-Signature` of these bytes.
pub fn signed(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let digits = mac.finalize().into_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
    format!("t={at},v1={digits},v0=00")
}

impl Objects {
    /// Notes that something happened to an object.
    pub fn tell(&mut self, kind: &str, object: &Value, now: i64) -> Value {
        let id = self.id("evt");
        let event = json!({
            "id": id, "object": "event", "type": kind, "created": now, "livemode": false, "api_version": "2031-01-01.dahlia",
            "data": { "object": object }, "pending_webhooks": 1, "request": { "id": null },
        });
        self.events.push(event.clone());
        event
    }
}
