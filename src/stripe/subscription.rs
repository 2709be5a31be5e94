//! Subscriptions and what will become of them, in the shapes of old and new versions of the API.

use serde::{Deserialize, Serialize};

use super::objects::{Listed, Named, Price};
use crate::base::Timestamp;

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
