//! Subscriptions as they are shown.

use serde::Serialize;

use super::fulfil::plans_of;
use crate::base::Timestamp;
use crate::store::plans::Plan;
use crate::store::subscriptions::{Item, Subscription};

/// A subscription as it is shown.
#[derive(Debug, Serialize)]
pub struct SubscriptionShown {
    /// Stripe's id.
    pub id: String,
    /// Stripe's word for how it stands.
    pub status: String,
    /// Which plans it is for.
    pub plans: Vec<String>,
    /// For what.
    pub items: Vec<Item>,
    /// Who pays.
    pub subject: Option<String>,
    /// From when has been paid.
    pub current_period_start: Option<String>,
    /// Until when has been paid.
    pub current_period_end: Option<String>,
    /// Whether it ends then.
    pub cancel_at_period_end: bool,
    /// When it ends.
    pub cancel_at: Option<String>,
    /// What will become of it.
    pub schedule: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When Stripe was last asked.
    pub synced_at: String,
}

impl SubscriptionShown {
    /// With the plans that it is for.
    #[must_use]
    pub fn of(subscription: Subscription, plans: &[Plan]) -> Self {
        Self {
            plans: plans_of(&subscription, plans),
            id: subscription.stripe_id,
            status: subscription.status,
            items: subscription.items.0,
            subject: subscription.subject,
            current_period_start: subscription.period_start.map(Timestamp::rfc3339),
            current_period_end: subscription.period_end.map(Timestamp::rfc3339),
            cancel_at_period_end: subscription.cancel_at_period_end.0,
            cancel_at: subscription.cancel_at.map(Timestamp::rfc3339),
            schedule: subscription.schedule_id,
            created_at: subscription.created_at.rfc3339(),
            synced_at: subscription.synced_at.rfc3339(),
        }
    }

    /// Of several the one that says most about somebody: one that gives something before one that does not.
    #[must_use]
    pub fn foremost(all: &[Self]) -> Option<&Self> {
        const ORDER: [&str; 8] =
            ["active", "trialing", "past_due", "unpaid", "paused", "incomplete", "canceled", "incomplete_expired"];
        let place = |shown: &&Self| ORDER.iter().position(|status| *status == shown.status).unwrap_or(ORDER.len());
        all.iter().min_by_key(|shown| (place(shown), std::cmp::Reverse(shown.created_at.clone())))
    }
}
