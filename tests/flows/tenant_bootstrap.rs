//! What strangers learn of tenants: what an application has to know to begin, and nothing else (W-067).

use chancery::base::Actor;
use chancery::store::tenants::{self, Settings};
use serde_json::{Value, json};

use crate::support::{TestApp, World};

/// What everybody may know, by name.
const PUBLIC: [&str; 9] =
    ["branding", "frontend_url", "id", "issuer", "language", "login_methods", "name", "self_registration", "slug"];

async fn world() -> World {
    let world = World::new().await;
    let now = world.app.clock.now();
    tenants::add_domain(&world.app.app.db, &world.tenant.id, "id.demo.test", Some(now), now).await.unwrap();
    tenants::add_domain(&world.app.app.db, &world.tenant.id, "claimed.test", None, now).await.unwrap();
    let mut tenant = world.app.app.tenants.look_up("demo").await.unwrap();
    for wish in
        ["mail.from_address=secretary@demo.test", "frontend_url=https://app.demo.test", "quotas.documents=7712345678"]
    {
        chancery::tenants::set_setting(&mut tenant.settings.0, wish).unwrap();
    }
    world.app.app.tenants.change(&world.app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
    world
}

async fn by_domain(app: &TestApp, domain: &str) -> (u16, Value) {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("domain", domain).finish();
    let answer = app.platform("GET", &format!("/tenants/by-domain?{query}"), &[], None).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.status.as_u16(), told["data"].clone())
}

#[tokio::test]
async fn w067_by_domain_tells_what_an_application_needs_and_no_more() {
    let world = world().await;
    for spelling in ["id.demo.test", "ID.Demo.TEST", "id.demo.test.", "id.demo.test:8443", " id.demo.test "] {
        let (status, told) = by_domain(&world.app, spelling).await;
        assert_eq!((status, &told["slug"]), (200, &json!("demo")), "{spelling}");
        let mut names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, PUBLIC);
        assert_eq!(told["login_methods"], json!(["passkey", "password"]));
        for hidden in ["secretary@demo.test", "7712345678", "lifetimes", "plan"] {
            assert!(!told.to_string().contains(hidden), "{hidden}: {told}");
        }
    }
    for nobody in ["claimed.test", "nobody.test", "127.0.0.1", "https://id.demo.test/", "demo", "%"] {
        assert_eq!(by_domain(&world.app, nobody).await.0, 404, "{nobody}");
    }
    for nothing in ["", "?domain="] {
        assert_eq!(world.app.get(&format!("/api/v1/tenants/by-domain{nothing}")).await.status, 400);
    }
}

#[tokio::test]
async fn unknown_suspended_and_contradicted_are_told_apart() {
    let world = world().await;
    let tenant = world.app.app.tenants.look_up("demo").await.unwrap();
    world.app.app.tenants.suspend(tenant, &Actor::operator()).await.unwrap();
    let answer = world.app.get("/api/v1/tenants/by-domain?domain=id.demo.test").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("tenant_suspended"));
    assert_eq!(world.app.get("/api/v1/tenants/by-domain?domain=nobody.test").await.status, 404);
}

#[tokio::test]
async fn whoever_tries_names_of_domains_waits_and_others_do_not() {
    let app = TestApp::configured(|config| {
        config.limits.acts = 3;
        // What is counted of strangers at the platform is counted in Redis for all who share it.
        config.redis.url = serde_json::from_value("".into()).unwrap();
    })
    .await;
    let demo = app.tenant("demo", Settings::default()).await;
    let now = app.clock.now();
    tenants::add_domain(&app.app.db, &demo.id, "id.demo.test", Some(now), now).await.unwrap();
    for number in 0..10 {
        let status = by_domain(&app, &format!("try-{number}.test")).await.0;
        assert_eq!(status, if number < 3 { 404 } else { 429 });
    }
    assert_eq!(by_domain(&app, "id.demo.test").await.0, 200, "who knows the name is told");
}

#[tokio::test]
async fn a_tenant_tells_its_administrators_more_than_strangers_and_people() {
    let world = world().await;
    world.promote("grace@demo.test", chancery::store::users::Role::Support).await;
    let stranger = world.app.get("/t/demo/api/v1/tenant").await;
    let told: Value = serde_json::from_str(&stranger.body).unwrap();
    assert_eq!((stranger.status.as_u16(), told["data"].as_object().unwrap().len()), (200, PUBLIC.len()));
    let person = world.own("ada@demo.test").await;
    let pretended = world.scoped("ada@demo.test", "tenant:read").await;
    let support = world.scoped("grace@demo.test", "tenant:read").await;
    let key = world.app.api_key(&world.tenant, "tenant:read").await;
    for method in ["GET", "POST"] {
        for (who, more) in [(&person, false), (&pretended, false), (&support, true), (&key, true)] {
            let (status, told) = world.ask(who, method, "/tenant", None).await;
            assert_eq!((status, told.get("limits").is_some()), (200, more), "{told}");
            assert!(!told.to_string().contains("secretary@demo.test"));
        }
        assert_eq!(world.ask("nonsense", method, "/tenant", None).await.0, 401);
    }
    let (_, told) = world.ask(&key, "GET", "/tenant", None).await;
    assert_eq!(
        (&told["limits"]["documents"], &told["usage"]["users"]["total"]),
        (&json!(7_712_345_678_i64), &json!(2))
    );
}

#[tokio::test]
async fn w067_the_directory_shows_those_that_want_to_be_found() {
    let app = TestApp::start().await;
    app.tenant("hidden", Settings::default()).await;
    for slug in ["open-a", "open-b", "open-c"] {
        app.tenant(slug, Settings { discoverable: true, ..Settings::default() }).await;
    }
    let read = async |query: &str| -> Value {
        serde_json::from_str(&app.get(&format!("/api/v1/tenants?discoverable=true{query}")).await.body).unwrap()
    };
    let first = read("&limit=2").await;
    assert_eq!(first["meta"]["next_cursor"], "open-b");
    let second = read("&limit=2&cursor=open-b").await;
    assert_eq!((second["data"][0]["slug"].clone(), second["data"].as_array().unwrap().len()), (json!("open-c"), 1));
    for told in [first, second] {
        assert!(!told.to_string().contains("hidden"));
        assert_eq!(told["data"][0].as_object().unwrap().len(), PUBLIC.len());
    }
    let open = app.app.tenants.look_up("open-a").await.unwrap();
    app.app.tenants.suspend(open, &Actor::operator()).await.unwrap();
    assert_eq!(read("").await["data"][0]["slug"], "open-b", "who answers nobody is not shown");
    assert_eq!(app.get("/api/v1/tenants?discoverable=false").await.status, 400);
}
