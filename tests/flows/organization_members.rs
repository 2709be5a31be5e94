//! How people come into an organization and go: invited, added, by their domain; removed, and what is left of them.

use chancery::base::Seconds;
use chancery::store::users::Role;
use serde_json::json;

use super::support::{PASSWORD, Person, World};

const ADA: &str = "ada@demo.test";
const GRACE: &str = "grace@demo.test";
const NEW: &str = "nora@demo.test";
const KIND: &str = "organization-invitation";
const ACCEPT: &str = "/t/demo/api/v1/invitations";

/// An organization of Ada's; its id and its path.
async fn world() -> (World, String, String) {
    let world = World::new().await;
    let id = world.organization(ADA, "acme").await;
    let path = format!("/organizations/{id}");
    (world, id, path)
}

#[tokio::test]
async fn an_invited_stranger_makes_an_account_and_is_a_member() {
    let (world, id, path) = world().await;
    let ada = world.orgs(ADA).await;
    let invite = json!({ "email": NEW, "role": "admin" });
    let made = world.call(&ada, "POST", &format!("{path}/invitations"), Some(invite)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mail = world.app.mail_to(NEW, KIND).await;
    assert!(mail.content.text.contains("The acme Company"), "{}", mail.content.text);
    let secret = world.app.secret_to(NEW, KIND).await;
    assert!(!made.body.contains(&secret), "W-022: the link is the mailbox's alone");
    let mut nora = Person::default();
    assert_eq!(nora.open(&world.app, &mail.link()).await.page(), "invite");
    let done = nora.submit(&world.app, "link-form", &[("password", PASSWORD), ("name", "Nora")]).await;
    assert_eq!(done.page(), "invitation-accepted", "{}", done.body);
    assert_eq!(world.seat_of(&id, NEW).await.as_deref(), Some("admin"));
    let (_, list) = world.ask(&ada, "GET", &format!("{path}/invitations"), None).await;
    assert_eq!(list[0]["status"], "accepted");
    let tenants_own = world.scoped(ADA, "users:invite").await;
    world.promote(ADA, Role::Admin).await;
    let (_, others) = world.ask(&tenants_own, "GET", "/invitations", None).await;
    assert_eq!(others, json!([]), "an invitation into an organization is none into the tenant");
}

#[tokio::test]
async fn w022_w073_who_has_an_account_signs_in_to_accept_and_is_asked() {
    let (world, id, path) = world().await;
    let ada = world.orgs(ADA).await;
    let (status, told) = world.ask(&ada, "POST", &format!("{path}/members"), Some(json!({ "email": GRACE }))).await;
    assert_eq!((status, &told["role"]), (202, &json!("member")), "whoever does not make accounts invites");
    let (_, stranger) = world.ask(&ada, "POST", &format!("{path}/members"), Some(json!({ "email": NEW }))).await;
    let shape = |told: &serde_json::Value| told.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&told), shape(&stranger), "W-009");
    assert_eq!(world.seat_of(&id, GRACE).await, None, "nobody is a member without having said so");
    let by_id = Some(json!({ "user_id": world.sub(GRACE).await }));
    assert_eq!(world.status(&ada, "POST", &format!("{path}/members"), by_id).await, 403);
    let secret = world.app.secret_to(GRACE, KIND).await;
    let body = json!({ "password": PASSWORD });
    assert_eq!(world.app.tell(&format!("{ACCEPT}/{secret}/accept"), &body).await.status, 401);
    let own = world.own(ADA).await;
    let theirs = world.app.tell_as("POST", &format!("{ACCEPT}/{secret}/accept"), Some(&own), &json!({})).await;
    assert_eq!(theirs.status, 403, "another person's");
    // The one whose it is finds it without the mail, too.
    let own = world.own(GRACE).await;
    let (_, waiting) = world.ask(&own, "GET", "/users/me/invitations", None).await;
    assert_eq!(waiting[0]["organization"]["slug"], "acme");
    let accept = format!("/users/me/invitations/{}/accept", waiting[0]["id"].as_str().unwrap());
    assert_eq!(world.status(&world.own(ADA).await, "POST", &accept, None).await, 404);
    assert_eq!(world.status(&own, "POST", &accept, None).await, 204);
    assert_eq!(world.seat_of(&id, GRACE).await.as_deref(), Some("member"));
    assert_eq!(world.status(&own, "POST", &accept, None).await, 404, "once");
    let again = world.app.tell_as("POST", &format!("{ACCEPT}/{secret}/accept"), Some(&own), &json!({})).await;
    assert_eq!(again.status, 400, "W-018: the link is over too");
}

#[tokio::test]
async fn an_invitation_is_sent_again_declined_cancelled_and_runs_out() {
    let (world, id, path) = world().await;
    let invite = async || {
        let body = Some(json!({ "email": GRACE }));
        let (status, made) = world.ask(&world.orgs(ADA).await, "POST", &format!("{path}/invitations"), body).await;
        assert_eq!(status, 201);
        made["id"].as_str().unwrap().to_owned()
    };
    let accept = async |secret: &str| {
        let own = world.own(GRACE).await;
        world.app.tell_as("POST", &format!("{ACCEPT}/{secret}/accept"), Some(&own), &json!({})).await.status.as_u16()
    };
    let first = invite().await;
    let old = world.app.secret_to(GRACE, KIND).await;
    let ada = world.orgs(ADA).await;
    let one = format!("{path}/invitations/{first}");
    assert_eq!(world.status(&ada, "POST", &format!("{one}/resend"), None).await, 200);
    assert_eq!(accept(&old).await, 400, "W-114");
    assert_eq!(invite().await, first, "W-023: renewed, not made twice");
    assert_eq!(world.status(&ada, "DELETE", &one, None).await, 204);
    assert_eq!(world.status(&ada, "DELETE", &one, None).await, 409);
    assert_eq!(accept(&world.app.secret_to(GRACE, KIND).await).await, 400);
    let second = invite().await;
    let decline = format!("/users/me/invitations/{second}");
    assert_eq!(world.status(&world.own(GRACE).await, "DELETE", &decline, None).await, 204);
    assert_eq!(accept(&world.app.secret_to(GRACE, KIND).await).await, 400);
    invite().await;
    world.app.clock.advance(Seconds(7 * 86_400));
    assert_eq!(accept(&world.app.secret_to(GRACE, KIND).await).await, 400, "W-019");
    assert_eq!(world.ask(&world.own(GRACE).await, "GET", "/users/me/invitations", None).await.1, json!([]));
    assert_eq!(world.seat_of(&id, GRACE).await, None);
    let tenants = world.app.api_key(&world.tenant, "users:invite").await;
    assert_eq!(world.status(&tenants, "DELETE", &format!("/invitations/{first}"), None).await, 404, "another place's");
}

#[tokio::test]
async fn w071_whoever_is_removed_or_lowered_has_offered_nothing() {
    let (world, id, path) = world().await;
    world.seat(&id, GRACE, "admin").await;
    let (ada, grace) = (world.orgs(ADA).await, world.orgs(GRACE).await);
    let offer = async |role: &str| {
        let body = Some(json!({ "email": NEW, "role": role }));
        world.status(&grace, "POST", &format!("{path}/invitations"), body).await
    };
    let accept = async || {
        let secret = world.app.secret_to(NEW, KIND).await;
        let body = json!({ "password": PASSWORD });
        world.app.tell(&format!("{ACCEPT}/{secret}/accept"), &body).await.status.as_u16()
    };
    assert_eq!(offer("admin").await, 201);
    let seat = format!("{path}/members/{}", world.sub(GRACE).await);
    assert_eq!(world.status(&ada, "PATCH", &format!("{seat}/role"), Some(json!({ "role": "member" }))).await, 200);
    assert_eq!(accept().await, 400);
    world.seat(&id, GRACE, "admin").await;
    assert_eq!(offer("admin").await, 201);
    assert_eq!(world.status(&ada, "DELETE", &seat, None).await, 204);
    assert_eq!(accept().await, 400);
    assert_eq!(offer("guest").await, 404, "nor is there anything to be offered on the next request");
    assert_eq!(world.status(&grace, "GET", &path, None).await, 404);
    // Nor does an owner keep a way back after giving the organization away.
    world.seat(&id, GRACE, "owner").await;
    assert_eq!(offer("owner").await, 201);
    let heir = Some(json!({ "user_id": world.sub(ADA).await }));
    assert_eq!(world.status(&grace, "POST", &format!("{path}/transfer-ownership"), heir).await, 200);
    assert_eq!(accept().await, 400);
    // Nor those whose role is made narrower.
    let recruiter = json!({ "name": "recruiter", "permissions": ["members:read", "members:write"] });
    assert_eq!(world.status(&ada, "POST", &format!("{path}/roles"), Some(recruiter)).await, 201);
    world.seat(&id, GRACE, "recruiter").await;
    assert_eq!(offer("member").await, 201);
    let narrower = Some(json!({ "permissions": ["members:read"] }));
    assert_eq!(world.status(&ada, "PATCH", &format!("{path}/roles/recruiter"), narrower).await, 200);
    assert_eq!(accept().await, 400);
}

#[tokio::test]
async fn w072_unknown_members_are_not_there_and_who_was_removed_comes_back() {
    let (world, id, path) = world().await;
    let ada = world.orgs(ADA).await;
    let role = || Some(json!({ "role": "guest" }));
    for nobody in [world.sub(GRACE).await, "nobody".to_owned()] {
        let seat = format!("{path}/members/{nobody}");
        assert_eq!(world.status(&ada, "DELETE", &seat, None).await, 404);
        assert_eq!(world.status(&ada, "PATCH", &format!("{seat}/role"), role()).await, 404);
    }
    world.person("root@demo.test").await;
    world.promote("root@demo.test", Role::Admin).await;
    let root = world.scoped("root@demo.test", "orgs:read orgs:write users:write").await;
    let (add, grace) = (format!("{path}/members"), world.sub(GRACE).await);
    for _ in 0..2 {
        let body = Some(json!({ "user_id": grace, "role": "guest" }));
        let (status, added) = world.ask(&root, "POST", &add, body.clone()).await;
        assert_eq!((status, &added["role"]), (201, &json!("guest")), "{added}");
        assert_eq!(world.status(&root, "POST", &add, body).await, 409);
        assert_eq!(world.status(&ada, "DELETE", &format!("{add}/{grace}"), None).await, 204);
    }
    assert_eq!(world.seat_of(&id, GRACE).await, None);
    for (body, status) in [
        (json!({ "user_id": "nobody" }), 404),
        (json!({ "user_id": grace, "role": "boss" }), 422),
        (json!({}), 400),
        (json!({ "user_id": grace, "email": GRACE }), 400),
    ] {
        assert_eq!(world.status(&root, "POST", &add, Some(body)).await, status);
    }
    let without = world.orgs("root@demo.test").await;
    assert_eq!(world.status(&without, "POST", &add, Some(json!({ "user_id": grace }))).await, 403, "no users:write");
}

#[tokio::test]
async fn whoever_has_a_verified_address_of_the_domain_may_join() {
    let (world, id, path) = world().await;
    let (ada, grace) = (world.orgs(ADA).await, world.orgs(GRACE).await);
    let join = format!("{path}/join");
    assert_eq!(world.status(&grace, "POST", &join, None).await, 404, "W-075");
    let domains = |domain: &str| Some(json!({ "settings": { "domains": [domain] } }));
    assert_eq!(world.status(&ada, "PATCH", &path, domains("elsewhere.test")).await, 403, "not the owner's own");
    assert_eq!(world.status(&ada, "PATCH", &path, domains("@demo")).await, 422);
    assert_eq!(world.status(&ada, "PATCH", &path, domains("Demo.test")).await, 200);
    let (status, joined) = world.ask(&grace, "POST", &join, None).await;
    assert_eq!((status, &joined["role"]), (200, &json!("member")));
    assert_eq!(world.status(&grace, "POST", &join, None).await, 409);
    assert_eq!(world.seat_of(&id, GRACE).await.as_deref(), Some("member"));
    world.person("eve@elsewhere.test").await;
    assert_eq!(world.status(&world.orgs("eve@elsewhere.test").await, "POST", &join, None).await, 404);
    let new = chancery::accounts::NewUser {
        email: Some("mallory@demo.test".parse().unwrap()),
        email_verified: false,
        username: None,
        password: None,
        role: Role::User,
        profile: chancery::store::users::Profile::default(),
    };
    let by = chancery::base::Actor::operator();
    world.app.app.accounts.create(&world.tenant, new, &by).await.unwrap();
    assert_eq!(world.status(&world.orgs("mallory@demo.test").await, "POST", &join, None).await, 404, "unverified");
}
