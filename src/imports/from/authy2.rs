//! Authy2, later called Gatehouse: people of one installation, and organizations that they are members of. All of it
//! becomes one tenant; people and organizations keep their UUIDs, what was deleted there stays away.

use std::collections::{BTreeMap, HashSet};

use super::authy2_account::person;
use super::client::{Was, wish};
use crate::base::{OrganizationId, Result, Seconds, UserId};
use crate::imports::dump::{Row, Tables};
use crate::imports::record::{Client, Organization, Tenant};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::imports::{Choices, named};
use crate::store::clients::AuthMethod;
use crate::store::organizations::OrganizationStatus;

/// What is read. Sessions, tokens, keys and the audit trail stay behind.
pub const TABLES: &[&str] = &[
    "users",
    "authentication_methods",
    "organizations",
    "organization_members",
    "organization_security_policies",
    "oidc_clients",
];

/// Longest time that an access token lives here.
const DAY: i64 = 86_400;

/// Reads a database of Authy2.
///
/// # Errors
/// It is of something else, or nobody said which tenant it becomes.
pub fn read(tables: &Tables, choices: &Choices, report: &mut Report) -> Result<Vec<Tenant>> {
    let users = tables.need("users", &["id", "email", "email_verified", "status", "deleted_at"])?;
    tables.need("authentication_methods", &["user_id", "method_type", "password_hash", "provider_data"])?;
    let mut tenant = named(choices)?;
    let mut methods: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in tables.rows("authentication_methods").filter(|row| !is_deleted(*row)) {
        methods.entry(row.required("user_id")?).or_default().push(row);
    }
    for row in users.rows() {
        let methods = methods.get(row.required("id")?).map_or(&[][..], Vec::as_slice);
        let person = person(row, methods, &tenant.called, report)?;
        tenant.people.extend(person);
    }
    let there: HashSet<&str> = tenant.people.iter().map(|person| person.old_id.as_str()).collect();
    let mut organizations = Vec::new();
    for row in tables.rows("organizations") {
        organizations.extend(organization(row, (tables, &there), &tenant.called, report)?);
    }
    tenant.organizations = organizations;
    for row in tables.rows("oidc_clients") {
        let client = client(row, &tenant.called, report)?;
        tenant.clients.extend(client);
    }
    report.warn("", "", "everybody signs in again: sessions and tokens are not taken; applications meet a new issuer");
    let nobody = "nobody administers this tenant by being imported: `chancery user set-role`";
    report.review(&tenant.called, "", nobody);
    Ok(vec![tenant])
}

/// Whether a row is only kept because nothing was ever removed there.
pub(super) fn is_deleted(row: Row<'_>) -> bool {
    row.text("deleted_at").is_some()
}

/// A word of an enumeration, which its database writes in capitals.
pub(super) fn word(row: Row<'_>, column: &str) -> String {
    row.text(column).unwrap_or_default().to_ascii_lowercase()
}

fn organization(
    row: Row<'_>,
    (tables, there): (&Tables, &HashSet<&str>),
    tenant: &str,
    report: &mut Report,
) -> Result<Option<Organization>> {
    let (id, name) = (row.required("id")?, row.required("name")?);
    if is_deleted(row) {
        let named = Named { tenant, kind: Kind::Organization, name, old_id: id };
        report.leave_out(named, Outcome::Skipped, "was deleted there");
        return Ok(None);
    }
    let of_it = |row: &Row<'_>| row.text("organization_id") == Some(id);
    let policy = tables.rows("organization_security_policies").find(|row| of_it(row) && !is_deleted(*row));
    let mut metadata = serde_json::Map::new();
    for column in ["description", "logo_url"] {
        metadata.extend(row.text(column).map(|text| (column.to_owned(), text.into())));
    }
    let settings = row.json("settings");
    if settings.as_object().is_some_and(|settings| !settings.is_empty()) {
        metadata.insert("settings".to_owned(), settings);
    }
    let mut members = Vec::new();
    for row in tables.rows("organization_members").filter(of_it) {
        members.extend(member(row, (name, tenant), there, report)?);
    }
    if !members.iter().any(|(_, role, _)| role == "owner") {
        report.review(tenant, name, "has no owner any more: give it one (docs/guides/organizations.md)");
    }
    Ok(Some(Organization {
        id: OrganizationId::from(id),
        slug: row.required("slug")?.to_owned(),
        name: name.to_owned(),
        status: if row.is("is_active") { OrganizationStatus::Active } else { OrganizationStatus::Suspended },
        second_factor: policy.is_some_and(|row| word(row, "mfa_policy_mode").starts_with("require")),
        metadata,
        created_at: row.instant("created_at"),
        members,
    }))
}

type Member = (UserId, String, Option<crate::base::Timestamp>);

/// Who was removed stays removed.
fn member(
    row: Row<'_>,
    (organization, tenant): (&str, &str),
    there: &HashSet<&str>,
    report: &mut Report,
) -> Result<Option<Member>> {
    let (user, role) = (row.required("user_id")?, word(row, "role"));
    let why = if is_deleted(row) {
        "was removed there"
    } else if !there.contains(user) {
        "is nobody here"
    } else {
        let since = row.instant("joined_at").or_else(|| row.instant("created_at"));
        return Ok(Some((UserId::from(user), role, since)));
    };
    let called = format!("{organization}: {user}");
    report.leave_out(Named { tenant, kind: Kind::Member, name: &called, old_id: user }, Outcome::Skipped, why);
    Ok(None)
}

fn client(row: Row<'_>, tenant: &str, report: &mut Report) -> Result<Option<Client>> {
    let (id, name) = (row.required("client_id")?, row.required("name")?);
    if is_deleted(row) {
        let named = Named { tenant, kind: Kind::Client, name, old_id: id };
        report.leave_out(named, Outcome::Skipped, "was deleted there");
        return Ok(None);
    }
    let method = if row.is("is_confidential") { AuthMethod::ClientSecretBasic } else { AuthMethod::None };
    let (redirect_uris, grants, scopes) = (row.list("redirect_uris"), row.list("grant_types"), row.list("scopes"));
    let mut wish = wish(Was { id, name, method, redirect_uris, grants, scopes }, tenant, report);
    let metadata = &mut wish.metadata;
    for (place, column) in [
        (&mut metadata.logo_uri, "logo_uri"),
        (&mut metadata.client_uri, "client_uri"),
        (&mut metadata.policy_uri, "policy_uri"),
        (&mut metadata.tos_uri, "tos_uri"),
    ] {
        *place = row.text(column).filter(|uri| uri.starts_with("https://")).map(str::to_owned);
    }
    let lives = |column: &str, most: i64| row.number(column).map(|seconds| Seconds(seconds.clamp(60, most)));
    wish.policy.access_token_lifetime = lives("access_token_lifetime", DAY);
    wish.policy.refresh_token_lifetime = lives("refresh_token_lifetime", 365 * DAY);
    if method != AuthMethod::None {
        let text = "its secret was kept as bcrypt and cannot be: give it another by `chancery client rotate-secret`";
        report.review(tenant, id, text);
    }
    Ok(Some(Client { wish, secret: None, active: row.is("is_active") }))
}
