//! Backend Framework: tenants with people and OAuth clients, all numbered. Numbers become `legacy_id`; the ids here follow
//! from them, so that an import that is repeated finds everybody again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::client::{Was, wish};
use crate::base::{Result, Secret, TenantId, Timestamp};
use crate::imports::System;
use crate::imports::dump::{Row, Tables};
use crate::imports::record::{Client, Person, Tenant, id_of};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::people::Travelling;
use crate::store::clients::AuthMethod;
use crate::store::users::{Role, UserStatus};

/// What is read. Codes and tokens stay behind.
pub const TABLES: &[&str] = &["tenants", "users", "oauth2_clients"];

/// Reads a database of Backend Framework.
///
/// # Errors
/// It is of something else.
pub fn read(tables: &Tables, report: &mut Report) -> Result<Vec<Tenant>> {
    let tenants = tables.need("tenants", &["id", "name", "slug", "is_active", "plan"])?;
    let users =
        tables.need("users", &["id", "tenant_id", "username", "email", "password_hash", "role", "is_active"])?;
    let mut found = BTreeMap::new();
    for row in tenants.rows() {
        found.insert(row.required("id")?, tenant(row, report)?);
    }
    // The first owner is who registered the tenant.
    let mut rows: Vec<_> = users.rows().collect();
    rows.sort_by_key(|row| row.number("id"));
    for row in rows {
        if let Some(tenant) = found.get_mut(row.required("tenant_id")?) {
            let person = person(row, tenant, report)?;
            tenant.people.extend(person);
        }
    }
    for row in tables.rows("oauth2_clients") {
        if let Some(tenant) = found.get_mut(row.required("tenant_id")?) {
            let client = client(row, tenant, report)?;
            tenant.clients.push(client);
        }
    }
    report.warn("", "", "everybody signs in again, and applications ask for tokens anew: no token is taken");
    Ok(found.into_values().collect())
}

fn tenant(row: Row<'_>, report: &mut Report) -> Result<Tenant> {
    let slug = row.required("slug")?;
    let mut tenant = Tenant::new(slug, slug, row.required("name")?);
    tenant.id = Some(TenantId::from(id_of(System::BackendFramework, &[slug])));
    tenant.active = row.text("is_active").is_none() || row.is("is_active");
    tenant.created_at = row.instant("created_at");
    tenant.plan = row.text("plan").map(str::to_owned);
    // Nobody's address was ever proven there, and everybody signed in.
    tenant.settings.unverified_sign_in = true;
    let open = "no address was proven there: people sign in without (`unverified_sign_in`); set it to false once most of them have";
    report.warn(slug, "unverified_sign_in", open);
    if let Some(domain) = row.text("domain") {
        let prove = format!("prove {domain}, so that the tenant answers at it (docs/guides/tenants.md)");
        report.review(slug, "domain", prove);
    }
    let settings = row.json("settings");
    if settings.as_object().is_some_and(|settings| !settings.is_empty()) {
        let names = settings.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        report.review(slug, "settings", format!("are free there and are not taken: {}", names.join(", ")));
    }
    Ok(tenant)
}

fn person(row: Row<'_>, tenant: &Tenant, report: &mut Report) -> Result<Option<Person>> {
    let (id, username, email) = (row.required("id")?, row.required("username")?, row.required("email")?);
    let slug = tenant.called.as_str();
    let mut account = Travelling::of(&id_of(System::BackendFramework, &[slug, "user", id]));
    account.app_metadata.insert("legacy_id".to_owned(), id.parse::<i64>().map_or_else(|_| id.into(), Value::from));
    account.password_hash = row.text("password_hash").map(str::to_owned);
    account.created_at = row.instant("created_at").map(Timestamp::rfc3339);
    account.role = role(row, tenant, report);
    if row.text("is_active").is_some() && !row.is("is_active") {
        account.status = UserStatus::Suspended;
    }
    match email.parse() {
        Ok(email) => account.email = Some(email),
        Err(why) => {
            let named = Named { tenant: slug, kind: Kind::Person, name: email, old_id: id };
            report.leave_out(named, Outcome::Refused, why);
            return Ok(None);
        }
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if username.chars().all(plain) && (1..=64).contains(&username.len()) {
        account.username = Some(username.to_owned());
    } else {
        let why = format!("signs in by the address alone: `{username}` cannot be a user name here");
        report.warn(slug, email, why);
    }
    Ok(Some(Person::new(email, id, account)))
}

/// Anybody could register as an owner: the first one stays that, all others wait for somebody's decision.
fn role(row: Row<'_>, tenant: &Tenant, report: &mut Report) -> Role {
    let name = row.text("email").unwrap_or_default();
    match row.text("role") {
        Some("owner") if tenant.people.iter().any(|person| person.account.role == Role::Owner) => {
            let why = "was an owner beside the first one; anybody could make themselves that, so the role here is user";
            report.review(&tenant.called, name, why);
            Role::User
        }
        Some("owner") => Role::Owner,
        Some("admin") => {
            report.review(&tenant.called, name, "is an administrator; anybody could make themselves that");
            Role::Admin
        }
        _ => Role::User,
    }
}

fn client(row: Row<'_>, tenant: &mut Tenant, report: &mut Report) -> Result<Client> {
    let secret = row.text("client_secret").filter(|secret| !secret.is_empty());
    let method = match (secret, row.text("token_endpoint_auth_method")) {
        (None, _) | (_, Some("none")) => AuthMethod::None,
        (_, Some("client_secret_post")) => AuthMethod::ClientSecretPost,
        _ => AuthMethod::ClientSecretBasic,
    };
    let was = Was {
        id: row.required("client_id")?,
        name: row.text("client_name").unwrap_or_default(),
        method,
        redirect_uris: row.words("redirect_uris"),
        grants: row.words("grant_types"),
        scopes: row.words("scope"),
    };
    own_scopes(&was, tenant, report);
    let wish = wish(was, &tenant.called, report);
    Ok(Client { wish, secret: secret.filter(|_| method != AuthMethod::None).map(Secret::new), active: true })
}

/// Scopes that only that system knew become the tenant's own.
fn own_scopes(was: &Was<'_>, tenant: &mut Tenant, report: &mut Report) {
    let known = crate::clients::scopes::offered(&tenant.settings.scopes);
    let new: BTreeSet<_> = was.scopes.iter().filter(|scope| !known.contains(&scope.as_str())).cloned().collect();
    for scope in new {
        let done = match scope.parse::<crate::base::Scope>() {
            Ok(_) if !scope.starts_with("platform:") => tenant.set(|settings| settings.scopes.push(scope.clone())),
            _ => Err("it is no scope that a tenant can have".to_owned()),
        };
        match done {
            Ok(()) => report.warn(&tenant.called, &scope, "is now a scope of the tenant's own; it opens nothing here"),
            Err(why) => report.warn(&tenant.called, &scope, format!("is not taken: {why}")),
        }
    }
}
