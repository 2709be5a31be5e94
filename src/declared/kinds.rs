//! What can be declared of a tenant, in the order in which it is made: what others refer to comes first.

use serde_json::{Map, Value};

use super::secrets::Want;
use crate::frame::Contract;
use crate::store::clients::Client;
use crate::store::plans::Definition;
use crate::store::providers::IdentityProvider;
use crate::store::resource_servers::ResourceServer;
use crate::store::tenants::Settings;
use crate::store::webhooks::Endpoint;

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What the tenant is called.
    Tenant,
    /// Its settings, and the secrets of its mail sender.
    Settings,
    /// Its own APIs and their scopes.
    ResourceServer,
    /// Its published brand.
    Brand,
    /// OAuth clients.
    Client,
    /// Others whom people sign in with.
    Provider,
    /// Who is told of what happens.
    Webhook,
    /// What is sold.
    Plan,
    /// Who may do what with files.
    ArchiveRules,
    /// Collections of documents.
    Collection,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Tenant,
        Self::Settings,
        Self::ResourceServer,
        Self::Brand,
        Self::Client,
        Self::Provider,
        Self::Webhook,
        Self::Plan,
        Self::ArchiveRules,
        Self::Collection,
    ];

    /// The section of a declaration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Settings => "settings",
            Self::ResourceServer => "resource_servers",
            Self::Brand => "brand",
            Self::Client => "clients",
            Self::Provider => "identity_providers",
            Self::Webhook => "webhooks",
            Self::Plan => "plans",
            Self::ArchiveRules => "archive_rules",
            Self::Collection => "collections",
        }
    }

    /// The kind of a section.
    #[must_use]
    pub fn named(section: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == section)
    }

    /// Whether a tenant has exactly one, which is never made or removed, only changed.
    #[must_use]
    pub const fn is_single(self) -> bool {
        matches!(self, Self::Tenant | Self::Settings | Self::Brand | Self::ArchiveRules)
    }

    /// Where a thing stands in a declaration.
    pub(super) fn path(self, key: &str) -> Vec<String> {
        let key = (!self.is_single()).then(|| key.to_owned());
        std::iter::once(self.as_str().to_owned()).chain(key).collect()
    }
}

/// Something that is declared, or there.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    /// Everything that is said of it and is not as usual, in the one order. No secret is among it.
    pub(super) members: Map<String, Value>,
    /// Which members hold secrets, of what is there.
    pub(super) holds: Vec<&'static [&'static str]>,
    /// Which secrets are wanted, of what is declared.
    pub(super) wants: Vec<Want>,
    /// The same as the room knows it that it belongs to.
    pub(super) record: Record,
}

impl Thing {
    /// One without secrets.
    pub(super) const fn plain(members: Map<String, Value>, record: Record) -> Self {
        Self { members, holds: Vec::new(), wants: Vec::new(), record }
    }

    /// Whether nothing is said of it.
    pub(super) fn is_usual(&self) -> bool {
        self.members.is_empty() && self.holds.is_empty()
    }
}

/// What the rooms know.
#[derive(Clone, Debug)]
pub(super) enum Record {
    /// What a tenant is called.
    Name(String),
    /// Its settings, whose resource servers are others' to say.
    Settings(Box<Settings>),
    /// A resource server.
    Server(Box<ResourceServer>),
    /// A brand.
    Brand(Box<Contract>),
    /// A client.
    Client(Box<Client>),
    /// A provider.
    Provider(Box<IdentityProvider>),
    /// An endpoint.
    Webhook(Box<Endpoint>),
    /// A plan.
    Plan(Box<Definition>),
    /// Rules of the archive.
    Rules(Value),
    /// A collection: its definition, its version and how many documents are in it.
    Collection(Map<String, Value>, i64, i64),
}
