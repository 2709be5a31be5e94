//! A developer who was refused finds out why, and tries a request without sending anybody anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery::base::{Digest, Seconds};
use chancery::jobs;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use crate::support::{Answer, CALLBACK, CHALLENGE, SECRET, VERIFIER, World};

async fn world() -> (World, String) {
    let world = World::new().await;
    world.confidential("orders", &[]).await;
    let key = world.app.api_key(&world.tenant, "audit:read clients:read").await;
    (world, key)
}

/// Why this answer was no better one.
async fn why(world: &World, key: &str, answer: &Answer) -> Value {
    let (status, told) = world.ask(key, "GET", &format!("/refusals/{}", answer.header("x-request-id")), None).await;
    assert_eq!(status, 200, "{answer:?}: {told}");
    told
}

#[tokio::test]
async fn the_id_on_an_error_page_opens_to_the_registered_and_the_received_value() {
    let (world, key) = world().await;
    let wrong = "https://calendar.example/callback/";
    let page = world.app.get(&world.authorize(&[("redirect_uri", wrong)])).await;
    let told = why(&world, &key, &page).await;
    assert_eq!(page.page(), "error");
    assert!(page.body.contains(told["request_id"].as_str().unwrap()), "the page shows the id");
    assert_eq!((&told["rule"], &told["endpoint"]), (&json!("redirect_uri"), &json!("authorize")));
    assert_eq!((&told["registered"], &told["received"]), (&json!(CALLBACK), &json!(wrong)));
    assert_eq!((&told["client_id"], &told["code"]), (&json!("calendar"), &json!("invalid_request")));
    let page = world.app.get(&world.authorize(&[("client_id", "nobody")])).await;
    let told = why(&world, &key, &page).await;
    assert_eq!((&told["rule"], &told["received"]), (&json!("client_id"), &json!("nobody")));
}

#[tokio::test]
async fn what_the_client_is_told_by_redirect_opens_as_well() {
    let (world, key) = world().await;
    for (parameter, value, rule, registered, received) in [
        ("code_challenge", "", "pkce", json!("S256, required"), Value::Null),
        ("code_challenge_method", "plain", "pkce", json!("S256, required"), Value::Null),
        ("scope", "payments:admin", "scope", json!("email offline_access openid profile"), json!("payments:admin")),
        ("response_type", "token", "response_type", json!("code; query form_post"), json!("response_type=token")),
        ("resource", "https://elsewhere.test", "resource", Value::Null, json!("https://elsewhere.test")),
        ("prompt", "none login", "prompt", Value::Null, json!("none login")),
        ("id_token_hint", "a.b.c", "id_token_hint", Value::Null, Value::Null),
    ] {
        let answer = world.app.get(&world.authorize(&[(parameter, value)])).await;
        assert_eq!(answer.status.as_u16(), 303, "{parameter}={value}: {}", answer.body);
        let told = why(&world, &key, &answer).await;
        assert_eq!(told["rule"], rule, "{parameter}={value}: {told}");
        for (name, expected) in [("registered", registered), ("received", received)] {
            assert!(expected.is_null() || told[name] == expected, "{parameter}={value}: {name} of {told}");
        }
        assert!(!told.to_string().contains("a.b.c"), "a token is not told");
    }
}

async fn trade(world: &World, authorization: Option<&str>, form: &[(&str, &str)]) -> Answer {
    let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
    world.app.post("/t/demo/oauth/token", form, &headers).await
}

#[tokio::test]
async fn refusals_of_the_token_endpoint_tell_apart_what_the_client_is_not_told() {
    let (world, key) = world().await;
    let (basic, wrong) = (World::basic("orders", SECRET), World::basic("orders", "another secret of some length"));
    let nobody = World::basic("nobody", SECRET);
    let machine = ("grant_type", "client_credentials");
    for (authorization, form, rule, registered, received) in [
        (Some(&wrong), vec![machine], "client_secret", "1 of 1 secrets are valid", "a wrong secret"),
        (Some(&nobody), vec![machine], "client_id", "", "nobody"),
        (None, vec![machine, ("client_id", "orders")], "token_endpoint_auth_method", "client_secret_basic", "none"),
        (Some(&basic), vec![("grant_type", "password")], "grant_type", "", "password"),
        (Some(&basic), vec![machine, ("scope", "payments:admin")], "scope", "", "payments:admin"),
        (None, vec![machine, ("client_id", "calendar")], "grant_type", "authorization_code refresh_token", ""),
    ] {
        let answer = trade(&world, authorization.map(String::as_str), &form).await;
        assert!(answer.status.is_client_error(), "{form:?}: {answer:?}");
        let told = why(&world, &key, &answer).await;
        assert_eq!((&told["rule"], &told["endpoint"]), (&json!(rule), &json!("token")), "{form:?}: {told}");
        for (name, expected) in [("registered", registered), ("received", received)] {
            assert!(expected.is_empty() || told[name] == expected, "{form:?}: {name} of {told}");
        }
    }
    let unknown = trade(&world, Some(&wrong), &[machine]).await;
    let missing = trade(&world, Some(&nobody), &[machine]).await;
    let public = |answer: &Answer| answer.body.replace(answer.header("x-request-id"), "");
    assert_eq!(public(&unknown), public(&missing), "the client itself learns nothing more");
    let (_, list) = world.ask(&key, "GET", "/refusals?limit=200", None).await;
    assert_eq!(list.as_array().unwrap().len(), 8);
    for secret in ["another secret of some length", SECRET] {
        assert!(!list.to_string().contains(secret));
    }
}

#[tokio::test]
async fn a_code_that_is_refused_opens_to_the_rule_and_never_to_the_code() {
    let (world, key) = world().await;
    let fixed = [("grant_type", "authorization_code"), ("client_id", "calendar"), ("code_verifier", VERIFIER)];
    let form = |more: &[(&'static str, &'static str)]| fixed.iter().chain(more).copied().collect::<Vec<_>>();
    let made_up = "ac_made-up-by-somebody";
    let answer = trade(&world, None, &form(&[("code", made_up), ("redirect_uri", CALLBACK)])).await;
    let told = why(&world, &key, &answer).await;
    assert_eq!(told["rule"], "code");
    assert_eq!(told["received"], format!("SHA-256 {}", Digest::of(made_up.as_bytes()).as_str()));
    assert!(!told.to_string().contains(made_up));
    let answer =
        trade(&world, None, &[("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", made_up)])
            .await;
    assert_eq!(why(&world, &key, &answer).await["rule"], "refresh_token");
    let code = world.code("openid").await;
    let other = URL_SAFE_NO_PAD.encode([7; 32]);
    let tried = [
        ("grant_type", "authorization_code"),
        ("client_id", "calendar"),
        ("code_verifier", &other),
        ("code", &code),
        ("redirect_uri", CALLBACK),
    ];
    let answer = trade(&world, None, &tried).await;
    let told = why(&world, &key, &answer).await;
    assert_eq!((&told["rule"], &told["registered"]), (&json!("pkce"), &json!(CHALLENGE)), "{told}");
    assert_eq!(told["received"], format!("S256 {}", Digest::of(other.as_bytes()).as_str()));
    let tried =
        [tried[0], tried[1], ("code_verifier", VERIFIER), tried[3], ("redirect_uri", "https://calendar.example/")];
    let told = why(&world, &key, &trade(&world, None, &tried).await).await;
    assert_eq!((&told["rule"], &told["registered"]), (&json!("redirect_uri"), &json!(CALLBACK)), "{told}");
}

#[tokio::test]
async fn refusals_are_kept_for_a_week_and_are_each_tenants_own() {
    let (world, key) = world().await;
    let acme = world.app.tenant("acme", Settings::default()).await;
    let theirs = world.app.api_key(&acme, "audit:read").await;
    let page = world.app.get(&world.authorize(&[("client_id", "nobody")])).await;
    why(&world, &key, &page).await;
    let path = format!("/t/acme/api/v1/refusals/{}", page.header("x-request-id"));
    assert_eq!(world.app.api("GET", &path, &theirs, None).await["status"], 404);
    assert_eq!(world.app.api("GET", "/t/acme/api/v1/refusals", &theirs, None).await["data"], json!([]));
    world.app.clock.advance(Seconds(8 * 86_400));
    jobs::round(&world.app.app, "one").await.unwrap();
    assert_eq!(world.ask(&key, "GET", &format!("/refusals/{}", page.header("x-request-id")), None).await.0, 404);
}

async fn check(world: &World, key: &str, body: Value) -> Value {
    let (status, told) = world.ask(key, "POST", "/authorization-requests:check", Some(body)).await;
    assert_eq!(status, 200, "{told}");
    told
}

#[tokio::test]
async fn a_request_is_tried_without_anybody_signing_in_or_anything_happening() {
    let (world, key) = world().await;
    let good = check(&world, &key, json!({ "url": world.authorize(&[]) })).await;
    assert_eq!(
        (&good["accepted"], &good["refused"], &good["scope"]),
        (&json!(true), &Value::Null, &json!("email openid profile"))
    );
    assert!(good["rules"].as_array().unwrap().iter().all(|rule| rule["kept"] == true), "{good}");
    let parameters = json!({
        "response_type": "code", "client_id": "calendar", "redirect_uri": CALLBACK, "scope": "openid unheard:of",
        "code_challenge": CHALLENGE, "code_challenge_method": "plain", "resource": ["https://elsewhere.test"],
    });
    let bad = check(&world, &key, json!({ "parameters": parameters })).await;
    let broken: Vec<_> = bad["rules"].as_array().unwrap().iter().filter(|rule| rule["kept"] == false).collect();
    assert_eq!(broken.iter().map(|rule| rule["rule"].as_str().unwrap()).collect::<Vec<_>>(), ["pkce", "resource"]);
    assert_eq!(
        (&bad["accepted"], &bad["refused"]["rule"], &bad["told_by"]),
        (&json!(false), &json!("pkce"), &json!("redirect"))
    );
    let scope = bad["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "scope").unwrap();
    assert_eq!(scope["registered"], "email offline_access openid profile");
    for (change, rule) in
        [(("client_id", "nobody"), "client_id"), (("redirect_uri", "https://x.test/"), "redirect_uri")]
    {
        let told = check(&world, &key, json!({ "url": world.authorize(&[change]) })).await;
        assert_eq!((&told["refused"]["rule"], &told["told_by"]), (&json!(rule), &json!("page")));
    }
    let twice = format!("{}&state=a&state=b", world.authorize(&[]));
    assert_eq!(check(&world, &key, json!({ "url": twice })).await["accepted"], false);
    for body in [json!({}), json!({ "url": "x", "parameters": {} }), json!({ "parameters": { "scope": {} } })] {
        assert_eq!(world.ask(&key, "POST", "/authorization-requests:check", Some(body.clone())).await.0, 400, "{body}");
    }
    let (_, list) = world.ask(&key, "GET", "/refusals", None).await;
    assert_eq!(list, json!([]), "trying is no refusal");
}

/// The simulator and the endpoint say the same of whatever request.
#[tokio::test]
async fn what_the_trial_says_is_what_the_endpoint_does() {
    let (world, key) = world().await;
    for change in [
        ("prompt", "none login"),
        ("response_mode", "fragment"),
        ("scope", "nothing:known"),
        ("max_age", "soon"),
        ("claims", "[]"),
        ("authorization_details", "{}"),
        ("request", "x.y.z"),
        ("request_uri", "urn:x"),
        ("code_challenge", "too-short"),
        ("response_type", "id_token"),
        ("redirect_uri", "https://evil.test/"),
        ("client_id", "orders"),
    ] {
        let address = world.authorize(&[change]);
        let told = check(&world, &key, json!({ "url": address })).await;
        let answer = world.app.get(&address).await;
        let page = answer.page() == "error";
        let query = answer.header("location").split_once('?').map_or("", |(_, query)| query).to_owned();
        let error = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "error");
        let by = if page {
            json!("page")
        } else if error.is_some() {
            json!("redirect")
        } else {
            Value::Null
        };
        assert_eq!(told["told_by"], by, "{change:?}: {told}");
        if let Some((_, code)) = error {
            assert_eq!(told["refused"]["code"], code.as_ref(), "{change:?}");
        }
    }
}
