//! OAuth clients, in the words of RFC 7591 §2 and with the server's policy. The server's own are nobody's to declare.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::{ClientId, Result, Secret};
use crate::clients::{BUILT_IN, CONSOLE, Clients, Registration, policy_of};
use crate::config::Reference;
use crate::declared::apply::{Applying, OVERLAP};
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::declared::secrets::{Sought, Want, named};
use crate::store::clients::{Client, ClientKind, ClientPolicy, ClientStatus};
use crate::store::tenants::Tenant;

/// The member that names the secret.
const SECRET: &[&str] = &["client_secret"];
/// Clients of a page.
const PAGE: i64 = 500;
/// Members that are always told: what a client may do is to be seen without knowing what is usual.
const ALWAYS: [&str; 2] = ["grant_types", "scope"];

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Vec<(String, Thing)>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = app.clients.page(tenant, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id.to_string();
        for client in page.iter().filter(|client| !is_servers_own(client.id.as_str())) {
            all.push((client.id.to_string(), thing(client)?));
        }
    }
}

fn is_servers_own(id: &str) -> bool {
    [BUILT_IN, CONSOLE].contains(&id)
}

fn thing(client: &Client) -> Result<Thing> {
    let mut usual = members::of(&Registration::preset(client.kind, "").metadata)?;
    let mut said = members::of(&client.metadata.0)?;
    // It follows from the grants.
    said.shift_remove("response_types");
    for name in ALWAYS {
        usual.shift_remove(name);
    }
    said.insert("type".to_owned(), client.kind.as_str().into());
    if client.name != client.id.as_str() {
        said.insert("client_name".to_owned(), client.name.as_str().into());
    }
    if client.status == ClientStatus::Disabled {
        said.insert("status".to_owned(), client.status.as_str().into());
    }
    said.insert("policy".to_owned(), Value::Object(members::of(&client.policy.0)?));
    usual.insert("policy".to_owned(), Value::Object(members::of(&ClientPolicy::default())?));
    let holds = if client.has_secret() { vec![SECRET] } else { Vec::new() };
    let said = members::unusual(&said, &usual);
    Ok(Thing { holds, ..Thing::plain(said, Record::Client(Box::new(client.clone()))) })
}

pub(super) async fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, mut given: Map<String, Value>) -> Result<Thing> {
    let source = wishing.source;
    if is_servers_own(wish.key) {
        return Err(source.blame(wish.path, "this client is the server's own").into());
    }
    let reference = named(source, &wish.at(SECRET[0]), &mut given)?;
    let before = match wish.before.map(|before| &before.record) {
        Some(Record::Client(before)) => Some(before.as_ref()),
        _ => None,
    };
    let client = made(wishing, wish, (given, before))?;
    let wants = match (client.has_secret(), reference) {
        (true, reference) => vec![wanted(wishing, wish, (&client, before), reference).await?],
        (false, None) => Vec::new(),
        (false, Some(_)) => {
            return Err(source.blame(&wish.at(SECRET[0]), "this client proves itself without a secret").into());
        }
    };
    Ok(Thing { wants, holds: Vec::new(), ..thing(&client)? })
}

/// The client as it shall be, in place of the one before.
fn made(
    wishing: &Wishing<'_>,
    wish: Wish<'_>,
    (mut given, before): (Map<String, Value>, Option<&Client>),
) -> Result<Client> {
    let kind = word(wishing, wish, &mut given, "type")?.unwrap_or(ClientKind::Confidential);
    let status = word(wishing, wish, &mut given, "status")?.unwrap_or(ClientStatus::Active);
    let made = Client { status, ..registered(wishing, wish, (kind, given))? };
    let Some(before) = before else { return Ok(made) };
    if before.kind != made.kind {
        let why = "the type of a client never changes: declare another client";
        return Err(wishing.source.blame(&wish.at("type"), why).into());
    }
    Ok(Client { version: before.version, created_at: before.created_at, ..made })
}

/// The client by the rules of registration. What it asks for and cannot have is not dropped here, but told.
fn registered(
    wishing: &Wishing<'_>,
    wish: Wish<'_>,
    (kind, mut given): (ClientKind, Map<String, Value>),
) -> Result<Client> {
    let policy = given.remove("policy").unwrap_or_else(|| Value::Object(Map::new()));
    let mut registration = Registration::of_kind(kind, given)?;
    let at_policy = wish.at("policy");
    registration.policy = match policy {
        Value::Object(policy) => members::read(wishing.source, &at_policy, policy)?,
        other => policy_of(other)?,
    };
    registration.id = Some(ClientId::from(wish.key));
    let asked = registration.metadata.scope.clone();
    let made = wishing.app.clients.made(&wishing.tenant, registration)?;
    if let Some(lost) = asked.tokens().into_iter().find(|token| !made.metadata.scope.contains(token)) {
        let why = format!("a client of this type cannot have the scope {lost} in this tenant");
        return Err(wishing.source.blame(&wish.at("scope"), &why).into());
    }
    Ok(made)
}

async fn wanted(
    wishing: &Wishing<'_>,
    wish: Wish<'_>,
    (client, before): (&Client, Option<&Client>),
    reference: Option<Reference>,
) -> Result<Want> {
    let live = match before {
        Some(before) => wishing.app.clients.secrets(&wishing.tenant, &client.id).await.map(|all| {
            let lasting = all.into_iter().filter(|secret| before.has_secret() && secret.expires_at.is_none());
            lasting.map(|secret| secret.digest).collect()
        })?,
        None => Vec::new(),
    };
    let make: Option<&dyn Fn() -> Secret> = if wishing.generate { Some(&Secret::generate) } else { None };
    let sought = Sought { member: SECRET, reference, held: !live.is_empty(), make };
    let is_same = |secret: &Secret| Ok(live.contains(&secret.digest()));
    sought.settle((wishing.source, wish.path), is_same, Clients::brought)
}

/// A member that is one of a few words.
fn word<T: serde::de::DeserializeOwned>(
    wishing: &Wishing<'_>,
    wish: Wish<'_>,
    given: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>> {
    let Some(value) = given.remove(name) else { return Ok(None) };
    let read = serde_json::from_value(value);
    Ok(Some(read.map_err(|error| wishing.source.blame(&wish.at(name), &error.to_string()))?))
}

pub(super) async fn apply(applying: &mut Applying<'_>, from_to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let Applying { app, tx, tenant, by, .. } = applying;
    match from_to {
        (None, Some(Thing { record: Record::Client(client), wants, .. })) => {
            let secret = wants.first().and_then(Want::secret);
            app.clients.create_in(tx, tenant, (client, secret), by).await?;
            if client.status == ClientStatus::Disabled {
                app.clients.change_in(tx, client, "client.disabled", by).await?;
            }
        }
        (Some(before), Some(after @ Thing { record: Record::Client(client), .. })) => {
            if before.members != after.members {
                let action = match (before.members.get("status"), client.status) {
                    (None, ClientStatus::Disabled) => "client.disabled",
                    (Some(_), ClientStatus::Active) => "client.enabled",
                    _ => "client.updated",
                };
                app.clients.change_in(tx, client, action, by).await?;
            }
            for secret in after.wants.iter().filter_map(Want::secret) {
                app.clients.rotate_in(tx, client, (secret, OVERLAP), by).await?;
            }
        }
        (Some(Thing { record: Record::Client(client), .. }), None) => {
            app.clients.delete_in(tx, tenant, &client.id, by).await?;
        }
        _ => {}
    }
    Ok(())
}
