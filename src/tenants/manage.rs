//! What operators do with tenants: make, change, suspend, delete. Each change and its audit row are one transaction.

use serde_json::Value;

use super::Tenants;
use super::mail;
use super::places::{origin_of, place};
use super::settings::stale;
use crate::base::{Actor, Clock, Code, Result, Slug, Stop, Timestamp};
use crate::frame::{Accent, Language, Link};
use crate::keys::LONGEST_TOKEN;
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::organizations::is_permission;
use crate::store::tenant_directory::Wanted;
use crate::store::tenants::{self as store, Settings, Tenant, TenantStatus};

impl Tenants {
    /// Makes a tenant. That is one row; its keys are made when they are first needed.
    ///
    /// # Errors
    /// The slug is taken, or a setting cannot be.
    pub async fn create(&self, clock: &Clock, new: (Slug, String, Settings), by: &Actor) -> Result<Tenant> {
        let (slug, name, settings) = new;
        let tenant = Tenant::new(slug, name, settings, clock.now());
        check_whole(&tenant)?;
        let mut tx = self.db.begin().await?;
        self.create_in(&mut tx, &tenant, by).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// As [`Tenants::create`], within the caller's transaction; [`check_whole`] has been asked before.
    ///
    /// # Errors
    /// The slug is taken.
    pub async fn create_in(&self, tx: &mut Tx, tenant: &Tenant, by: &Actor) -> Result<()> {
        if !store::insert(&mut *tx, tenant).await? {
            return Err(Stop::refuse(Code::Conflict, "there is a tenant of this slug"));
        }
        let (id, at) = (&tenant.id, self.clock.now());
        let event = Event::new(id, at, "tenant.created").by(&by.id).on(id.as_str()).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }

    /// Stores another name, status, settings or life; `tenant` is as it shall be, over the version that was read.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile, or a setting cannot be.
    pub async fn change(&self, clock: &Clock, tenant: &Tenant, action: &str, by: &Actor) -> Result<()> {
        self.change_to(clock, tenant, (action, Value::Null), by).await
    }

    /// As [`Tenants::change`]; the trail also tells what was changed.
    ///
    /// # Errors
    /// As there.
    pub async fn change_to(
        &self,
        clock: &Clock,
        tenant: &Tenant,
        (action, detail): (&str, Value),
        by: &Actor,
    ) -> Result<()> {
        check_whole(tenant)?;
        let mut tx = self.db.begin().await?;
        self.change_in(&mut tx, tenant, (action, detail, clock.now()), by).await?;
        tx.commit().await?;
        self.known.invalidate_all();
        Ok(())
    }

    /// As [`Tenants::change_to`], within the caller's transaction; [`check_whole`] has been asked before, and
    /// [`Tenants::forget`] is asked after.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile, or has its domain.
    pub async fn change_in(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (action, detail, now): (&str, Value, Timestamp),
        by: &Actor,
    ) -> Result<()> {
        if !store::update(&mut *tx, tenant, now).await? {
            return Err(stale());
        }
        if let Some(domain) = &tenant.settings.domain {
            store::add_domain(&mut *tx, &tenant.id, domain, Some(now), now)
                .await
                .map_err(|_| Stop::refuse(Code::Conflict, "another tenant has this domain"))?;
        }
        let event = Event::new(&tenant.id, now, action).by(&by.id).on(tenant.id.as_str()).from(&by.origin);
        audit::record(&mut *tx, event.detail(detail)).await?;
        if tenant.status == TenantStatus::Deleted
            && let Some(event) = self.for_operators(tx, tenant, (action, now)).await?
        {
            audit::record(tx, event.by(&by.id).from(&by.origin)).await?;
        }
        Ok(())
    }

    /// The tenant of this slug, from the database, suspended ones included.
    ///
    /// # Errors
    /// There is none.
    pub async fn look_up(&self, slug: &str) -> Result<Tenant> {
        let none = || Stop::refuse(Code::NotFound, format!("there is no tenant `{slug}`"));
        let slug = slug.parse::<Slug>().map_err(|_| none())?;
        store::by_slug(&self.db, &slug).await?.ok_or_else(none)
    }

    /// Up to `limit` tenants whose slug comes after `after`, in slug order.
    pub async fn page(&self, after: &str, limit: i64) -> Result<Vec<Tenant>> {
        Ok(store::page(&self.db, after, limit).await?)
    }

    /// As [`Tenants::page`], those alone that have `part` in their slug or name; all of them when it is empty.
    pub async fn search(&self, part: &str, after: &str, limit: i64) -> Result<Vec<Tenant>> {
        let wanted =
            Wanted { after: after.to_owned(), status: None, text: part.to_owned(), plan: String::new(), limit };
        self.list(wanted).await
    }
}

/// Whether a tenant can be as it is.
///
/// # Errors
/// A setting cannot be, or it shall both end and not be deleted.
pub fn check_whole(tenant: &Tenant) -> Result<()> {
    let life = &tenant.life;
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    if life.expires_at.is_some() && life.deletion_protected.0 {
        return refuse("a tenant that is protected from deletion has no end");
    }
    if life.expires_at.is_some() && tenant.slug.as_str() == Slug::SYSTEM {
        return refuse("the operators' own tenant has no end");
    }
    check(&tenant.name, &tenant.settings)
}

fn check(name: &str, settings: &Settings) -> Result<()> {
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    if name.trim().is_empty() || name.len() > 200 {
        return refuse("a tenant needs a name of up to 200 bytes");
    }
    let l = &settings.lifetimes;
    let all = [l.access_token, l.id_token, l.refresh_idle, l.refresh_absolute, l.session_idle, l.session_absolute];
    let links = [l.verify_email, l.reset_password, l.confirm_email, l.undo_email, l.invitation];
    let more = [l.code, l.authorization_request, l.session_remembered, l.deletion_grace];
    if all.iter().chain(&links).chain(&more).any(|lifetime| lifetime.0 < 1) || l.refresh_grace.0 < 0 {
        return refuse("a lifetime is at least one second");
    }
    if l.access_token.max(l.id_token) > LONGEST_TOKEN {
        return refuse("access and ID tokens live 86400 seconds at most: longer than that no key is kept for them");
    }
    if l.code.0 > 600 {
        return refuse("an authorization code lives 600 seconds at most (RFC 6749 section 4.1.2)");
    }
    if !settings.organizations.permissions.iter().all(|name| is_permission(name)) {
        return refuse("a permission is written noun:verb, in small letters");
    }
    if settings.audit_retention_days.is_some_and(|days| !(1..=36_500).contains(&days)) {
        return refuse("the audit trail is kept for 1 to 36500 days");
    }
    if !(8..=64).contains(&settings.passwords.shortest) {
        return refuse("the shortest password has 8 to 64 characters");
    }
    check_places(settings)?;
    if settings.branding.color.as_ref().is_some_and(|color| color.parse::<Accent>().is_err()) {
        return refuse("a colour is written #rrggbb");
    }
    if settings.branding.logo_uri.as_ref().is_some_and(|logo| Link::parse(logo).is_none()) {
        return refuse("a logo is an https URL");
    }
    if settings.language.as_ref().is_some_and(|language| Language::of_tag(language).is_none()) {
        return refuse("a language is en, es, fr or de");
    }
    mail::check(&settings.mail)?;
    if settings.domain.as_ref().is_some_and(|domain| !is_host(domain)) {
        return refuse("a domain is a host name in lower case, without scheme and port");
    }
    Ok(())
}

/// Where people may be sent, and from where they may come.
fn check_places(settings: &Settings) -> Result<()> {
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    if settings.redirect_origins.iter().any(|text| origin_of(text).is_none_or(|origin| origin != *text)) {
        return refuse("an origin is scheme, host and port alone, https except on loopback: https://app.example");
    }
    if settings.frontend_url.as_ref().is_some_and(|url| Link::parse(url).is_none()) {
        return refuse("the front end's address is an https URL");
    }
    if settings.verification_redirect_url.as_ref().is_some_and(|url| place(settings, url).is_none()) {
        return refuse("the address after a verification has to be at the front end or at one of the redirect origins");
    }
    if settings.allowed_domains.iter().any(|domain| !is_host(domain)) {
        return refuse("a domain is a host name in lower case, without scheme and port");
    }
    Ok(())
}

pub(super) fn is_host(domain: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    domain.len() <= 253
        && domain.bytes().all(plain)
        && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::super::settings::set;
    use super::*;
    use crate::config::{Config, Overrides};
    use crate::store::testing::databases;

    #[tokio::test]
    async fn a_tenant_is_made_once_and_every_change_leaves_a_row() {
        for db in databases().await {
            let tenants = {
                let config = Config::load(&Overrides::default()).unwrap();
                Tenants::new(&config, Clock::fixed(Timestamp(9)), db.clone())
            };
            let (clock, by) = (Clock::fixed(Timestamp(9)), Actor::operator());
            let new = || ("demo".parse().unwrap(), "Demo".to_owned(), Settings::default());
            let mut demo = tenants.create(&clock, new(), &by).await.unwrap();
            assert!(tenants.create(&clock, new(), &by).await.is_err());
            set(&mut demo.settings.0, "domain=id.demo.test").unwrap();
            for (part, found) in [("DEM", 1), ("mo", 1), ("", 1), ("%", 0), ("nobody", 0)] {
                assert_eq!(tenants.search(part, "", 9).await.unwrap().len(), found, "{part}");
            }
            assert!(tenants.search("demo", "demo", 9).await.unwrap().is_empty());
            tenants.change(&clock, &demo, "tenant.updated", &by).await.unwrap();
            assert!(tenants.change(&clock, &demo, "tenant.updated", &by).await.is_err(), "an old version won");
            let found = store::by_domain(&db, "id.demo.test").await.unwrap().unwrap();
            assert_eq!((found.version, found.settings.0), (2, demo.settings.0));
            let other = ("other".parse().unwrap(), "Other".to_owned(), Settings::default());
            let mut other = tenants.create(&clock, other, &by).await.unwrap();
            other.settings.0.domain = Some("id.demo.test".to_owned());
            assert!(tenants.change(&clock, &other, "tenant.updated", &by).await.is_err());
            let rows = audit::page(&db, &demo.id, "", 9).await.unwrap();
            assert_eq!(
                rows.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(),
                ["tenant.created", "tenant.updated"]
            );
        }
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        for bad in [
            "lifetimes.code=601",
            "lifetimes.id_token=0",
            "lifetimes.id_token=86401",
            "lifetimes.access_token=86401",
            "branding.color=red",
            "branding.logo_uri=javascript:x",
            "domain=https://x",
            "language=klingon",
            "audit_retention_days=0",
            "mail.from_address=x",
            "mail.smtp_host=https://x",
            "mail.http_url=ftp://x",
        ] {
            let mut settings = Settings::default();
            set(&mut settings, bad).unwrap();
            assert!(check("x", &settings).is_err(), "{bad}");
        }
    }
}
