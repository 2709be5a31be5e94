//! Every route of organizations, as those who have no part in one: another organization's owner, a stranger, another
//! tenant's owner, and a guest (W-075, X1, X2, X3).

use chancery::base::Seconds;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::{World, routes};

const ADA: &str = "ada@demo.test";
const GRACE: &str = "grace@demo.test";
const EVE: &str = "eve@demo.test";

/// What is sent where something is taken.
fn body(path: &str, member: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "members" | "invitations" => json!({ "email": "x@x.test" }),
        "role" => json!({ "role": "guest" }),
        "roles" => json!({ "name": "made", "permissions": [] }),
        "transfer-ownership" => json!({ "user_id": member }),
        _ if path.contains("/roles/") => json!({ "permissions": [] }),
        _ => json!({ "name": "Other" }),
    }
}

/// An organization with a member, a role and an invitation; its routes with these filled in.
async fn world() -> (World, Vec<(&'static str, String, String)>, String) {
    let world = World::new().await;
    world.person(EVE).await;
    let id = world.organization(ADA, "acme").await;
    let ada = world.orgs(ADA).await;
    world.seat(&id, GRACE, "member").await;
    let role = json!({ "name": "clerk", "permissions": [] });
    assert_eq!(world.status(&ada, "POST", &format!("/organizations/{id}/roles"), Some(role)).await, 201);
    let invite = Some(json!({ "email": "y@x.test" }));
    let (_, invited) = world.ask(&ada, "POST", &format!("/organizations/{id}/invitations"), invite).await;
    let member = world.sub(GRACE).await;
    let mut found = Vec::new();
    for route in routes::all() {
        let Some(path) = route.path.strip_prefix("/t/{tenant}/api/v1") else { continue };
        if !path.starts_with("/organizations/{id}") {
            continue;
        }
        let filled = |organization: &str| {
            path.replace("{id}", organization)
                .replace("{user}", &member)
                .replace("{role}", "clerk")
                .replace("{invitation}", invited["id"].as_str().unwrap())
        };
        found.extend(route.methods.iter().map(|method| (*method, filled(&id), filled("no-such-one"))));
    }
    assert!(found.len() >= 20, "the walk has lost its way: {found:?}");
    (world, found, member)
}

/// Status and body, without the number of the request.
async fn gist(world: &World, token: &str, (method, path): (&str, &str), member: &str) -> (u16, Value) {
    let body = (method != "GET" && method != "DELETE").then(|| body(path, member));
    let answer = world.call(token, method, path, body).await;
    let mut told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if let Some(members) = told.as_object_mut() {
        members.remove("request_id");
        members.remove("instance");
    }
    (answer.status.as_u16(), told)
}

#[tokio::test]
async fn w075_x2_to_those_who_have_no_part_in_it_an_organization_does_not_exist_on_any_route() {
    let (world, routes, member) = world().await;
    let other = world.organization(EVE, "zeta").await;
    world.person("stranger@demo.test").await;
    let bound =
        [("sub", json!(world.sub(ADA).await)), ("scope", json!("orgs:read orgs:write")), ("org_id", json!(other))];
    let tokens = [
        ("another organization's owner", world.orgs(EVE).await),
        ("a stranger", world.orgs("stranger@demo.test").await),
        ("its owner with another's token", world.token_with(&bound).await),
    ];
    for (name, token) in &tokens {
        for (method, path, nowhere) in &routes {
            let there = gist(&world, token, (method, path), &member).await;
            let expected = gist(&world, token, (method, nowhere), &member).await;
            assert_eq!(there.0, 404, "{name} at {method} {path}: {}", there.1);
            assert_eq!(there, expected, "{name} at {method} {path}");
        }
    }
    let kept = world.call(&world.orgs(ADA).await, "GET", "/organizations/acme", None).await;
    assert_eq!(kept.header("etag"), "\"1\"", "nothing of it was changed");
    // The parent is looked at too: another organization's role, invitation and member are none of this one's.
    let eve = world.orgs(EVE).await;
    for (method, path, _) in &routes {
        if path.contains("/members/") || path.contains("/invitations/") || path.contains("/roles/") {
            let crossed = path.replacen(path.split('/').nth(2).unwrap(), &other, 1);
            let answer = gist(&world, &eve, (method, &crossed), &member).await;
            assert_eq!(answer.0, 404, "{method} {crossed}: {}", answer.1);
        }
    }
}

#[tokio::test]
async fn a_guest_sees_the_organization_and_may_leave_and_nothing_else() {
    let (world, routes, member) = world().await;
    let id = routes[0].1.split('/').nth(2).unwrap().to_owned();
    world.seat(&id, EVE, "guest").await;
    let guest = world.orgs(EVE).await;
    for (method, path, _) in &routes {
        let below = path.strip_prefix(&format!("/organizations/{id}")).unwrap();
        let open = *method == "GET" && (below.is_empty() || below.starts_with("/roles"));
        let expected = match (*method, below) {
            _ if open => 200,
            (_, "/leave") => continue,
            (_, "/join") => 404,
            _ => 403,
        };
        let answer = gist(&world, &guest, (method, path), &member).await;
        assert_eq!(answer.0, expected, "{method} {path}: {}", answer.1);
    }
    assert_eq!(world.status(&guest, "POST", &format!("/organizations/{id}/leave"), None).await, 204);
    assert_eq!(world.status(&guest, "GET", &format!("/organizations/{id}"), None).await, 404);
}

#[tokio::test]
async fn x1_x3_a_neighbour_tenant_has_organizations_of_the_same_name_and_never_these() {
    let (mut world, routes, member) = world().await;
    let id = routes[0].1.split('/').nth(2).unwrap().to_owned();
    let demo = world.tenant.clone();
    world.tenant = world.app.tenant("acme", Settings::default()).await;
    world.client("calendar", "Agenda", |_| {}).await;
    world.person("ada@acme.test").await;
    let (issuer, now) = (world.issuer("acme"), world.app.clock.now());
    let claims = json!({
        "iss": issuer, "sub": world.sub("ada@acme.test").await, "aud": format!("{issuer}/api/v1"), "iat": now,
        "exp": now.plus(Seconds(600)), "jti": "walk", "client_id": "calendar", "scope": "orgs:read orgs:write",
    });
    let claims = claims.as_object().unwrap().clone();
    let foreign = world.token(&claims).await;
    let send = async |tenant: &str, method: &str, path: &str, body: Option<Value>| {
        let path = format!("/t/{tenant}/api/v1{path}");
        world.app.tell_as(method, &path, Some(&foreign), &body.unwrap_or_else(|| json!({}))).await
    };
    let made = send("acme", "POST", "/organizations", Some(json!({ "name": "Namesake", "slug": "acme" }))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for (method, path, _) in &routes {
        let told = send("demo", method, path, Some(body(path, &member))).await;
        assert_eq!(told.status, 401, "X1: another tenant's token at {method} {path}");
        let told = send("acme", method, path, Some(body(path, &member))).await;
        assert_eq!(told.status, 404, "X2: another tenant's organization at {method} {path}: {}", told.body);
    }
    let named = send("acme", "GET", &format!("/organizations/acme?tenant=demo&tenant_id={}", demo.id), None).await;
    assert_eq!(named.json()["data"]["name"], "Namesake", "X3");
    world.tenant = demo;
    let kept = world.call(&world.orgs(ADA).await, "GET", &format!("/organizations/{id}"), None).await;
    assert_eq!(kept.header("etag"), "\"1\"", "nothing of it was changed");
}
