//! Stripe's objects with the members that we read, in the shapes of old and new versions of its API.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::base::Timestamp;

/// Whether this can be the name of one of Stripe's objects, and so a part of a path.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The name of an object, which may stand there whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named(pub String);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Name(String),
            Object { id: String },
        }
        let (Either::Name(id) | Either::Object { id }) = Either::deserialize(deserializer)?;
        if is_id(&id) { Ok(Self(id)) } else { Err(serde::de::Error::custom("not an id")) }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// Whether there is another.
    #[serde(default)]
    pub has_more: bool,
}

/// Somebody who pays.
#[derive(Clone, Debug, Deserialize)]
pub struct Customer {
    /// The id.
    pub id: String,
    /// Whether Stripe has forgotten them.
    #[serde(default)]
    pub deleted: bool,
}

/// A page of Stripe's on which somebody manages what they pay.
#[derive(Clone, Debug, Deserialize)]
pub struct Portal {
    /// Where it is, once.
    pub url: String,
}

/// A page of Stripe's on which somebody pays.
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    /// The id.
    pub id: String,
    /// `open`, `complete` or `expired`.
    #[serde(default)]
    pub status: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    #[serde(default)]
    pub payment_status: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub url: Option<String>,
    /// What it began.
    #[serde(default)]
    pub subscription: Option<Named>,
    /// What it paid.
    #[serde(default)]
    pub payment_intent: Option<Named>,
    /// When it is over.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whether it is about money.
    #[serde(default)]
    pub livemode: bool,
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word of Stripe's documentation")]
pub enum SubscriptionStatus {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Canceled,
    Unpaid,
    Paused,
    #[serde(other)]
    Unknown,
}

impl SubscriptionStatus {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
        }
    }
}

/// What somebody pays for again and again.
#[derive(Clone, Debug, Deserialize)]
pub struct Subscription {
    /// The id.
    pub id: String,
    /// How it stands.
    pub status: SubscriptionStatus,
    /// Who pays.
    pub customer: Named,
    /// For what.
    pub items: Listed<Line>,
    /// The period, which newer versions tell with each item.
    #[serde(default, flatten)]
    pub period: Period,
    /// When it ends.
    #[serde(default)]
    pub cancel_at: Option<Timestamp>,
    /// Whether it ends with the period.
    #[serde(default)]
    pub cancel_at_period_end: bool,
    /// What will become of it.
    #[serde(default)]
    pub schedule: Option<Named>,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it is about money.
    #[serde(default)]
    pub livemode: bool,
}

/// From when to when has been paid.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Period {
    /// From.
    #[serde(default)]
    pub current_period_start: Option<Timestamp>,
    /// To.
    #[serde(default)]
    pub current_period_end: Option<Timestamp>,
}

/// One of the things that a subscription is for.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// What it costs.
    pub price: Price,
    /// How many.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// The period.
    #[serde(default, flatten)]
    pub period: Period,
}

/// What something costs.
#[derive(Clone, Debug, Deserialize)]
pub struct Price {
    /// The id.
    pub id: String,
    /// What is sold.
    pub product: Named,
    /// A name that stays when the price changes.
    #[serde(default)]
    pub lookup_key: Option<String>,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: bool,
    /// In which money.
    #[serde(default)]
    pub currency: String,
    /// How much, in the money's smallest unit.
    #[serde(default)]
    pub unit_amount: Option<i64>,
    /// How often; absent: once.
    #[serde(default)]
    pub recurring: Option<Recurring>,
    /// For people.
    #[serde(default)]
    pub nickname: Option<String>,
}

/// How often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// Of how many.
    #[serde(default = "one")]
    pub interval_count: i64,
}

const fn one() -> i64 {
    1
}

/// What is sold.
#[derive(Clone, Debug, Deserialize)]
pub struct Product {
    /// The id.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: bool,
}

/// A payment.
#[derive(Clone, Debug, Deserialize)]
pub struct Intent {
    /// The id.
    pub id: String,
    /// How much, in the money's smallest unit.
    pub amount: i64,
    /// In which money.
    pub currency: String,
    /// How it stands.
    pub status: String,
    /// Who pays.
    #[serde(default)]
    pub customer: Option<Named>,
    /// What was written to it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The last attempt, whole.
    #[serde(default)]
    pub latest_charge: Option<Charge>,
    /// When it was begun.
    pub created: Timestamp,
    /// Whether it is about money.
    #[serde(default)]
    pub livemode: bool,
}

/// An attempt to take money.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Charge {
    /// How much was given back.
    #[serde(default)]
    pub amount_refunded: i64,
    /// Whether somebody says that it was not them.
    #[serde(default)]
    pub disputed: bool,
}

/// Money given back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The id.
    pub id: String,
    /// How much.
    pub amount: i64,
    /// In which money.
    pub currency: String,
    /// How it stands.
    #[serde(default)]
    pub status: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A bill.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each member is the one of the same name in Stripe's documentation")]
pub struct Invoice {
    pub id: String,
    #[serde(default)]
    pub number: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub amount_due: i64,
    #[serde(default)]
    pub amount_paid: i64,
    pub created: Timestamp,
    #[serde(default)]
    pub due_date: Option<Timestamp>,
    #[serde(default)]
    pub hosted_invoice_url: Option<String>,
    #[serde(default)]
    pub invoice_pdf: Option<String>,
}

/// What will become of a subscription.
#[derive(Clone, Debug, Deserialize)]
pub struct Schedule {
    /// The id.
    pub id: String,
    /// How it stands.
    #[serde(default)]
    pub status: String,
    /// Of which subscription.
    #[serde(default)]
    pub subscription: Option<Named>,
    /// Whether the subscription goes on after the last phase: `release` or `cancel`.
    #[serde(default)]
    pub end_behavior: String,
    /// One after the other.
    #[serde(default)]
    pub phases: Vec<Phase>,
}

/// A time with its prices.
#[derive(Clone, Debug, Deserialize)]
pub struct Phase {
    /// From.
    pub start_date: Timestamp,
    /// To.
    pub end_date: Timestamp,
    /// For what.
    #[serde(default)]
    pub items: Vec<PhaseLine>,
}

/// One of the things that a phase is for.
#[derive(Clone, Debug, Deserialize)]
pub struct PhaseLine {
    /// What it costs.
    pub price: Named,
    /// How many.
    #[serde(default)]
    pub quantity: Option<i64>,
}

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

    #[test]
    fn subscriptions_are_read_in_both_shapes() {
        let item = json!({ "id": "si_1", "price": { "id": "price_1", "product": "prod_1" }, "quantity": 2 });
        let old = json!({
            "id": "sub_1", "status": "active", "customer": "cus_1", "items": { "data": [item] }, "created": 5,
            "current_period_start": 5, "current_period_end": 9, "unknown": {},
        });
        let old: Subscription = serde_json::from_value(old).unwrap();
        assert_eq!(old.period.current_period_end, Some(Timestamp(9)));
        let mut item = item;
        item["current_period_end"] = 8.into();
        let new = json!({
            "id": "sub_1", "status": "resting", "customer": { "id": "cus_1", "object": "customer" },
            "items": { "data": [item] }, "created": 5,
        });
        let new: Subscription = serde_json::from_value(new).unwrap();
        assert_eq!(
            (new.items.data[0].period.current_period_end, new.period.current_period_end),
            (Some(Timestamp(8)), None)
        );
        assert_eq!((new.status, new.customer.0.as_str()), (SubscriptionStatus::Unknown, "cus_1"));
    }
}
