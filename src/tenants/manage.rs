//! What operators do with tenants: make, change, suspend, delete. Each change and its audit row are one transaction.

use serde_json::Value;

use super::Tenants;
use super::mail;
use super::places::{origin_of, place};
use crate::base::{Actor, Clock, Code, Result, Slug, Stop, TenantId};
use crate::frame::{Accent, Language, Link};
use crate::keys::LONGEST_TOKEN;
use crate::store::Json;
use crate::store::audit::{self, Event};
use crate::store::tenant_plans::Held;
use crate::store::tenants::{self as store, Settings, Tenant, TenantStatus};

impl Tenants {
    /// Makes a tenant. That is one row; its keys are made when they are first needed.
    ///
    /// # Errors
    /// The slug is taken, or a setting cannot be.
    pub async fn create(&self, clock: &Clock, new: (Slug, String, Settings), by: &Actor) -> Result<Tenant> {
        let (slug, name, settings) = new;
        check(&name, &settings)?;
        let now = clock.now();
        let tenant = Tenant {
            id: TenantId::generate(),
            slug,
            name,
            status: TenantStatus::Active,
            settings: Json(settings),
            version: 1,
            created_at: now,
            updated_at: now,
            held: Held::default(),
        };
        let mut tx = self.db.begin().await?;
        if !store::insert(&mut tx, &tenant).await? {
            return Err(Stop::refuse(Code::Conflict, "there is a tenant of this slug"));
        }
        let event = Event::new(&tenant.id, now, "tenant.created").by(&by.id).on(tenant.id.as_str()).from(&by.origin);
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// Stores another name, status or settings; `tenant` is as it shall be, over the version that was read.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile, or a setting cannot be.
    pub async fn change(&self, clock: &Clock, tenant: &Tenant, action: &str, by: &Actor) -> Result<()> {
        check(&tenant.name, &tenant.settings)?;
        let now = clock.now();
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, tenant, now).await? {
            return Err(Stop::refuse(Code::Conflict, "the tenant was changed by somebody else meanwhile"));
        }
        if let Some(domain) = &tenant.settings.domain {
            store::add_domain(&mut tx, &tenant.id, domain, Some(now), now)
                .await
                .map_err(|_| Stop::refuse(Code::Conflict, "another tenant has this domain"))?;
        }
        let event = Event::new(&tenant.id, now, action).by(&by.id).on(tenant.id.as_str()).from(&by.origin);
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        self.known.invalidate_all();
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
}

/// Sets one member of the settings, named by its path as in `lifetimes.access_token`. Lists are separated by commas;
/// an empty value unsets an optional member.
///
/// # Errors
/// There is no such member, or the value does not fit it.
pub fn set(settings: &mut Settings, assignment: &str) -> Result<()> {
    let refuse = |sentence: String| Stop::refuse(Code::Unprocessable, sentence);
    let (path, text) =
        assignment.split_once('=').ok_or_else(|| refuse("a setting is written path=value".to_owned()))?;
    let mut members = serde_json::to_value(&*settings)?;
    let cannot_be = |error: &serde_json::Error| refuse(format!("the setting `{path}` cannot be `{text}`: {error}"));
    let pointer = format!("/{}", path.replace('.', "/"));
    if path == "domain" {
        members["domain"] = Value::Null;
    }
    let member = members
        .pointer_mut(&pointer)
        .filter(|member| !member.is_object())
        .ok_or_else(|| refuse(format!("there is no setting `{path}`")))?;
    *member = match (&*member, text) {
        (Value::Array(_), text) => text.split(',').filter(|item| !item.is_empty()).map(Value::from).collect(),
        (_, "") => Value::Null,
        (Value::Bool(_) | Value::Number(_), text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        (_, text) => Value::from(text),
    };
    let as_number = text.parse::<i64>().ok();
    *settings = match (serde_json::from_value(members.clone()), as_number) {
        (Ok(settings), _) => settings,
        // A member that is not set yet does not show that it is a number.
        (Err(_), Some(number)) if members.pointer(&pointer).is_some_and(Value::is_string) => {
            if let Some(member) = members.pointer_mut(&pointer) {
                *member = Value::from(number);
            }
            serde_json::from_value(members).map_err(|error| cannot_be(&error))?
        }
        (Err(error), _) => return Err(cannot_be(&error)),
    };
    Ok(())
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
    use super::*;
    use crate::base::{Seconds, Timestamp};
    use crate::config::{Config, Overrides};
    use crate::store::testing::databases;

    #[tokio::test]
    async fn a_tenant_is_made_once_and_every_change_leaves_a_row() {
        for db in databases().await {
            let tenants = Tenants::new(&Config::load(&Overrides::default()).unwrap(), db.clone());
            let (clock, by) = (Clock::fixed(Timestamp(9)), Actor::operator());
            let new = || ("demo".parse().unwrap(), "Demo".to_owned(), Settings::default());
            let mut demo = tenants.create(&clock, new(), &by).await.unwrap();
            assert!(tenants.create(&clock, new(), &by).await.is_err());
            set(&mut demo.settings.0, "domain=id.demo.test").unwrap();
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
    fn a_setting_is_named_by_its_path() {
        let mut settings = Settings::default();
        for assignment in [
            "password_grant=true",
            "lifetimes.access_token=60",
            "branding.color=#aa3366",
            "scopes=orders:read,orders:write",
            "domain=id.demo.test",
            "mail.provider=smtp",
            "mail.smtp_port=2525",
        ] {
            set(&mut settings, assignment).unwrap();
        }
        assert!(settings.password_grant && settings.scopes.len() == 2);
        assert_eq!(settings.mail.smtp_port, Some(2_525));
        assert_eq!(settings.lifetimes.access_token, Seconds(60));
        assert_eq!(settings.branding.color.as_deref(), Some("#aa3366"));
        set(&mut settings, "branding.color=").unwrap();
        assert_eq!(settings.branding.color, None);
        let before = settings.clone();
        for bad in ["", "x", "x=1", "lifetimes=1", "lifetimes.access_token=soon", "password_grant=", "branding.x=1"] {
            assert!(set(&mut settings, bad).is_err(), "{bad}");
            assert_eq!(settings, before);
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
