//! The services, built once; what a handler may reach.

mod export;

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use ipnet::IpNet;

use crate::accounts::federation::Federation;
use crate::accounts::{Accounts, Factors, Passwords};
use crate::api_keys::ApiKeys;
use crate::audit::{Audit, Refusals};
use crate::authorization::Authorization;
use crate::authorization::grants::Grants;
use crate::base::{Clock, Fault, Seconds, Secret};
use crate::clients::Clients;
use crate::clients::resource_servers::ResourceServers;
use crate::config::Config;
use crate::documents::Documents;
use crate::entitlements::Entitlements;
use crate::files::Files;
use crate::keys::{Keys, MasterKey, Schedule};
use crate::limits::Limits;
use crate::mail::Mail;
use crate::moving::Moving;
use crate::organizations::Organizations;
use crate::outbound::Outbound;
use crate::payments::Payments;
use crate::people::People;
use crate::sessions::Sessions;
use crate::store::Db;
use crate::store::browser_sessions::Shelf;
use crate::store::counters::Counters;
use crate::store::reader::Reader;
use crate::store::writer::Writer;
use crate::tenants::{Domains, Tenants};
use crate::tokens::Tokens;
use crate::webhooks::Webhooks;

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
    /// Their domains.
    pub domains: Domains,
    /// Outgoing requests.
    pub outbound: Outbound,
    /// Clients, from memory.
    pub clients: Clients,
    /// The tenants' own APIs.
    pub resource_servers: ResourceServers,
    /// Signing keys and seals.
    pub keys: Keys,
    /// What happened, in order.
    pub audit: Audit,
    /// Why requests were refused.
    pub refusals: Refusals,
    /// What is written to people.
    pub mail: Mail,
    /// How often somebody may fail.
    pub limits: Limits,
    /// People.
    pub accounts: Accounts,
    /// Sign-in with others.
    pub federation: Federation,
    /// What people prove themselves with, and the one way in.
    pub factors: Factors,
    /// What programs prove themselves with.
    pub api_keys: ApiKeys,
    /// What people and clients have paid for.
    pub entitlements: Entitlements,
    /// Organizations inside tenants.
    pub organizations: Organizations,
    /// People's sign-ins.
    pub sessions: Sessions,
    /// Tokens, and what is known of their ends.
    pub tokens: Tokens,
    /// Who is told of what happens.
    pub webhooks: Webhooks,
    /// What is bought.
    pub payments: Payments,
    /// People's own accounts, and others' as administrators see them.
    pub people: People,
    /// Documents.
    pub documents: Documents,
    /// Files.
    pub files: Files,
    /// Tenants on their way.
    pub moving: Moving,
    /// Authorization requests.
    pub authorization: Authorization,
    /// What codes, refresh tokens and secrets are traded for.
    pub grants: Grants,
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
        let (reader, writer) = (Reader::start(db.clone()), Writer::start(db.clone()));
        let browsers = Shelf::open(&config.redis.url, db.clone(), reader.clone()).await?;
        let tenants = Tenants::new(&config, clock.clone(), db.clone());
        let outbound = Outbound::new(&config, clock.clone())?;
        let domains = Domains::new(&config, (db.clone(), clock.clone()), tenants.clone(), outbound.clone());
        let clients = Clients::new(&config, clock.clone(), db.clone(), outbound.clone());
        let resource_servers = ResourceServers::new(tenants.clone(), clock.clone());
        let keys = Keys::new(db.clone(), master_key(&config)?, clock.clone(), schedule(&config))?;
        keys.check().await?;
        let audit = Audit::new(db.clone(), clock.clone(), keys.clone());
        let refusals = Refusals::start(db.clone(), clock.clone());
        let mail = Mail::new(&config, clock.clone(), db.clone(), keys.clone()).leaving(&config, outbound.clone())?;
        let passwords = Passwords::configured(&config.passwords)?;
        let limits = Limits::new(&config, clock.clone(), Counters::beside(&browsers), keys.clone());
        let accounts = Accounts::new(db.clone(), clock.clone(), passwords, limits.clone(), mail.clone());
        let federation = Federation::new(db.clone(), clock.clone(), keys.clone(), outbound.clone(), mail.clone());
        let factors = Factors::new(db.clone(), clock.clone(), keys.clone(), accounts.clone(), mail.clone());
        let api_keys = ApiKeys::new(db.clone(), clock.clone());
        let entitlements = Entitlements::new(db.clone(), clock.clone());
        let organizations = Organizations::new(db.clone(), clock.clone());
        let sessions = Sessions::new(db.clone(), clock.clone(), reader.clone());
        let tokens = Tokens::open(db.clone(), clock.clone(), keys.clone(), entitlements.clone()).await?;
        let about_people = (clients.clone(), entitlements.clone());
        let hot = (reader, writer.clone());
        let authorization = Authorization::new(db.clone(), clock.clone(), hot.clone(), keys.clone(), about_people);
        let grants = Grants::new(db.clone(), clock.clone(), hot, factors.clone(), tokens.clone());
        let sold = (tokens.clone(), entitlements.clone(), tenants.clone());
        let at = (db.clone(), clock.clone());
        let payments = Payments::new(&config.payments, at, keys.clone(), outbound.clone(), sold);
        let people = People::new(db.clone(), clock.clone(), accounts.clone(), tokens.clone(), clients.clone());
        let documents = Documents::open(db.clone(), config.database.connections, clock.clone(), keys.clone()).await?;
        let (stores, through) =
            ((db.clone(), documents.database().clone()), (keys.clone(), outbound.clone(), mail.clone()));
        let webhooks = Webhooks::new(&config, clock.clone(), stores, through);
        let files = Files::open(&config, db.clone(), clock.clone(), keys.clone()).await?;
        let databases = (db.clone(), documents.database().clone());
        let sealing = (keys.clone(), audit.clone());
        let moving = Moving::new(databases, clock.clone(), files.blobs().clone(), sealing, tenants.clone());
        Ok(Self(Arc::new(Services {
            config,
            clock,
            db,
            writer,
            trusted_proxies,
            browsers,
            tenants,
            domains,
            outbound,
            clients,
            resource_servers,
            keys,
            audit,
            refusals,
            mail,
            limits,
            accounts,
            federation,
            factors,
            api_keys,
            entitlements,
            organizations,
            sessions,
            tokens,
            webhooks,
            payments,
            people,
            documents,
            files,
            moving,
            authorization,
            grants,
        })))
    }
}

/// The configured master key. With `--dev` one is made on the first start, readable by its owner only.
fn master_key(config: &Config) -> Result<MasterKey, Fault> {
    let text = match config.master_key_file() {
        None => Secret::new(config.keys.master_key.expose()),
        Some(file) => {
            if config.dev && !file.exists() {
                make_master_key(&file)?;
            }
            let text = std::fs::read_to_string(&file);
            Secret::new(text.map_err(|error| Fault::new(format!("the master key file {}: {error}", file.display())))?)
        }
    };
    Ok(MasterKey::parse(&text)?)
}

fn make_master_key(file: &Path) -> Result<(), Fault> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(MasterKey::generate().expose().as_bytes())?;
    Ok(file.sync_all()?)
}

fn schedule(config: &Config) -> Schedule {
    const DAY: i64 = 86_400;
    Schedule { rotate_after: Seconds(config.keys.rotation_days.saturating_mul(DAY)), ..Schedule::default() }
}

fn network_of(text: &str) -> Result<IpNet, Fault> {
    let network = text.parse::<IpNet>();
    let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
    network.or(address).map_err(|_| Fault::new(format!("`{text}` is not an address or network")))
}
