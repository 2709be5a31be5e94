//! Stripe: its signatures, its calls and its objects, as far as we read them. Calls are made by hand, because a
//! client that types every event refuses those of a version that it does not know.

mod client;
mod event;
mod form;
mod objects;
mod signature;
mod subscription;

pub use self::client::{Account, Refused, Stripe, StripeError};
pub use self::event::{Event, EventData};
pub use self::objects::{
    Charge, Customer, Dispute, Intent, Invoice, Listed, Named, Portal, Price, Product, Recurring, Refund, Session,
    is_id,
};
pub use self::signature::{Forged, TOLERANCE, verify};
pub use self::subscription::{Line, Period, Phase, PhaseLine, Schedule, Subscription, SubscriptionStatus};

/// The version of the API that we speak; the events may be of any.
pub const VERSION: &str = "2025-09-30.clover";
