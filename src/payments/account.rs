//! A tenant's account at Stripe: its key and its webhook secrets, sealed, never shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Payments, unprocessable};
use crate::base::{Actor, Code, Result, Secret, Stop};
use crate::keys::Purpose;
use crate::store::audit::{self, Event};
use crate::store::payment_accounts::{self as store, PaymentAccount, PaymentSettings};
use crate::store::tenants::Tenant;
use crate::store::{Flag, Json};

/// Most webhook secrets at a time: two while one is replaced, and one of another endpoint.
const MOST_SECRETS: usize = 3;

/// What is to be changed; what is absent stays.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountChanges {
    /// The secret (`sk_…`) or restricted (`rk_…`) key.
    pub secret_key: Option<String>,
    /// The secrets (`whsec_…`) that webhooks are signed with, the newest first.
    pub webhook_secrets: Option<Vec<String>>,
    /// How payments are treated.
    pub settings: Option<PaymentSettings>,
}

/// An account as it is shown: never a secret.
#[derive(Debug, Serialize)]
pub struct AccountShown {
    /// Whether there is one.
    pub enabled: bool,
    /// Whether it is about money.
    pub livemode: bool,
    /// How many webhook secrets there are.
    pub webhook_secrets: usize,
    /// How payments are treated.
    pub settings: PaymentSettings,
    /// Where Stripe has to send its events.
    pub webhook_path: &'static str,
}

impl Payments {
    /// How a tenant's account is set up.
    ///
    /// # Errors
    /// The database failed.
    pub async fn account(&self, tenant: &Tenant) -> Result<AccountShown> {
        Ok(shown(store::of_tenant(&self.db, &tenant.id).await?.as_ref()))
    }

    /// Sets an account up, or changes it. A key of another mode ends everything that the old one gave.
    ///
    /// # Errors
    /// A key or secret is none, or the first key is missing.
    pub async fn set_account(&self, tenant: &Tenant, changes: AccountChanges, by: &Actor) -> Result<AccountShown> {
        let now = self.clock.now();
        let before = store::of_tenant(&self.db, &tenant.id).await?;
        let seal = |secret: &str| self.keys.seal(Purpose::UpstreamSecret, &tenant.id, secret.as_bytes());
        let (sealed_key, livemode) = match (&changes.secret_key, &before) {
            (Some(key), _) => (seal(key)?, mode_of(key)?),
            (None, Some(before)) => (before.sealed_key.clone(), before.livemode.0),
            (None, None) => return Err(unprocessable("the first thing an account needs is its secret_key")),
        };
        let sealed_secrets = match &changes.webhook_secrets {
            Some(secrets) => {
                check_secrets(secrets)?;
                let sealed = secrets.iter().map(|s| self.keys.seal(Purpose::WebhookSecret, &tenant.id, s.as_bytes()));
                sealed.collect::<std::result::Result<_, _>>()?
            }
            None => before.as_ref().map(|before| before.sealed_secrets.0.clone()).unwrap_or_default(),
        };
        let settings = changes.settings.or(before.as_ref().map(|before| before.settings.0)).unwrap_or_default();
        let account = PaymentAccount {
            tenant_id: tenant.id.clone(),
            sealed_key,
            sealed_secrets: Json(sealed_secrets),
            livemode: Flag(livemode),
            settings: Json(settings),
            reconciled_at: now,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let detail = json!({
            "secret_key": changes.secret_key.is_some(), "webhook_secrets": changes.webhook_secrets.is_some(),
            "settings": changes.settings, "livemode": livemode,
        });
        let other_mode = before.is_some_and(|before| before.livemode.0 != livemode);
        self.store_account(tenant, (&account, other_mode), detail, by).await?;
        Ok(shown(Some(&account)))
    }

    async fn store_account(
        &self,
        tenant: &Tenant,
        (account, other_mode): (&PaymentAccount, bool),
        detail: Value,
        by: &Actor,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if other_mode {
            self.forget_tenants(&mut tx, &tenant.id).await?;
            store::forget(&mut tx, &tenant.id, now).await?;
        }
        store::put(&mut tx, account, now).await?;
        let event = Event::new(&tenant.id, now, "payments.account_changed").by(&by.id).on(tenant.id.as_str());
        audit::record(&mut tx, event.detail(detail).from(&by.origin)).await?;
        tx.commit().await?;
        self.catalogues.invalidate(&tenant.id);
        self.tenants.changed();
        Ok(())
    }

    /// Forgets an account and everything that it gave.
    ///
    /// # Errors
    /// There is none.
    pub async fn remove_account(&self, tenant: &Tenant, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !store::remove(&mut tx, &tenant.id).await? {
            return Err(Stop::refuse(Code::PaymentsDisabled, "this tenant takes no payments"));
        }
        self.forget_tenants(&mut tx, &tenant.id).await?;
        store::forget(&mut tx, &tenant.id, now).await?;
        let event = Event::new(&tenant.id, now, "payments.account_removed").by(&by.id).on(tenant.id.as_str());
        audit::record(&mut tx, event.from(&by.origin)).await?;
        tx.commit().await?;
        self.catalogues.invalidate(&tenant.id);
        self.tenants.changed();
        Ok(())
    }

    /// What a tenant's webhooks are signed with.
    pub(super) fn webhook_secrets(&self, account: &PaymentAccount) -> Result<Vec<Secret>> {
        let open = |sealed: &String| {
            let opened = self.keys.open(Purpose::WebhookSecret, &account.tenant_id, sealed)?;
            Ok(Secret::new(String::from_utf8_lossy(&opened).into_owned()))
        };
        account.sealed_secrets.iter().map(open).collect()
    }
}

fn shown(account: Option<&PaymentAccount>) -> AccountShown {
    AccountShown {
        enabled: account.is_some(),
        livemode: account.is_some_and(|account| account.livemode.0),
        webhook_secrets: account.map_or(0, |account| account.sealed_secrets.len()),
        settings: account.map(|account| account.settings.0).unwrap_or_default(),
        webhook_path: "/api/v1/payments/webhooks/stripe",
    }
}

/// Whether a key is about money; its own name says so.
fn mode_of(key: &str) -> Result<bool> {
    let is_plain = key.len() <= 255 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let starts = |starts: [&str; 2]| {
        is_plain && starts.iter().any(|start| key.len() > start.len() + 7 && key.starts_with(start))
    };
    if starts(["sk_live_", "rk_live_"]) {
        Ok(true)
    } else if starts(["sk_test_", "rk_test_"]) {
        Ok(false)
    } else {
        Err(unprocessable("secret_key is sk_live_…, sk_test_…, rk_live_… or rk_test_…; a publishable key is none"))
    }
}

fn check_secrets(secrets: &[String]) -> Result<()> {
    let is_one = |secret: &String| {
        secret
            .strip_prefix("whsec_")
            .is_some_and(|rest| (16..=255).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_graphic()))
    };
    if secrets.len() > MOST_SECRETS || !secrets.iter().all(is_one) {
        return Err(unprocessable("webhook_secrets are up to three, each whsec_…"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w105_only_secret_keys_are_keys_and_only_signing_secrets_are_secrets() {
        assert!(!mode_of("sk_test_51AbCdEfGh").unwrap() && mode_of("rk_live_51AbCdEfGh").unwrap());
        for bad in
            ["", "pk_test_51AbCdEfGh", "sk_test_", "sk_51AbCdEfGhIjK", "sk_test_51AbCdEf\r\nX: y", "sk_live_x/../y"]
        {
            assert!(mode_of(bad).is_err(), "{bad}");
        }
        let good = "whsec_0123456789abcdef".to_owned();
        assert!(check_secrets(&[good.clone(), good.clone()]).is_ok() && check_secrets(&[]).is_ok());
        for bad in ["", "whsec_", "pk_test_0123456789abcdef", "whsec_0123456789 abcdef"] {
            assert!(check_secrets(&[good.clone(), bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(check_secrets(&vec![good; 4]).is_err());
    }
}
