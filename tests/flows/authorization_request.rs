//! What `/authorize` does with requests that are not as they should be (ATTACKS 1.1, 1.2).

use chancery::store::clients::{ApplicationType, AuthMethod};

use crate::support::{Answer, CALLBACK, CHALLENGE, World, encoded};

/// The parameters that came back to the client; the answer has to be a redirect to exactly its URI.
fn returned(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    let location = answer.header("location");
    let query = location.strip_prefix(&format!("{CALLBACK}?")).unwrap_or_else(|| panic!("{location}"));
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert!(pairs.contains(&("iss".to_owned(), "http://localhost:8080/t/demo".to_owned())), "A6: {location}");
    pairs
}

fn error(answer: &Answer) -> String {
    returned(answer).into_iter().find(|(name, _)| name == "error").map(|(_, value)| value).unwrap_or_default()
}

/// An error page: 4xx, no redirect, no form, the code for machines.
fn is_page(answer: &Answer, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.page()), (400, "error"), "{what}: {}", answer.body);
    assert!(answer.header("location").is_empty() && !answer.body.contains("<form"), "{what}");
    assert!(answer.body.contains("id=\"error-code\"") && answer.body.contains("id=\"request-id\""), "{what}");
}

#[tokio::test]
async fn a1_a_redirect_uri_that_differs_in_any_character_goes_nowhere() {
    let world = World::new().await;
    for uri in [
        "https://calendar.example/callback/",
        "https://calendar.example/callback?x=1",
        "https://calendar.example/callback#",
        "https://calendar.example/Callback",
        "https://calendar.example/callback/../callback",
        "https://calendar.example/./callback",
        "https://calendar.example/callback;p",
        "https://calendar.example/..;/callback",
        "https://calendar.example/%63allback",
        "https://calendar.example:443/callback",
        "https://CALENDAR.example/callback",
        "https://calendar.example./callback",
        "https://calendarXexample/callback",
        "https://user@calendar.example/callback",
        "https://calendar.example@evil.test/callback",
        "https://evil.test\\@calendar.example/callback",
        "https://calendar.example.evil.test/callback",
        "https://calendar\u{3002}example/callback",
        "http://calendar.example/callback",
        "//calendar.example/callback",
        " https://calendar.example/callback",
        "https://calendar.example/callback\t",
        "https://calendar.example/callback\r\nx: y",
        "javascript:alert(1)",
        "",
    ] {
        let answer = world.app.get(&world.authorize(&[("redirect_uri", uri)])).await;
        is_page(&answer, uri);
    }
}

#[tokio::test]
async fn a2_w042_nobody_is_redirected_before_client_and_uri_are_known() {
    let world = World::new().await;
    let app = &world.app;
    is_page(&app.get(&world.authorize(&[("client_id", "nobody")])).await, "unknown client");
    is_page(&app.get(&world.authorize(&[("client_id", "")])).await, "no client");
    let without = world.authorize(&[("redirect_uri", "")]);
    is_page(&app.get(&without).await, "no redirect URI although only one is registered");
    let evil = world.authorize(&[("redirect_uri", "https://evil.test/cb"), ("response_type", "nonsense")]);
    is_page(&app.get(&evil).await, "an error is no reason to go elsewhere");
}

#[tokio::test]
async fn a3_only_the_port_of_a_native_clients_loopback_address_is_free() {
    let world = World::new().await;
    let registered = "http://127.0.0.1/cb";
    world
        .client("native", "Native", |client| {
            client.metadata.0.application_type = ApplicationType::Native;
            client.metadata.0.redirect_uris = vec![registered.to_owned()];
        })
        .await;
    let ask = |uri: &str| world.authorize(&[("client_id", "native"), ("redirect_uri", uri)]);
    let fine = world.app.get(&ask("http://127.0.0.1:49152/cb")).await;
    assert!(fine.header("location").starts_with("/t/demo/login?request="), "{}", fine.body);
    for uri in [
        "http://127.0.0.1:49152/other",
        "http://127.0.0.2:49152/cb",
        "http://localhost:49152/cb",
        "https://127.0.0.1:49152/cb",
        "http://127.0.0.1.evil.test:49152/cb",
        "http://127.0.0.1:49152@evil.test/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:/cb",
        "http://[::1]:49152/cb",
    ] {
        is_page(&world.app.get(&ask(uri)).await, uri);
    }
}

#[tokio::test]
async fn a4_a_repeated_parameter_is_refused_and_look_alikes_mean_nothing() {
    let world = World::new().await;
    let fine = world.authorize(&[]);
    for twice in ["redirect_uri=https://evil.test/cb", "client_id=calendar", "state=other", "scope=openid"] {
        is_page(&world.app.get(&format!("{fine}&{twice}")).await, twice);
    }
    let look_alikes = format!("{fine}&redirect_uri%5B%5D=https://evil.test&REDIRECT_URI=https://evil.test");
    let answer = world.app.get(&look_alikes).await;
    assert!(answer.header("location").starts_with("/t/demo/login?request="), "unknown parameters are ignored");
}

#[tokio::test]
async fn a5_only_the_code_flow_is_served() {
    let world = World::new().await;
    for kind in ["token", "id_token", "id_token token", "code token", "code id_token", "none", "Code"] {
        let answer = world.app.get(&world.authorize(&[("response_type", kind)])).await;
        assert_eq!(error(&answer), "unsupported_response_type", "{kind}");
    }
    let answer = world.app.get(&world.authorize(&[("response_type", "")])).await;
    assert_eq!(error(&answer), "invalid_request");
    for mode in ["fragment", "jwt", "web_message", "nonsense"] {
        let answer = world.app.get(&world.authorize(&[("response_mode", mode)])).await;
        assert_eq!(error(&answer), "invalid_request", "{mode}");
    }
}

#[tokio::test]
async fn a7_request_objects_are_refused_by_their_own_codes_never_ignored() {
    let world = World::new().await;
    for (name, value, code) in [
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("request", "", "request_not_supported"),
        ("request_uri", "http://169.254.169.254/latest", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ] {
        let answer = world.app.get(&world.authorize(&[(name, value)])).await;
        assert_eq!(error(&answer), code);
        assert!(returned(&answer).contains(&("state".to_owned(), "s t/a&te".to_owned())));
    }
}

#[tokio::test]
async fn a10_scopes_that_the_client_does_not_have_are_not_granted() {
    let world = World::new().await;
    for scope in ["users:write", "platform:*", "OPENID", "emails", "\"openid\"", "openid\\"] {
        let answer = world.app.get(&world.authorize(&[("scope", scope)])).await;
        assert_eq!(error(&answer), "invalid_scope", "{scope}");
    }
}

#[tokio::test]
async fn a11_malformed_values_get_an_error_and_state_comes_back_unchanged() {
    let world = World::new().await;
    let long = "x".repeat(9_000);
    for (name, value) in [
        ("claims", "{"),
        ("claims", "[]"),
        ("claims", "null"),
        ("claims", "{\"userinfo\":[]}"),
        ("claims", "{\"id_token\":{\"acr\":1}}"),
        ("max_age", "-1"),
        ("max_age", "soon"),
        ("max_age", "99999999999999999999"),
        ("prompt", "none login"),
        ("nonce", &long),
        ("login_hint", &long),
        ("id_token_hint", "not.a.token"),
        ("id_token_hint", &long),
        ("resource", "https://elsewhere.test/"),
        ("resource", "nonsense"),
    ] {
        let answer = world.app.get(&world.authorize(&[(name, value)])).await;
        let code = error(&answer);
        assert!(["invalid_request", "invalid_target"].contains(&code.as_str()), "{name}={value}: {code}");
    }
    for state in [&*"s".repeat(500), "\r\nSet-Cookie: a=b", "<script>alert(1)</script>", "\u{1f600}&code=1#x"] {
        let answer = world.app.get(&world.authorize(&[("state", state), ("prompt", "none")])).await;
        assert!(returned(&answer).contains(&("state".to_owned(), state.to_owned())));
        assert!(!answer.headers.contains_key("a"), "no header is injected");
    }
    for accepted in [("ui_locales", "xx yy"), ("display", "hologram"), ("acr_values", "a b c"), ("unknown", "1")] {
        let answer = world.app.get(&world.authorize(&[accepted])).await;
        assert!(answer.header("location").starts_with("/t/demo/login"), "{accepted:?}");
    }
    for raw in ["%zz", "%ff%fe", "%00", "a%"] {
        let answer = world.app.get(&format!("{}&nonce={raw}", world.authorize(&[]))).await;
        is_page(&answer, raw);
    }
}

#[tokio::test]
async fn a12_the_authorization_endpoint_answers_no_cross_origin_reader() {
    let world = World::new().await;
    let request = axum::http::Request::get(world.authorize(&[])).header("origin", "https://evil.test");
    let answer = world.app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

#[tokio::test]
async fn w040_p1_p2_without_an_s256_challenge_nobody_begins() {
    let world = World::new().await;
    let broken: &[&[(&str, &str)]] = &[
        &[("code_challenge", ""), ("code_challenge_method", "")],
        &[("code_challenge_method", "plain")],
        &[("code_challenge_method", "")],
        &[("code_challenge_method", "s256")],
        &[("code_challenge_method", "S512")],
        &[("code_challenge", "short")],
        &[("code_challenge", &CHALLENGE[1..])],
        &[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")],
        &[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")],
    ];
    for more in broken {
        let answer = world.app.get(&world.authorize(more)).await;
        assert_eq!(error(&answer), "invalid_request", "{more:?}");
    }
}

#[tokio::test]
async fn w040_only_a_confidential_clients_policy_can_do_without_a_challenge() {
    let world = World::new().await;
    let relaxed = |id: &'static str, method| {
        world.client(id, id, move |client| {
            client.policy.0.require_pkce = false;
            client.metadata.0.token_endpoint_auth_method = method;
        })
    };
    relaxed("old", AuthMethod::ClientSecretBasic).await;
    relaxed("odd", AuthMethod::None).await;
    let ask = |id: &str| {
        let params = [("response_type", "code"), ("client_id", id), ("redirect_uri", CALLBACK), ("scope", "openid")];
        format!("/t/demo/oauth/authorize?{}", encoded(&params))
    };
    let confidential = world.app.get(&ask("old")).await;
    assert!(confidential.header("location").starts_with("/t/demo/login"), "{}", confidential.body);
    assert_eq!(error(&world.app.get(&ask("odd")).await), "invalid_request");
    let half = format!("{}&code_challenge_method=S256", ask("old"));
    assert_eq!(error(&world.app.get(&half).await), "invalid_request");
}

#[tokio::test]
async fn a_request_may_come_by_post_and_its_body_is_what_counts() {
    let world = World::new().await;
    let params = [
        ("response_type", "code"),
        ("client_id", "calendar"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("prompt", "none"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let cookie = [("cookie", "any=1")];
    let answer = world.app.post("/t/demo/oauth/authorize", &params, &cookie).await;
    assert_eq!(error(&answer), "login_required");
    let query = "/t/demo/oauth/authorize?redirect_uri=https://evil.test";
    assert_eq!(error(&world.app.post(query, &params, &cookie).await), "login_required", "the query is not read");
    let repeated = world.app.post(query, &params, &[]).await;
    let location = repeated.header("location").to_owned();
    assert!(location.starts_with("/t/demo/oauth/authorize?response_type=code&"), "{location}");
    assert_eq!(error(&world.app.get(&location).await), "login_required", "from elsewhere, it comes again by GET");
    let request = axum::http::Request::post("/t/demo/oauth/authorize").header("content-type", "application/json");
    let answer = world.app.send(request.body("{}".into()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.page()), (415, "error"));
}

#[tokio::test]
async fn a_client_without_the_grant_is_told_so_at_its_own_uri() {
    let world = World::new().await;
    world.client("machine", "Machine", |client| client.metadata.0.grant_types = vec!["refresh_token".to_owned()]).await;
    let answer = world.app.get(&world.authorize(&[("client_id", "machine")])).await;
    assert_eq!(error(&answer), "unauthorized_client");
}
