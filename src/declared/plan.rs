//! What would change: a declaration held against what there is.

use serde_json::{Map, Value, json};

use super::kinds::{Kind, Thing};
use super::members::flat;
use super::secrets::{State, Want};
use super::source::Source;
use super::things::{self, State as There, Wish, Wishing, collections, resource_servers};
use crate::app::App;
use crate::base::{Code, Digest, Result, Slug, Stop};
use crate::store::tenants::{Settings, Tenant};

/// How a declaration is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether what it does not name is removed.
    pub prune: bool,
    /// Whether the tenant is made where there is none.
    pub create: bool,
    /// Whether secrets that are not to be found are made, where they are ours to make.
    pub generate: bool,
}

/// What becomes of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed.
    Change,
    /// It is removed.
    Remove,
}

/// A member that becomes another.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its path within the thing.
    pub member: Vec<String>,
    /// What it is; absent: as usual.
    pub from: Option<Value>,
    /// What it shall be; absent: as usual. Of a secret, where it comes from.
    pub to: Option<Value>,
    /// Whether it is a secret.
    pub secret: bool,
}

/// A thing that becomes another.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub key: String,
    /// What becomes of it.
    pub verb: Verb,
    /// Its members that do.
    pub differences: Vec<Difference>,
    pub(super) before: Option<Thing>,
    pub(super) after: Option<Thing>,
}

/// What would change.
#[derive(Debug)]
pub struct Plan {
    /// The tenant as it is, or as it is made.
    pub(super) tenant: Tenant,
    /// Whether there is none yet.
    pub(super) makes: bool,
    /// In the order in which it is done.
    pub changes: Vec<Change>,
    /// What is there, is not named, and stays; with the reason why.
    pub unnamed: Vec<(Kind, String, &'static str)>,
    /// Names exactly this plan, over exactly what there is.
    pub digest: String,
}

impl Plan {
    /// Whether nothing would change.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many things become of this verb.
    #[must_use]
    pub fn count(&self, verb: Verb) -> usize {
        self.changes.iter().filter(|change| change.verb == verb).count()
    }

    /// Which tenant it is about.
    #[must_use]
    pub const fn slug(&self) -> &Slug {
        &self.tenant.slug
    }
}

/// Holds a declaration against a tenant. Nothing is changed.
///
/// # Errors
/// There is no such tenant, or something that is declared cannot be; it is named with file, line and path.
pub async fn compare(app: &App, slug: &Slug, source: &Source, options: Options) -> Result<Plan> {
    let (tenant, makes) = subject(app, slug, options).await?;
    let mut there = things::read(app, &tenant).await?;
    let state: Vec<Value> = there.iter().map(|((kind, key), thing)| json!([kind.path(key), thing.members])).collect();
    let called = there.get(&(Kind::Tenant, String::new())).cloned();
    let wishing = Wishing { app, source, generate: options.generate, tenant: tenant.clone() };
    let mut comparing = Comparing { wishing, options, changes: Vec::new(), unnamed: Vec::new() };
    for kind in Kind::ALL {
        comparing.unnamed(kind, &mut there).await?;
        for ((_, key), members) in source.things.range((kind, String::new())..).take_while(|((of, _), _)| *of == kind) {
            let before = there.remove(&(kind, key.clone()));
            comparing.declared((kind, key), members.clone(), before).await?;
        }
    }
    let Comparing { mut changes, unnamed, .. } = comparing;
    if makes {
        let name = changes.iter().position(|change| change.kind == Kind::Tenant);
        let name = name.map(|at| changes.remove(at)).and_then(|change| change.after);
        changes.extend(change((Kind::Tenant, ""), None, name.or(called)));
        changes.rotate_right(1);
    }
    let told: Vec<Value> = changes.iter().map(Change::told).collect();
    let text = json!([slug, makes, state, told]).to_string();
    Ok(Plan { digest: Digest::of(text.as_bytes()).as_str().to_owned(), tenant, makes, changes, unnamed })
}

async fn subject(app: &App, slug: &Slug, options: Options) -> Result<(Tenant, bool)> {
    match app.tenants.look_up(slug.as_str()).await {
        Ok(tenant) => Ok((tenant, false)),
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound && options.create => {
            Ok((Tenant::new(slug.clone(), slug.as_str(), Settings::default(), app.clock.now()), true))
        }
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => {
            Err(refusal.hint("with --create it is made").into())
        }
        Err(stop) => Err(stop),
    }
}

/// A comparison under way.
struct Comparing<'a> {
    wishing: Wishing<'a>,
    options: Options,
    changes: Vec<Change>,
    unnamed: Vec<(Kind, String, &'static str)>,
}

impl Comparing<'_> {
    /// What of a kind is there and not named.
    async fn unnamed(&mut self, kind: Kind, there: &mut There) -> Result<()> {
        let named = |key: &String| self.wishing.source.things.contains_key(&(kind, key.clone()));
        let of_kind = there.range((kind, String::new())..).take_while(|((of, _), _)| *of == kind);
        let keys: Vec<String> = of_kind.map(|((_, key), _)| key.clone()).filter(|key| !named(key)).collect();
        for key in keys {
            let Some(thing) = there.get(&(kind, key.clone())) else { continue };
            if kind == Kind::Tenant || (kind.is_single() && thing.is_usual()) {
                continue;
            }
            if !self.options.prune {
                self.unnamed.push((kind, key, "with --prune it is removed"));
            } else if collections::documents(thing) > 0 {
                self.unnamed.push((kind, key, "it holds documents, which no file takes away"));
            } else if let Some(thing) = there.remove(&(kind, key.clone())) {
                self.removed((kind, &key), thing).await?;
            }
        }
        Ok(())
    }

    async fn removed(&mut self, (kind, key): (Kind, &str), thing: Thing) -> Result<()> {
        if kind.is_single() {
            return self.declared((kind, key), Map::new(), Some(thing)).await;
        }
        if kind == Kind::ResourceServer {
            resource_servers::drop_from(&mut self.wishing.tenant, key);
        }
        self.changes.extend(change((kind, key), Some(thing), None));
        Ok(())
    }

    async fn declared(
        &mut self,
        (kind, key): (Kind, &str),
        members: Map<String, Value>,
        before: Option<Thing>,
    ) -> Result<()> {
        let path = kind.path(key);
        let wish = Wish { key, path: &path, before: before.as_ref() };
        let after = self.wishing.thing(kind, wish, members).await?;
        self.changes.extend(change((kind, key), before, Some(after)));
        Ok(())
    }
}

/// The change from one to the other, if it is one.
fn change((kind, key): (Kind, &str), before: Option<Thing>, after: Option<Thing>) -> Option<Change> {
    let verb = match (&before, &after) {
        (None, Some(_)) => Verb::Create,
        (Some(_), None) => Verb::Remove,
        _ => Verb::Change,
    };
    let differences = if verb == Verb::Remove { Vec::new() } else { differences(before.as_ref(), after.as_ref()) };
    if verb == Verb::Change && differences.is_empty() {
        return None;
    }
    Some(Change { kind, key: key.to_owned(), verb, differences, before, after })
}

fn differences(before: Option<&Thing>, after: Option<&Thing>) -> Vec<Difference> {
    let said = |thing: Option<&Thing>| thing.map(|thing| flat(&thing.members)).unwrap_or_default();
    let (from, to) = (said(before), said(after));
    let find = |all: &[(Vec<String>, Value)], member: &Vec<String>| {
        all.iter().find(|(known, _)| known == member).map(|(_, value)| value.clone())
    };
    let mut names: Vec<&Vec<String>> = from.iter().chain(&to).map(|(member, _)| member).collect();
    names.sort();
    names.dedup();
    let members = names.into_iter().filter_map(|member| {
        let (from, to) = (find(&from, member), find(&to, member));
        // As texts, because order means something in an index.
        let same = from.as_ref().map(Value::to_string) == to.as_ref().map(Value::to_string);
        (!same).then(|| Difference { member: member.clone(), from, to, secret: false })
    });
    let wants = after.into_iter().flat_map(|after| &after.wants).filter(|want| want.changes());
    members.chain(wants.map(of_secret)).collect()
}

fn of_secret(want: &Want) -> Difference {
    let place = want.reference.as_ref().map(ToString::to_string);
    let to = match (&want.state, place) {
        (State::New(_), Some(place)) => place,
        (State::Made(_), _) => "made, and shown once".to_owned(),
        (State::Missing, Some(place)) => format!("{place}, which is not there"),
        (State::Missing, None) => "named by nobody".to_owned(),
        _ => "taken away".to_owned(),
    };
    let member = want.member.iter().map(|name| (*name).to_owned()).collect();
    Difference { member, from: None, to: Some(to.into()), secret: true }
}
