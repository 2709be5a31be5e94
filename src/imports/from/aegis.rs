//! `ByteForge` Aegis: sites with people of their own. A site becomes a tenant; both keep their UUIDs.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use crate::base::{Result, Secret, Slug, TenantId, Timestamp};
use crate::imports::System;
use crate::imports::dump::{Row, Tables};
use crate::imports::record::{Person, Tenant, Webhook, id_of, slug_of};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::people::Travelling;
use crate::store::users::Role;

/// What is read. Tokens, links and what was owed to webhooks stay behind.
pub const TABLES: &[&str] = &["sites", "users"];

/// Reads a database of Aegis.
///
/// # Errors
/// It is of something else.
pub fn read(tables: &Tables, report: &mut Report) -> Result<Vec<Tenant>> {
    let sites = tables.need("sites", &["name", "domain", "frontend_url", "email_from", "email_from_name"])?;
    let users = tables.need("users", &["email", "password_hash", "is_verified"])?;
    let (mut found, mut slugs) = (BTreeMap::new(), HashSet::new());
    for row in sites.rows() {
        let (key, mut tenant) = site(row, report)?;
        tenant.slug = slug(row, &mut slugs)?;
        found.insert(key, (row, tenant));
    }
    for row in users.rows() {
        let site = row.text("site_uuid").map_or_else(|| row.required("site_id"), Ok)?;
        if let Some((site, tenant)) = found.get_mut(site) {
            let person = person(row, (*site, tenant.called.as_str()), report)?;
            tenant.people.extend(person);
        }
    }
    report.warn(
        "",
        "",
        "everybody signs in again: sessions and refresh tokens are not taken, nor links that were mailed",
    );
    Ok(found.into_values().map(|(_, tenant)| tenant).collect())
}

/// A site, and what its people name it by.
fn site(row: Row<'_>, report: &mut Report) -> Result<(String, Tenant)> {
    let domain = row.required("domain")?;
    let key = row.text("uuid").map_or_else(|| row.required("id"), Ok)?;
    let mut tenant = Tenant::new(domain, "", row.required("name")?);
    tenant.id = Some(TenantId::from(match row.text("uuid").and_then(canonical) {
        Some(uuid) => uuid,
        None => id_of(System::Aegis, &[domain]),
    }));
    tenant.created_at = row.instant("created_at");
    tenant.protected = row.is("deletion_protected");
    tenant.settings.self_registration = row.text("allow_self_registration").is_none_or(|text| text.starts_with('t'));
    settle(&mut tenant, row, report);
    review(&tenant, row, report);
    let (url, secret) = (row.text("webhook_url"), row.text("webhook_secret"));
    tenant.webhook = url.zip(secret).map(|(url, secret)| Webhook { url: url.to_owned(), secret: Secret::new(secret) });
    Ok((key.to_owned(), tenant))
}

/// Sets what a site was set to, as far as that can be.
fn settle(tenant: &mut Tenant, row: Row<'_>, report: &mut Report) {
    let text = |column: &str| row.text(column).filter(|text| !text.is_empty()).map(str::to_owned);
    let called = tenant.called.clone();
    let mut set = |name: &str, done: Result<(), String>| {
        if let Err(why) = done {
            report.warn(&called, name, format!("is not taken: {why}"));
        }
    };
    set("email_from", tenant.set(|settings| settings.mail.from_address = text("email_from")));
    set("email_from_name", tenant.set(|settings| settings.mail.from_name = text("email_from_name")));
    set("frontend_url", tenant.set(|settings| settings.frontend_url = text("frontend_url")));
    let after = text("verification_redirect_url");
    let origin =
        after.as_deref().and_then(|url| url::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
    let done = tenant.set(|settings| {
        settings.redirect_origins.extend(origin);
        settings.verification_redirect_url = after;
    });
    set("verification_redirect_url", done);
}

/// What somebody has to do by hand.
fn review(tenant: &Tenant, row: Row<'_>, report: &mut Report) {
    let called = tenant.called.as_str();
    let prove =
        "prove this domain, so that the tenant answers at it (docs/guides/tenants.md); until then it is at its path";
    report.review(called, "domain", prove);
    if row.text("tenant_api_key").is_some() {
        let key =
            "its X-Tenant-Api-Key is not taken: make an API key with the scopes auth:proxy users:read users:invite";
        report.review(called, "tenant_api_key", key);
    }
    if row.text("mailgun_api_key").is_some() || row.text("mailgun_domain").is_some() {
        report.review(
            called,
            "mailgun_domain",
            "how its mails leave is not taken: set `mail` of the tenant, and its secret",
        );
    }
    if tenant.protected {
        let new =
            "nobody could be deleted on this site: its people are protected one by one, those who come later are not";
        report.warn(called, "deletion_protected", new);
    }
}

/// The site's name in addresses: made of its name, or of its domain when another site has that.
fn slug(row: Row<'_>, taken: &mut HashSet<String>) -> Result<String> {
    let (name, domain) = (slug_of(row.required("name")?), slug_of(row.required("domain")?));
    let good = name.parse::<Slug>().is_ok() && !taken.contains(&name);
    let slug = if good { name } else { domain };
    taken.insert(slug.clone());
    Ok(slug)
}

fn person(row: Row<'_>, (site, tenant): (Row<'_>, &str), report: &mut Report) -> Result<Option<Person>> {
    let email = row.required("email")?;
    let uuid = row.text("uuid").and_then(canonical);
    let old_id = row.text("uuid").map_or_else(|| row.required("id"), Ok)?;
    let id = uuid.clone().unwrap_or_else(|| id_of(System::Aegis, &[site.text("domain").unwrap_or_default(), old_id]));
    let mut account = Travelling::of(&id);
    account.email_verified = row.is("is_verified");
    account.deletion_protected = row.is("deletion_protected") || site.is("deletion_protected");
    account.role = if row.text("role") == Some("admin") { Role::Admin } else { Role::User };
    account.password_hash = row.text("password_hash").map(str::to_owned);
    account.created_at = row.instant("created_at").map(Timestamp::rfc3339);
    if uuid.is_none() {
        account.app_metadata.insert("legacy_id".to_owned(), old_id.parse::<i64>().map_or(old_id.into(), Into::into));
    }
    match email.parse() {
        Ok(email) => account.email = Some(email),
        Err(why) => {
            let named = Named { tenant, kind: Kind::Person, name: email, old_id };
            report.leave_out(named, Outcome::Refused, why);
            return Ok(None);
        }
    }
    Ok(Some(Person::new(email, old_id, account)))
}

/// A UUID in its one spelling.
pub(super) fn canonical(text: &str) -> Option<String> {
    Uuid::parse_str(text).ok().map(|uuid| uuid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::dump::read_tables;

    #[test]
    fn installations_from_before_uuids_get_ids_that_follow_from_their_numbers() {
        let dump = "COPY public.sites (id, name, domain, frontend_url, email_from, email_from_name) FROM stdin;\n\
            1\tShop\tshop.test\thttps://shop.test\tshop@shop.test\tShop\n\\.\n\
            COPY public.users (id, site_id, email, password_hash, is_verified) FROM stdin;\n\
            7\t1\tada@shop.test\t\\N\tt\n8\t1\tnobody\t\\N\tt\n\\.\n";
        let tables = read_tables(dump.as_bytes()).unwrap();
        let mut report = Report::new(System::Aegis, false);
        let (one, two) = (read(&tables, &mut report).unwrap(), read(&tables, &mut report).unwrap());
        assert_eq!((one[0].slug.as_str(), &one[0].id), ("shop", &two[0].id));
        let (ada, again) = (&one[0].people[0].account, &two[0].people[0].account);
        assert!(Uuid::parse_str(ada.id.as_deref().unwrap()).is_ok() && ada.id == again.id);
        assert_eq!((&ada.app_metadata["legacy_id"], ada.email_verified), (&7.into(), true));
        assert_eq!((one[0].people.len(), report.of(Kind::Person).refused), (1, 2));
    }
}
