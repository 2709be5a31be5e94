//! Who may make whom what in an organization: every pair of roles, and roles of an organization's own (W-070, W-055, U7).

use serde_json::{Value, json};

use super::support::World;

/// The roles of the matrix, and whom each may add, change and remove. `people` and `billing` are the organization's own.
const REACH: [(&str, &[&str]); 6] = [
    ("owner", &["owner", "admin", "people", "billing", "member", "guest"]),
    ("admin", &["admin", "people", "billing", "member", "guest"]),
    ("people", &["people", "member", "guest"]),
    ("billing", &[]),
    ("member", &[]),
    ("guest", &[]),
];

const FOUNDER: &str = "ada@demo.test";
const ACTOR: &str = "grace@demo.test";
const TARGET: &str = "tom@demo.test";

/// An organization with these roles of its own.
async fn world() -> (World, String) {
    let world = World::new().await;
    world.allow(&["billing:read", "billing:write"]).await;
    world.person(TARGET).await;
    let id = world.organization(FOUNDER, "acme").await;
    let founder = world.orgs(FOUNDER).await;
    for (name, permissions) in
        [("people", json!(["members:read", "members:write"])), ("billing", json!(["billing:read", "billing:write"]))]
    {
        let body = json!({ "name": name, "permissions": permissions });
        let made = world.ask(&founder, "POST", &format!("/organizations/{id}/roles"), Some(body)).await;
        assert_eq!(made.0, 201, "{}", made.1);
    }
    (world, id)
}

#[tokio::test]
async fn w070_w074_over_all_pairs_of_roles_nobody_gives_or_takes_more_than_they_hold() {
    let (world, id) = world().await;
    let target = world.sub(TARGET).await;
    let member = format!("/organizations/{id}/members/{target}");
    let (actor, role) = (world.orgs(ACTOR).await, format!("{member}/role"));
    for (acting, reach) in REACH {
        world.seat(&id, ACTOR, acting).await;
        for (was, _) in REACH {
            for (wanted, _) in REACH {
                world.seat(&id, TARGET, was).await;
                let allowed = reach.contains(&was) && reach.contains(&wanted);
                let body = Some(json!({ "role": wanted }));
                let status = world.status(&actor, "PATCH", &role, body).await;
                assert_eq!(status, if allowed { 200 } else { 403 }, "{acting} makes {was} {wanted}");
                let now = if allowed { wanted } else { was };
                assert_eq!(world.seat_of(&id, TARGET).await.as_deref(), Some(now));
            }
            world.seat(&id, TARGET, was).await;
            let status = world.status(&actor, "DELETE", &member, None).await;
            assert_eq!(status, if reach.contains(&was) { 204 } else { 403 }, "{acting} removes {was}");
            assert_eq!(world.seat_of(&id, TARGET).await.is_none(), status == 204);
        }
        for (wanted, _) in REACH {
            let invite = Some(json!({ "email": format!("{acting}-{wanted}@x.test"), "role": wanted }));
            let status = world.status(&actor, "POST", &format!("/organizations/{id}/invitations"), invite).await;
            assert_eq!(status, if reach.contains(&wanted) { 201 } else { 403 }, "{acting} invites {wanted}");
        }
    }
}

#[tokio::test]
async fn what_each_role_may_see_and_do_besides() {
    let (world, id) = world().await;
    let path = format!("/organizations/{id}");
    let actor = world.orgs(ACTOR).await;
    for (role, members, audit, rename, define, protect) in [
        ("owner", 200, 200, 200, 201, 200),
        ("admin", 200, 200, 200, 201, 403),
        ("people", 200, 403, 403, 403, 403),
        ("billing", 403, 403, 403, 403, 403),
        ("member", 200, 403, 403, 403, 403),
        ("guest", 403, 403, 403, 403, 403),
    ] {
        world.seat(&id, ACTOR, role).await;
        let ask = async |method: &str, below: &str, body: Option<Value>| {
            world.status(&actor, method, &format!("{path}{below}"), body).await
        };
        assert_eq!(ask("GET", "", None).await, 200, "{role}");
        assert_eq!(ask("GET", "/roles", None).await, 200, "{role}");
        assert_eq!(ask("GET", "/members", None).await, members, "{role}");
        assert_eq!(ask("GET", "/audit-events", None).await, audit, "{role}");
        assert_eq!(ask("PATCH", "", Some(json!({ "name": role }))).await, rename, "{role}");
        let new = json!({ "name": format!("made-by-{role}"), "permissions": ["billing:read"] });
        assert_eq!(ask("POST", "/roles", Some(new)).await, define, "{role}");
        assert_eq!(ask("PATCH", "", Some(json!({ "protected": false }))).await, protect, "{role}");
        let (_, shown) = world.ask(&actor, "GET", &path, None).await;
        assert_eq!(shown["role"], role);
    }
}

#[tokio::test]
async fn w073_a_member_sees_names_and_roles_and_whoever_manages_members_sees_addresses() {
    let (world, id) = world().await;
    let list = format!("/organizations/{id}/members");
    for (role, told) in [("member", false), ("people", true)] {
        world.seat(&id, ACTOR, role).await;
        let (_, members) = world.ask(&world.orgs(ACTOR).await, "GET", &list, None).await;
        let members = members.as_array().unwrap();
        assert_eq!(members.len(), 2);
        assert!(members.iter().all(|member| member.get("email").is_some() == told), "{members:?}");
    }
    let (_, first) = world.ask(&world.orgs(FOUNDER).await, "GET", &format!("{list}?limit=1"), None).await;
    assert_eq!(first.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn w055_u7_nobody_rises_by_defining_or_changing_a_role() {
    let (world, id) = world().await;
    let (founder, actor) = (world.orgs(FOUNDER).await, world.orgs(ACTOR).await);
    let roles = format!("/organizations/{id}/roles");
    let definer = json!({ "name": "definer", "permissions": ["members:read", "members:write", "roles:write"] });
    assert_eq!(world.status(&founder, "POST", &roles, Some(definer)).await, 201);
    world.seat(&id, ACTOR, "definer").await;
    let more = |name: &str| Some(json!({ "name": name, "permissions": ["billing:read"] }));
    assert_eq!(world.status(&actor, "POST", &roles, more("payer")).await, 403, "what the definer does not hold");
    let own = format!("{roles}/definer");
    for wish in [json!(["members:read", "org:write"]), json!(["billing:read"]), json!(["org:audit"])] {
        let wish = Some(json!({ "permissions": wish }));
        assert_eq!(world.status(&actor, "PATCH", &own, wish).await, 403, "not in the own role either");
    }
    let above = format!("{roles}/billing");
    let nothing = Some(json!({ "permissions": [] }));
    assert_eq!(world.status(&actor, "PATCH", &above, nothing).await, 403, "nor is one above brought down");
    assert_eq!(world.status(&actor, "DELETE", &above, None).await, 403);
    let narrower = Some(json!({ "permissions": ["members:read", "roles:write"] }));
    assert_eq!(world.status(&actor, "PATCH", &own, narrower).await, 200, "less is no more");
    assert_eq!(world.status(&actor, "PATCH", &own, Some(json!({ "permissions": ["members:write"] }))).await, 403);
    for (name, permissions, status) in [
        ("owner", json!([]), 409),
        ("guest", json!([]), 409),
        ("Boss", json!([]), 422),
        ("x", json!([]), 422),
        ("boss", json!(["owners:write"]), 422),
        ("boss", json!(["org:delete"]), 422),
        ("boss", json!(["made:up"]), 422),
        ("boss", json!("billing:read"), 400),
    ] {
        let body = Some(json!({ "name": name, "permissions": permissions }));
        assert_eq!(world.status(&founder, "POST", &roles, body).await, status, "{name} {permissions}");
    }
}

#[tokio::test]
async fn a_role_changes_for_all_who_have_it_at_once_and_goes_when_nobody_has_it() {
    let (world, id) = world().await;
    let (founder, actor) = (world.orgs(FOUNDER).await, world.orgs(ACTOR).await);
    let (roles, events) = (format!("/organizations/{id}/roles"), format!("/organizations/{id}/audit-events"));
    world.seat(&id, ACTOR, "billing").await;
    assert_eq!(world.status(&actor, "GET", &events, None).await, 403);
    let billing = format!("{roles}/billing");
    let shown = world.call(&founder, "GET", &billing, None).await;
    assert_eq!(shown.header("etag"), "\"1\"");
    let wish = json!({ "description": "Sees what happened", "permissions": ["org:audit"] });
    assert_eq!(world.status(&founder, "PATCH", &billing, Some(wish)).await, 200);
    assert_eq!(world.status(&actor, "GET", &events, None).await, 200, "W-071");
    assert_eq!(world.status(&founder, "DELETE", &billing, None).await, 409, "somebody has it");
    world.seat(&id, ACTOR, "guest").await;
    let invited = Some(json!({ "email": "x@x.test", "role": "billing" }));
    let (_, invitation) = world.ask(&founder, "POST", &format!("/organizations/{id}/invitations"), invited).await;
    assert_eq!(world.status(&founder, "DELETE", &billing, None).await, 409, "somebody is invited to it");
    let cancel = format!("/organizations/{id}/invitations/{}", invitation["id"].as_str().unwrap());
    assert_eq!(world.status(&founder, "DELETE", &cancel, None).await, 204);
    assert_eq!(world.status(&founder, "DELETE", &billing, None).await, 204);
    assert_eq!(world.status(&founder, "GET", &billing, None).await, 404);
    let (_, all) = world.ask(&founder, "GET", &roles, None).await;
    assert_eq!(all.as_array().unwrap().len(), 5, "four built in, and `people`");
    let unknown = Some(json!({ "role": "billing" }));
    let member = format!("/organizations/{id}/members/{}/role", world.sub(ACTOR).await);
    assert_eq!(world.status(&founder, "PATCH", &member, unknown).await, 422);
}
