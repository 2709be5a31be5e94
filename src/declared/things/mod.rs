//! The things that can be declared, kind by kind: how they are read from the tenant, from a declaration, and applied.

mod archive_rules;
mod brand;
mod clients;
pub(super) mod collections;
mod plans;
mod providers;
pub(super) mod resource_servers;
mod settings;
mod webhooks;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::apply::Applying;
use super::kinds::{Kind, Thing};
use super::members;
use super::source::Source;
use crate::app::App;
use crate::base::Result;
use crate::store::tenants::Tenant;

/// What a tenant has, by kind and key.
pub(super) type State = BTreeMap<(Kind, String), Thing>;

/// A declaration as it is compared.
#[derive(Debug)]
pub(super) struct Wishing<'a> {
    /// The services.
    pub(super) app: &'a App,
    /// What was written.
    pub(super) source: &'a Source,
    /// Whether secrets that are not to be found are made, where that can be.
    pub(super) generate: bool,
    /// The tenant as it will be.
    pub(super) tenant: Tenant,
}

/// One thing of a declaration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    /// Its key.
    pub(super) key: &'a str,
    /// Where it stands.
    pub(super) path: &'a [String],
    /// What there is by this key.
    pub(super) before: Option<&'a Thing>,
}

impl Wish<'_> {
    fn at(&self, member: &str) -> Vec<String> {
        [self.path, &[member.to_owned()]].concat()
    }
}

/// Everything that can be declared of a tenant, as it is.
///
/// # Errors
/// The database failed.
pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<State> {
    let mut state = State::new();
    let mut put = |kind: Kind, things: Vec<(String, Thing)>| {
        state.extend(things.into_iter().map(|(key, thing)| ((kind, key), thing)));
    };
    put(Kind::Tenant, vec![(String::new(), settings::name(tenant))]);
    put(Kind::Settings, vec![(String::new(), settings::read(app, tenant).await?)]);
    put(Kind::ResourceServer, resource_servers::read(tenant)?);
    put(Kind::Brand, vec![(String::new(), brand::read(app, tenant).await?)]);
    put(Kind::Client, clients::read(app, tenant).await?);
    put(Kind::Provider, providers::read(app, tenant).await?);
    put(Kind::Webhook, webhooks::read(app, tenant).await?);
    put(Kind::Plan, plans::read(app, tenant).await?);
    put(Kind::ArchiveRules, vec![(String::new(), archive_rules::read(app, tenant).await?)]);
    put(Kind::Collection, collections::read(app, tenant).await?);
    Ok(state)
}

impl Wishing<'_> {
    /// The thing that is declared by these members.
    ///
    /// # Errors
    /// It cannot be; told with the place of the member.
    pub(super) async fn thing(&mut self, kind: Kind, wish: Wish<'_>, members: Map<String, Value>) -> Result<Thing> {
        let path = wish.path;
        let read = match kind {
            Kind::Tenant => settings::wish_name(self, wish, members),
            Kind::Settings => settings::wish(self, wish, members).await,
            Kind::ResourceServer => resource_servers::wish(self, wish, members),
            Kind::Brand => brand::wish(self, wish, members),
            Kind::Client => clients::wish(self, wish, members).await,
            Kind::Provider => providers::wish(self, wish, members),
            Kind::Webhook => webhooks::wish(self, wish, members),
            Kind::Plan => plans::wish(self, wish, members),
            Kind::ArchiveRules => archive_rules::wish(self, wish, members),
            Kind::Collection => collections::wish(self, wish, &members),
        };
        read.map_err(|stop| members::placed(self.source, path, stop))
    }
}

impl Applying<'_> {
    /// Brings one thing from what it was to what it shall be.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile, or what it shall be is taken.
    pub(super) async fn thing(
        &mut self,
        (kind, key): (Kind, &str),
        from_to: (Option<&Thing>, Option<&Thing>),
    ) -> Result<()> {
        match kind {
            Kind::Tenant => settings::apply_name(self, from_to).await,
            Kind::Settings => settings::apply(self, from_to).await,
            Kind::ResourceServer => resource_servers::apply(self, from_to).await,
            Kind::Brand => brand::apply(self, from_to).await,
            Kind::Client => clients::apply(self, from_to).await,
            Kind::Provider => providers::apply(self, from_to).await,
            Kind::Webhook => webhooks::apply(self, from_to).await,
            Kind::Plan => plans::apply(self, key, from_to).await,
            Kind::ArchiveRules => archive_rules::apply(self, from_to).await,
            // They come after everything else, see `apply`.
            Kind::Collection => Ok(()),
        }
    }
}
