//! What a tenant's administrators set, and what is not theirs to set.

use axum::body::Body;
use axum::http::Request;
use chancery::store::audit;
use chancery::store::users::Role;
use serde_json::{Value, json};

use crate::support::storage::Storage;
use crate::support::{Answer, World};

const PLACE: &str = "/t/demo/api/v1/tenant/settings";

async fn patch(world: &World, key: &str, tag: Option<&str>, body: Value) -> Answer {
    let mut request = Request::patch(PLACE).header("authorization", format!("Bearer {key}"));
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    world.app.send(request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()).await
}

async fn settings(world: &World, key: &str) -> (String, Value) {
    let request = Request::get(PLACE).header("authorization", format!("Bearer {key}"));
    let answer = world.app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.header("etag").to_owned(), told["data"].clone())
}

#[tokio::test]
async fn an_administrator_changes_what_is_named_and_nothing_else() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "tenant:read tenant:write").await;
    let (tag, before) = settings(&world, &key).await;
    let wish = json!({ "lifetimes": { "access_token": 120 }, "language": "fr", "self_registration": true });
    let answer = patch(&world, &key, Some(&tag), wish).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (newer, mut after) = settings(&world, &key).await;
    assert_ne!(newer, tag);
    assert_eq!((&after["lifetimes"]["access_token"], &after["language"]), (&json!(120), &json!("fr")));
    assert!(world.app.get("/t/demo/login").await.body.contains("lang=\"fr\""), "it holds at once");
    for back in
        [json!({ "lifetimes": { "access_token": null } }), json!({ "language": null, "self_registration": null })]
    {
        assert_eq!(patch(&world, &key, None, back).await.status, 200);
    }
    after = settings(&world, &key).await.1;
    assert_eq!(after, before, "null brings the default back");
    let (tag, _) = settings(&world, &key).await;
    assert_eq!(patch(&world, &key, None, json!({ "language": null })).await.header("etag"), tag, "nothing changed");
    let rows = audit::page(&world.app.app.db, &world.tenant.id, "", 100).await.unwrap();
    let row = rows.iter().find(|row| row.action == "tenant.updated").unwrap();
    assert_eq!(row.detail["settings"], json!(["language", "lifetimes.access_token", "self_registration"]));
}

#[tokio::test]
async fn two_who_read_the_same_version_do_not_both_win() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "tenant:read tenant:write").await;
    let (tag, _) = settings(&world, &key).await;
    let one = patch(&world, &key, Some(&tag), json!({ "language": "de" }));
    let two = patch(&world, &key, Some(&tag), json!({ "language": "es" }));
    let (one, two) = tokio::join!(one, two);
    let mut both = [one.status.as_u16(), two.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 412]);
    for stale in [tag.as_str(), "W/\"2\"", "\"two\"", "2"] {
        assert_eq!(patch(&world, &key, Some(stale), json!({ "language": "en" })).await.status, 412, "{stale}");
    }
    assert_eq!(patch(&world, &key, Some("*"), json!({ "language": "en" })).await.status, 200);
}

#[tokio::test]
async fn w079_what_is_no_setting_is_refused_by_its_path_and_changes_nothing() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "tenant:read tenant:write").await;
    let before = settings(&world, &key).await;
    for (wish, status, path) in [
        (json!({ "language": "de", "plan": "enterprise" }), 400, "`plan`"),
        (json!({ "lifetimes": { "acess_token": 1 } }), 400, "`lifetimes.acess_token`"),
        (json!({ "self_registration": "false" }), 400, "`self_registration`"),
        (json!({ "branding": [] }), 400, "`branding`"),
        (json!({ "mail": { "smtp_password": "x" } }), 400, "`mail.smtp_password`"),
        (json!({ "lifetimes": { "access_token": 0 } }), 422, "second"),
        (json!({ "branding": { "logo_uri": "javascript:1" } }), 422, "logo"),
        (json!({ "quotas": { "documents": 1_000_000 } }), 403, "`quotas`"),
        (json!({ "domain": "id.victim.test" }), 403, "`domain`"),
    ] {
        let answer = patch(&world, &key, None, wish.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{wish}: {}", answer.body);
        assert!(answer.body.contains(path), "{wish}: {}", answer.body);
    }
    assert_eq!(settings(&world, &key).await, before);
}

#[tokio::test]
async fn u7_w071_settings_are_for_those_whose_role_allows_it_now() {
    let world = World::new().await;
    let all = "tenant:read tenant:write";
    let ada = world.scoped("ada@demo.test", all).await;
    for (role, read, write) in
        [(Role::User, 403, 403), (Role::Support, 200, 403), (Role::Admin, 200, 200), (Role::Owner, 200, 200)]
    {
        world.promote("ada@demo.test", role).await;
        let (status, _) = world.ask(&ada, "GET", "/tenant/settings", None).await;
        assert_eq!(status, read, "{role:?} reads");
        let wish = Some(json!({ "language": "de" }));
        assert_eq!(world.ask(&ada, "PATCH", "/tenant/settings", wish).await.0, write, "{role:?} writes");
        assert_eq!(world.ask(&ada, "GET", "/tenant/stats", None).await.0, read);
        assert_eq!(world.ask(&ada, "GET", "/tenant/domains", None).await.0, read);
    }
    let key = world.app.api_key(&world.tenant, "tenant:read").await;
    assert_eq!(world.ask(&key, "PATCH", "/tenant/settings", Some(json!({}))).await.0, 403);
}

#[tokio::test]
async fn an_administrator_sees_how_much_there_is() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.program, "orders", json!([{ "_id": "a" }, { "_id": "b" }, { "_id": "c" }])).await;
    let world = &storage.world;
    world.session("ada@demo.test", "curl/8").await;
    world.archivist("ada@demo.test").await.bring("a.txt", "text/plain", "hello").await;
    let key = world.app.api_key(&world.tenant, "tenant:read").await;
    let (status, told) = world.ask(&key, "GET", "/tenant/stats", None).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["users"], json!({ "total": 2, "active": 2, "unverified": 0 }));
    assert_eq!((&told["clients"], &told["sessions"]), (&json!(1), &json!(1)));
    assert_eq!((&told["documents"]["count"], &told["files"]), (&json!(3), &json!({ "count": 1, "bytes": 5 })));
}
