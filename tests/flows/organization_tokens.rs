//! Tokens for one of a person's organizations: how it is named or chosen, what they say of it, and how they end with the
//! membership (W-071).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery::store::clients::{AccessTokenFormat, OrganizationUse};
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::second_factors::{code_of, enrolled};
use super::support::{Answer, CALLBACK, PASSWORD, Person, SECRET, VERIFIER, World};

const ADA: &str = "ada@demo.test";
const GRACE: &str = "grace@demo.test";
const SCOPE: &str = "openid profile roles offline_access orgs:read orgs:write";

/// Grace's organization `acme`, in which Ada is a member; clients `crm`, and `desk`, which always acts for one.
async fn world() -> (World, String) {
    let world = World::new().await;
    world.allow(&["billing:read"]).await;
    for (id, organization) in [("crm", OrganizationUse::Optional), ("desk", OrganizationUse::Required)] {
        world
            .client(id, id, |client| {
                client.metadata.0.scope = SCOPE.parse().unwrap();
                client.policy.0.first_party = true;
                client.policy.0.organization = organization;
            })
            .await;
    }
    world.confidential("api", &[&format!("{}/api/v1", world.issuer("demo"))]).await;
    let id = world.organization(GRACE, "acme").await;
    world.seat(&id, ADA, "member").await;
    (world, id)
}

/// What somebody comes to who is sent by a client, signing in where they are asked to.
async fn come(world: &World, person: &mut Person, client: &str, more: &[(&str, &str)]) -> Answer {
    let scope = more.iter().find(|(name, _)| *name == "scope").map_or(SCOPE, |(_, scope)| scope);
    let others = more.iter().filter(|(name, _)| *name != "scope");
    let all: Vec<_> = [("client_id", client), ("scope", scope)].iter().chain(others).copied().collect();
    let answer = person.open(&world.app, &world.authorize(&all)).await;
    if answer.page() != "login" {
        return answer;
    }
    person.submit(&world.app, "login-form", &[("username", ADA), ("password", PASSWORD)]).await
}

/// What the client is answered.
fn told(answer: &Answer) -> BTreeMap<String, String> {
    let url = url::Url::parse(answer.header("location")).unwrap_or_else(|_| panic!("{answer:?}"));
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

async fn redeem(world: &World, client: &str, answer: &Answer) -> Value {
    let code = told(answer).get("code").cloned().unwrap_or_else(|| panic!("{answer:?}"));
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn refresh(world: &World, client: &str, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
    world.app.post("/t/demo/oauth/token", &form, &[]).await
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn userinfo(world: &World, tokens: &Value) -> Answer {
    let form = [("access_token", tokens["access_token"].as_str().unwrap())];
    world.app.post("/t/demo/oauth/userinfo", &form, &[]).await
}

async fn introspect(world: &World, tokens: &Value) -> Value {
    let form = [("token", tokens["access_token"].as_str().unwrap())];
    let basic = World::basic("api", SECRET);
    world.app.post("/t/demo/oauth/introspect", &form, &[("authorization", &basic)]).await.json()
}

#[tokio::test]
async fn tokens_say_for_which_organization_they_are_and_what_the_person_is_there() {
    let (world, id) = world().await;
    for named in ["acme", id.as_str()] {
        let answer = come(&world, &mut Person::default(), "crm", &[("organization", named)]).await;
        let tokens = redeem(&world, "crm", &answer).await;
        let expected = json!({
            "org_id": id, "org_name": "The acme Company", "roles": ["user", "org:member"],
            "permissions": ["members:read"],
        });
        let about = [
            claims(&tokens["access_token"]),
            claims(&tokens["id_token"]),
            userinfo(&world, &tokens).await.json(),
            introspect(&world, &tokens).await,
        ];
        for (place, told) in about.iter().enumerate() {
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(&told[name], value, "{name} in {place}: {told}");
            }
        }
    }
    let plain = redeem(&world, "crm", &come(&world, &mut Person::default(), "crm", &[]).await).await;
    for told in [claims(&plain["access_token"]), userinfo(&world, &plain).await.json()] {
        assert_eq!((&told["roles"], told.get("org_id")), (&json!(["user"]), None), "{told}");
    }
    let without = [("organization", "acme"), ("scope", "openid")];
    let quiet = redeem(&world, "crm", &come(&world, &mut Person::default(), "crm", &without).await).await;
    let told = claims(&quiet["access_token"]);
    assert_eq!((&told["org_id"], told.get("roles"), told.get("permissions")), (&json!(id), None, None));
}

#[tokio::test]
async fn an_owner_of_an_organization_is_not_taken_for_the_tenants() {
    let (world, id) = world().await;
    world.seat(&id, ADA, "owner").await;
    let tokens =
        redeem(&world, "crm", &come(&world, &mut Person::default(), "crm", &[("organization", "acme")]).await).await;
    let roles = claims(&tokens["access_token"])["roles"].clone();
    assert_eq!(roles, json!(["user", "org:owner"]));
    assert!(Role::Owner.as_str() == "owner" && !roles.as_array().unwrap().contains(&json!("owner")));
}

#[tokio::test]
async fn w071_what_somebody_is_by_now_is_in_the_next_token_and_who_is_removed_gets_none() {
    let (world, id) = world().await;
    let grace = world.orgs(GRACE).await;
    let seat = format!("/organizations/{id}/members/{}", world.sub(ADA).await);
    let tokens =
        redeem(&world, "crm", &come(&world, &mut Person::default(), "crm", &[("organization", "acme")]).await).await;
    let role = Some(json!({ "role": "admin" }));
    assert_eq!(world.status(&grace, "PATCH", &format!("{seat}/role"), role).await, 200);
    assert_eq!(introspect(&world, &tokens).await["roles"], json!(["user", "org:admin"]), "at once where it is asked");
    let answer = refresh(&world, "crm", &tokens).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let next = answer.json();
    assert_eq!(claims(&next["access_token"])["roles"], json!(["user", "org:admin"]));
    assert_eq!(claims(&next["id_token"])["org_id"], id.as_str());
    assert_eq!(world.status(&grace, "DELETE", &seat, None).await, 204);
    let over = refresh(&world, "crm", &next).await;
    assert_eq!((over.status.as_u16(), &over.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(introspect(&world, &next).await, json!({ "active": false }));
    assert_eq!(userinfo(&world, &next).await.status, 401);
    world.seat(&id, ADA, "member").await;
    assert_eq!(refresh(&world, "crm", &next).await.status, 400, "what has ended stays ended");
}

#[tokio::test]
async fn a_code_of_somebody_who_was_removed_meanwhile_gives_nothing() {
    let (world, id) = world().await;
    let answer = come(&world, &mut Person::default(), "crm", &[("organization", "acme")]).await;
    let code = told(&answer)["code"].clone();
    let seat = format!("/organizations/{id}/members/{}", world.sub(ADA).await);
    assert_eq!(world.status(&world.orgs(GRACE).await, "DELETE", &seat, None).await, 204);
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "crm"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let refused = world.app.post("/t/demo/oauth/token", &form, &[]).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_suspended_or_deleted_organization_has_no_tokens() {
    let (world, id) = world().await;
    world.person("root@demo.test").await;
    world.promote("root@demo.test", Role::Admin).await;
    let root = world.orgs("root@demo.test").await;
    let path = format!("/organizations/{id}");
    for (method, below) in [("POST", "/suspend"), ("DELETE", "")] {
        let mut ada = Person::default();
        let tokens = redeem(&world, "crm", &come(&world, &mut ada, "crm", &[("organization", "acme")]).await).await;
        assert!(world.status(&root, method, &format!("{path}{below}"), None).await < 300);
        assert_eq!(refresh(&world, "crm", &tokens).await.status, 400, "{below}");
        assert_eq!(introspect(&world, &tokens).await, json!({ "active": false }), "{below}");
        let refused = told(&come(&world, &mut ada, "crm", &[("organization", "acme")]).await);
        assert_eq!(refused["error"], "access_denied", "{below}");
        world.status(&root, "POST", &format!("{path}/activate"), None).await;
    }
}

#[tokio::test]
async fn x2_w075_a_foreign_organization_is_refused_like_one_that_does_not_exist() {
    let (world, _) = world().await;
    let foreign = world.organization(GRACE, "zeta").await;
    let mut ada = Person::default();
    let mut seen = Vec::new();
    for named in ["zeta", foreign.as_str(), "no-such-one", "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"] {
        let answer = told(&come(&world, &mut ada, "crm", &[("organization", named)]).await);
        seen.push((answer["error"].clone(), answer["error_description"].clone()));
    }
    assert!(seen.iter().all(|one| *one == seen[0] && one.0 == "access_denied"), "{seen:?}");
    let long = "x".repeat(65);
    let answer = told(&come(&world, &mut ada, "crm", &[("organization", &long)]).await);
    assert_eq!(answer["error"], "invalid_request");
    // Before anybody has signed in, the page repeats what it was asked for and knows nothing.
    let mut stranger = Person::default();
    for named in ["acme", "no-such-one"] {
        let page = stranger.open(&world.app, &world.authorize(&[("client_id", "crm"), ("organization", named)])).await;
        assert!(page.body.contains(&format!("for {named}")) && !page.body.contains("The acme Company"));
    }
}

#[tokio::test]
async fn the_person_chooses_where_the_client_always_acts_for_an_organization() {
    let (world, _) = world().await;
    let mut ada = Person::default();
    let only = redeem(&world, "desk", &come(&world, &mut ada, "desk", &[]).await).await;
    assert_eq!(claims(&only["access_token"])["org_name"], "The acme Company", "of one there is no choice");
    let zeta = world.organization(GRACE, "zeta").await;
    world.seat(&zeta, ADA, "guest").await;
    let silent = told(&come(&world, &mut ada, "desk", &[("prompt", "none")]).await);
    assert_eq!(silent["error"], "account_selection_required");
    let page = come(&world, &mut ada, "desk", &[]).await;
    assert_eq!(page.page(), "choose-organization", "{}", page.body);
    assert!(!page.body.contains("id=\"organization-none\""));
    let foreign = world.organization(GRACE, "other").await;
    for bad in [foreign.as_str(), "", "acme"] {
        let refused = ada.submit(&world.app, "organization-form", &[("organization", bad)]).await;
        assert_eq!((refused.status.as_u16(), refused.page()), (400, "error"), "{bad}");
        come(&world, &mut ada, "desk", &[]).await;
    }
    let chosen = ada.submit(&world.app, "organization-form", &[("organization", &zeta)]).await;
    let tokens = redeem(&world, "desk", &chosen).await;
    assert_eq!(claims(&tokens["access_token"])["org_id"], zeta.as_str());
    let grace = told(&come_as(&world, "nobody@demo.test", "desk").await);
    assert_eq!(grace["error"], "access_denied", "who belongs nowhere has nothing there");
}

/// A new person who signs in for a client.
async fn come_as(world: &World, email: &str, client: &str) -> Answer {
    world.person(email).await;
    let mut person = Person::default();
    person.open(&world.app, &world.authorize(&[("client_id", client), ("scope", SCOPE)])).await;
    person.submit(&world.app, "login-form", &[("username", email), ("password", PASSWORD)]).await
}

#[tokio::test]
async fn who_selects_an_account_says_for_which_organization_or_for_none() {
    let (world, id) = world().await;
    let mut ada = Person::default();
    let select = [("prompt", "select_account")];
    let page = come(&world, &mut ada, "crm", &select).await;
    assert_eq!(page.page(), "choose-organization", "{}", page.body);
    let none = ada.submit(&world.app, "organization-form", &[("organization", "")]).await;
    let tokens = redeem(&world, "crm", &none).await;
    assert_eq!(claims(&tokens["access_token"]).get("org_id"), None);
    come(&world, &mut ada, "crm", &select).await;
    let chosen = ada.submit(&world.app, "organization-form", &[("organization", &id)]).await;
    assert_eq!(claims(&redeem(&world, "crm", &chosen).await["access_token"])["org_id"], id.as_str());
}

#[tokio::test]
async fn a_strangers_application_asks_each_time_and_says_for_which_organization() {
    let (world, _) = world().await;
    let mut ada = Person::default();
    for _ in 0..2 {
        let more = [("organization", "acme"), ("scope", "openid profile")];
        let page = come(&world, &mut ada, "calendar", &more).await;
        assert_eq!(page.page(), "consent", "{}", page.body);
        assert!(page.body.contains("id=\"consent-organization\"") && page.body.contains("The acme Company"));
        let answer = ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
        let tokens = redeem(&world, "calendar", &answer).await;
        assert_eq!(claims(&tokens["access_token"])["org_name"], "The acme Company");
    }
}

#[tokio::test]
async fn an_organization_that_wants_a_second_factor_gets_it() {
    let (world, id) = world().await;
    let mut ada = Person::default();
    let tokens = redeem(&world, "crm", &come(&world, &mut ada, "crm", &[("organization", "acme")]).await).await;
    let wish = Some(json!({ "settings": { "second_factor": true } }));
    assert_eq!(world.status(&world.orgs(GRACE).await, "PATCH", &format!("/organizations/{id}"), wish).await, 200);
    assert_eq!(refresh(&world, "crm", &tokens).await.status, 400, "what was given after one factor ends");
    let refused = told(&come(&world, &mut ada, "crm", &[("organization", "acme")]).await);
    assert_eq!(refused["error"], "access_denied", "who has none gets none");
    let (seed, _) = enrolled(&world, ADA).await;
    world.app.clock.advance(chancery::base::Seconds(60));
    let page = come(&world, &mut ada, "crm", &[("organization", "acme")]).await;
    assert_eq!(page.page(), "second-factor", "{}", page.body);
    let code = code_of(&world, &seed, 0);
    let answer = ada.submit(&world.app, "totp-form", &[("code", &code)]).await;
    let tokens = redeem(&world, "crm", &answer).await;
    assert_eq!(claims(&tokens["id_token"])["org_id"], id.as_str());
}

#[tokio::test]
async fn x2_a_token_for_one_organization_opens_no_other() {
    let (world, id) = world().await;
    let zeta = world.organization(ADA, "zeta").await;
    let bound = [("sub", json!(world.sub(ADA).await)), ("scope", json!("orgs:read orgs:write")), ("org_id", json!(id))];
    let token = world.token_with(&bound).await;
    assert_eq!(world.status(&token, "GET", &format!("/organizations/{id}"), None).await, 200);
    for (method, path) in [
        ("GET", format!("/organizations/{zeta}")),
        ("DELETE", format!("/organizations/{zeta}")),
        ("POST", format!("/organizations/{zeta}/leave")),
    ] {
        assert_eq!(world.status(&token, method, &path, None).await, 404, "{method} {path}");
    }
    assert_eq!(world.status(&token, "POST", "/organizations", Some(json!({ "name": "X" }))).await, 403);
    let (_, listed) = world.ask(&token, "GET", "/organizations", None).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let (_, mine) = world.ask(&token, "GET", "/users/me/organizations", None).await;
    assert_eq!(mine.as_array().unwrap().len(), 2, "where to switch to");
}

#[tokio::test]
async fn rules_of_collections_know_the_organization_and_what_the_person_is_there() {
    let (world, id) = world().await;
    let admin = world.app.api_key(&world.tenant, "storage:admin storage:read storage:write").await;
    let rules = json!({
        "read": { "team": "$$auth.organization" },
        "create": { "$expr": { "$in": ["org:member", "$$auth.roles"] } },
        "delete": { "$expr": { "$in": ["billing:read", "$$auth.permissions"] } },
    });
    let made = world.call(&admin, "PUT", "/storage/notes", Some(json!({ "rules": rules }))).await;
    assert!(made.status.is_success(), "{}", made.body);
    let token = async |organization: Option<&str>| {
        let mut claims = vec![("sub", json!(world.sub(ADA).await)), ("scope", json!("storage:read storage:write"))];
        claims.extend(organization.map(|id| ("org_id", json!(id))));
        world.token_with(&claims).await
    };
    let (inside, outside) = (token(Some(&id)).await, token(None).await);
    let note = |name: &str| Some(json!({ "_id": name, "team": id }));
    let documents = "/storage/notes/documents";
    assert_eq!(world.status(&inside, "POST", documents, note("one")).await, 201);
    assert_eq!(world.status(&outside, "POST", documents, note("two")).await, 403);
    assert_eq!(world.status(&inside, "GET", &format!("{documents}/one"), None).await, 200);
    assert_eq!(world.status(&outside, "GET", &format!("{documents}/one"), None).await, 404);
    assert!(world.status(&inside, "DELETE", &format!("{documents}/one"), None).await >= 400);
    world.seat(&id, ADA, "admin").await;
    assert_eq!(world.status(&inside, "POST", documents, note("three")).await, 403, "W-071: no member by now");
    assert_eq!(world.status(&inside, "DELETE", &format!("{documents}/one"), None).await, 204);
}

#[tokio::test]
async fn opaque_tokens_say_the_same() {
    let (world, id) = world().await;
    world
        .client("vault", "vault", |client| {
            client.metadata.0.scope = SCOPE.parse().unwrap();
            client.policy.0.first_party = true;
            client.policy.0.access_token_format = AccessTokenFormat::Opaque;
        })
        .await;
    let answer = come(&world, &mut Person::default(), "vault", &[("organization", "acme")]).await;
    let tokens = redeem(&world, "vault", &answer).await;
    assert_eq!(introspect(&world, &tokens).await["org_id"], id.as_str());
    assert_eq!(userinfo(&world, &tokens).await.json()["permissions"], json!(["members:read"]));
}
