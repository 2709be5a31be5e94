//! An administrator adds, changes and removes those whom people sign in with.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chancery::store::providers;
use chancery::store::users::Role;
use serde_json::{Value, json};

use crate::support::others::{Others, here, parameter};
use crate::support::{Answer, Person, World};

const PATH: &str = "/t/demo/api/v1/identity-providers";

async fn ask(world: &World, scope: &str, (method, path): (&str, &str), body: Option<Value>) -> Answer {
    world.promote("ada@demo.test", Role::Owner).await;
    let token = world.token_with(&[("scope", json!(scope))]).await;
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json");
    world.app.send(request.body(body.map_or_else(Body::empty, |body| body.to_string().into())).unwrap()).await
}

fn data(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["data"].clone()
}

/// The body that the guide shows.
fn guide() -> Value {
    let guide = include_str!("../../docs/guides/sign-in-with-others.md");
    let (_, rest) = guide.split_once("```json\n").unwrap();
    serde_json::from_str(rest.split("```").next().unwrap()).unwrap()
}

#[tokio::test]
async fn w036_a_provider_is_added_as_the_guide_says_and_its_secret_is_never_seen_again() {
    let world = here().await;
    let body = guide();
    let secret = body["client_secret"].as_str().unwrap();
    let made = data(&ask(&world, "tenant:write", ("POST", PATH), Some(body.clone())).await);
    assert_eq!(made["slug"], body["slug"]);
    let issuer = world.issuer("demo");
    let slug = body["slug"].as_str().unwrap();
    assert_eq!(made["redirect_uri"], format!("{issuer}/login/{slug}/callback"));
    let one = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let shown = ask(&world, "tenant:read", ("GET", &one), None).await;
    assert_eq!(data(&shown), made);
    assert_eq!(data(&ask(&world, "tenant:read", ("GET", PATH), None).await), json!([made]));
    let stored = providers::all(&world.app.app.db, &world.tenant.id).await.unwrap();
    assert!(!format!("{stored:?}{:?}", world.app.answers.lock().unwrap()).contains(secret));
    let wish = json!({ "name": "Corporation", "enabled": false });
    let changed = data(&ask(&world, "tenant:write", ("PATCH", &one), Some(wish)).await);
    assert_eq!((&changed["name"], &changed["enabled"]), (&json!("Corporation"), &json!(false)));
    assert_eq!(changed["issuer"], made["issuer"]);
    let mut person = Person::default();
    assert_eq!(person.open(&world.app, &format!("/t/demo/login/{slug}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&world, "tenant:write", ("DELETE", &one), None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&world, "tenant:read", ("GET", &one), None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_does_not_and_what_cannot_be_is_refused() {
    let world = here().await;
    for (scope, method) in [("tenant:read", "POST"), ("openid", "GET")] {
        let answer = ask(&world, scope, (method, PATH), Some(guide())).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{scope} {method}");
    }
    for (field, value, status) in [
        ("issuer", json!("http://id.corp.test"), 422),
        ("issuer", json!("https://id.corp.test/?a=b"), 422),
        ("slug", json!("callback"), 422),
        ("slug", json!("../account"), 422),
        ("client_id", json!(""), 422),
        ("client_id", json!(7), 400),
        ("scope", json!("email"), 422),
        ("creation", json!("sometimes"), 400),
        ("domains", json!(["Corp.test"]), 422),
        ("role", json!("owner"), 400),
    ] {
        let mut body = guide();
        body[field] = value.clone();
        let answer = ask(&world, "tenant:write", ("POST", PATH), Some(body)).await;
        assert_eq!(answer.status.as_u16(), status, "{field} {value}: {}", answer.body);
    }
    data(&ask(&world, "tenant:write", ("POST", PATH), Some(guide())).await);
    let twice = ask(&world, "tenant:write", ("POST", PATH), Some(guide())).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_issuer_of_a_provider_never_changes_because_its_people_are_known_by_what_it_calls_them() {
    let world = here().await;
    let made = data(&ask(&world, "tenant:write", ("POST", PATH), Some(guide())).await);
    let one = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let changes = json!({ "issuer": "https://elsewhere.test" });
    let answer = ask(&world, "tenant:write", ("PATCH", &one), Some(changes)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
}

#[tokio::test]
async fn the_domain_of_an_address_leads_to_its_provider() {
    let others = Others::new(|new| new.domains = vec!["corp.test".to_owned()]).await;
    others.there.person("new@corp.test").await;
    let (app, mut neo) = (&others.here.app, Person::default());
    let offered = async |query: &str| data(&app.get(&format!("/t/demo/api/v1/auth/providers{query}")).await);
    let shown = json!([{
        "slug": "other", "name": "Other", "type": "oidc", "login_url": format!("{}/login/other", others.here.issuer("demo")),
    }]);
    assert_eq!(offered("").await, shown);
    assert_eq!(offered("?email=x@corp.test").await, shown);
    assert_eq!(offered("?email=x@nowhere.test").await, json!([]));
    neo.open(app, &others.here.authorize(&[])).await;
    let (_, link) = neo.page.split_once("id=\"login-organisation\"").unwrap();
    let link = link.split_once("href=\"").unwrap().1.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(neo.open(app, &link).await.page(), "organisation");
    let unknown = neo.submit(app, "organisation-form", &[("email", "x@nowhere.test")]).await;
    assert_eq!(unknown.page(), "organisation");
    assert!(unknown.body.contains("no organisation") || unknown.body.contains("No organisation"));
    let away = neo.submit_only(app, "organisation-form", &[("email", "New@CORP.test")]).await;
    let away = away.header("location").to_owned();
    assert_eq!(parameter(&away, "login_hint"), "New@CORP.test");
    let back = others.sign_in_there(&mut Person::default(), &away, "new@corp.test").await;
    assert_eq!(neo.open(app, &back).await.page(), "consent");
}
