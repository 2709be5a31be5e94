//! The life of a tenant in its operators' hands: made, found, changed, suspended, deleted, brought back.

use chancery::base::Seconds;
use chancery::jobs;
use chancery::store::users::Role;
use serde_json::{Value, json};

use crate::support::operators::Operators;
use crate::support::{Person, TestApp, World};

const DAY: i64 = 86_400;

#[tokio::test]
async fn operators_make_find_and_change_tenants() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    for slug in ["acme", "beta", "gamma"] {
        let (status, made) = ops.ask(&app, "POST", "/tenants", Some(json!({ "slug": slug }))).await;
        assert_eq!((status, &made["name"], &made["version"]), (201, &json!(slug), &json!(1)));
    }
    assert_eq!(ops.ask(&app, "POST", "/tenants", Some(json!({ "slug": "acme" }))).await.0, 409);
    let (_, first) = ops.ask(&app, "GET", "/tenants?limit=2", None).await;
    let slugs = |told: &Value| -> Vec<String> {
        told.as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs(&first), ["acme", "beta"]);
    assert!(first[0].get("settings").is_none(), "a list is light");
    assert_eq!(slugs(&ops.ask(&app, "GET", "/tenants?limit=2&cursor=beta", None).await.1), ["gamma", "system"]);
    assert_eq!(slugs(&ops.ask(&app, "GET", "/tenants?q=AMM", None).await.1), ["gamma"]);
    assert_eq!(ops.ask(&app, "GET", "/tenants?status=gone", None).await.0, 400);
    assert_eq!(ops.ask(&app, "GET", "/tenants?limit=0", None).await.0, 400);

    let patch = json!({ "name": "Acme Ltd", "settings": { "self_registration": true, "quotas": { "documents": 5 } } });
    for method in ["PATCH", "PUT"] {
        let (status, told) = ops.ask(&app, method, "/tenants/acme", Some(patch.clone())).await;
        assert_eq!((status, &told["name"]), (200, &json!("Acme Ltd")), "{method} merges");
        assert_eq!(told["settings"]["quotas"]["documents"], 5);
        assert_eq!(told["settings"]["lifetimes"]["access_token"], 600, "what is not named stays");
    }
    let (_, shown) = ops.ask(&app, "GET", "/tenants/acme", None).await;
    let by_id = format!("/tenants/{}", shown["id"].as_str().unwrap());
    assert_eq!(ops.ask(&app, "GET", &by_id, None).await.1, shown, "by id as by slug");
    assert_eq!(ops.ask(&app, "GET", "/tenants/nobody", None).await.0, 404);
    let (_, stats) = ops.ask(&app, "GET", "/platform/stats", None).await;
    assert_eq!(stats["tenants"], json!({ "active": 4, "suspended": 0, "deleted": 0, "total": 4 }));
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    for bad in [
        json!({}),
        json!({ "slug": "x" }),
        json!({ "slug": "register" }),
        json!({ "slug": "0190163d-8694-739b-aea5-966c26f8ad91" }),
        json!({ "slug": "acme", "plan_": "gold" }),
        json!({ "slug": "acme", "settings": { "quota": 1 } }),
        json!({ "slug": "acme", "settings": { "branding": { "color": "red" } } }),
        json!({ "slug": "acme", "name": "" }),
        json!({ "slug": "acme", "ttl": 0 }),
        json!({ "slug": "acme", "ttl": 60, "expires_at": "2030-01-01T00:00:00Z" }),
        json!({ "slug": "acme", "expires_at": "2020-01-01T00:00:00Z" }),
        json!({ "slug": "acme", "ttl": 60, "deletion_protected": true }),
        json!({ "slug": "acme", "deletion_protected": "true" }),
        json!({ "slug": "acme", "owner": { "email": "x" } }),
        json!({ "slug": "acme", "owner": { "email": "o@acme.test", "password": "short" } }),
        json!({ "slug": "acme", "owner": { "email": "o@acme.test", "role": "user" } }),
    ] {
        let (status, told) = ops.ask(&app, "POST", "/tenants", Some(bad.clone())).await;
        assert!([400, 422].contains(&status), "{bad}: {status} {told}");
    }
    assert_eq!(ops.ask(&app, "GET", "/tenants/acme", None).await.0, 404, "nothing is left of them");
    ops.ask(&app, "POST", "/tenants", Some(json!({ "slug": "acme" }))).await;
    for bad in [json!({ "slug": "other" }), json!({ "status": "suspended" }), json!({ "deletion_protected": "false" })]
    {
        assert_eq!(ops.ask(&app, "PATCH", "/tenants/acme", Some(bad.clone())).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_change_over_an_old_version_is_refused() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    ops.ask(&app, "POST", "/tenants", Some(json!({ "slug": "acme" }))).await;
    let change = async |tag: &str, name: &str| {
        let headers = [("authorization", format!("Bearer {}", ops.key)), ("if-match", tag.to_owned())];
        app.platform("PATCH", "/tenants/acme", &headers, Some(json!({ "name": name }))).await
    };
    let first = change("\"1\"", "One").await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, "\"2\""));
    for stale in ["\"1\"", "W/\"2\"", "2", "\"x\""] {
        assert_eq!(change(stale, "Two").await.status, 412, "{stale}");
    }
    assert_eq!(change("\"2\"", "Two").await.status, 200);
}

#[tokio::test]
async fn an_owner_is_invited_by_mail_or_comes_in_with_a_password() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    let invited = json!({ "slug": "demo", "owner": { "email": "owner@demo.test", "full_name": "Olga" } });
    assert_eq!(ops.ask(&app, "POST", "/tenants", Some(invited)).await.0, 201);
    let link = app.mail_to("owner@demo.test", "invitation").await.link();
    assert!(link.starts_with("http://localhost:8080/t/demo/verify-email?token="), "{link}");
    let token = link.split_once("token=").unwrap().1;
    let answer = json!({ "token": token, "password": "a long and good one" });
    assert_eq!(app.call("POST", "/auth/verify-email", None, Some(answer)).await.status, 200);
    let body = json!({ "identifier": "owner@demo.test", "password": "a long and good one" });
    assert_eq!(app.call("POST", "/auth/login", None, Some(body)).await.status, 200);
    let tenant = app.app.tenants.look_up("demo").await.unwrap();
    assert_eq!(app.app.accounts.look_up(&tenant, "owner@demo.test").await.unwrap().role, Role::Owner);

    let with = json!({ "slug": "acme", "owner": { "email": "boss@acme.test", "password": "a long and good one" } });
    assert_eq!(ops.ask(&app, "POST", "/tenants", Some(with)).await.0, 201);
    let acme = app.app.tenants.look_up("acme").await.unwrap();
    let boss = app.app.accounts.look_up(&acme, "boss@acme.test").await.unwrap();
    assert!(boss.email_verified.0 && boss.role == Role::Owner);
    assert!(app.mails_to("boss@acme.test").await.is_empty());
}

#[tokio::test]
async fn a_suspended_tenant_refuses_everything_at_once_and_answers_again_when_activated() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    let token = world.own("ada@demo.test").await;
    assert_eq!(world.call(&token, "GET", "/whoami", None).await.status, 200);
    let (status, told) = ops.ask(&world.app, "POST", "/tenants/demo/suspend", None).await;
    assert_eq!((status, &told["status"]), (200, &json!("suspended")));
    let refused = world.call(&token, "GET", "/whoami", None).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("tenant_suspended"), "{}", refused.body);
    assert_eq!(Person::default().open(&world.app, "/t/demo/login").await.status, 403);
    let (_, list) = ops.ask(&world.app, "GET", "/tenants?status=suspended", None).await;
    assert_eq!(list[0]["slug"], "demo");
    world.app.clock.advance(Seconds(60));
    assert_eq!(ops.ask(&world.app, "POST", "/tenants/demo/activate", None).await.0, 200);
    assert_eq!(world.call(&token, "GET", "/whoami", None).await.status, 401, "what was out before is over (R15)");
    let token = world.own("ada@demo.test").await;
    assert_eq!(world.call(&token, "GET", "/whoami", None).await.status, 200);
    let rows = chancery::store::audit::page(&world.app.app.db, &world.tenant.id, "", 100).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| row.action.as_str()).filter(|name| name.starts_with("tenant.")).collect();
    assert_eq!(told, ["tenant.suspended", "tenant.activated"]);
    assert!(rows.iter().filter(|row| row.action.starts_with("tenant.")).all(|row| row.actor.is_some()));
}

#[tokio::test]
async fn a_deleted_tenant_is_nobody_and_can_be_restored_for_some_days() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    let (status, told) = ops.ask(&world.app, "DELETE", "/tenants/demo", None).await;
    assert_eq!((status, &told["status"]), (200, &json!("deleted")));
    assert_eq!(told["restorable_until"], "2026-01-31T00:00:00Z");
    assert_eq!(ops.ask(&world.app, "DELETE", "/tenants/demo", None).await.1, told, "twice is once");
    assert_eq!(world.app.get("/t/demo/.well-known/openid-configuration").await.status, 404);
    assert_eq!(ops.ask(&world.app, "POST", "/tenants", Some(json!({ "slug": "demo" }))).await.0, 409);
    for (verb, status) in [("suspend", 409), ("activate", 409)] {
        assert_eq!(ops.ask(&world.app, "POST", &format!("/tenants/demo/{verb}"), None).await.0, status, "{verb}");
    }
    assert_eq!(ops.ask(&world.app, "PATCH", "/tenants/demo", Some(json!({ "name": "x" }))).await.0, 409);
    world.app.clock.advance(Seconds(29 * DAY));
    jobs::round(&world.app.app, "one").await.unwrap();
    assert_eq!(ops.ask(&world.app, "POST", "/tenants/demo/restore", None).await.1["status"], "active");
    assert_eq!(ops.ask(&world.app, "POST", "/tenants/demo/restore", None).await.0, 409);
    assert_eq!(world.app.get("/t/demo/.well-known/openid-configuration").await.status, 200);
    assert!(world.app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.is_ok(), "with everybody");
}

#[tokio::test]
async fn who_is_protected_is_not_deleted_by_anybody() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    let protect = |yes: bool| Some(json!({ "deletion_protected": yes }));
    assert_eq!(ops.ask(&world.app, "PATCH", "/tenants/demo", protect(true)).await.1["deletion_protected"], true);
    let (status, told) = ops.ask(&world.app, "DELETE", "/tenants/demo", None).await;
    assert_eq!((status, &told["code"]), (409, &json!("deletion_protected")));
    let end = json!({ "expires_at": "2030-01-01T00:00:00Z" });
    assert_eq!(ops.ask(&world.app, "PATCH", "/tenants/demo", Some(end)).await.0, 422, "nor does it end by itself");

    let ada = world.sub("ada@demo.test").await;
    let place = format!("/tenants/demo/users/{ada}");
    assert_eq!(ops.ask(&world.app, "PATCH", &place, protect(true)).await.0, 200);
    assert_eq!(ops.ask(&world.app, "GET", &place, None).await.1["deletion_protected"], true);
    assert_eq!(ops.ask(&world.app, "PATCH", "/tenants/demo/users/1", protect(true)).await.0, 404);
    let key = world.app.api_key(&world.tenant, "users:read users:write users:roles").await;
    let path = format!("/t/demo/api/v1/users/{ada}");
    assert_eq!(world.app.api("DELETE", &path, &key, None).await["code"], "deletion_protected");
    assert_eq!(ops.ask(&world.app, "PATCH", &place, protect(false)).await.0, 200);
    assert_eq!(world.app.api("DELETE", &path, &key, None).await["data"]["status"], "deleted");

    assert_eq!(ops.ask(&world.app, "PATCH", "/tenants/demo", protect(false)).await.0, 200);
    assert_eq!(ops.ask(&world.app, "DELETE", "/tenants/demo", None).await.0, 200);
}

#[tokio::test]
async fn a_tenant_for_a_test_run_ends_by_itself() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    let wish = json!({ "slug": "preview-7", "ttl": 3_600 });
    let (_, made) = ops.ask(&app, "POST", "/tenants", Some(wish)).await;
    assert_eq!(made["expires_at"], "2026-01-01T01:00:00Z");
    let discovery = "/t/preview-7/.well-known/openid-configuration";
    assert_eq!(app.get(discovery).await.status, 200);
    app.clock.advance(Seconds(3_600));
    assert_eq!(app.get(discovery).await.status, 404, "at the second");
    jobs::round(&app.app, "one").await.unwrap();
    assert_eq!(ops.ask(&app, "GET", "/tenants/preview-7", None).await.1["status"], "deleted");
    let (_, back) = ops.ask(&app, "POST", "/tenants/preview-7/restore", None).await;
    assert_eq!((&back["status"], &back["expires_at"]), (&json!("active"), &Value::Null));
    assert_eq!(app.get(discovery).await.status, 200);
}
