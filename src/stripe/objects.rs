//! Stripe's objects with the members that we read, in the shapes of old and new versions of its API.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

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
    /// What we call it.
    #[serde(default)]
    pub client_reference_id: Option<String>,
    /// When it is over.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whether it is about money.
    #[serde(default)]
    pub livemode: bool,
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

/// What came of somebody's saying that it was not them.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Dispute {
    /// How it stands.
    #[serde(default)]
    pub status: String,
}

impl Dispute {
    /// Whether it has ended well for whoever sold: won, or closed before any money was taken back.
    #[must_use]
    pub fn is_won(&self) -> bool {
        matches!(self.status.as_str(), "won" | "warning_closed" | "prevented")
    }
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
