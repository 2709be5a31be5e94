//! Organizations: made, changed, given away and deleted by those who may, and by nobody else.

use std::sync::Arc;

use chancery::base::Seconds;
use chancery::store::tenant_plans::Allowance;
use chancery::store::users::Role;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::support::{Person, World};

const ADA: &str = "ada@demo.test";
const GRACE: &str = "grace@demo.test";

#[tokio::test]
async fn somebody_makes_an_organization_and_is_its_owner() {
    let world = World::new().await;
    let ada = world.orgs(ADA).await;
    let body = json!({ "name": "Acme Inc.", "metadata": { "size": 3 } });
    let (status, made) = world.ask(&ada, "POST", "/organizations", Some(body.clone())).await;
    assert_eq!((status, &made["slug"], &made["role"]), (201, &json!("acme-inc"), &json!("owner")), "{made}");
    let (_, second) = world.ask(&ada, "POST", "/organizations", Some(body)).await;
    assert!(second["slug"].as_str().unwrap().starts_with("acme-inc-"), "{second}");
    let taken = json!({ "name": "X", "slug": "acme-inc" });
    assert_eq!(world.status(&ada, "POST", "/organizations", Some(taken)).await, 409);
    for bad in [json!({ "name": "" }), json!({ "name": "x\ny" }), json!({ "name": "X", "slug": "Acme" })] {
        assert_eq!(world.status(&ada, "POST", "/organizations", Some(bad)).await, 422);
    }
    let foreign = json!({ "name": "X", "owner": world.sub(GRACE).await });
    assert_eq!(world.status(&ada, "POST", "/organizations", Some(foreign)).await, 403);
    assert_eq!(world.status(&ada, "POST", "/organizations", Some(json!({ "name": "X", "role": "y" }))).await, 400);
    let (_, mine) = world.ask(&ada, "GET", "/users/me/organizations?q=ACME", None).await;
    assert_eq!(mine.as_array().unwrap().len(), 2);
    let (_, theirs) = world.ask(&world.orgs(GRACE).await, "GET", "/organizations", None).await;
    assert_eq!(theirs, json!([]));
    let reads = world.scoped(ADA, "orgs:read").await;
    assert_eq!(world.status(&reads, "POST", "/organizations", Some(json!({ "name": "X" }))).await, 403);
}

#[tokio::test]
async fn a_tenant_says_who_makes_organizations_and_how_many() {
    let world = World::new().await;
    let rules = async |self_service: bool, most_owned: i64| {
        let app = &world.app.app;
        let mut tenant = app.tenants.look_up("demo").await.unwrap();
        tenant.settings.0.organizations.self_service = self_service;
        tenant.settings.0.organizations.most_owned = most_owned;
        let by = chancery::base::Actor::operator();
        app.tenants.change(&app.clock, &tenant, "tenant.updated", &by).await.unwrap();
    };
    let new = || Some(json!({ "name": "Acme" }));
    world.promote(GRACE, Role::Admin).await;
    rules(false, 1).await;
    assert_eq!(world.status(&world.orgs(ADA).await, "POST", "/organizations", new()).await, 403);
    assert_eq!(world.status(&world.orgs(GRACE).await, "POST", "/organizations", new()).await, 201);
    rules(true, 1).await;
    let ada = world.orgs(ADA).await;
    let both = tokio::join!(
        world.status(&ada, "POST", "/organizations", new()),
        world.status(&ada, "POST", "/organizations", new())
    );
    assert_eq!(u16::min(both.0, both.1), 201, "{both:?}");
    assert_eq!(u16::max(both.0, both.1), 403, "{both:?}");
    let key = world.app.api_key(&world.tenant, "orgs:write").await;
    let ownerless = Some(json!({ "name": "Acme" }));
    assert_eq!(world.status(&key, "POST", "/organizations", ownerless).await, 422);
    let owned = Some(json!({ "name": "Acme", "owner": world.sub(ADA).await }));
    assert_eq!(world.status(&key, "POST", "/organizations", owned).await, 201);
}

#[tokio::test]
async fn r19_of_twenty_organizations_at_once_exactly_as_many_are_made_as_the_plan_has_room_for() {
    let world = Arc::new(World::new().await);
    super::tenant_plans::limit(&world, Allowance { organizations: Some(3), ..Allowance::default() }).await;
    let key = world.app.api_key(&world.tenant, "orgs:write").await;
    let owner = world.sub(ADA).await;
    let mut all = JoinSet::new();
    for number in 0..20 {
        let (world, key, owner) = (Arc::clone(&world), key.clone(), owner.clone());
        let body = json!({ "name": format!("Company {number}"), "owner": owner });
        all.spawn(async move { world.ask(&key, "POST", "/organizations", Some(body)).await });
    }
    let (made, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(|told| told.0 == 201);
    assert_eq!(made.len(), 3);
    assert!(refused.iter().all(|told| told.1["code"] == "plan_limit_reached" && told.1["limit"] == 3), "{refused:?}");
    let path = format!("/organizations/{}", made[0].1["id"].as_str().unwrap());
    assert_eq!(world.status(&key, "DELETE", &path, None).await, 204);
    let again = Some(json!({ "name": "Again", "owner": owner }));
    assert_eq!(world.status(&key, "POST", "/organizations", again).await, 201, "there is room again");
}

#[tokio::test]
async fn an_organization_is_changed_over_the_version_that_was_read() {
    let world = World::new().await;
    let (ada, id) = (world.orgs(ADA).await, world.organization(ADA, "acme").await);
    let path = format!("/organizations/{id}");
    let shown = world.call(&ada, "GET", "/organizations/acme", None).await;
    assert_eq!((shown.status.as_u16(), shown.header("etag")), (200, "\"1\""));
    let patch = json!({ "name": "Acme Ltd", "metadata": { "a": 1, "b": { "c": 2 } } });
    let changed = world.call(&ada, "PATCH", &path, Some(patch)).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.body);
    let (_, merged) =
        world.ask(&ada, "PATCH", &path, Some(json!({ "metadata": { "a": null, "b": { "d": 3 } } }))).await;
    assert_eq!((&merged["metadata"], &merged["name"]), (&json!({ "b": { "c": 2, "d": 3 } }), &json!("Acme Ltd")));
    for (tag, status) in [("\"2\"", 412), ("\"1\", \"3\"", 200), ("*", 200), ("W/\"4\"", 412)] {
        let request = axum::http::Request::patch(format!("/t/demo/api/v1{path}"))
            .header("authorization", format!("Bearer {ada}"))
            .header("content-type", "application/json")
            .header("if-match", tag);
        let body = json!({ "name": format!("Acme {tag}") }).to_string();
        let answer = world.app.send(request.body(body.into()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{tag}: {}", answer.body);
    }
    for bad in [json!({ "name": null }), json!({ "status": "suspended" }), json!({ "id": "1" }), json!([])] {
        assert_eq!(world.status(&ada, "PATCH", &path, Some(bad)).await, 400);
    }
    let same = world.organization(ADA, "zeta").await;
    let taken = Some(json!({ "slug": "acme" }));
    assert_eq!(world.status(&ada, "PATCH", &format!("/organizations/{same}"), taken).await, 409);
}

#[tokio::test]
async fn a_protected_organization_is_not_deleted_and_a_deleted_one_is_gone() {
    let world = World::new().await;
    let (ada, id) = (world.orgs(ADA).await, world.organization(ADA, "acme").await);
    world.seat(&id, GRACE, "admin").await;
    let (grace, path) = (world.orgs(GRACE).await, format!("/organizations/{id}"));
    assert_eq!(world.status(&grace, "PATCH", &path, Some(json!({ "protected": true }))).await, 403);
    assert_eq!(world.status(&grace, "DELETE", &path, None).await, 403, "W-071: admins do not delete it");
    assert_eq!(world.status(&ada, "PATCH", &path, Some(json!({ "protected": true }))).await, 200);
    assert_eq!(world.status(&ada, "DELETE", &path, None).await, 409);
    assert_eq!(world.status(&ada, "PATCH", &path, Some(json!({ "protected": false }))).await, 200);
    assert_eq!(world.status(&ada, "DELETE", &path, None).await, 204);
    for token in [&ada, &grace] {
        assert_eq!(world.status(token, "GET", &path, None).await, 404);
        assert_eq!(world.ask(token, "GET", "/organizations", None).await.1, json!([]));
    }
    assert_ne!(world.organization(GRACE, "acme").await, id, "the slug is free");
}

#[tokio::test]
async fn a_suspended_organization_is_seen_and_left_but_not_changed_by_its_own() {
    let world = World::new().await;
    let (ada, id) = (world.orgs(ADA).await, world.organization(ADA, "acme").await);
    world.seat(&id, GRACE, "admin").await;
    world.person("root@demo.test").await;
    world.promote("root@demo.test", Role::Admin).await;
    let (root, path) = (world.orgs("root@demo.test").await, format!("/organizations/{id}"));
    assert_eq!(world.status(&ada, "POST", &format!("{path}/suspend"), None).await, 403);
    assert_eq!(world.ask(&root, "POST", &format!("{path}/suspend"), None).await.1["status"], "suspended");
    assert_eq!(world.ask(&ada, "GET", &path, None).await.0, 200);
    let invite = json!({ "email": "x@x.test" });
    for (method, below, body) in [
        ("PATCH", "", json!({ "name": "Other" })),
        ("POST", "/invitations", invite.clone()),
        ("POST", "/members", invite),
        ("POST", "/roles", json!({ "name": "billing", "permissions": [] })),
        ("DELETE", "", Value::Null),
    ] {
        let body = Some(body).filter(|body| !body.is_null());
        assert_eq!(world.status(&ada, method, &format!("{path}{below}"), body).await, 403, "{method} {below}");
    }
    assert_eq!(world.status(&world.orgs(GRACE).await, "POST", &format!("{path}/leave"), None).await, 204);
    assert_eq!(world.ask(&root, "POST", &format!("{path}/activate"), None).await.1["status"], "active");
    assert_eq!(world.status(&ada, "PATCH", &path, Some(json!({ "name": "Other" }))).await, 200);
}

#[tokio::test]
async fn ownership_goes_over_in_one_step() {
    let world = World::new().await;
    let (ada, id) = (world.orgs(ADA).await, world.organization(ADA, "acme").await);
    let path = format!("/organizations/{id}/transfer-ownership");
    let to = async |email: &str| Some(json!({ "user_id": world.sub(email).await }));
    assert_eq!(world.status(&ada, "POST", &path, to(GRACE).await).await, 404, "not a member");
    world.seat(&id, GRACE, "admin").await;
    let grace = world.orgs(GRACE).await;
    assert_eq!(world.status(&grace, "POST", &path, to(GRACE).await).await, 403, "W-070: an admin takes nothing over");
    let strange = Some(json!({ "user_id": world.sub(GRACE).await, "role": "boss" }));
    assert_eq!(world.status(&ada, "POST", &path, strange).await, 422);
    assert_eq!(world.seat_of(&id, ADA).await.as_deref(), Some("owner"), "nothing of it happened");
    let (status, given) = world.ask(&ada, "POST", &path, to(GRACE).await).await;
    assert_eq!((status, &given["role"]), (200, &json!("admin")));
    assert_eq!(world.seat_of(&id, GRACE).await.as_deref(), Some("owner"));
    assert_eq!(world.status(&ada, "POST", &path, to(ADA).await).await, 403);
    // Whoever governs the tenant gives it to a member without taking it from anybody.
    world.person("root@demo.test").await;
    world.promote("root@demo.test", Role::Admin).await;
    let root = world.orgs("root@demo.test").await;
    assert_eq!(world.status(&root, "POST", &path, to(ADA).await).await, 200);
    for email in [ADA, GRACE] {
        assert_eq!(world.seat_of(&id, email).await.as_deref(), Some("owner"));
    }
}

#[tokio::test]
async fn w070_an_organization_keeps_its_last_owner() {
    let world = World::new().await;
    let (ada, id) = (world.orgs(ADA).await, world.organization(ADA, "acme").await);
    let (path, sub) = (format!("/organizations/{id}"), world.sub(ADA).await);
    world.seat(&id, GRACE, "admin").await;
    let role = Some(json!({ "role": "admin" }));
    for (method, below, body) in [
        ("POST", "/leave".to_owned(), None),
        ("DELETE", format!("/members/{sub}"), None),
        ("PATCH", format!("/members/{sub}/role"), role.clone()),
    ] {
        let (status, refused) = world.ask(&ada, method, &format!("{path}{below}"), body).await;
        assert_eq!((status, &refused["code"]), (409, &json!("user_is_sole_owner")), "{method} {below}");
        assert_eq!(refused["organizations"][0]["slug"], "acme");
    }
    // An owner who may not act is none.
    world.seat(&id, GRACE, "owner").await;
    let grace = chancery::base::UserId::from(world.sub(GRACE).await);
    let suspended = chancery::store::users::UserStatus::Suspended;
    let by = chancery::base::Actor::operator();
    world.app.app.accounts.set_status(&world.tenant, &grace, suspended, &by).await.unwrap();
    assert_eq!(world.status(&ada, "POST", &format!("{path}/leave"), None).await, 409);
    world
        .app
        .app
        .accounts
        .set_status(&world.tenant, &grace, chancery::store::users::UserStatus::Active, &by)
        .await
        .unwrap();
    assert_eq!(world.status(&ada, "PATCH", &format!("{path}/members/{sub}/role"), role).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w070_of_two_owners_who_leave_at_once_one_stays() {
    let world = World::new().await;
    let (ada, grace) = (world.orgs(ADA).await, world.orgs(GRACE).await);
    let id = world.organization(ADA, "acme").await;
    let (path, sub) = (format!("/organizations/{id}"), world.sub(ADA).await);
    let leave = format!("{path}/leave");
    let demote = format!("{path}/members/{sub}/role");
    for round in 0..6 {
        world.seat(&id, ADA, "owner").await;
        world.seat(&id, GRACE, "owner").await;
        let first = async {
            match round % 2 {
                0 => world.status(&ada, "POST", &leave, None).await,
                _ => world.status(&ada, "PATCH", &demote, Some(json!({ "role": "guest" }))).await,
            }
        };
        let (one, two) = tokio::join!(first, world.status(&grace, "POST", &leave, None));
        assert!((one < 300) != (two < 300) && one.max(two) == 409, "{one} {two}");
    }
}

#[tokio::test]
async fn an_account_without_which_an_organization_has_no_owner_is_not_deleted() {
    let world = World::new().await;
    let (acme, zeta) = (world.organization(ADA, "acme").await, world.organization(ADA, "zeta").await);
    world.seat(&zeta, GRACE, "owner").await;
    let (own, grace) = (world.own(ADA).await, world.orgs(GRACE).await);
    let (status, refused) = world.ask(&own, "DELETE", "/users/me", None).await;
    assert_eq!((status, &refused["code"]), (409, &json!("user_is_sole_owner")));
    assert_eq!(refused["organizations"].as_array().unwrap().len(), 1);
    assert_eq!(refused["organizations"][0]["id"], acme);
    world.seat(&acme, GRACE, "member").await;
    let heir = Some(json!({ "user_id": world.sub(GRACE).await }));
    let path = format!("/organizations/{acme}/transfer-ownership");
    assert_eq!(world.status(&world.orgs(ADA).await, "POST", &path, heir).await, 200);
    let (_, data) = world.ask(&own, "POST", "/users/me/export", None).await;
    assert_eq!(data["organizations"].as_array().unwrap().len(), 2);
    assert_eq!(data["organizations"][0]["role"], "admin");
    assert_eq!(world.ask(&own, "DELETE", "/users/me", None).await.0, 200);
    let (_, left) = world.ask(&grace, "GET", &format!("/organizations/{acme}/members"), None).await;
    assert_eq!(left.as_array().unwrap().len(), 1, "who is deleted is not listed: {left}");
    world.app.clock.advance(Seconds(31 * 86_400));
    chancery::jobs::round(&world.app.app, "one").await.unwrap();
    assert!(world.app.app.accounts.look_up(&world.tenant, ADA).await.is_err());
}

#[tokio::test]
async fn what_happened_in_an_organization_is_told_to_those_who_run_it() {
    let world = World::new().await;
    let (ada, id) = (world.orgs(ADA).await, world.organization(ADA, "acme").await);
    let path = format!("/organizations/{id}");
    world.ask(&ada, "PATCH", &path, Some(json!({ "name": "Other" }))).await;
    world.ask(&ada, "POST", &format!("{path}/invitations"), Some(json!({ "email": "x@x.test" }))).await;
    let events = format!("{path}/audit-events");
    let (_, told) = world.ask(&ada, "GET", &events, None).await;
    let actions: Vec<_> = told.as_array().unwrap().iter().map(|told| told["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["invitation.created", "organization.updated", "organization.created"]);
    assert_eq!(told[1]["detail"]["changed"], json!(["name"]));
    let (_, page) = world.ask(&ada, "GET", &format!("{events}?limit=1&action=organization.created"), None).await;
    assert_eq!(page[0]["actor"], world.sub(ADA).await);
    for (role, status) in [("admin", 200), ("member", 403), ("guest", 403)] {
        world.seat(&id, GRACE, role).await;
        assert_eq!(world.status(&world.orgs(GRACE).await, "GET", &events, None).await, status, "{role}");
    }
}

#[tokio::test]
async fn the_account_page_shows_where_one_belongs_and_lets_one_leave() {
    let world = World::new().await;
    let id = world.organization(GRACE, "acme").await;
    world.seat(&id, ADA, "member").await;
    let grace = world.orgs(GRACE).await;
    let invite = Some(json!({ "email": ADA, "role": "guest" }));
    let other = world.organization(GRACE, "zeta").await;
    assert_eq!(world.status(&grace, "POST", &format!("/organizations/{other}/invitations"), invite).await, 201);
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/account/organizations").await;
    let signed_in = ada.submit(&world.app, "login-form", &[("username", ADA), ("password", super::support::PASSWORD)]);
    assert_eq!(signed_in.await.page(), "account-organizations");
    assert!(ada.page.contains("The acme Company") && ada.page.contains("id=\"invitations\""));
    let invitation =
        ada.page.split("name=\"invitation\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let csrf = ada.page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cookie = ada.cookies.iter().map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let press = async |fields: &[(&str, &str)]| {
        let headers = [("cookie", cookie.as_str()), ("origin", world.app.app.config.base())];
        let sent: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        world.app.post("/t/demo/account/organizations", &sent, &headers).await.status.as_u16()
    };
    assert_eq!(press(&[("do", "accept"), ("invitation", &invitation)]).await, 303);
    assert_eq!(world.seat_of(&other, ADA).await.as_deref(), Some("guest"));
    assert_eq!(press(&[("do", "accept"), ("invitation", &invitation)]).await, 422, "once");
    assert_eq!(press(&[("do", "leave"), ("organization", &id)]).await, 303);
    assert_eq!(world.seat_of(&id, ADA).await, None);
    assert_eq!(press(&[("do", "leave"), ("organization", &id)]).await, 422);
    let answer = ada.open(&world.app, "/t/demo/account/organizations").await;
    assert!(!answer.body.contains("The acme Company") && answer.body.contains("The zeta Company"));
}
