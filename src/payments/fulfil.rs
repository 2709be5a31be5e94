//! What a subscription or a payment gives: plans, for as long as it stands well. Derived from the object's own state
//! and our plans, so that it can be derived again at any time.

use serde_json::json;

use super::Payments;
use super::tenant_plans::{Pair, is_tenant};
use crate::base::{Result, Seconds, TenantId, Timestamp, UserId};
use crate::store::audit::{self, Event};
use crate::store::entitlements::Entitlement;
use crate::store::payment_accounts::PaymentSettings;
use crate::store::payments::Payment;
use crate::store::plans::Plan;
use crate::store::subscriptions::Subscription;
use crate::store::{Tx, applications, entitlements};
use crate::tokens::{Ended, Ending};

/// What something gives to somebody.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// To whom; absent: to nobody whom we know.
    pub(super) subject: Option<String>,
    /// Which plans.
    pub(super) plans: Vec<String>,
    /// Until when; absent: for good.
    pub(super) until: Option<Timestamp>,
}

/// What came of it, which this process is to know once it is stored.
#[derive(Debug, Default)]
#[must_use]
pub(super) struct Settled {
    ended: Vec<Ended>,
    tenants: bool,
}

/// Until when a subscription gives what it is for; `None`: it gives nothing.
pub(super) fn valid_until(subscription: &Subscription, settings: PaymentSettings) -> Option<Timestamp> {
    const DAY: i64 = 86_400;
    let grace = Seconds(i64::from(settings.grace_days) * DAY);
    let end = subscription.period_end;
    match subscription.status.as_str() {
        // Its end is known, so that nothing has to be forgiven to a message that is late.
        "active" | "trialing" if subscription.cancel_at_period_end.0 || subscription.cancel_at.is_some() => {
            subscription.cancel_at.or(end)
        }
        "active" | "trialing" => Some(end.unwrap_or(subscription.synced_at).plus(grace)),
        // The period that is not paid has begun already.
        "past_due" => subscription.period_start.map(|start| start.plus(grace)),
        _ => None,
    }
}

/// The plans that a subscription is for.
pub(super) fn plans_of(subscription: &Subscription, plans: &[Plan]) -> Vec<String> {
    let gives = |plan: &&Plan| {
        let definition = &plan.definition;
        subscription.items.iter().any(|item| {
            let mut names = [Some(&item.price), item.lookup_key.as_ref()].into_iter().flatten();
            names.any(|name| definition.prices.contains(name)) || definition.products.contains(&item.product)
        })
    };
    plans.iter().filter(gives).map(|plan| plan.key.clone()).collect()
}

impl Payments {
    /// Gives what a subscription gives now, and takes what it gave before; in the caller's transaction.
    pub(super) async fn fulfil(
        &self,
        tx: &mut Tx,
        subscription: &Subscription,
        settings: PaymentSettings,
    ) -> Result<Settled> {
        let plans = self.sold_to(tx, &subscription.tenant_id, subscription.subject.as_deref()).await?;
        let mut due = Due::default();
        if let Some(until) = valid_until(subscription, settings).filter(|until| *until > self.clock.now()) {
            due.subject.clone_from(&subscription.subject);
            due.plans = plans_of(subscription, &plans);
            due.until = Some(until);
        }
        let source = format!("subscription:{}", subscription.stripe_id);
        self.settle(tx, &subscription.tenant_id, (&source, &due), settings).await
    }

    /// The same for a payment: whoever got the money back, or says that it was not them, has nothing of it.
    pub(super) async fn fulfil_payment(
        &self,
        tx: &mut Tx,
        payment: &Payment,
        settings: PaymentSettings,
    ) -> Result<Settled> {
        let stands = payment.status == "succeeded" && payment.refunded < payment.amount && !payment.disputed.0;
        let due = Due {
            subject: payment.subject.clone().filter(|_| stands),
            plans: payment.plan.clone().into_iter().collect(),
            until: None,
        };
        self.settle(tx, &payment.tenant_id, (&format!("payment:{}", payment.stripe_id), &due), settings).await
    }

    /// Brings the entitlements of one source to what is due. What is the same already leaves no row.
    pub(super) async fn settle(
        &self,
        tx: &mut Tx,
        tenant: &TenantId,
        (source, due): (&str, &Due),
        settings: PaymentSettings,
    ) -> Result<Settled> {
        let held = entitlements::of_source(&mut *tx, tenant, source).await?;
        let taken = self.take_what_is_over(tx, tenant, (source, due), &held).await?;
        let given = self.give_what_is_due(tx, tenant, (source, due), &held).await?;
        let tenants = self.hand_on(tx, tenant, (&given, &taken)).await?;
        let mut ended = Vec::new();
        for (subject, plan) in taken.iter().filter(|(subject, _)| settings.revoke_on_loss && !is_tenant(subject)) {
            ended.extend(self.end_grants(tx, tenant, (subject, plan)).await?);
        }
        Ok(Settled { ended, tenants })
    }

    /// Makes known here what came of something that is stored by now.
    pub(super) fn note_settled(&self, settled: Settled) {
        for ended in settled.ended {
            self.tokens.note(ended);
        }
        if settled.tenants {
            self.tenants.changed();
        }
    }

    async fn take_what_is_over(
        &self,
        tx: &mut Tx,
        tenant: &TenantId,
        (source, due): (&str, &Due),
        held: &[Entitlement],
    ) -> Result<Vec<Pair>> {
        let now = self.clock.now();
        let mut taken = Vec::new();
        for old in held.iter().filter(|old| old.revoked_at.is_none()) {
            let stays = due.subject.as_ref() == Some(&old.subject) && due.plans.contains(&old.plan);
            if stays || !entitlements::take(&mut *tx, tenant, (&old.subject, &old.plan, source), now).await? {
                continue;
            }
            record(tx, tenant, (now, "entitlement.taken"), (&old.subject, &old.plan, source)).await?;
            taken.push((old.subject.clone(), old.plan.clone()));
        }
        Ok(taken)
    }

    /// What is new of it.
    async fn give_what_is_due(
        &self,
        tx: &mut Tx,
        tenant: &TenantId,
        (source, due): (&str, &Due),
        held: &[Entitlement],
    ) -> Result<Vec<Pair>> {
        let now = self.clock.now();
        let mut given = Vec::new();
        let Some(subject) = &due.subject else { return Ok(given) };
        for plan in &due.plans {
            let same = |old: &&Entitlement| old.subject == *subject && old.plan == *plan && old.revoked_at.is_none();
            let known = held.iter().find(same);
            if known.is_some_and(|known| known.valid_until == due.until) {
                continue;
            }
            entitlements::give(&mut *tx, tenant, (subject, plan, source), due.until, now).await?;
            if known.is_none() {
                record(tx, tenant, (now, "entitlement.given"), (subject, plan, source)).await?;
                given.push((subject.clone(), plan.clone()));
            }
        }
        Ok(given)
    }

    /// Ends the authorizations that hold a scope of a plan that is lost, where nothing else gives it.
    async fn end_grants(&self, tx: &mut Tx, tenant: &TenantId, (subject, plan): (&str, &str)) -> Result<Vec<Ended>> {
        let plans = crate::store::plans::all(&mut *tx, tenant).await?;
        let Some(lost) = plans.iter().find(|known| known.key == plan) else { return Ok(Vec::new()) };
        let left = entitlements::live(&mut *tx, tenant, subject, self.clock.now()).await?;
        let left = plans.iter().filter(|plan| plan.definition.free || left.contains(&plan.key));
        let still = left.fold(crate::base::Scope::empty(), |sum, plan| sum.union(&plan.definition.scopes));
        let mut ended = Vec::new();
        for grant in applications::of_user(&mut *tx, tenant, &UserId::from(subject), self.clock.now()).await? {
            let common = grant.scope.intersection(&lost.definition.scopes);
            if !common.is_within(&still) {
                ended.push(self.tokens.end_in(&mut *tx, tenant, Ending::Grant(&grant.id)).await?);
                let event = Event::new(tenant, self.clock.now(), "grant.ended").by("payments").on(grant.id.as_str());
                audit::record(&mut *tx, event.detail(json!({ "lost": plan, "user": subject }))).await?;
            }
        }
        Ok(ended)
    }
}

/// Notes that somebody got or lost a plan.
pub(super) async fn record(
    tx: &mut Tx,
    tenant: &TenantId,
    (now, action): (Timestamp, &str),
    (subject, plan, source): (&str, &str, &str),
) -> Result<()> {
    let event = Event::new(tenant, now, action).by("payments").on(subject);
    Ok(audit::record(tx, event.detail(json!({ "plan": plan, "source": source }))).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Flag, Json};

    const DAY: i64 = 86_400;

    fn subscription(status: &str) -> Subscription {
        Subscription {
            tenant_id: TenantId::from("t"),
            stripe_id: "sub_1".to_owned(),
            subject: Some("ada".to_owned()),
            customer: "cus_1".to_owned(),
            status: status.to_owned(),
            items: Json(Vec::new()),
            period_start: Some(Timestamp(100 * DAY)),
            period_end: Some(Timestamp(130 * DAY)),
            cancel_at: None,
            cancel_at_period_end: Flag(false),
            schedule_id: None,
            version: 1,
            created_at: Timestamp(1),
            synced_at: Timestamp(100 * DAY),
        }
    }

    fn days(subscription: &Subscription) -> Option<i64> {
        valid_until(subscription, PaymentSettings::default()).map(|until| until.0 / DAY)
    }

    #[test]
    fn w107_every_state_of_stripes_says_for_how_long_the_plan_is_theirs() {
        for status in ["active", "trialing"] {
            let mut subscription = subscription(status);
            assert_eq!(days(&subscription), Some(133), "{status}: a message may be three days late");
            subscription.cancel_at_period_end = Flag(true);
            assert_eq!(days(&subscription), Some(130), "{status}: the end is known");
            subscription.cancel_at = Some(Timestamp(120 * DAY));
            assert_eq!(days(&subscription), Some(120), "{status}");
        }
        assert_eq!(days(&subscription("past_due")), Some(103), "three days to pay");
        for status in ["incomplete", "incomplete_expired", "canceled", "unpaid", "paused", "unknown"] {
            assert_eq!(days(&subscription(status)), None, "{status}");
        }
    }
}
