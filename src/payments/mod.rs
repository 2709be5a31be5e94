//! Payments: a tenant's account at Stripe, what is bought there, and what that opens here. Stripe is asked, never
//! believed by hearsay: an event is a hint about which object to ask for.

mod account;
mod again;
mod buyer;
mod catalogue;
mod checkout;
mod events;
mod fulfil;
mod lines;
mod manual;
mod money;
mod names;
mod plans;
mod reconcile;
mod schedules;
mod shown;
mod subscribe;
mod subscriptions;
mod sync;
mod tenant_buys;
mod tenant_plans;
mod work;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Notify;

pub use self::account::{AccountChanges, AccountShown};
pub use self::buyer::Buyer;
pub use self::catalogue::{Catalogue, PriceShown, ProductShown};
pub use self::checkout::{CheckoutShown, NewCheckout};
pub use self::events::Received;
pub use self::lines::LineItem;
pub use self::manual::{EntitlementShown, Given};
pub use self::money::{NewRefund, PaymentShown};
pub use self::plans::{PlanShown, check as check_plan};
pub use self::schedules::{NewSchedule, ScheduleShown};
pub use self::shown::SubscriptionShown;
pub use self::subscribe::NewSubscription;
pub use self::subscriptions::{Cancel, Change};
pub use self::tenant_buys::{ForSale, NewPurchase};

use crate::base::{Clock, Code, Fault, Refusal, Result, Secret, Stop, TenantId};
use crate::config;
use crate::entitlements::Entitlements;
use crate::keys::{Keys, Purpose};
use crate::outbound::Outbound;
use crate::store::Db;
use crate::store::payment_accounts::{self as accounts, PaymentAccount};
use crate::stripe::{Account, Stripe, StripeError};
use crate::tenants::Tenants;
use crate::tokens::Tokens;

/// How often an object is asked for again, because somebody else stored a newer answer meanwhile.
const ROUNDS: usize = 8;

/// The service. Cloning shares what is remembered.
#[derive(Clone, Debug)]
pub struct Payments {
    db: Db,
    clock: Clock,
    keys: Keys,
    tokens: Tokens,
    entitlements: Entitlements,
    tenants: Tenants,
    stripe: Stripe,
    catalogues: Cache<TenantId, Arc<Catalogue>>,
    received: Arc<Notify>,
}

/// A tenant's account with its key.
#[derive(Debug)]
struct Opened {
    row: PaymentAccount,
    key: Secret,
}

impl Payments {
    /// Over these services.
    #[must_use]
    pub fn new(
        settings: &config::Payments,
        (db, clock): (Db, Clock),
        keys: Keys,
        outbound: Outbound,
        (tokens, entitlements, tenants): (Tokens, Entitlements, Tenants),
    ) -> Self {
        let stripe = Stripe::new(outbound, &settings.stripe_url, Duration::from_millis(settings.retry_wait));
        let catalogues = Cache::builder().max_capacity(1_000).time_to_live(Duration::from_mins(1)).build();
        Self { db, clock, keys, tokens, entitlements, tenants, stripe, catalogues, received: Arc::default() }
    }

    /// The account of a tenant.
    ///
    /// # Errors
    /// [`Code::PaymentsDisabled`]: it has none.
    async fn open(&self, tenant: &TenantId) -> Result<Opened> {
        let row = accounts::of_tenant(&self.db, tenant).await?;
        let row = row.ok_or_else(|| Stop::refuse(Code::PaymentsDisabled, "this tenant takes no payments"))?;
        self.unseal(row)
    }

    fn unseal(&self, row: PaymentAccount) -> Result<Opened> {
        let key = self.keys.open(Purpose::UpstreamSecret, &row.tenant_id, &row.sealed_key)?;
        let key = Secret::new(std::str::from_utf8(&key).map_err(|_| Fault::new("a sealed key is not text"))?);
        Ok(Opened { row, key })
    }

    const fn at<'a>(&'a self, opened: &'a Opened) -> Account<'a> {
        Account { stripe: &self.stripe, key: &opened.key }
    }
}

/// What came of a call of Stripe's, in our words. What it says about itself is for the log.
fn refused(error: StripeError) -> Stop {
    match error {
        StripeError::Unavailable(why) => Refusal::new(
            Code::PaymentProviderUnavailable,
            "the payment provider does not answer; it can be tried again",
        )
        .hint(why)
        .into(),
        // Our key: nobody but the tenant can do something about it.
        StripeError::Refused(told) if matches!(told.status, 401 | 403) => {
            let why = "the payment provider does not accept this tenant's key";
            Refusal::new(Code::PaymentProviderUnavailable, why).hint(told.message).into()
        }
        StripeError::Refused(told) => {
            let code = if told.status == 402 { Code::PaymentDeclined } else { Code::PaymentRejected };
            let mut refusal = Refusal::new(code, "the payment provider refused").hint(told.message);
            for (name, value) in
                [("provider_code", told.code), ("decline_code", told.decline_code), ("provider_param", told.param)]
            {
                if !value.is_empty() {
                    refusal = refusal.member(name, value);
                }
            }
            refusal.into()
        }
    }
}

fn unprocessable(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Stop {
    Stop::refuse(Code::Unprocessable, sentence)
}

fn not_found(what: &'static str) -> Stop {
    Stop::refuse(Code::NotFound, what)
}
