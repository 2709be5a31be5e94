//! The tenant's own applications sign people in by JSON.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, World};

#[tokio::test]
async fn a_person_signs_in_by_json_uses_the_token_refreshes_and_signs_out() {
    let world = World::new().await;
    let app = &world.app;
    for name in ["identifier", "email"] {
        let body = json!({ name: " ADA@demo.test ", "password": PASSWORD, "remember_me": true });
        let told = app.call("POST", "/auth/login", None, Some(body)).await;
        assert_eq!((told.status, told.data["token_type"].as_str()), (200, Some("Bearer")), "{told:?}");
        assert_eq!(told.data["session"]["amr"], json!(["pwd"]));
        let token = told.data["access_token"].as_str().unwrap();
        let session = app.call("GET", "/auth/session", Some(token), None).await;
        assert_eq!(session.data["session"]["id"], told.data["session"]["id"]);
        assert_eq!(session.data["session"]["acr"], "urn:chancery:acr:1fa");
        let refresh = told.data["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("client_id", "account"), ("refresh_token", refresh)];
        let refreshed = app.post("/t/demo/oauth/token", &form, &[]).await;
        assert_eq!(refreshed.status.as_u16(), 200, "{}", refreshed.body);
        let next: Value = serde_json::from_str(&refreshed.body).unwrap();
        // With only the access token (W-085).
        assert_eq!(app.call("POST", "/auth/logout", Some(token), Some(json!({}))).await.data["ended"], true);
        for token in [token, next["access_token"].as_str().unwrap()] {
            assert_eq!(app.call("GET", "/auth/session", Some(token), None).await.status, 401, "W-085");
        }
        let last = [form[0], form[1], ("refresh_token", next["refresh_token"].as_str().unwrap())];
        assert_eq!(app.post("/t/demo/oauth/token", &last, &[]).await.status.as_u16(), 400, "W-085: it lives on");
        assert_eq!(
            app.call("POST", "/auth/logout", Some(token), Some(json!({}))).await.status,
            200,
            "it can be said twice"
        );
    }
}

#[tokio::test]
async fn w001_w002_w003_nothing_but_a_text_is_an_identifier_or_a_password() {
    let world = World::new().await;
    let app = &world.app;
    let refused = async |body: Value, status: u16| {
        let told = app.call("POST", "/auth/login", None, Some(body.clone())).await;
        assert_eq!(told.status, status, "{body}: {told:?}");
        assert!(!told.body.to_string().contains("access_token"), "{body}");
    };
    refused(json!({ "identifier": "ada@demo.test" }), 400).await;
    refused(json!({ "password": PASSWORD }), 400).await;
    for odd in [json!(null), json!(false), json!([]), json!({}), json!({ "$ne": null }), json!(1), json!([PASSWORD])] {
        refused(json!({ "identifier": "ada@demo.test", "password": odd }), 400).await;
        refused(json!({ "identifier": odd, "password": PASSWORD }), 400).await;
    }
    refused(json!({ "identifier": "ada@demo.test", "password": "" }), 401).await;
    refused(json!({ "identifier": "", "password": "" }), 401).await;
    refused(json!({ "identifier": "x@demo.test", "email": "ada@demo.test", "password": PASSWORD }), 400).await;
    for (more, value) in [("query", json!({})), ("_key", json!("x")), ("user_id", json!("x")), ("status", json!("x"))] {
        let mut body = json!({ "identifier": "ada@demo.test", "password": PASSWORD });
        body[more] = value;
        refused(body, 400).await;
    }
}

#[tokio::test]
async fn u1_unknown_people_and_wrong_passwords_get_one_answer() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for (name, password) in [("ada@demo.test", "wrong"), ("nobody@demo.test", PASSWORD), ("ada@demo.test", "")] {
        let body = json!({ "identifier": name, "password": password });
        let mut told = world.app.call("POST", "/auth/login", None, Some(body)).await;
        told.body.as_object_mut().unwrap().remove("request_id");
        answers.push((told.status, told.body));
    }
    answers.dedup();
    assert!(answers.len() == 1 && answers[0].0 == 401, "{answers:?}");
}

#[tokio::test]
async fn tokens_are_for_the_tenants_own_applications_and_within_the_role() {
    let world = World::new().await;
    let app = &world.app;
    world.client("mobile", "Mobile", |client| client.policy.0.first_party = true).await;
    world.confidential("orders", &[]).await;
    let login = async |client: &str, scope: Value| {
        let mut body = json!({ "identifier": "ada@demo.test", "password": PASSWORD, "client_id": client });
        if !scope.is_null() {
            body["scope"] = scope;
        }
        app.call("POST", "/auth/login", None, Some(body)).await
    };
    for strange in ["calendar", "orders", "nobody"] {
        assert_eq!(login(strange, Value::Null).await.status, 400, "{strange}");
    }
    assert_eq!(login("mobile", json!("openid")).await.data["scope"], "openid");
    let all = login("account", Value::Null).await.data["scope"].as_str().unwrap().to_owned();
    let scope: Vec<_> = all.split(' ').collect();
    assert!(scope.contains(&"account") && scope.contains(&"openid"), "{all}");
    for beyond in ["users:read", "users:write", "tenant:write", "platform:*", "offline_access"] {
        assert!(!scope.contains(&beyond), "{beyond} is among {all}");
    }
    assert_eq!(login("account", json!("tenant:write")).await.status, 400);
}

#[tokio::test]
async fn a_page_of_the_tenants_own_gets_a_cookie_and_no_page_of_others_does() {
    let world = World::new().await;
    let app = &world.app;
    let body = json!({ "identifier": "ada@demo.test", "password": PASSWORD, "session": "cookie" });
    let ask = async |origin: &str| {
        let request = axum::http::Request::post("/t/demo/api/v1/auth/login")
            .header("content-type", "application/json")
            .header("origin", origin)
            .body(body.to_string().into());
        app.send(request.unwrap()).await
    };
    let forged = ask("https://evil.example").await;
    assert_eq!((forged.status.as_u16(), forged.header("set-cookie")), (403, ""), "S2");
    let answer = ask("http://localhost:8080").await;
    assert!(!answer.body.contains("access_token") && answer.body.contains("csrf_token"), "{}", answer.body);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().split_once('=').unwrap().1.to_owned();
    let mut ada = Person::default();
    ada.cookies.insert("chancery".to_owned(), (cookie, "/t/demo".to_owned()));
    assert_eq!(ada.open(app, "/t/demo/account").await.page(), "account");
}

#[tokio::test]
async fn w128_the_examples_of_the_guide_are_answered_as_it_says() {
    let world = World::new().await;
    let app = &world.app;
    let guide = include_str!("../../docs/guides/second-factors.md");
    let mut known = serde_json::Map::new();
    let mut run = 0;
    for block in guide.split("```http\n").skip(1) {
        let mut block = block.split("```").next().unwrap().to_owned();
        if let Some(secret) = known.get("secret").and_then(Value::as_str) {
            app.clock.advance(chancery::base::Seconds(30));
            block = block.replace("{code}", &super::second_factors::code_of(&world, secret, 0));
        }
        for (name, value) in &known {
            block = block.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
        }
        let mut lines = block.lines();
        let [method, path, status] = lines.next().unwrap().split(' ').collect::<Vec<_>>()[..] else {
            panic!("{block}")
        };
        let token = block.lines().find_map(|line| line.strip_prefix("Authorization: Bearer "));
        let body = lines.find(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap());
        let told = app.call(method, path, token, body).await;
        assert_eq!(told.status.to_string(), status, "{block}: {told:?}");
        known.extend(told.data.as_object().cloned().unwrap_or_default());
        run += 1;
    }
    assert!(run >= 8 && known["ended"] == true, "{run}: {known:?}");
}
