//! Whether the others answer whom an instance needs: Redis, the store of files, the mail server, Stripe.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use url::Url;

use super::{Finding, reason};
use crate::app::App;
use crate::base::{Fault, Result, Timestamp};
use crate::config::{Config, MailProvider};
use crate::outbound::Operated;
use crate::store::browser_sessions::Shelf;
use crate::store::payment_accounts;

/// How long each may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Redis, where it holds browsers' sessions and counts.
pub(super) async fn redis(config: &Config) -> Finding {
    let url = &config.redis.url;
    if url.is_empty() {
        return Finding::ok("redis", "is not used: the database holds sessions and counts");
    }
    let asked = tokio::time::timeout(PATIENCE, Shelf::redis_answers(url)).await;
    match asked {
        Ok(Ok(())) => Finding::ok("redis", "answers"),
        Ok(Err(error)) => Finding::fail("redis", error.to_string(), "start it, or set `redis.url` to where it is"),
        Err(_) => Finding::fail("redis", "does not answer in time", "look at the network between here and there"),
    }
}

/// The bytes of files.
pub(super) async fn files(app: &App) -> Finding {
    let store = &app.config.archive.store;
    let place = if store.is_empty() { app.config.archive_folder().display().to_string() } else { store.clone() };
    if app.files.store_answers().await {
        return Finding::ok("files", format!("{place} can be read and written"));
    }
    let advice = "look at `[archive]`: the store, its endpoint, region and keys, and whether the bucket exists";
    Finding::fail("files", format!("{place} cannot be read and written"), advice)
}

/// How mail leaves. Nothing is sent.
pub(super) async fn mail(app: &App) -> Finding {
    let mail = &app.config.mail;
    match mail.provider {
        MailProvider::None if app.config.dev => Finding::ok("mail", "stays at /dev/mailbox"),
        MailProvider::None => {
            let detail = "does not leave, unless tenants have their own way";
            Finding::warn("mail", detail, "set `mail.provider` and what belongs to it")
        }
        MailProvider::Smtp => {
            let tried: Result<()> = app.mail.greet().await.map_err(|why| Fault::new(why).into());
            let advice = "look at `mail.smtp_host`, its port and security, and at user name and password";
            Finding::of("mail", &tried, |()| format!("{} takes mail from us", mail.smtp_host), advice)
        }
        MailProvider::Http => {
            let tried = answers(&app.config, &mail.http_url).await;
            let advice = "look at `mail.http_url` and at the network";
            Finding::of("mail", &tried, |host| format!("{host} answers"), advice)
        }
    }
}

/// Stripe, where a tenant has an account there.
pub(super) async fn payments(app: &App) -> Finding {
    let check = "payments";
    match payment_accounts::due(&app.db, Timestamp(i64::MAX), 1).await {
        Ok(accounts) if accounts.is_empty() => return Finding::ok(check, "no tenant takes any"),
        Ok(_) => {}
        Err(error) => return Finding::fail(check, error.to_string(), "look at the database"),
    }
    match answers(&app.config, &app.config.payments.stripe_url).await {
        Ok(host) => Finding::ok(check, format!("{host} answers")),
        Err(stop) => Finding::fail(check, reason(&stop), "look at `payments.stripe_url` and at the network"),
    }
}

/// The host of this URL, if it gives any answer at all.
async fn answers(config: &Config, url: &str) -> Result<String> {
    let parsed: Url = url.parse()?;
    let host = parsed.host_str().unwrap_or_default().to_owned();
    let request = http::Request::get(url).body(Empty::<Bytes>::new())?;
    let client = Operated::new(&config.outbound)?;
    let asked = tokio::time::timeout(PATIENCE, client.send(request)).await;
    match asked {
        Ok(answer) => answer.map(|_| host).map_err(Into::into),
        Err(_) => Err(Fault::new(format!("{host} does not answer in time")).into()),
    }
}
