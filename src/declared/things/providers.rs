//! Others whom people sign in with, each declared by its slug.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::accounts::federation::{NewProvider, Preset};
use crate::app::App;
use crate::base::{Code, Result, Secret, Stop};
use crate::declared::apply::Applying;
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::declared::secrets::{Sought, State, named};
use crate::store::Flag;
use crate::store::providers::{IdentityProvider, ProviderKind};
use crate::store::tenants::Tenant;

/// The member that names the secret.
const SECRET: &[&str] = &["client_secret"];
/// Stands in for a secret while it is looked whether everything else can be.
const SOME: &str = "a secret";

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Vec<(String, Thing)>> {
    let all = app.federation.all(tenant).await?;
    all.iter().map(|provider| Ok((provider.slug.clone(), thing(provider)?))).collect()
}

fn thing(provider: &IdentityProvider) -> Result<Thing> {
    let has_secret = provider.sealed_secret.is_some();
    let preset = match provider.kind {
        ProviderKind::Oidc => Preset::Oidc,
        ProviderKind::Github => Preset::Github,
    };
    let mut said = members::of(&provider.settings.0)?;
    let least = NewProvider {
        preset,
        slug: Some(provider.slug.clone()),
        issuer: Some(provider.settings.issuer.clone()),
        client_id: provider.settings.client_id.clone(),
        client_secret: has_secret.then(|| Secret::new(SOME)),
        ..NewProvider::default()
    };
    let mut usual = members::of(&preset.settings(&least)?)?;
    for name in ["issuer", "client_id"] {
        usual.shift_remove(name);
    }
    said.insert("preset".to_owned(), serde_json::to_value(preset)?);
    said.insert("name".to_owned(), provider.name.as_str().into());
    if !provider.enabled.0 {
        said.insert("enabled".to_owned(), false.into());
    }
    let said = members::unusual(&said, &usual);
    let holds = if has_secret { vec![SECRET] } else { Vec::new() };
    Ok(Thing { holds, ..Thing::plain(said, Record::Provider(Box::new(provider.clone()))) })
}

pub(super) fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, mut given: Map<String, Value>) -> Result<Thing> {
    let (app, source) = (wishing.app, wishing.source);
    let reference = named(source, &wish.at(SECRET[0]), &mut given)?;
    let mut made = made(wishing, wish, (given, reference.is_some()))?;
    let before = match wish.before.map(|before| &before.record) {
        Some(Record::Provider(before)) => Some(before.as_ref()),
        _ => None,
    };
    if let Some(before) = before {
        must_be_the_same(before, &made).map_err(|why| source.blame(&wish.at("issuer"), why))?;
        let (id, version, created_at) = (before.id.clone(), before.version, before.created_at);
        made = IdentityProvider { id, version, created_at, ..made };
    }
    let thing = Thing { holds: Vec::new(), ..thing(&made)? };
    if reference.is_none() {
        return Ok(thing);
    }
    let held = before.map(|before| app.federation.secret_of(before)).transpose()?.flatten();
    let sought = Sought { member: SECRET, reference, held: held.is_some(), make: None };
    let is_same = |secret: &Secret| Ok(held.as_ref().is_some_and(|held| held.digest() == secret.digest()));
    let want = sought.settle((source, wish.path), is_same, Ok)?;
    made.sealed_secret = match &want.state {
        State::New(secret) => app.federation.sealed(&wishing.tenant, Some(secret))?,
        _ => before.and_then(|before| before.sealed_secret.clone()),
    };
    Ok(Thing { record: Record::Provider(Box::new(made)), wants: vec![want], ..thing })
}

/// The provider by the rules of the API, with something in place of its secret.
fn made(
    wishing: &Wishing<'_>,
    wish: Wish<'_>,
    (mut given, has_secret): (Map<String, Value>, bool),
) -> Result<IdentityProvider> {
    if given.contains_key("slug") {
        return Err(wishing.source.blame(&wish.at("slug"), "the slug is the key of this table").into());
    }
    let enabled = match given.remove("enabled") {
        None => true,
        Some(Value::Bool(enabled)) => enabled,
        Some(_) => return Err(wishing.source.blame(&wish.at("enabled"), "this is true or false").into()),
    };
    let mut new: NewProvider = members::read(wishing.source, wish.path, given)?;
    new.slug = Some(wish.key.to_owned());
    new.client_secret = has_secret.then(|| Secret::new(SOME));
    let made = wishing.app.federation.made(&wishing.tenant, &new)?;
    Ok(IdentityProvider { enabled: Flag(enabled), ..made })
}

/// People are known by what their provider calls them, and another one calls others so.
fn must_be_the_same(before: &IdentityProvider, made: &IdentityProvider) -> Result<(), &'static str> {
    let same = (before.kind, &before.settings.issuer) == (made.kind, &made.settings.issuer);
    if same { Ok(()) } else { Err("the issuer of a provider never changes: declare another provider") }
}

pub(super) async fn apply(applying: &mut Applying<'_>, from_to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let Applying { app, tx, by, .. } = applying;
    match from_to {
        (None, Some(Thing { record: Record::Provider(provider), .. })) => app.federation.add_in(tx, provider, by).await,
        (Some(_), Some(Thing { record: Record::Provider(provider), .. })) => {
            app.federation.change_in(tx, (provider, app.clock.now()), by).await
        }
        (Some(Thing { record: Record::Provider(provider), .. }), None) => {
            if app.federation.remove_in(tx, provider, by).await? > 0 {
                let why = format!("people sign in with {}: take it away by hand, not by a file", provider.slug);
                return Err(Stop::refuse(Code::Conflict, why));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
