//! The grants on every database: what works, what is refused, and what happens when many try at once.

mod codes;
mod machines;
mod passwords;
mod refreshing;

use std::sync::Arc;

use super::*;
use crate::accounts::{Accounts, NewUser, Passwords};
use crate::base::{Actor, ClientId, Digest, GrantId, SessionId, TenantId, Timestamp};
use crate::clients::{Clients, Registration};
use crate::config::{Config, Overrides};
use crate::entitlements::Entitlements;
use crate::keys::{Keys, MasterKey, Schedule};
use crate::mail::Mail;
use crate::outbound::Outbound;
use crate::store::clients::{Client, ClientKind};
use crate::store::grants::{CodeRequest, Context};
use crate::store::reader::Reader;
use crate::store::sessions::{self, Session};
use crate::store::tenants::Settings;
use crate::store::users::{Profile, Role, User};
use crate::store::writer::{NewCode, Write};
use crate::store::{Flag, Json, audit, tenants, testing};
use crate::tenants::Tenants;

const NOW: Timestamp = Timestamp(1_767_225_600);
const CALLBACK: &str = "https://a.test/cb";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PASSWORD: &str = "correct horse battery";

/// Everything that a grant needs, with one person in it.
struct House {
    db: Db,
    clock: Clock,
    writer: Writer,
    clients: Clients,
    grants: Grants,
    tokens: Tokens,
    keys: Keys,
    tenant: TenantContext,
    user: User,
}

async fn houses(settings: Settings) -> Vec<Arc<House>> {
    let mut houses = Vec::new();
    for db in testing::databases().await {
        let id = testing::tenant(&db, "demo").await;
        houses.push(Arc::new(House::new(db, id, settings.clone()).await));
    }
    houses
}

impl House {
    async fn new(db: Db, id: TenantId, settings: Settings) -> Self {
        let clock = Clock::fixed(NOW);
        let mut tenant = tenants::by_id(&db, &id).await.unwrap().unwrap();
        tenant.settings = Json(settings);
        let master = MasterKey::parse(&MasterKey::generate()).unwrap();
        let keys = Keys::new(db.clone(), master, clock.clone(), Schedule::default()).unwrap();
        let config = Config::load(&Overrides::default()).unwrap();
        let tenant = Tenants::new(&config, Clock::fixed(Timestamp(1)), db.clone()).context(tenant);
        let outbound = Outbound::new(&config, clock.clone()).unwrap();
        let clients = Clients::new(&config, clock.clone(), db.clone(), outbound);
        let mail = Mail::new(&config, clock.clone(), db.clone(), keys.clone());
        let limits = crate::limits::tests::limits(&db, &clock, true);
        let accounts = Accounts::new(db.clone(), clock.clone(), Passwords::start().unwrap(), limits, mail);
        let tokens =
            Tokens::open(db.clone(), clock.clone(), keys.clone(), Entitlements::new(db.clone(), clock.clone()));
        let tokens = tokens.await.unwrap();
        let writer = Writer::start(db.clone());
        let mail = Mail::new(&config, clock.clone(), db.clone(), keys.clone());
        let factors = Factors::new(db.clone(), clock.clone(), keys.clone(), accounts.clone(), mail);
        let hot = (Reader::start(db.clone()), writer.clone());
        let grants = Grants::new(db.clone(), clock.clone(), hot, factors, tokens.clone());
        let user = accounts.create(&tenant, somebody(), &Actor::operator()).await.unwrap();
        Self { db, clock, writer, clients, grants, tokens, keys, tenant, user }
    }

    async fn client(&self, kind: ClientKind, change: impl FnOnce(&mut Registration)) -> Arc<KnownClient> {
        let mut wish = Registration::preset(kind, "App");
        if kind != ClientKind::Service {
            wish.metadata.redirect_uris = vec![CALLBACK.to_owned()];
        }
        change(&mut wish);
        let (client, _) = self.clients.register(&self.tenant, wish, "test").await.unwrap();
        self.known(&client).await
    }

    async fn known(&self, client: &Client) -> Arc<KnownClient> {
        self.clients.find(&self.tenant.id, &client.id).await.unwrap().unwrap()
    }

    async fn session(&self) -> SessionId {
        let session = Session {
            tenant_id: self.tenant.id.clone(),
            id: SessionId::generate(),
            user_id: self.user.id.clone(),
            auth_time: NOW,
            amr: Json(vec!["pwd".to_owned()]),
            acr: "urn:chancery:acr:1fa".to_owned(),
            ip: None,
            user_agent: None,
            created_at: NOW,
            last_seen_at: NOW,
            expires_at: NOW.plus(Seconds(1_000_000)),
            remembered: Flag(false),
            ended_at: None,
        };
        sessions::insert(&self.db, &session).await.unwrap();
        session.id
    }

    /// What the authorization endpoint leaves behind.
    async fn code(&self, client: &ClientId, scope: &str, change: impl FnOnce(&mut Grant, &mut CodeRequest)) -> String {
        let now = self.clock.now();
        let context = Context { auth_time: Some(NOW), nonce: Some("n-1".to_owned()), ..Context::default() };
        let mut grant = Grant {
            tenant_id: self.tenant.id.clone(),
            id: GrantId::generate(),
            client_id: client.clone(),
            user_id: Some(self.user.id.clone()),
            session_id: Some(self.session().await),
            scope: scope.parse().unwrap(),
            context: Json(context),
            created_at: now,
            expires_at: now.plus(self.tenant.settings.lifetimes.refresh_absolute),
            revoked_at: None,
            organization_id: None,
        };
        let mut request = CodeRequest { redirect_uri: CALLBACK.to_owned(), code_challenge: Some(CHALLENGE.to_owned()) };
        change(&mut grant, &mut request);
        let code = Secret::generate_with_prefix("ac_");
        let end = now.plus(self.tenant.settings.lifetimes.code);
        let row = NewCode::new(&grant, &code.digest(), &request, end).unwrap();
        let write = Write { grant: Some(grant), code: Some(row), ..Write::default() };
        assert!(self.writer.write(write).await.unwrap());
        code.expose().to_owned()
    }

    async fn ask(&self, client: &KnownClient, form: TokenForm<'_>) -> Result<TokenResponse, Code> {
        let origin = Origin::default();
        let ask = TokenRequest { tenant: &self.tenant, client, form, origin: &origin };
        self.grants.token(&ask).await.map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal.code,
            Stop::Failed(fault) => panic!("{}", fault.chain()),
        })
    }

    async fn redeem(&self, client: &KnownClient, code: &str) -> Result<TokenResponse, Code> {
        self.ask(client, code_form(code)).await
    }

    async fn refresh(&self, client: &KnownClient, token: &str) -> Result<TokenResponse, Code> {
        self.ask(client, refresh_form(token)).await
    }

    async fn is_alive(&self, token: &str) -> bool {
        self.tokens.inspect(&self.tenant.id, &self.tenant.issuer, token).await.unwrap().is_some()
    }

    async fn events(&self, action: &str) -> usize {
        let all = audit::page(&self.db, &self.tenant.id, "", 1_000).await.unwrap();
        all.into_iter().filter(|event| event.action == action).count()
    }
}

fn somebody() -> NewUser {
    NewUser {
        email: Some("ada@example.test".parse().unwrap()),
        email_verified: true,
        username: None,
        password: Some(Secret::new(PASSWORD)),
        role: Role::User,
        profile: Profile { name: Some("Ada".to_owned()), ..Profile::default() },
    }
}

fn code_form(code: &str) -> TokenForm<'_> {
    TokenForm {
        grant_type: "authorization_code",
        code: Some(code),
        redirect_uri: Some(CALLBACK),
        code_verifier: Some(VERIFIER),
        ..TokenForm::default()
    }
}

fn refresh_form(token: &str) -> TokenForm<'_> {
    TokenForm { grant_type: "refresh_token", refresh_token: Some(token), ..TokenForm::default() }
}
