//! The services, built once; what a handler may reach.

use std::sync::Arc;

use ipnet::IpNet;

use crate::base::{Clock, Fault};
use crate::clients::Clients;
use crate::config::Config;
use crate::outbound::Outbound;
use crate::store::Db;
use crate::store::browser_sessions::Shelf;
use crate::store::writer::Writer;
use crate::tenants::Tenants;

/// All services. Cloning shares them.
#[derive(Clone, Debug)]
pub struct App(Arc<Services>);

/// What [`App`] holds.
#[derive(Debug)]
pub struct Services {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// Group commit.
    pub writer: Writer,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where browsers' data is kept.
    pub browsers: Shelf,
    /// Tenants, from memory.
    pub tenants: Tenants,
    /// Outgoing requests.
    pub outbound: Outbound,
    /// Clients, from memory.
    pub clients: Clients,
}

impl std::ops::Deref for App {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

impl App {
    /// Builds the services over an open and migrated database.
    ///
    /// # Errors
    /// A setting that names something (a key, a network) names nothing usable.
    pub async fn build(config: Config, clock: Clock, db: Db) -> Result<Self, Fault> {
        let trusted_proxies =
            config.http.trusted_proxies.iter().map(|network| network_of(network)).collect::<Result<_, _>>()?;
        let writer = Writer::start(db.clone());
        let browsers = Shelf::open(&config.redis.url, db.clone()).await?;
        let tenants = Tenants::new(&config, db.clone());
        let outbound = Outbound::new(&config, clock.clone())?;
        let clients = Clients::new(&config, clock.clone(), db.clone(), outbound.clone());
        Ok(Self(Arc::new(Services {
            config,
            clock,
            db,
            writer,
            trusted_proxies,
            browsers,
            tenants,
            outbound,
            clients,
        })))
    }
}

fn network_of(text: &str) -> Result<IpNet, Fault> {
    let network = text.parse::<IpNet>();
    let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
    network.or_else(|_| address).map_err(|_| Fault::new(format!("`{text}` is not an address or network")))
}
