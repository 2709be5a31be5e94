//! Who is told of what happens, each declared by its URL. Two at one URL are told apart by a number behind `#`, which
//! no registered URL has.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::{Result, Secret};
use crate::declared::apply::{Applying, OVERLAP};
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::declared::secrets::{Sought, Want, named};
use crate::store::tenants::Tenant;
use crate::store::webhooks::{Endpoint, EndpointStatus};
use crate::webhooks::{Changes, NewEndpoint};

/// The member that names the secret.
const SECRET: &[&str] = &["secret"];

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Vec<(String, Thing)>> {
    let mut by_url: BTreeMap<String, Vec<Thing>> = BTreeMap::new();
    for endpoint in app.webhooks.page(tenant, "", i64::MAX).await? {
        by_url.entry(endpoint.url.clone()).or_default().push(thing(endpoint)?);
    }
    let mut all = Vec::new();
    for (url, mut alike) in by_url {
        // By what they are, because ids differ from server to server.
        alike.sort_by_key(|thing| Value::Object(thing.members.clone()).to_string());
        for (number, thing) in (1..).zip(alike) {
            all.push((if number == 1 { url.clone() } else { format!("{url}#{number}") }, thing));
        }
    }
    Ok(all)
}

fn thing(endpoint: Endpoint) -> Result<Thing> {
    let mut said = Map::new();
    said.insert("description".to_owned(), endpoint.description.as_str().into());
    said.insert("events".to_owned(), serde_json::to_value(&endpoint.events.0)?);
    said.insert("scheme".to_owned(), endpoint.scheme.as_str().into());
    // What the server gave up by itself is no wish of anybody.
    if endpoint.status == EndpointStatus::Disabled && endpoint.disabled_because.is_none() {
        said.insert("status".to_owned(), endpoint.status.as_str().into());
    }
    let usual = json!({ "description": "", "scheme": "standard" });
    let said = members::unusual(&said, usual.as_object().unwrap_or(&Map::new()));
    Ok(Thing { holds: vec![SECRET], ..Thing::plain(said, Record::Webhook(Box::new(endpoint))) })
}

pub(super) fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, mut given: Map<String, Value>) -> Result<Thing> {
    let (app, source) = (wishing.app, wishing.source);
    let reference = named(source, &wish.at(SECRET[0]), &mut given)?;
    let status = match members::text(source, &wish.at("status"), &mut given)? {
        None => EndpointStatus::Enabled,
        Some(text) => text.parse().map_err(|why: String| source.blame(&wish.at("status"), &why))?,
    };
    let url = wish.key.split_once('#').map_or(wish.key, |(url, _)| url);
    if given.insert("url".to_owned(), url.into()).is_some() {
        return Err(source.blame(&wish.at("url"), "the URL is the key of this table").into());
    }
    let new: NewEndpoint = members::read(source, wish.path, given)?;
    let held = match wish.before.map(|before| &before.record) {
        Some(Record::Webhook(before)) => app.webhooks.secrets(before, app.clock.now())?.into_iter().next(),
        _ => None,
    };
    let make: Option<&dyn Fn() -> Secret> = if wishing.generate { Some(&crate::webhooks::new_secret) } else { None };
    let sought = Sought { member: SECRET, reference, held: held.is_some(), make };
    let is_same = |secret: &Secret| Ok(held.as_ref().is_some_and(|held| held.digest() == secret.digest()));
    let want = sought.settle((source, wish.path), is_same, |secret| {
        crate::webhooks::check_secret(secret.expose(), new.scheme).map(|()| secret)
    })?;
    let secret = want.secret().map(|secret| secret.expose().to_owned());
    let (mut endpoint, _) = app.webhooks.made(&wishing.tenant, NewEndpoint { secret, ..new })?;
    endpoint.status = status;
    Ok(Thing { holds: Vec::new(), wants: vec![want], ..thing(endpoint)? })
}

pub(super) async fn apply(applying: &mut Applying<'_>, from_to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let last = applying.last_change;
    let Applying { app, tx, tenant, by, .. } = applying;
    match from_to {
        (None, Some(Thing { record: Record::Webhook(endpoint), .. })) => {
            app.webhooks.create_in(tx, (tenant, endpoint), last, by).await
        }
        (Some(before), Some(after)) => {
            let (Record::Webhook(there), Record::Webhook(wished)) = (&before.record, &after.record) else {
                return Ok(());
            };
            let mut there = there.as_ref().clone();
            if before.members != after.members {
                let changes = changes(before, after, wished);
                there = app.webhooks.change_in(tx, (&there, last), changes, by).await?;
            }
            for secret in after.wants.iter().filter_map(Want::secret) {
                there = app.webhooks.rotate_in(tx, &there, (secret, OVERLAP), by).await?;
            }
            Ok(())
        }
        (Some(Thing { record: Record::Webhook(endpoint), .. }), None) => app.webhooks.remove_in(tx, endpoint, by).await,
        _ => Ok(()),
    }
}

fn changes(before: &Thing, after: &Thing, wished: &Endpoint) -> Changes {
    let status_differs = before.members.get("status") != after.members.get("status");
    Changes {
        description: Some(Some(wished.description.clone())),
        events: Some(wished.events.0.clone()),
        scheme: Some(wished.scheme),
        status: status_differs.then_some(wished.status),
        ..Changes::default()
    }
}
