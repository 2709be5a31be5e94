//! A tenant's configuration as text: the same state is the same bytes, on every server and every database.

use serde_json::{Map, Value};

use super::kinds::{Kind, Thing};
use super::members::in_order;
use super::secrets::variable;
use super::source::{FORMAT, as_written};
use super::{text, things};
use crate::app::App;
use crate::base::Result;
use crate::store::tenants::Tenant;

/// What stands above everything.
const HEAD: &str = "# How this tenant is configured. What is absent is as usual; secrets are named by where they are, as in\n\
    # \"env:NAME\" or \"file:/run/secrets/name\", and stay as they are where nothing is to be found there.\n";

/// Everything that is declared of a tenant, as TOML.
///
/// # Errors
/// The database failed.
pub async fn export(app: &App, tenant: &Tenant) -> Result<String> {
    Ok(format!("{HEAD}{}", text::write(&document(app, tenant).await?)))
}

/// The same as a tree.
///
/// # Errors
/// The database failed.
pub async fn document(app: &App, tenant: &Tenant) -> Result<Map<String, Value>> {
    let mut document = Map::from_iter([("format".to_owned(), Value::from(FORMAT))]);
    for ((kind, key), thing) in things::read(app, tenant).await? {
        if kind.is_single() && thing.is_usual() {
            continue;
        }
        let members = Value::Object(written(tenant, (kind, &key), &thing));
        if kind.is_single() {
            document.insert(kind.as_str().to_owned(), members);
            continue;
        }
        let section = document.entry(kind.as_str()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(section) = section {
            section.insert(key, members);
        }
    }
    Ok(document)
}

fn written(tenant: &Tenant, (kind, key): (Kind, &str), thing: &Thing) -> Map<String, Value> {
    let mut members = thing.members.clone();
    for member in &thing.holds {
        let place = variable(tenant.slug.as_str(), (kind, key), member);
        put(&mut members, member, place);
    }
    if !thing.holds.is_empty() {
        members = in_order(&members);
    }
    members.iter().map(|(name, value)| as_written(name, value)).collect()
}

fn put(members: &mut Map<String, Value>, path: &[&str], place: String) {
    match path {
        [] => {}
        [name] => drop(members.insert((*name).to_owned(), place.into())),
        [name, rest @ ..] => {
            let inner = members.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, place);
            }
        }
    }
}
