//! What a tenant is called, its settings, and the secrets of its mail sender.

use serde_json::{Map, Value, json};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::{Result, Secret};
use crate::declared::apply::Applying;
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::declared::secrets::{Sought, State, Want, below, named};
use crate::mail::SECRETS;
use crate::store::tenants::{Settings, Tenant};
use crate::tenants::{Reach, check_whole, differing, patched};

/// Where the secrets of mail stand.
const OF_MAIL: [&[&str]; 2] = [&["mail", SECRETS[0]], &["mail", SECRETS[1]]];

pub(super) fn name(tenant: &Tenant) -> Thing {
    let members = Map::from_iter([("name".to_owned(), Value::from(tenant.name.as_str()))]);
    Thing::plain(members, Record::Name(tenant.name.clone()))
}

pub(super) fn wish_name(wishing: &mut Wishing<'_>, wish: Wish<'_>, mut given: Map<String, Value>) -> Result<Thing> {
    let said = members::text(wishing.source, &wish.at("name"), &mut given)?;
    if let Some(unknown) = given.keys().next() {
        return Err(wishing.source.blame(&wish.at(unknown), "there is no such member").into());
    }
    wishing.tenant.name = said.unwrap_or_else(|| wishing.tenant.slug.to_string());
    check_whole(&wishing.tenant)?;
    Ok(name(&wishing.tenant))
}

pub(super) async fn apply_name(applying: &mut Applying<'_>, to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let (_, Some(Thing { record: Record::Name(name), .. })) = to else { return Ok(()) };
    applying.tenant.name.clone_from(name);
    applying.store_tenant(("tenant.updated", json!({ "settings": ["name"] }))).await
}

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Thing> {
    let settings = &tenant.settings.0;
    let secrets = app.mail.secrets(&tenant.id).await?;
    let holds = OF_MAIL.into_iter().filter(|member| member.last().is_some_and(|name| secrets.contains_key(*name)));
    let holds = holds.collect();
    Ok(Thing { holds, ..thing(settings)? })
}

fn thing(settings: &Settings) -> Result<Thing> {
    let mut said = members::of(settings)?;
    said.shift_remove("resource_servers");
    let said = members::unusual(&said, &members::of(&Settings::default())?);
    Ok(Thing::plain(said, Record::Settings(Box::new(settings.clone()))))
}

pub(super) async fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, mut given: Map<String, Value>) -> Result<Thing> {
    if given.contains_key("resource_servers") {
        let why = "resource servers have a section of their own, [resource_servers]";
        return Err(wishing.source.blame(&wish.at("resource_servers"), why).into());
    }
    let wants = of_mail(wishing, wish, &mut given).await?;
    let servers = std::mem::take(&mut wishing.tenant.settings.0.resource_servers);
    let mut settings = patched(&Settings::default(), &given, Reach::Operator)?;
    settings.resource_servers = servers;
    wishing.tenant.settings.0 = settings;
    check_whole(&wishing.tenant)?;
    Ok(Thing { wants, ..thing(&wishing.tenant.settings.0)? })
}

/// The secrets of mail; one that is there and not named any more is taken away.
async fn of_mail(wishing: &Wishing<'_>, wish: Wish<'_>, given: &mut Map<String, Value>) -> Result<Vec<Want>> {
    let there = wishing.app.mail.secrets(&wishing.tenant.id).await?;
    let mut wants = Vec::new();
    for member in OF_MAIL {
        let name = member[1];
        let path = below(wish.path, member);
        let reference = match given.get_mut("mail") {
            Some(Value::Object(mail)) => named(wishing.source, &path, mail)?,
            _ => None,
        };
        let held = there.get(name);
        if reference.is_none() {
            wants.extend(held.map(|_| Want { member, reference: None, state: State::Gone }));
            continue;
        }
        let sought = Sought { member, reference, held: held.is_some(), make: None };
        let is_same = |secret: &Secret| Ok(held.is_some_and(|held| held.digest() == secret.digest()));
        wants.push(sought.settle((wishing.source, wish.path), is_same, Ok)?);
    }
    Ok(wants)
}

pub(super) async fn apply(applying: &mut Applying<'_>, from_to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let (_, Some(thing)) = from_to else { return Ok(()) };
    let Record::Settings(settings) = &thing.record else { return Ok(()) };
    let servers = applying.tenant.settings.0.resource_servers.clone();
    let settings = Settings { resource_servers: servers, ..settings.as_ref().clone() };
    if settings != applying.tenant.settings.0 {
        let detail = json!({ "settings": differing(&applying.tenant.settings.0, &settings)? });
        applying.tenant.settings.0 = settings;
        applying.store_tenant(("tenant.updated", detail)).await?;
    }
    for want in thing.wants.iter().filter(|want| want.changes()) {
        let name = want.member.last().copied().unwrap_or_default();
        let Applying { app, tx, tenant, by, .. } = applying;
        app.mail.set_secret_in(tx, tenant, (name, want.secret()), by).await?;
    }
    Ok(())
}
