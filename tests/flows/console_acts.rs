//! What one does at the console: every act goes the way that the API goes, and says in a sentence what it came to.

use chancery::base::Actor;
use chancery::store::clients::ClientKind;
use chancery::store::tenants::TenantStatus;

use super::support::console::{OWNER, PAGES};
use super::support::{Answer, World};

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x>";

/// What stands in a field of a page.
fn value(answer: &Answer, id: &str) -> String {
    let (_, rest) =
        answer.body.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {}", answer.body));
    rest.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

fn is_done(answer: &Answer) -> bool {
    answer.status == 200 && answer.body.contains("id=\"console-done\"")
}

#[tokio::test]
async fn an_operator_makes_finds_and_suspends_a_tenant_and_its_trail_says_who() {
    let world = World::with_console().await;
    let mut operator = world.operator_at_console().await;
    operator.open(&world.app, "/console/new-tenant").await;
    let taken = operator.submit(&world.app, "tenant-form", &[("name", "Acme"), ("slug", "demo")]).await;
    assert_eq!((taken.status.as_u16(), taken.page()), (409, "console-new-tenant"));
    assert!(taken.body.contains("id=\"console-error\"") && taken.body.contains("value=\"Acme\""), "{}", taken.body);
    let odd = operator.submit(&world.app, "tenant-form", &[("name", "Acme"), ("slug", "-")]).await;
    assert_eq!(odd.status, 422);
    let made = operator.submit(&world.app, "tenant-form", &[("name", HOSTILE), ("slug", "acme")]).await;
    assert!(is_done(&made) && made.page() == "console-overview", "{}", made.body);
    assert!(!made.body.contains("<script>alert") && made.body.contains("&#60;script&#62;"), "{}", made.body);
    let found = operator.open(&world.app, "/console/tenants?q=ACM").await;
    assert!(found.body.contains("data-tenant=\"acme\"") && !found.body.contains("data-tenant=\"demo\""));
    assert!(!found.body.contains("<script>alert"));

    operator.open(&world.app, "/console/tenants/acme/standing").await;
    let unsure = operator.submit(&world.app, "suspend-form", &[]).await;
    assert_eq!((unsure.status.as_u16(), unsure.page()), (422, "console-standing"));
    let suspended = operator.submit(&world.app, "suspend-form", &[("sure", "yes")]).await;
    assert!(is_done(&suspended), "{}", suspended.body);
    assert_eq!(world.app.get("/t/acme/login").await.status, 403);
    assert_eq!(world.app.get("/t/acme/console").await.status, 403);
    assert_eq!(operator.open(&world.app, "/console/tenants/acme/settings").await.page(), "console-settings");
    operator.open(&world.app, "/console/tenants/acme/standing").await;
    assert!(is_done(&operator.submit(&world.app, "activate-form", &[]).await));
    let acme = world.app.app.tenants.look_up("acme").await.unwrap();
    assert_eq!(acme.status, TenantStatus::Active);
    let events = chancery::store::audit::page(&world.app.app.db, &acme.id, "", 9).await.unwrap();
    let told: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(told, ["tenant.created", "tenant.suspended", "tenant.activated"]);
    assert!(events.iter().all(|event| event.actor.as_deref().is_some_and(|actor| actor.starts_with("operator:"))));

    operator.open(&world.app, "/console/tenants/system/standing").await;
    let locked = operator.submit(&world.app, "suspend-form", &[("sure", "yes")]).await;
    assert_eq!(locked.status, 422, "the operators lock themselves out");
}

#[tokio::test]
async fn a_list_goes_on_page_by_page() {
    let world = World::with_console().await;
    for number in 0..30 {
        world.app.tenant(&format!("many-{number:02}"), chancery::store::tenants::Settings::default()).await;
    }
    let mut operator = world.operator_at_console().await;
    let first = operator.open(&world.app, "/console/tenants?q=many").await;
    assert_eq!(first.body.matches("data-tenant=").count(), 25);
    let next = first.body.split_once("id=\"next\"").unwrap().1.split("href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let second = operator.open(&world.app, &next).await;
    assert_eq!(second.body.matches("data-tenant=").count(), 5);
    assert!(!second.body.contains("id=\"next\"") && second.body.contains("id=\"start\""));
}

#[tokio::test]
async fn a_tenant_is_dressed_by_a_draft_that_is_looked_at_published_and_taken_back() {
    let mut world = World::with_console().await;
    let mut demo = world.app.app.tenants.look_up("demo").await.unwrap();
    demo.settings.0.frontend_url = Some("https://acme.test/".to_owned());
    world.app.app.tenants.change(&world.app.clock, &demo, "tenant.updated", &Actor::operator()).await.unwrap();
    world.tenant = demo;
    let mut owner = world.owner_at_console().await;
    let page = owner.open(&world.app, "/t/demo/console/branding").await;
    assert!(!page.body.contains("branding-discard") && !page.body.contains("id=\"versions\""), "{}", page.body);
    assert!(is_done(&owner.submit(&world.app, "name-form", &[("name", "Acme & Sons"), ("do", "name")]).await));
    assert_eq!(world.app.app.tenants.look_up("demo").await.unwrap().name, "Acme & Sons");
    owner.open(&world.app, "/t/demo/console/branding").await;
    let draft = [("accent", "#aa3366"), ("logo", "https://acme.test/logo.png"), ("terms", "https://acme.test/terms")];
    let with = |what: &'static str| [draft.as_slice(), &[("do", what)]].concat();
    let seen = owner.submit(&world.app, "branding-form", &with("preview")).await;
    assert!(seen.body.contains("/t/demo/console/branding/preview.css?color=%23aa3366"), "{}", seen.body);
    assert!(seen.body.contains("src=\"https://acme.test/logo.png\""));
    let css = owner.open(&world.app, "/t/demo/console/branding/preview.css?color=%23aa3366").await;
    assert!(css.header("content-type").starts_with("text/css") && css.body.starts_with(".preview{--accent:#aa3366"));
    let branding = async || world.app.app.tenants.branding(&*world.app.context("demo").await).await.unwrap();
    assert!(branding().await.draft.is_none(), "a look keeps nothing");

    for wrong in [("accent", "red;}"), ("logo", "https://elsewhere.test/logo.png"), ("terms", "javascript:alert(1)")] {
        owner.open(&world.app, "/t/demo/console/branding").await;
        let odd = owner.submit(&world.app, "branding-form", &[wrong, ("do", "publish")]).await;
        assert_eq!((odd.status.as_u16(), odd.page()), (422, "console-branding"), "{wrong:?}");
        assert!(odd.body.contains("aria-invalid=\"true\""), "it stands at its field: {}", odd.body);
    }
    owner.open(&world.app, "/t/demo/console/branding").await;
    assert!(is_done(&owner.submit(&world.app, "branding-form", &with("draft")).await));
    assert!(!world.app.get("/t/demo/login").await.body.contains("acme.test"), "a draft is seen by nobody");
    assert!(is_done(&owner.submit(&world.app, "branding-form", &[("do", "publish")]).await));
    world.app.app.tenants.changed();
    let login = world.app.get("/t/demo/login").await;
    assert!(login.body.contains("https://acme.test/logo.png") && login.body.contains("https://acme.test/terms"));
    let public = world.app.get("/t/demo/api/v1/tenant").await.json();
    assert_eq!(public["data"]["branding"]["color"], "#aa3366", "{public}");

    owner.open(&world.app, "/t/demo/console/branding").await;
    assert!(is_done(&owner.submit(&world.app, "branding-form", &[("accent", "#112233"), ("do", "draft")]).await));
    let stale = owner.submit(&world.app, "branding-form", &[("version", "99"), ("do", "draft")]).await;
    assert_eq!((stale.status.as_u16(), stale.page()), (412, "console-branding"));
    owner.open(&world.app, "/t/demo/console/branding").await;
    assert!(is_done(&owner.submit(&world.app, "branding-form", &[("do", "discard")]).await));
    let two = owner.submit(&world.app, "branding-form", &[("accent", "#445566"), ("do", "publish")]).await;
    assert!(is_done(&two) && two.body.contains("data-version=\"1\""), "{}", two.body);
    let csrf = two.body.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let back = [("csrf", csrf.as_str()), ("back", "1"), ("do", "rollback")];
    assert!(is_done(&owner.send_and_follow(&world.app, "/t/demo/console/branding", &back).await));
    assert_eq!(branding().await.published.unwrap().brand.colors.accent.as_deref(), Some("#aa3366"));
}

#[tokio::test]
async fn settings_are_saved_or_say_what_is_wrong_with_them() {
    let world = World::with_console().await;
    let mut owner = world.owner_at_console().await;
    owner.open(&world.app, "/t/demo/console/settings").await;
    let odd = owner.submit(&world.app, "settings-form", &[("lifetimes.access_token", "0")]).await;
    assert_eq!((odd.status.as_u16(), odd.page()), (422, "console-settings"), "{}", odd.body);
    assert!(odd.body.contains("id=\"console-error\""));
    owner.open(&world.app, "/t/demo/console/settings").await;
    let changes =
        [("self_registration", "true"), ("lifetimes.access_token", "300"), ("scopes", "orders:read, orders:write")];
    assert!(is_done(&owner.submit(&world.app, "settings-form", &changes).await));
    let settings = world.app.app.tenants.look_up("demo").await.unwrap().settings.0;
    assert!(settings.self_registration && settings.sign_in.password);
    assert_eq!((settings.lifetimes.access_token.0, settings.scopes.len()), (300, 2));
}

#[tokio::test]
async fn an_application_is_made_with_its_snippets_changed_and_ended_and_its_secret_seen_once() {
    let world = World::with_console().await;
    let mut owner = world.owner_at_console().await;
    owner.open(&world.app, "/t/demo/console/new-client").await;
    let none = owner.submit(&world.app, "client-form", &[("kind", "web"), ("name", "Shop")]).await;
    assert_eq!((none.status.as_u16(), none.page()), (400, "console-new-client"), "{}", none.body);
    let wish = [("kind", "web"), ("name", HOSTILE), ("client_id", "shop"), ("redirect_uris", "https://shop.test/cb")];
    let made = owner.submit(&world.app, "client-form", &wish).await;
    assert_eq!((made.status.as_u16(), made.page()), (200, "console-client"), "{}", made.body);
    assert!(!made.body.contains("<script>alert") && made.body.contains("id=\"snippet-spring\""));
    let secret = value(&made, "secret");
    assert!(secret.len() >= 43);
    let again = owner.open(&world.app, "/t/demo/console/clients/shop").await;
    assert!(again.page() == "console-client" && !again.body.contains(&secret), "a secret is shown once");
    let list = owner.open(&world.app, "/t/demo/console/clients").await;
    assert!(list.body.contains("data-client=\"shop\"") && !list.body.contains("<script>alert"));

    owner.open(&world.app, "/t/demo/console/clients/shop").await;
    let odd = owner.submit(&world.app, "client-form", &[("name", "Shop"), ("redirect_uris", "javascript:1")]).await;
    assert_eq!(odd.status, 400, "{}", odd.body);
    let uris = "https://shop.test/cb\r\nhttps://shop.test/other";
    assert!(is_done(&owner.submit(&world.app, "client-form", &[("name", "Shop"), ("redirect_uris", uris)]).await));
    let shop = world.app.app.clients.look_up(&world.tenant, &"shop".into()).await.unwrap();
    assert_eq!(
        (shop.name.as_str(), shop.metadata.redirect_uris.len(), shop.kind),
        ("Shop", 2, ClientKind::Confidential)
    );
    owner.open(&world.app, "/t/demo/console/clients/shop").await;
    let rotated = owner.submit(&world.app, "rotate-form", &[]).await;
    assert_ne!(value(&rotated, "secret"), secret);
    owner.open(&world.app, "/t/demo/console/clients/shop").await;
    assert_eq!(owner.submit(&world.app, "delete-form", &[]).await.status, 422);
    let gone = owner.submit(&world.app, "delete-form", &[("sure", "yes")]).await;
    assert!(is_done(&gone) && gone.page() == "console-clients");
    assert_eq!(owner.open(&world.app, "/t/demo/console/clients/shop").await.status, 404);
}

#[tokio::test]
async fn w055_nobody_makes_a_key_that_may_more_than_they_and_a_key_is_seen_once() {
    let world = World::with_console().await;
    let mut owner = world.owner_at_console().await;
    let page = owner.open(&world.app, "/t/demo/console/api-keys").await;
    assert!(page.body.contains("value=\"users:read\"") && !page.body.contains("platform:"));
    for scope in ["platform:*", "openid", "nothing:known"] {
        let refused = owner.submit(&world.app, "key-form", &[("name", "k"), ("days", "30"), ("scope", scope)]).await;
        assert_eq!((refused.status.as_u16(), refused.page()), (403, "console-api-keys"), "{scope}");
        owner.open(&world.app, "/t/demo/console/api-keys").await;
    }
    let made =
        owner.submit(&world.app, "key-form", &[("name", HOSTILE), ("days", "30"), ("scope", "users:read")]).await;
    let secret = value(&made, "secret");
    assert!(secret.starts_with("ck_") && !made.body.contains("<script>alert"), "{}", made.body);
    let after = owner.open(&world.app, "/t/demo/console/api-keys").await;
    assert!(!after.body.contains(&secret) && after.body.contains(&secret[..8]));
    let mut operator = world.operator_at_console().await;
    let page = operator.open(&world.app, "/console/tenants/system/api-keys").await;
    assert!(page.body.contains("value=\"platform:*\""));
}

#[tokio::test]
async fn every_page_speaks_four_languages() {
    let world = World::with_console().await;
    let mut owner = world.owner_at_console().await;
    for language in ["en", "es", "fr", "de"] {
        for (path, name) in PAGES {
            let answer = owner.open(&world.app, &format!("/t/demo/console{path}?ui_locales={language}")).await;
            assert_eq!(answer.page(), name, "{path}: {}", answer.body);
            assert!(answer.body.contains(&format!("<html lang=\"{language}\">")), "{path} {language}");
            let raw = answer.body.split(['>', '<']).find(|text| text.trim_start().starts_with("console-"));
            assert_eq!(raw, None, "{path} {language}");
        }
    }
    let german = owner.open(&world.app, "/t/demo/console/clients/nobody?ui_locales=de").await;
    assert_eq!((german.status.as_u16(), german.page()), (404, "error"));
    assert!(german.body.contains("Diese Anwendung gibt es hier nicht."), "{}", german.body);
    assert!(german.body.contains("id=\"request-id\""));
    assert!(german.body.contains(german.header("x-request-id")) && !german.body.contains(OWNER));
}
