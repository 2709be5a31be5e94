//! A tenant's administrators give its pages and mails another look and other words: drafted, looked at, published,
//! taken back; and whatever is written, nothing but text, colours and addresses comes of it.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chancery::store::audit;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::support::{Answer, TestApp, Told, World};

const BRANDING: &str = "/tenant/branding";

struct Brand {
    world: World,
    key: String,
}

impl Brand {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let settings = Settings { frontend_url: Some("https://app.example/".to_owned()), ..Settings::default() };
        let tenant = app.tenant("demo", settings).await;
        let world = World { app, tenant };
        world.person("ada@demo.test").await;
        let key = world.app.api_key(&world.tenant, "tenant:read tenant:write").await;
        Self { world, key }
    }

    async fn call(&self, method: &str, rest: &str, body: Option<Value>) -> Told {
        self.world.app.call(method, &format!("{BRANDING}{rest}"), Some(&self.key), body).await
    }

    /// What is wrong with a brand: place, severity and code of each finding.
    async fn lint(&self, brand: Value) -> Vec<(String, String, String)> {
        let told = self.call("POST", ":lint", Some(brand)).await;
        assert_eq!(told.status, 200, "{told:?}");
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let findings = told.data["findings"].as_array().unwrap().iter();
        findings.map(|found| (text(found, "path"), text(found, "severity"), text(found, "code"))).collect()
    }

    async fn publish(&self, brand: Value) -> i64 {
        let drafted = self.call("PUT", "", Some(brand)).await;
        assert_eq!(drafted.status, 200, "{drafted:?}");
        let told = self.call("POST", ":publish", None).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.data["version"].as_i64().unwrap()
    }

    async fn preview(&self, query: &str) -> Answer {
        let uri = format!("/t/demo/api/v1{BRANDING}/preview?{query}");
        let request = Request::get(uri).header("authorization", format!("Bearer {}", self.key));
        self.world.app.send(request.body(Body::empty()).unwrap()).await
    }

    async fn login(&self, language: &str) -> String {
        self.world.app.get(&format!("/t/demo/login?ui_locales={language}")).await.body
    }
}

fn brand() -> Value {
    json!({
        "logo": "https://app.example/logo.png",
        "favicon": "https://app.example/icon.png",
        "colors": { "accent": "#112244", "accent_dark": "#99ccff" },
        "links": { "terms": "https://elsewhere.example/terms", "privacy": "https://app.example/privacy" },
        "texts": {
            "en": { "login-submit": "Come in", "mail-hello-name": "Ahoy { $name }!" },
            "de": { "login-submit": "Rein da" },
            "es": { "login-submit": "Adelante" },
            "fr": { "login-submit": "Entrez" },
        },
    })
}

#[tokio::test]
async fn pages_and_mails_wear_what_is_published_in_every_language() {
    let place = Brand::new().await;
    let before = place.login("en").await;
    assert_eq!(place.publish(brand()).await, 1);
    for (language, word) in [("en", "Come in"), ("de", "Rein da"), ("es", "Adelante"), ("fr", "Entrez")] {
        let page = place.login(language).await;
        assert!(page.contains(word), "{language}: {page}");
        assert!(page.contains(r#"<img class="brand-logo" src="https://app.example/logo.png""#));
        assert!(page.contains(r#"<link rel="icon" href="https://app.example/icon.png">"#));
        assert!(page.contains(r#"<a id="brand-terms" href="https://elsewhere.example/terms">"#));
    }
    let german = place.login("de").await;
    assert!(german.contains("Passwort"), "what is not said otherwise is said in our words");
    assert!(!before.contains("Come in") && !before.contains("brand-terms"));
    let href = german.split("/brand.css").nth(1).unwrap().split('"').next().unwrap();
    let css = place.world.app.get(&format!("/t/demo/brand.css{href}")).await;
    assert!(css.body.contains("--accent:#112244") && css.body.contains("--accent:#99ccff"), "{}", css.body);
    let forgot = json!({ "email": "ada@demo.test" });
    assert_eq!(place.world.app.call("POST", "/auth/forgot-password", None, Some(forgot)).await.status, 202);
    let mail = place.world.app.mail_to("ada@demo.test", "reset-password").await;
    assert!(mail.content.html.contains("#112244"), "{}", mail.content.html);
}

#[tokio::test]
async fn a_draft_is_seen_by_nobody_until_it_is_published_and_can_be_taken_back() {
    let place = Brand::new().await;
    assert_eq!(place.publish(json!({ "texts": { "en": { "login-submit": "First words" } } })).await, 1);
    let drafted = place.call("PATCH", "", Some(json!({ "texts": { "en": { "login-submit": "Second words" } } }))).await;
    assert_eq!(drafted.data["draft"]["brand"]["texts"]["en"]["login-submit"], "Second words");
    assert_eq!(drafted.data["published"]["brand"]["texts"]["en"]["login-submit"], "First words");
    assert!(place.login("en").await.contains("First words"));
    assert_eq!(place.call("POST", ":publish", None).await.data["version"], 2);
    assert!(place.login("en").await.contains("Second words"));
    let again = place.call("POST", ":rollback", Some(json!({ "version": 1 }))).await;
    assert_eq!((again.status, &again.data["version"]), (200, &json!(3)));
    assert!(place.login("en").await.contains("First words"));
    let numbers: Vec<i64> = place
        .call("GET", "/versions", None)
        .await
        .data
        .as_array()
        .unwrap()
        .iter()
        .map(|shown| shown["version"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert_eq!(place.call("POST", ":rollback", Some(json!({ "version": 9 }))).await.status, 404);
    assert_eq!(place.call("POST", ":publish", None).await.status, 412, "there is no draft any more");
    let rows = audit::page(&place.world.app.app.db, &place.world.tenant.id, "", 100).await.unwrap();
    for action in ["branding.drafted", "branding.published", "branding.rolled_back"] {
        assert!(rows.iter().any(|row| row.action == action), "{action}");
    }
}

#[tokio::test]
async fn of_two_who_change_a_draft_the_second_hears_of_the_first() {
    let place = Brand::new().await;
    let send = async |tag: &str| {
        let request = Request::put(format!("/t/demo/api/v1{BRANDING}"))
            .header("authorization", format!("Bearer {}", place.key))
            .header("content-type", "application/json")
            .header("if-match", tag);
        place.world.app.send(request.body(Body::from("{}")).unwrap()).await
    };
    let first = send("\"0\"").await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, "\"1\""));
    assert_eq!(send("\"0\"").await.status, 412);
    assert_eq!(send("\"1\"").await.status, 200);
    assert_eq!(place.call("DELETE", "", None).await.status, 204);
    assert_eq!(place.call("DELETE", "", None).await.status, 412);
}

#[tokio::test]
async fn w043_what_is_written_into_a_brand_stays_text() {
    let place = Brand::new().await;
    let bad = [
        (
            json!({ "texts": { "en": { "login-submit": "<script>alert(1)</script>" } } }),
            "/texts/en/login-submit",
            "html",
        ),
        (
            json!({ "texts": { "en": { "login-submit": "{ foot }" } } }),
            "/texts/en/login-submit",
            "forbidden_expression",
        ),
        (
            json!({ "texts": { "en": { "login-submit": "{ $password }" } } }),
            "/texts/en/login-submit",
            "unknown_variable",
        ),
        (
            json!({ "texts": { "en": { "login-submit": "{ broken" } } }),
            "/texts/en/login-submit",
            "forbidden_expression",
        ),
        (json!({ "texts": { "en": { "no-such": "x" } } }), "/texts/en/no-such", "unknown_message"),
        (json!({ "texts": { "tlh": { "foot": "x" } } }), "/texts/tlh", "unknown_language"),
        (json!({ "colors": { "accent": "#123456;}*{display:none" } }), "/colors/accent", "not_a_colour"),
        (json!({ "colors": { "accent": "url(https://evil.test)" } }), "/colors/accent", "not_a_colour"),
        (json!({ "links": { "terms": "javascript:alert(1)" } }), "/links/terms", "not_a_link"),
        (json!({ "links": { "support": "data:text/html,x" } }), "/links/support", "not_a_link"),
        (json!({ "logo": "https://evil.test/logo.png" }), "/logo", "foreign_place"),
        (json!({ "logo": "https://app.example@evil.test/logo.png" }), "/logo", "not_a_link"),
        (json!({ "favicon": "data:image/svg+xml,<svg onload=alert(1)>" }), "/favicon", "not_a_link"),
        (json!({ "contract": 7 }), "/contract", "unknown_version"),
    ];
    for (brand, path, code) in bad {
        let expected = (path.to_owned(), "error".to_owned(), code.to_owned());
        assert_eq!(place.lint(brand.clone()).await, [expected], "{brand}");
        let refused = place.call("PUT", "", Some(brand)).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["code"]), (422, &json!(code)), "{refused:?}");
    }
    for shape in [json!({ "html": "<b>" }), json!({ "texts": { "en": "x" } }), json!({ "colors": { "css": "x" } })] {
        assert_eq!(place.call("PUT", "", Some(shape.clone())).await.status, 400, "{shape}");
        assert_eq!(place.call("PATCH", "", Some(shape.clone())).await.status, 400, "{shape}");
    }
    assert_eq!(place.call("GET", "", None).await.data["draft"], Value::Null, "nothing was stored");
}

#[tokio::test]
async fn z1_a_brand_does_not_grow_without_end() {
    let place = Brand::new().await;
    let long = "x".repeat(1_001);
    let found = place.lint(json!({ "texts": { "en": { "login-submit": long } } })).await;
    assert_eq!(found[0].2, "too_long");
    let many: serde_json::Map<String, Value> = (0..90).map(|n| (format!("k{n}"), "y".repeat(900).into())).collect();
    let found = place.lint(json!({ "texts": { "en": many } })).await;
    assert_eq!(found.iter().map(|finding| finding.2.as_str()).collect::<Vec<_>>(), ["too_large"]);
    let bomb = "{ $name ->".repeat(50) + &"}".repeat(50);
    let found = place.lint(json!({ "texts": { "en": { "mail-hello-name": bomb } } })).await;
    assert_eq!(found[0].1, "error");
}

#[tokio::test]
async fn w043_letters_of_a_brand_are_escaped_wherever_they_are_shown() {
    let place = Brand::new().await;
    let said = "\"'& {\"{\"}";
    assert_eq!(place.lint(json!({ "texts": { "en": { "login-submit": said } } })).await[0].1, "error");
    place.publish(json!({ "texts": { "en": { "login-submit": "\" onclick=' & &lt;b" } } })).await;
    let page = place.login("en").await;
    assert!(page.contains("&#34; onclick=&#39; &#38; &#38;lt;b"), "{page}");
}

#[tokio::test]
async fn a_contrast_that_is_too_low_is_told_and_shown_readable() {
    let place = Brand::new().await;
    let found = place.lint(json!({ "colors": { "accent": "#ffd400" } })).await;
    let expected = ("/colors/accent".to_owned(), "warning".to_owned(), "low_contrast".to_owned());
    assert_eq!(found, [expected]);
    place.publish(json!({ "colors": { "accent": "#ffd400" } })).await;
}

#[tokio::test]
async fn a_preview_shows_the_draft_in_a_sandbox_and_stores_nothing() {
    let place = Brand::new().await;
    assert_eq!(place.call("PUT", "", Some(brand())).await.status, 200);
    for (page, mark) in [
        ("login", r#"data-page="login""#),
        ("consent", r#"data-page="consent""#),
        ("signup", r#"data-page="signup""#),
        ("error", r#"data-page="error""#),
        ("mail", "Ahoy Ada!"),
    ] {
        let shown = place.preview(&format!("page={page}&lang=en")).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains(mark), "{page}: {}", shown.body);
        let policy = shown.header("content-security-policy");
        assert!(policy.contains("sandbox") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'none'"), "{policy}");
        assert!(!policy.contains("script-src"), "{policy}");
        assert_eq!((shown.header("x-frame-options"), shown.header("cache-control")), ("SAMEORIGIN", "no-store"));
    }
    let mail = place.preview("page=mail&lang=en").await;
    let policy = mail.header("content-security-policy");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    let styles: Vec<_> = mail.body.split("style=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(styles.len() > 5, "{}", mail.body);
    for style in styles {
        let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
        assert!(policy.contains(&format!("'sha256-{digest}'")), "{style} would not be worn: {policy}");
    }
    let german = place.preview("page=login&lang=de").await.body;
    assert!(german.contains("Rein da") && german.contains("brand.css?accent=112244"), "{german}");
    let css = place.world.app.get("/t/demo/brand.css?accent=112244&accent_dark=99ccff").await;
    assert!(css.body.contains("--accent:#112244") && css.body.contains("--accent:#99ccff"));
    let odd = place.world.app.get("/t/demo/brand.css?accent=red;}body{x:y").await;
    assert!(!odd.body.contains("body"), "{}", odd.body);
    assert!(!place.preview("page=login&of=published&lang=en").await.body.contains("Come in"));
    for bad in ["page=nothing", "lang=xx", "of=yesterday"] {
        assert_eq!(place.preview(bad).await.status, 400, "{bad}");
    }
    assert!(!place.login("en").await.contains("Come in"), "nobody else sees it");
}

#[tokio::test]
async fn x2_a_brand_is_its_tenants_own_and_only_administrators_touch_it() {
    let place = Brand::new().await;
    let other = place.world.app.tenant("other", Settings::default()).await;
    let foreign = place.world.app.api_key(&other, "tenant:read tenant:write").await;
    let reader = place.world.app.api_key(&place.world.tenant, "tenant:read").await;
    for (method, rest) in [("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", ":publish"), ("POST", ":rollback")] {
        let path = format!("{BRANDING}{rest}");
        let call = async |key| place.world.app.call(method, &path, key, Some(json!({ "version": 1 }))).await.status;
        assert_eq!(
            (call(None).await, call(Some(&foreign)).await, call(Some(&reader)).await),
            (401, 401, 403),
            "{path}"
        );
    }
    let mut fresh = Brand::new().await;
    fresh.key = reader;
    assert_eq!(fresh.preview("page=login").await.status, 401, "a key of another instance");
    assert_eq!(place.world.app.call("GET", BRANDING, Some(&foreign), None).await.status, 401);
}

/// What stands between the fences of this kind in the guide.
fn blocks(kind: &str) -> Vec<&'static str> {
    let guide = include_str!("../../docs/guides/branding.md");
    guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix(kind)).collect()
}

#[tokio::test]
async fn the_guides_brand_is_without_fault_and_so_is_its_choice() {
    let place = Brand::new().await;
    let brand: Value = serde_json::from_str(blocks("json\n")[0]).unwrap();
    assert_eq!(place.lint(brand.clone()).await, []);
    assert_eq!(place.publish(brand).await, 1);
    assert!(place.login("de").await.contains("Herein"));
    let choice = blocks("ftl\n")[0].trim();
    assert_eq!(place.lint(json!({ "texts": { "en": { "account-minutes-ago": choice } } })).await, []);
}
