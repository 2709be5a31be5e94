//! A tenant with everything that can be declared of it, and the ways in which its declaration is used.

use chancery::accounts::federation::NewProvider;
use chancery::base::{Actor, Clock, IdentityId, Secret, Slug, Stop, UserId};
use chancery::clients::{Registration, policy_of};
use chancery::config::{Config, Overrides};
use chancery::declared::{Done, Options, Plan, Source, apply, compare, export};
use chancery::documents::{Asking, Condition};
use chancery::frame::Contract;
use chancery::store::clients::ClientKind;
use chancery::store::identities::Identity;
use chancery::store::providers::IdentityProvider;
use chancery::store::tenants::Tenant;
use chancery::store::{Db, audit, migrations};
use chancery::tenants::Reach;
use chancery::webhooks::NewEndpoint;
use serde_json::{Map, Value, json};

use super::{START, World};

/// The services of a server.
pub type Services = chancery::app::App;

/// A server of its own on SQLite, whatever the others are on.
pub async fn on_sqlite() -> Services {
    let data_dir = std::env::temp_dir().join(format!("chancery-declared-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&data_dir).unwrap();
    let overrides = Overrides { data_dir: Some(data_dir.clone()), dev: true, ..Overrides::default() };
    let mut config = Config::load(&overrides).unwrap();
    let master = data_dir.join("test.key");
    std::fs::write(&master, chancery::keys::MasterKey::generate().expose()).unwrap();
    config.keys.master_key_file = master.display().to_string();
    let db = Db::open(&format!("sqlite:{}", data_dir.join("chancery.db").display()), 4).await.unwrap();
    migrations::up(&db).await.unwrap();
    Box::pin(Services::build(config, Clock::fixed(START), db)).await.unwrap()
}

/// The members of an object.
pub fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("no object") };
    members
}

/// A secret as a file that a declaration names.
pub fn kept(secret: &str) -> String {
    let path = std::env::temp_dir().join(format!("chancery-secret-{}", uuid::Uuid::now_v7().simple()));
    std::fs::write(&path, format!("{secret}\n")).unwrap();
    format!("file:{}", path.display())
}

/// Everything that can be declared, made by the services in no order that an export could lean on.
async fn furnish(app: &Services, tenant: &Tenant) {
    let by = Actor::operator();
    let settings = json!({
        "language": "de", "lifetimes": { "access_token": 300 }, "self_registration": true,
        "mail": { "provider": "smtp", "from_address": "id@acme.test", "smtp_host": "smtp.acme.test" },
        "organizations": { "permissions": ["billing:read"] }, "scopes": ["legacy:read"],
        "redirect_origins": ["https://app.acme.test"], "quotas": { "documents": 5000 },
    });
    app.tenants.change_settings(tenant, (&object(settings), None), Reach::Operator, &by).await.unwrap();
    app.mail.set_secret(tenant, "smtp_password", Some(&Secret::new("post-office-4711")), &by).await.unwrap();
    let context = app.tenants.context(tenant.clone());
    for audience in ["https://orders.test/api", "https://bills.test/api"] {
        let word = audience.split(['/', '.']).nth(2).unwrap();
        let wish = json!({
            "audience": audience, "name": word, "token_lifetime": 60,
            "scopes": [{ "scope": format!("{word}:write") }, { "scope": format!("{word}:read"), "description": { "en": "Read" } }],
        });
        app.resource_servers.add(&context, serde_json::from_value(wish).unwrap(), &by).await.unwrap();
    }
    let tenant = &app.tenants.look_up(tenant.slug.as_str()).await.unwrap();
    for (kind, id, metadata, policy) in [
        (
            ClientKind::Confidential,
            "web",
            json!({
                "client_name": "Shop", "client_name#de": "Laden", "redirect_uris": ["https://app.acme.test/back"],
                "scope": "openid email orders:read", "contacts": ["a@acme.test"],
            }),
            json!({ "first_party": true, "access_token_format": "opaque" }),
        ),
        (ClientKind::Service, "robot.1", json!({ "scope": "bills:write users:read" }), json!({})),
        (
            ClientKind::Public,
            "app",
            json!({ "redirect_uris": ["com.acme:/back"], "application_type": "native" }),
            json!({}),
        ),
    ] {
        let mut wish = Registration::of_kind(kind, object(metadata)).unwrap();
        (wish.id, wish.policy) = (Some(id.into()), policy_of(policy).unwrap());
        app.clients.register(tenant, wish, "operator").await.unwrap();
    }
    app.clients.own(tenant, None).await.unwrap();
    let google = json!({ "preset": "google", "client_id": "we-there", "client_secret": "upstream-4711", "domains": ["acme.test"] });
    let google: NewProvider = serde_json::from_value(google).unwrap();
    app.federation.add(tenant, google, &by).await.unwrap();
    for (description, events) in [("second", vec!["user.*"]), ("first", vec!["*"])] {
        let new = json!({ "url": "https://hooks.example/a", "description": description, "events": events });
        let new: NewEndpoint = serde_json::from_value(new).unwrap();
        app.webhooks.create(tenant, new, &by).await.unwrap();
    }
    let brand: Contract = serde_json::from_value(json!({
        "logo": "https://app.acme.test/logo.svg", "colors": { "accent": "#aa3366" },
        "texts": { "en": { "login-submit": "Enter \"Acme\"" } },
    }))
    .unwrap();
    let context = app.tenants.context(tenant.clone());
    let branding = app.tenants.draft_brand(&app.clock, &context, (&brand, 0), &by).await.unwrap();
    app.tenants.publish_brand(&app.clock, &context, branding.draft_version(), &by).await.unwrap();
    let plan = json!({ "name": "Pro", "scopes": "orders:read", "claims": { "seats": 5, "none": null }, "rank": 2 });
    app.payments.put_plan(tenant, "pro", &serde_json::from_value(plan).unwrap(), &by).await.unwrap();
    let rules = json!({ "read": { "metadata.team": null }, "create": true });
    let mut tx = app.db.begin().await.unwrap();
    app.files.set_rules_in(&mut tx, &tenant.id, rules, &by).await.unwrap();
    tx.commit().await.unwrap();
    let asking = Asking::operator(tenant.id.clone(), by);
    for (name, text) in [
        (
            "orders",
            json!({
                "rules": { "read": { "state": null }, "update": "owner", "create": true }, "hidden": ["secret"],
                "indexes": [{ "name": "by_state", "fields": { "state": 1, "at": -1 } }],
                "schema": { "type": "object", "properties": { "total": { "type": "number", "minimum": 0.5 } } },
            }),
        ),
        ("notes", json!({})),
    ] {
        app.documents.define(&asking, name, object(text), &Condition::default()).await.unwrap();
    }
}

/// That tenant, among the people of a small world, and what is exported of it.
pub async fn furnished() -> (World, String) {
    let world = World::new().await;
    Box::pin(furnish(&world.app.app, &world.tenant)).await;
    let text = told(&world.app.app, "demo").await;
    (world, text)
}

/// What is exported of a tenant.
pub async fn told(app: &Services, slug: &str) -> String {
    export(app, &app.tenants.look_up(slug).await.unwrap()).await.unwrap()
}

/// What a declaration would change, or why that cannot be said.
pub async fn planned(app: &Services, slug: &str, text: &str, options: Options) -> Result<Plan, String> {
    let mut source = Source::default();
    let read = source.take("acme.toml", text).map(|()| source);
    let plan = match read {
        Ok(source) => Box::pin(compare(app, &slug.parse::<Slug>().unwrap(), &source, options)).await,
        Err(stop) => Err(stop),
    };
    plan.map_err(reason)
}

/// What was done, or why it was not.
pub async fn applied(app: &Services, plan: &Plan) -> Result<Done, String> {
    Box::pin(apply(app, plan, &Actor::operator())).await.map_err(reason)
}

fn reason(stop: Stop) -> String {
    match stop {
        Stop::Refused(refusal) => refusal.description.into_owned(),
        Stop::Failed(fault) => panic!("{}", fault.chain()),
    }
}

/// Somebody here who is somebody there.
pub fn link(provider: &IdentityProvider, user_id: UserId) -> Identity {
    Identity {
        tenant_id: provider.tenant_id.clone(),
        id: IdentityId::generate(),
        provider_id: provider.id.clone(),
        subject: "somebody-there".to_owned(),
        user_id,
        name: None,
        created_at: START,
        last_used_at: None,
    }
}

/// What happened in a tenant.
pub async fn trail(app: &Services, slug: &str) -> Vec<String> {
    let tenant = app.tenants.look_up(slug).await.unwrap();
    let rows = audit::page(&app.db, &tenant.id, "", 1_000).await.unwrap();
    rows.into_iter().map(|row| row.action).collect()
}
