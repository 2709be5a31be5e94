//! Pages about one thing each: a person, an organization, an endpoint, the mails of all tenants. Its administrators see and
//! change it, supporters see what is theirs to see, everybody else finds nothing there.

use chancery::mail::Recipient;
use chancery::store::tenants::Settings;
use chancery::store::users::Role;

use super::mail::{deliver, over, reset};
use super::support::console::OWNER;
use super::support::{Answer, Person, TestApp, World};
use crate::smtp::{Behaviour, SmtpServer};

fn is_done(answer: &Answer) -> bool {
    answer.status == 200 && answer.body.contains("id=\"console-done\"")
}

/// The anti-forgery token of a page.
fn csrf(page: &str) -> String {
    page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

/// A world with something of everything in tenant `demo`, and a second tenant with an owner of its own.
struct Everything {
    world: World,
    ada: String,
    organization: String,
    webhook: String,
}

impl Everything {
    async fn new() -> Self {
        let mut world = World::with_console().await;
        world.person_of_role("support@demo.test", Role::Support).await;
        let demo = world.tenant.clone();
        let ada = world.sub("ada@demo.test").await;
        let organization = world.organization("grace@demo.test", "makers").await;
        let key = world.app.api_key(&demo, "webhooks:write").await;
        let body = serde_json::json!({ "url": "https://hooks.example/in", "events": ["user.*"] });
        let made = world.app.call("POST", "/webhooks", Some(&key), Some(body)).await;
        assert_eq!(made.status, 201, "{made:?}");
        let webhook = made.data["id"].as_str().unwrap().to_owned();
        let other = world.app.tenant("acme", Settings::default()).await;
        world.tenant = other;
        world.person_of_role("owner@acme.test", Role::Owner).await;
        world.tenant = demo;
        Self { world, ada, organization, webhook }
    }

    /// The pages about one thing, each with its name and whether a supporter sees it.
    fn pages(&self) -> [(String, &'static str, bool); 3] {
        [
            (format!("/users/{}", self.ada), "console-user", true),
            (format!("/organizations/{}", self.organization), "console-organization", true),
            (format!("/webhooks/{}", self.webhook), "console-webhook", false),
        ]
    }
}

#[tokio::test]
async fn x2_what_is_one_tenants_is_seen_and_changed_at_no_others_console() {
    let all = Everything::new().await;
    let world = &all.world;
    let mut owner = world.owner_at_console().await;
    let mut operator = world.operator_at_console().await;
    let (mut support, _) = world.at_console("support@demo.test", "/t/demo/console").await;
    let (mut stranger, _) = world.at_console("owner@acme.test", "/t/acme/console").await;
    let (mut ada, _) = world.at_console("ada@demo.test", "/t/demo/console").await;
    for (path, name, supported) in all.pages() {
        for (who, console) in [(&mut owner, "/t/demo/console"), (&mut operator, "/console/tenants/demo")] {
            let page = who.open(&world.app, &format!("{console}{path}")).await;
            assert_eq!((page.status.as_u16(), page.page()), (200, name), "{console}{path}: {}", page.body);
        }
        let page = support.open(&world.app, &format!("/t/demo/console{path}")).await;
        let expected = if supported { (200, name) } else { (403, "console-turned-away") };
        assert_eq!((page.status.as_u16(), page.page()), expected, "support at {path}");
        owner.open(&world.app, &format!("/t/demo/console{path}")).await;
        let token = csrf(&owner.page);
        let posted = support
            .send_form(&world.app, &format!("/t/demo/console{path}"), &[("csrf", &token), ("do", "suspend")])
            .await;
        let told = (posted.status.as_u16(), posted.page());
        assert_eq!(told, (403, "console-turned-away"), "support changes nothing at {path}");
        let page = ada.open(&world.app, &format!("/t/demo/console{path}")).await;
        assert_eq!((page.status.as_u16(), page.page()), (403, "console-turned-away"), "a person at {path}");
        let page = stranger.open(&world.app, &format!("/t/acme/console{path}")).await;
        assert_eq!((page.status.as_u16(), page.page()), (404, "error"), "at another tenant's console: {path}");
        let page = Person::default().open(&world.app, &format!("/t/demo/console{path}")).await;
        assert_eq!(page.page(), "login", "another tenant's owner is nobody here: {path}");
        stranger.open(&world.app, "/t/acme/console/settings").await;
        let token = csrf(&stranger.page);
        for wish in ["suspend", "delete", "remove", "rotate", "off"] {
            let form = [("csrf", token.as_str()), ("do", wish), ("sure", "yes"), ("person", all.ada.as_str())];
            let posted = stranger.send_form(&world.app, &format!("/t/acme/console{path}"), &form).await;
            assert_eq!(posted.status, 404, "{wish} {path}: {}", posted.body);
        }
    }
    let there = world.app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap();
    assert_eq!(there.status, chancery::store::users::UserStatus::Active);
}

#[tokio::test]
async fn an_administrator_sees_to_a_person() {
    let all = Everything::new().await;
    let world = &all.world;
    let mut owner = world.owner_at_console().await;
    let path = format!("/t/demo/console/users/{}", all.ada);
    owner.open(&world.app, &path).await;
    let token = csrf(&owner.page);
    let act = async |owner: &mut Person, fields: &[(&str, &str)]| {
        let fields = [&[("csrf", token.as_str())], fields].concat();
        owner.send_and_follow(&world.app, &path, &fields).await
    };
    assert!(is_done(&act(&mut owner, &[("do", "role"), ("role", "support")]).await));
    let ada = async || world.app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap();
    assert_eq!(ada().await.role, Role::Support);
    let suspended = act(&mut owner, &[("do", "suspend")]).await;
    assert!(is_done(&suspended) && suspended.page() == "console-user", "{}", suspended.body);
    assert!(is_done(&act(&mut owner, &[("do", "activate")]).await));
    let unsure = act(&mut owner, &[("do", "delete")]).await;
    assert_eq!((unsure.status.as_u16(), unsure.page()), (422, "console-user"));
    let odd = act(&mut owner, &[("do", "role"), ("role", "emperor")]).await;
    assert_eq!(odd.status, 400);
    let gone = act(&mut owner, &[("do", "delete"), ("sure", "yes")]).await;
    assert!(is_done(&gone) && gone.page() == "console-users", "{}", gone.body);
    // Nobody reaches above their own role.
    world.person_of_role("admin@demo.test", Role::Admin).await;
    let (mut admin, _) = world.at_console("admin@demo.test", "/t/demo/console").await;
    let above = format!("/t/demo/console/users/{}", world.sub(OWNER).await);
    let page = admin.open(&world.app, &above).await;
    assert_eq!(page.page(), "console-user");
    admin.open(&world.app, "/t/demo/console/settings").await;
    let token = csrf(&admin.page);
    let refused = admin.send_form(&world.app, &above, &[("csrf", &token), ("do", "suspend")]).await;
    assert_eq!((refused.status.as_u16(), refused.page()), (403, "console-user"), "W-070");
}

#[tokio::test]
async fn an_administrator_sees_to_an_organization_and_to_an_endpoint() {
    let all = Everything::new().await;
    let world = &all.world;
    let mut owner = world.owner_at_console().await;
    let path = format!("/t/demo/console/organizations/{}", all.organization);
    owner.open(&world.app, &path).await;
    let token = csrf(&owner.page);
    for (fields, words) in [
        (&[("do", "add"), ("person", OWNER), ("role", "admin")][..], "add"),
        (&[("do", "suspend")], "suspend"),
        (&[("do", "activate")], "activate"),
    ] {
        let fields = [&[("csrf", token.as_str())], fields].concat();
        let told = owner.send_and_follow(&world.app, &path, &fields).await;
        assert!(is_done(&told) && told.page() == "console-organization", "{words}: {}", told.body);
    }
    assert_eq!(world.seat_of(&all.organization, OWNER).await.as_deref(), Some("admin"));
    let fields = [("csrf", token.as_str()), ("do", "add"), ("person", "nobody@demo.test")];
    assert_eq!(owner.send_and_follow(&world.app, &path, &fields).await.status, 404);

    let path = format!("/t/demo/console/webhooks/{}", all.webhook);
    for (wish, page) in [("off", "console-webhook"), ("on", "console-webhook"), ("test", "console-webhook")] {
        let told = owner.send_and_follow(&world.app, &path, &[("csrf", token.as_str()), ("do", wish)]).await;
        assert!(is_done(&told) && told.page() == page, "{wish}: {}", told.body);
    }
    let rotated = owner.send_and_follow(&world.app, &path, &[("csrf", token.as_str()), ("do", "rotate")]).await;
    assert!(rotated.status == 200 && rotated.body.contains("id=\"secret\""), "{}", rotated.body);
    let again = owner.open(&world.app, &path).await;
    assert!(!again.body.contains("id=\"secret\""), "it is shown once");
    let gone = owner.send_and_follow(&world.app, &path, &[("csrf", token.as_str()), ("do", "remove")]).await;
    assert!(is_done(&gone) && gone.page() == "console-webhooks", "{}", gone.body);
    assert_eq!(owner.open(&world.app, &path).await.status, 404);
}

#[tokio::test]
async fn operators_see_the_mails_that_were_given_up_in_all_tenants_page_by_page_and_send_them_again() {
    let unknown = (0..30).map(|number| format!("nobody{number:02}@demo.test")).collect();
    let server = SmtpServer::start(Behaviour { unknown, ..Behaviour::default() }).await;
    let app = TestApp::configured(|config| {
        over(config, &server);
        config.dev = true;
    });
    let world = World::with_console_within(app.await).await;
    for number in 0..30 {
        let to = Recipient::new(format!("nobody{number:02}@demo.test").parse().unwrap());
        world.app.write(&world.tenant, &to, &reset()).await;
    }
    for _ in 0..10 {
        deliver(&world.app.app).await;
    }
    let mut operator = world.operator_at_console().await;
    let first = operator.open(&world.app, "/console/mails").await;
    assert_eq!((first.page(), first.body.matches("name=\"mail\"").count()), ("console-mails", 25), "{}", first.body);
    assert!(first.body.contains("href=\"/console/tenants/demo\"") && !first.body.contains("s3cr3t"), "{}", first.body);
    let next = first.body.split_once("id=\"next\"").unwrap().1.split("href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let second = operator.open(&world.app, &next).await;
    assert_eq!(second.body.matches("name=\"mail\"").count(), 5);
    let field = |name: &str| {
        let (_, rest) = second.body.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (tenant, mail, token) = (field("tenant"), field("mail"), csrf(&second.body));
    let form = [("csrf", token.as_str()), ("tenant", &tenant), ("mail", &mail)];
    let sent = operator.send_and_follow(&world.app, "/console/mails", &form).await;
    assert!(is_done(&sent), "{}", sent.body);
    let twice = operator.send_and_follow(&world.app, "/console/mails", &form).await;
    assert!(twice.status.is_client_error() && twice.page() == "console-mails", "it is on its way: {}", twice.body);
    let elsewhere = [("csrf", token.as_str()), ("tenant", "nobody"), ("mail", &mail)];
    assert_eq!(operator.send_and_follow(&world.app, "/console/mails", &elsewhere).await.status, 404);
    let mut owner = world.owner_at_console().await;
    assert_eq!(owner.open(&world.app, "/console/mails").await.page(), "login", "they are all tenants'");
    assert_eq!(owner.open(&world.app, "/t/demo/console/mails").await.status, 404);
}
