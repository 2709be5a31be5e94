//! Sign-ins and tokens that are no text, no token or not ours: refused in words, never believed and never a 5xx
//! (W-001, W-002, W-003, W-053).

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::support::probe::{assert_specified, send, world};
use super::support::{CALLBACK, PASSWORD, Person, World, encoded};

const LOGIN: &str = "/t/demo/login";

/// A sign-in form that this browser got, with these fields instead of user name and password.
async fn sign_in(world: &World, kind: &str, fields: impl FnOnce(&str) -> String) -> (u16, bool) {
    let mut ada = Person::default();
    ada.open(&world.app, LOGIN).await;
    let csrf = ada.page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let request = Request::post(LOGIN).header("content-type", kind).header("origin", "http://localhost:8080");
    let request = request.header("cookie", format!("chancery={}", ada.cookies["chancery"].0));
    let answer = send(&world.app, request.body(Body::from(fields(&csrf))).unwrap()).await;
    assert_specified(&answer, "a sign-in", LOGIN);
    if let Some(cookie) = answer.header("set-cookie").strip_prefix("chancery=") {
        let value = cookie.split(';').next().unwrap().to_owned();
        ada.cookies.insert("chancery".to_owned(), (value, "/t/demo".to_owned()));
    }
    let inside = ada.open(&world.app, "/t/demo/account").await.page() == "account";
    (answer.status.as_u16(), inside)
}

#[tokio::test]
async fn w001_w002_w003_only_two_texts_sign_somebody_in() {
    let world = world().await;
    let form = "application/x-www-form-urlencoded";
    let right = encoded(&[("username", "ada@demo.test"), ("password", PASSWORD)]);
    assert_eq!(sign_in(&world, form, |csrf| format!("csrf={csrf}&{right}")).await, (303, true), "the form is right");
    let long = "x".repeat(1 << 20);
    for fields in [
        "username=ada@demo.test".to_owned(),
        "username=ada@demo.test&password=".to_owned(),
        "username=ada@demo.test&password=null".to_owned(),
        "username=ada@demo.test&password=false".to_owned(),
        "username=ada@demo.test&password[]=".to_owned(),
        "username=ada@demo.test&password[$ne]=x".to_owned(),
        "username=ada@demo.test&password[%24ne]=".to_owned(),
        "username=ada@demo.test&password.%24ne=x".to_owned(),
        "username=ada@demo.test&password=%7B%22%24ne%22%3Anull%7D".to_owned(),
        "username=ada@demo.test&password=%00".to_owned(),
        "username=ada@demo.test&password=%ff".to_owned(),
        format!("username[$ne]=x&password={}", PASSWORD.replace(' ', "+")),
        format!("username=%25&password={}", PASSWORD.replace(' ', "+")),
        format!("username=*&password={}", PASSWORD.replace(' ', "+")),
        format!("username=ada@demo.test%00&password={}", PASSWORD.replace(' ', "+")),
        format!("username=%7B%22%24gt%22%3A%22%22%7D&password={}", PASSWORD.replace(' ', "+")),
        format!("username='+OR+1=1--&password={}", PASSWORD.replace(' ', "+")),
        format!("password={}", PASSWORD.replace(' ', "+")),
        format!("username=grace@demo.test&username=ada@demo.test&password={}", PASSWORD.replace(' ', "+")),
        format!(
            "username=nobody&query[email]=ada@demo.test&email=ada@demo.test&_key=ada&password={}",
            PASSWORD.replace(' ', "+")
        ),
        format!("username=nobody&user_id=1&sub=ada&id[$ne]=1&password={}", PASSWORD.replace(' ', "+")),
        format!("username=ada@demo.test&password={}", PASSWORD.to_uppercase().replace(' ', "+")),
        format!("username=ada@demo.test&password={}+", PASSWORD.replace(' ', "+")),
        format!("username=ada@demo.test&password={long}"),
        format!("username={long}&password=x"),
        format!("username=ada@demo.test&password={}", &long[..900_000]),
    ] {
        let (status, inside) = sign_in(&world, form, |csrf| format!("csrf={csrf}&{fields}")).await;
        assert!(!inside && status != 303, "{status} {fields:.90}");
    }
    for body in [
        json!({ "username": "ada@demo.test", "password": PASSWORD }),
        json!({ "username": "ada@demo.test", "password": { "$ne": null } }),
        json!({ "username": { "$ne": null }, "password": { "$ne": null } }),
        json!({ "username": ["ada@demo.test"], "password": [PASSWORD] }),
        json!([]),
        Value::Null,
    ] {
        let (status, inside) = sign_in(&world, "application/json", |_| body.to_string()).await;
        assert_eq!((status, inside), (415, false), "{body}");
    }
}

/// Tokens with odd heads and claims, each with a signature of the right size.
fn odd_tokens() -> Vec<String> {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = part(r#"{"iss":"http://localhost:8080/t/demo","sub":"calendar","aud":"x","exp":9999999999,"iat":1}"#);
    let (signature, long, deep) = (URL_SAFE_NO_PAD.encode([7; 64]), "k".repeat(20_000), "[".repeat(9_000));
    let mut tokens: Vec<String> = [
        r#"{"alg":"ES256","typ":"at+jwt","kid":"\u0000"}"#.to_owned(),
        r#"{"alg":"ES256","typ":"JWT","kid":"a\u0000b"}"#.to_owned(),
        r#"{"alg":"RS256","typ":"JWT","kid":"\ud800"}"#.to_owned(),
        r#"{"alg":"ES256","typ":"at+jwt","kid":7}"#.to_owned(),
        r#"{"alg":"ES256","typ":"at+jwt","kid":["x"]}"#.to_owned(),
        r#"{"alg":"ES256","typ":"at+jwt","kid":"' OR 1=1--"}"#.to_owned(),
        r#"{"alg":"ES256","typ":"at+jwt","kid":"../../x","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/"}"#
            .to_owned(),
        r#"{"alg":"none","typ":"at+jwt"}"#.to_owned(),
        r#"{"alg":"HS256","typ":"JWT","kid":"x"}"#.to_owned(),
        r#"{"alg":"ES256","alg":"none","typ":"JWT"}"#.to_owned(),
        r#"{"alg":"ES256","typ":"JWT","crit":["exp"]}"#.to_owned(),
        r#"{"alg":{"a":1},"typ":[1]}"#.to_owned(),
        format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{long}"}}"#),
        format!(r#"{{"alg":"ES256","typ":"JWT","kid":{deep}"#),
        "null".to_owned(),
        "[]".to_owned(),
        String::new(),
    ]
    .iter()
    .map(|head| format!("{}.{claims}.{signature}", part(head)))
    .collect();
    let head = part(r#"{"alg":"ES256","typ":"at+jwt","kid":"x"}"#);
    for claims in [r#"{"sub":"\u0000","iss":"\u0000"}"#, r#"{"sub":{"$ne":1}}"#, r#"{"exp":1e400}"#, "[]", "\"\"", ""] {
        tokens.push(format!("{head}.{}.{signature}", part(claims)));
    }
    tokens.extend(["", ".", "..", "...", "a.b.c", "at_", "at_\u{e9}", "ck_", "rt_x", "ac_x"].map(str::to_owned));
    tokens.push("at_".to_owned() + &long);
    tokens
}

#[tokio::test]
async fn w053_a_token_that_is_none_has_its_answer_wherever_it_is_shown() {
    let world = world().await;
    let basic = World::basic("service", super::support::SECRET);
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for token in odd_tokens() {
        let token = token.as_str();
        let shown = format!("{token:.80}");
        for path in ["/t/demo/oauth/userinfo", "/t/demo/api/v1/whoami"] {
            let bearer = Request::get(path).header("authorization", format!("Bearer {token}")).body(Body::empty());
            let Ok(bearer) = bearer else { continue };
            let answer = send(&world.app, bearer).await;
            assert_specified(&answer, &shown, path);
            assert!([400, 401].contains(&answer.status.as_u16()), "{shown}: {}", answer.status);
        }
        let (token_path, introspect, revoke) =
            ("/t/demo/oauth/token", "/t/demo/oauth/introspect", "/t/demo/oauth/revoke");
        let redirect = ("redirect_uri", CALLBACK);
        for (path, form, proven) in [
            (introspect, vec![("token", token)], true),
            (revoke, vec![("token", token)], true),
            ("/t/demo/oauth/userinfo", vec![("access_token", token)], false),
            (
                token_path,
                vec![("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", token)],
                false,
            ),
            (
                token_path,
                vec![("grant_type", "authorization_code"), ("client_id", "calendar"), ("code", token), redirect],
                false,
            ),
            (
                token_path,
                vec![
                    ("grant_type", "client_credentials"),
                    ("client_assertion_type", kind),
                    ("client_assertion", token),
                    ("client_id", "service"),
                ],
                false,
            ),
            (
                token_path,
                vec![
                    ("grant_type", "client_credentials"),
                    ("client_assertion_type", kind),
                    ("client_assertion", token),
                ],
                false,
            ),
        ] {
            let headers: &[(&str, &str)] = if proven { &[("authorization", &basic)] } else { &[] };
            let answer = world.app.post(path, &form, headers).await;
            assert_specified(&answer, &format!("{path} {shown}"), path);
            let harmless =
                !answer.status.is_success() || answer.body.is_empty() || answer.body.contains("\"active\":false");
            assert!(harmless, "{path} {shown}: {}", answer.body);
        }
        if token.len() < 9_000 {
            for path in [
                world.authorize(&[("id_token_hint", token)]),
                format!("/t/demo/oauth/logout?{}", encoded(&[("id_token_hint", token)])),
            ] {
                assert_specified(&world.app.get(&path).await, &shown, "/t/demo/logout");
            }
        }
    }
}
