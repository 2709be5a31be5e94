//! Stripe: its signatures, its calls and its objects, as far as we read them. Calls are made by hand, because a
//! client that types every event refuses those of a version that it does not know.

mod client;
mod form;
mod objects;
mod signature;

pub use self::client::{Account, Refused, Stripe, StripeError};
pub use self::objects::{
    Customer, Event, Intent, Invoice, Line, Listed, Named, Period, Phase, Portal, Price, Product, Recurring, Refund,
    Schedule, Session, Subscription, SubscriptionStatus, is_id,
};
pub use self::signature::{Forged, TOLERANCE, verify};

/// The version of the API that we speak; the events may be of any.
pub const VERSION: &str = "2025-09-30.clover";
