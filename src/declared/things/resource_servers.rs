//! A tenant's own APIs. They stand in its settings; each is declared by its audience.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::base::Result;
use crate::clients::resource_servers::{Wished, check, server};
use crate::declared::apply::Applying;
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::store::resource_servers::ResourceServer;
use crate::store::tenants::Tenant;

pub(super) fn read(tenant: &Tenant) -> Result<Vec<(String, Thing)>> {
    let all = &tenant.settings.0.resource_servers;
    all.iter().map(|server| Ok((server.audience.clone(), thing(server)?))).collect()
}

fn thing(server: &ResourceServer) -> Result<Thing> {
    let mut sorted = server.clone();
    sorted.scopes.sort_by(|one, two| one.scope.cmp(&two.scope));
    let mut said = members::of(&sorted)?;
    for name in ["id", "audience"] {
        said.shift_remove(name);
    }
    let usual = Map::from_iter([
        ("name".to_owned(), Value::from(server.audience.as_str())),
        ("scopes".to_owned(), Value::Array(Vec::new())),
    ]);
    Ok(Thing::plain(members::unusual(&said, &usual), Record::Server(Box::new(server.clone()))))
}

pub(super) fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, mut given: Map<String, Value>) -> Result<Thing> {
    if given.contains_key("audience") {
        return Err(wishing.source.blame(&wish.at("audience"), "the audience is the key of this table").into());
    }
    given.insert("audience".to_owned(), Value::from(wish.key));
    let wished: Wished = members::read(wishing.source, wish.path, given)?;
    let id = match wish.before.map(|before| &before.record) {
        Some(Record::Server(before)) => before.id.clone(),
        _ => uuid::Uuid::now_v7().to_string(),
    };
    let made = server(id, wished);
    put(&mut wishing.tenant, &made);
    let context = wishing.app.tenants.context(wishing.tenant.clone());
    check(&context, &wishing.tenant.settings.0.resource_servers)?;
    thing(&made)
}

/// Takes a server that no declaration names out of the tenant as it will be.
pub(in crate::declared) fn drop_from(tenant: &mut Tenant, audience: &str) {
    tenant.settings.0.resource_servers.retain(|server| server.audience != audience);
}

fn put(tenant: &mut Tenant, server: &ResourceServer) {
    let all = &mut tenant.settings.0.resource_servers;
    match all.iter_mut().find(|known| known.audience == server.audience) {
        Some(known) => known.clone_from(server),
        None => all.push(server.clone()),
    }
}

pub(super) async fn apply(applying: &mut Applying<'_>, from_to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let action = match from_to {
        (before, Some(Thing { record: Record::Server(server), .. })) => {
            put(&mut applying.tenant, server);
            if before.is_some() { "resource_server.updated" } else { "resource_server.created" }
        }
        (Some(Thing { record: Record::Server(server), .. }), None) => {
            drop_from(&mut applying.tenant, &server.audience);
            "resource_server.deleted"
        }
        _ => return Ok(()),
    };
    applying.store_tenant((action, Value::Null)).await
}
