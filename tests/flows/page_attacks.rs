//! What strangers try on the pages (ATTACKS 1.6).

use axum::body::Body;
use axum::http::Request;

use crate::support::{PASSWORD, Person, TestApp, World};

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

/// Whether the page would run, load or send anything of `HOSTILE`'s making.
fn is_harmed(body: &str) -> bool {
    body.contains("<script>") || body.contains("<img src=x")
}

#[tokio::test]
async fn w043_no_parameter_of_any_page_comes_back_as_markup() {
    let world = World::new().await;
    let names = "client_id redirect_uri response_type response_mode scope state nonce prompt max_age login_hint \
        id_token_hint claims ui_locales display acr_values code_challenge code_challenge_method request request_uri \
        registration resource post_logout_redirect_uri error error_description next return_to username csrf";
    let paths =
        ["/t/demo/login", "/t/demo/consent", "/t/demo/logout", "/t/demo/oauth/logout", "/", "/dev/app/callback"];
    for name in names.split_whitespace() {
        let mut person = Person::default();
        let authorize = world.authorize(&[(name, HOSTILE)]);
        let query = crate::support::encoded(&[(name, HOSTILE)]);
        let others = paths.iter().map(|path| format!("{path}?{query}"));
        for address in others.chain([authorize]) {
            let answer = person.open(&world.app, &address).await;
            assert!(!is_harmed(&answer.body), "{address}\n{}", answer.body);
            assert!(!answer.status.is_server_error(), "W-053: {address}");
        }
    }
    let path = format!("/t/demo/{}", crate::support::encoded(&[("x", HOSTILE)]));
    assert!(!is_harmed(&world.app.get(&path).await.body));
}

#[tokio::test]
async fn w084_no_parameter_decides_what_a_page_looks_like_says_or_leads_to() {
    let world = World::new().await;
    let names = "logo logo_url brand branding name title text message notice heading banner color colour primary_color \
        background image picture css style font theme href link url footer tenant_name client_name error_description";
    let told = "https://adverts.test/somebody-elses-words";
    let query: Vec<(&str, &str)> = names.split_whitespace().map(|name| (name, told)).collect();
    let query = crate::support::encoded(&query);
    let mut seen = 0;
    for route in crate::support::routes::all() {
        // The developers' pages show what an authorization server answered them: that is their purpose.
        let theirs = route.path.starts_with("/dev/") || route.path.contains("/api/") || route.path.contains("/oauth/");
        if theirs || !route.methods.contains("GET") {
            continue;
        }
        let answer = Person::default().open(&world.app, &format!("{}?{query}", route.at("demo"))).await;
        assert!(!answer.body.contains("somebody-elses-words"), "{}: {}", route.path, answer.body);
        seen += usize::from(answer.body.contains("data-page"));
    }
    assert!(seen > 10, "{seen} pages");
}

#[test]
fn w083_no_script_of_ours_keeps_anything_in_a_browser() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut looked = 0;
    for folder in ["static", "templates/pages"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for place in ["localStorage", "sessionStorage", "document.cookie", "indexedDB"] {
                assert!(!text.contains(place), "{} uses {place}", path.display());
            }
            looked += 1;
        }
    }
    assert!(looked > 20, "{looked} files");
}

#[tokio::test]
async fn s5_what_is_typed_into_the_sign_in_form_comes_back_as_text() {
    let world = World::new().await;
    let mut person = Person::default();
    person.open(&world.app, "/t/demo/login").await;
    for name in [HOSTILE, "\u{202e}ada", "ada\r\nSet-Cookie: a=b", &"x".repeat(100_000)] {
        let answer = person.submit(&world.app, "login-form", &[("username", name), ("password", HOSTILE)]).await;
        assert!(answer.page() == "login" && !is_harmed(&answer.body) && !answer.body.contains("alert(1)</script>"));
    }
}

async fn with_headers(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> crate::support::Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn s7_no_header_decides_where_a_page_leads() {
    let world = World::new().await;
    for headers in [
        &[("host", "evil.test")][..],
        &[("x-forwarded-host", "evil.test"), ("x-forwarded-proto", "https"), ("x-forwarded-prefix", "/evil.test")],
        &[
            ("forwarded", "host=evil.test;proto=https"),
            ("x-original-url", "/evil.test"),
            ("x-rewrite-url", "/evil.test"),
        ],
        &[("origin", "https://evil.test"), ("referer", "https://evil.test/")],
    ] {
        for path in ["/", "/t/demo/login", "/t/demo/logout", "/dev/app", &world.authorize(&[])] {
            let answer = with_headers(&world.app, path, headers).await;
            let told = format!("{:?} {}", answer.headers, answer.body);
            assert!(!told.contains("evil.test"), "{headers:?} {path}: {told}");
        }
    }
}

#[tokio::test]
async fn s3_headers_and_made_up_cookies_sign_nobody_in() {
    let world = World::new().await;
    let forged =
        ["chancery=admin", "chancery=AAAAAAAAAAAAAAAAAAAAAA", "chancery=", "chancery=\"", "chancery=%00%ff", "=;=;"];
    let forged = forged.iter().map(|cookie| ("cookie", *cookie));
    let identity = [("remote-user", "ada@demo.test"), ("x-remote-user", "ada@demo.test"), ("x-forwarded-user", "ada")];
    for header in forged.chain(identity) {
        let answer = with_headers(&world.app, "/t/demo/account", &[header]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/t/demo/login"), "{header:?}");
    }
}

#[tokio::test]
async fn s2_a_sign_in_by_get_or_without_its_hidden_values_does_nothing() {
    let world = World::new().await;
    let mut ada = Person::default();
    let query = crate::support::encoded(&[("username", "ada@demo.test"), ("password", PASSWORD)]);
    ada.open(&world.app, &format!("/t/demo/login?{query}")).await;
    assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "login");
    let bare = world.app.post("/t/demo/login", &[("username", "ada@demo.test"), ("password", PASSWORD)], &[]).await;
    assert_eq!((bare.status.as_u16(), bare.page()), (403, "error"));
    let json = Request::post("/t/demo/login").header("content-type", "application/json");
    let json = world.app.send(json.body(Body::from("{\"username\":\"ada@demo.test\"}")).unwrap()).await;
    assert_eq!((json.status.as_u16(), json.page()), (415, "error"));
}

#[tokio::test]
async fn s4_the_sign_in_page_sends_nobody_elsewhere() {
    let world = World::new().await;
    for name in ["next", "return_to", "redirect", "redirect_uri", "continue", "url", "ReturnUrl"] {
        for target in ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"] {
            let mut ada = Person::default();
            ada.open(&world.app, &format!("/t/demo/login?{}", crate::support::encoded(&[(name, target)]))).await;
            assert!(!ada.page.contains("evil.test"), "{name}");
            let form = [("username", "ada@demo.test"), ("password", PASSWORD), (name, target)];
            let answer = ada.submit_only(&world.app, "login-form", &form).await;
            assert_eq!(answer.header("location"), "/t/demo/account", "{name}={target}");
        }
    }
}

#[tokio::test]
async fn u2_after_too_many_wrong_passwords_even_the_right_one_waits() {
    let world = World::new().await;
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    for _ in 0..10 {
        ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", "wrong")]).await;
    }
    let form = [("username", "ADA@demo.test"), ("password", PASSWORD)];
    let answer = ada.submit(&world.app, "login-form", &form).await;
    assert_eq!((answer.status.as_u16(), answer.page()), (429, "login"));
    assert!(answer.body.contains("id=\"login-error\""));
    world.app.clock.advance(chancery::base::Seconds(901));
    assert_eq!(ada.submit(&world.app, "login-form", &form).await.page(), "account");
}
