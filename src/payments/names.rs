//! What a change that Stripe tells of is called in the audit trail, and so to whoever is told of it.

use crate::store::payments::Payment;
use crate::store::subscriptions::Subscription;

/// `None`: it stands as it stood, or only longer.
pub(super) fn of_subscription(before: Option<&Subscription>, now: &Subscription) -> Option<&'static str> {
    let is_over = |subscription: &Subscription| subscription.status == "canceled";
    let Some(before) = before else {
        return Some(if is_over(now) { "subscription.cancelled" } else { "subscription.created" });
    };
    if is_over(now) {
        return (!is_over(before)).then_some("subscription.cancelled");
    }
    let same = before.status == now.status
        && before.subject == now.subject
        && before.items == now.items
        && before.cancel_at == now.cancel_at
        && before.cancel_at_period_end == now.cancel_at_period_end
        && before.schedule_id == now.schedule_id;
    (!same).then_some("subscription.updated")
}

/// `None`: nothing came of it that was not known.
pub(super) fn of_payment(before: Option<&Payment>, now: &Payment) -> Option<&'static str> {
    let succeeded = |payment: &Payment| payment.status == "succeeded";
    if succeeded(now) && !before.is_some_and(succeeded) {
        return Some("payment.succeeded");
    }
    if now.refunded > before.map_or(0, |before| before.refunded) {
        return Some("payment.refunded");
    }
    let states = |payment: &Payment| (payment.status.clone(), payment.refunded, payment.disputed);
    (before.map(states) != Some(states(now))).then_some("payment.updated")
}

/// A checkout that stands so from now on.
pub(super) fn of_checkout(status: &str) -> &'static str {
    match status {
        "complete" => "checkout.completed",
        "expired" => "checkout.expired",
        _ => "checkout.updated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{TenantId, Timestamp};
    use crate::store::{Flag, Json};

    fn subscription(status: &str) -> Subscription {
        Subscription {
            tenant_id: TenantId::from("t"),
            stripe_id: "sub_1".to_owned(),
            subject: Some("ada".to_owned()),
            customer: "cus_1".to_owned(),
            status: status.to_owned(),
            items: Json(Vec::new()),
            period_start: None,
            period_end: Some(Timestamp(100)),
            cancel_at: None,
            cancel_at_period_end: Flag(false),
            schedule_id: None,
            version: 1,
            created_at: Timestamp(1),
            synced_at: Timestamp(1),
        }
    }

    #[test]
    fn a_subscription_begins_changes_and_ends_once_each() {
        let (active, over) = (subscription("active"), subscription("canceled"));
        assert_eq!(of_subscription(None, &active), Some("subscription.created"));
        assert_eq!(of_subscription(None, &over), Some("subscription.cancelled"));
        assert_eq!(of_subscription(Some(&active), &over), Some("subscription.cancelled"));
        assert_eq!(of_subscription(Some(&over), &over), None);
        assert_eq!(of_subscription(Some(&active), &subscription("past_due")), Some("subscription.updated"));
        let ending = Subscription { cancel_at_period_end: Flag(true), ..active.clone() };
        assert_eq!(of_subscription(Some(&active), &ending), Some("subscription.updated"), "its end is another");
        let renewed = Subscription { period_end: Some(Timestamp(200)), version: 2, ..active.clone() };
        assert_eq!(of_subscription(Some(&active), &renewed), None, "a bill tells of that");
    }

    #[test]
    fn a_payment_succeeds_and_is_given_back_and_says_which() {
        let paid = |status: &str, refunded| Payment {
            tenant_id: TenantId::from("t"),
            stripe_id: "pi_1".to_owned(),
            subject: None,
            plan: None,
            amount: 500,
            currency: "eur".to_owned(),
            status: status.to_owned(),
            refunded,
            disputed: Flag(false),
            version: 1,
            created_at: Timestamp(1),
            synced_at: Timestamp(1),
        };
        let (waiting, done) = (paid("processing", 0), paid("succeeded", 0));
        assert_eq!(of_payment(None, &done), Some("payment.succeeded"));
        assert_eq!(of_payment(Some(&waiting), &done), Some("payment.succeeded"));
        assert_eq!(of_payment(Some(&done), &done), None);
        assert_eq!(of_payment(Some(&done), &paid("succeeded", 100)), Some("payment.refunded"));
        let disputed = Payment { disputed: Flag(true), ..done.clone() };
        assert_eq!(of_payment(Some(&done), &disputed), Some("payment.updated"));
        assert_eq!(of_payment(None, &waiting), Some("payment.updated"));
        assert_eq!(["complete", "expired", "open"].map(of_checkout)[1], "checkout.expired");
    }
}
