//! Events: which object one is about, of whatever version it is.

use serde::Deserialize;
use serde_json::Value;

use super::objects::is_id;
use crate::base::Timestamp;

/// What has happened: a hint about which object to ask for.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// The id.
    pub id: String,
    /// `noun.verb`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub created: Timestamp,
    /// Whether it is about money.
    pub livemode: bool,
    /// To what it happened.
    pub data: EventData,
}

/// What an event tells.
#[derive(Clone, Debug, Deserialize)]
pub struct EventData {
    /// The object as it was; it may be of any version.
    pub object: Value,
}

impl Event {
    /// What has to be asked for, as `kind:id`; nothing of ours: nothing.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let object = &self.data.object;
        let named = |pointer: &str| {
            let value = object.pointer(pointer)?;
            let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
            is_id(id).then(|| id.to_owned())
        };
        let is = |kind: &str, id: Option<String>| id.map(|id| format!("{kind}:{id}"));
        let of_invoice = || named("/parent/subscription_details/subscription").or_else(|| named("/subscription"));
        match object.get("object")?.as_str()? {
            "checkout.session" => is("checkout", named("/id")),
            "subscription" => is("subscription", named("/id")),
            "subscription_schedule" => {
                is("subscription", named("/subscription").or_else(|| named("/released_subscription")))
            }
            "invoice" => is("subscription", of_invoice()),
            "payment_intent" => is("payment", named("/id")),
            "charge" | "refund" | "dispute" => is("payment", named("/payment_intent")),
            "product" | "price" => is("catalogue", named("/id")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hint(object: &Value) -> Option<String> {
        let event =
            json!({ "id": "evt_1", "type": "x.y", "created": 1, "livemode": false, "data": { "object": object } });
        serde_json::from_value::<Event>(event).unwrap().hint()
    }

    #[test]
    fn an_event_of_any_version_names_the_object_to_ask_for() {
        let subscription = Some("subscription:sub_1".to_owned());
        assert_eq!(hint(&json!({ "object": "subscription", "id": "sub_1" })), subscription);
        assert_eq!(hint(&json!({ "object": "invoice", "id": "in_1", "subscription": "sub_1" })), subscription);
        let newer = json!({ "object": "invoice", "parent": { "subscription_details": { "subscription": "sub_1" } } });
        assert_eq!(hint(&newer), subscription);
        assert_eq!(
            hint(&json!({ "object": "subscription_schedule", "subscription": { "id": "sub_1" } })),
            subscription
        );
        let charge = json!({ "object": "charge", "id": "ch_1", "payment_intent": "pi_1" });
        assert_eq!(hint(&charge), Some("payment:pi_1".to_owned()));
        assert_eq!(hint(&json!({ "object": "invoice", "id": "in_1" })), None);
        assert_eq!(hint(&json!({ "object": "new.thing", "id": "x_1" })), None);
        assert_eq!(hint(&json!({ "object": "subscription", "id": "../sub_1" })), None);
    }
}
