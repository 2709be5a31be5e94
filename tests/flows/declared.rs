//! Administrators keep a tenant's configuration as a file: what is exported here is the same when it is applied there,
//! a plan tells what would change, and what comes of it is whole or nothing.

use chancery::base::{Actor, Digest, Secret};
use chancery::config::Declared;
use chancery::declared::{Options, Verb};
use chancery::store::identities;
use chancery::tenants::Reach;
use serde_json::json;

use super::support::TestApp;
use super::support::declaring::{applied, furnished, kept, link, object, on_sqlite, planned, told, trail};

#[tokio::test]
async fn what_is_exported_here_and_applied_there_is_exported_there_byte_for_byte() {
    let (world, text) = furnished().await;
    assert_eq!(text, told(&world.app.app, "demo").await);
    for word in ["post-office-4711", "upstream-4711", "whsec_", "ada@demo.test", "grace@demo.test", "chancery-console"]
    {
        assert!(!text.contains(word), "W-005: {word} in {text}");
    }
    let with_secrets = text
        .replace("env:DEMO_PROVIDER_GOOGLE_SECRET", &kept("another-upstream-4711"))
        .replace("env:DEMO_MAIL_SMTP_PASSWORD", &kept("another-post-office"));
    for there in [TestApp::start().await.app.clone(), on_sqlite().await] {
        let create = Options { create: true, ..Options::default() };
        let plan = planned(&there, "demo", &with_secrets, create).await.unwrap();
        let refused = applied(&there, &plan).await.unwrap_err();
        assert!(refused.contains("clients.web.client_secret (env:DEMO_CLIENT_WEB_SECRET)"), "{refused}");
        assert!(there.tenants.look_up("demo").await.is_err(), "something was made");

        let plan = planned(&there, "demo", &with_secrets, Options { generate: true, ..create }).await.unwrap();
        let done = applied(&there, &plan).await.unwrap();
        let made: Vec<&str> = done.made.iter().map(|(name, _)| name.as_str()).collect();
        let hooks = ["webhooks.\"https://hooks.example/a\".secret", "webhooks.\"https://hooks.example/a#2\".secret"];
        assert_eq!(made, ["clients.\"robot.1\".client_secret", "clients.web.client_secret", hooks[0], hooks[1]]);
        assert_eq!(told(&there, "demo").await, text, "{}", there.db.kind());

        let rows = trail(&there, "demo").await;
        for action in [
            "tenant.created",
            "tenant.updated",
            "resource_server.created",
            "branding.published",
            "client.created",
            "identity_provider.created",
            "webhook.created",
            "plan.updated",
            "archive.rules_changed",
            "mail.secret_changed",
            "collection.created",
        ] {
            assert!(rows.iter().any(|row| row == action), "{action} is not among {rows:?}");
        }
        for again in [&with_secrets, &text] {
            let plan = planned(&there, "demo", again, Options { prune: true, ..create }).await.unwrap();
            assert!(plan.is_empty() && plan.unnamed.is_empty(), "{}", plan.read());
            assert_eq!(applied(&there, &plan).await.unwrap().things, 0);
        }
        assert_eq!(trail(&there, "demo").await.len(), rows.len(), "doing it again left rows");
    }
}

#[tokio::test]
async fn a_plan_tells_each_member_and_never_a_secret_and_nothing_else_changes() {
    let (world, text) = furnished().await;
    let app = &world.app.app;
    let secret = "a-secret-that-was-made-by-somebody-else";
    let changed = text
        .replace("access_token = 300", "access_token = 120")
        .replace("client_name = \"Shop\"", "client_name = \"Store\"")
        .replace("env:DEMO_CLIENT_WEB_SECRET", &kept(secret))
        .replace("hidden = [\"secret\"]", "hidden = [\"secret\", \"cost\"]");
    let plan = planned(app, "demo", &changed, Options::default()).await.unwrap();
    let read = plan.read();
    for line in [
        "~ settings\n    lifetimes.access_token: 300 -> 120",
        "~ clients.web\n    client_name: \"Shop\" -> \"Store\"\n    client_secret: (secret) file:",
        "~ collections.orders\n    hidden: [\"secret\"] -> [\"secret\", \"cost\"]",
        "demo: 0 to create, 3 to change, 0 to remove.",
    ] {
        assert!(read.contains(line), "{line} is not in {read}");
    }
    assert!(!read.contains(secret) && !plan.told().to_string().contains(secret), "W-005: {read}");
    assert_eq!(plan.digest, planned(app, "demo", &changed, Options::default()).await.unwrap().digest);

    let before = trail(app, "demo").await.len();
    assert_eq!(applied(app, &plan).await.unwrap().things, 3);
    let rows = trail(app, "demo").await.split_off(before);
    let expected = ["tenant.updated", "client.updated", "client.secret_rotated", "collection.updated"];
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    assert!(expected.iter().all(|action| rows.iter().any(|row| row == action)), "{rows:?}");
    let secrets = app.clients.secrets(&world.tenant, &"web".into()).await.unwrap();
    let live: Vec<&Digest> = secrets.iter().filter(|kept| kept.expires_at.is_none()).map(|kept| &kept.digest).collect();
    assert_eq!(live, [&Secret::new(secret).digest()]);
    assert!(secrets.iter().any(|kept| kept.expires_at.is_some()), "the secret before works for a while");
    let plan = planned(app, "demo", &changed, Options::default()).await.unwrap();
    assert!(plan.is_empty(), "{}", plan.read());
}

#[tokio::test]
async fn what_no_file_names_stays_unless_it_is_pruned_and_documents_and_people_always_stay() {
    let (world, _) = furnished().await;
    let app = &world.app.app;
    let little = "[clients.web]\nredirect_uris = [\"https://app.acme.test/\"]\nscope = \"openid\"\n";
    let plan = planned(app, "demo", little, Options::default()).await.unwrap();
    assert_eq!((plan.count(Verb::Change), plan.count(Verb::Remove)), (1, 0), "{}", plan.read());
    assert!(
        plan.read().contains("plans.pro is not in the file and stays: with --prune it is removed"),
        "{}",
        plan.read()
    );
    applied(app, &plan).await.unwrap();
    assert!(told(app, "demo").await.contains("[plans.pro]"));

    let key = world.app.api_key(&world.tenant, "storage:admin storage:read storage:write").await;
    let order = Some(json!({ "state": "new", "total": 1 }));
    world.app.api("POST", "/t/demo/api/v1/storage/orders/documents", &key, order).await;
    let google = app.federation.all(&world.tenant).await.unwrap().remove(0);
    let ada = app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap();
    let link = link(&google, ada.id.clone());
    assert!(identities::insert(&app.db, &link).await.unwrap());
    let prune = Options { prune: true, ..Options::default() };
    let plan = planned(app, "demo", little, prune).await.unwrap();
    assert!(
        plan.read().contains("collections.orders is not in the file and stays: it holds documents"),
        "{}",
        plan.read()
    );
    let refused = applied(app, &plan).await.unwrap_err();
    assert!(refused.contains("people sign in with google"), "{refused}");
    assert!(told(app, "demo").await.contains("[plans.pro]"), "it was done by half");
    assert!(identities::delete(&app.db, &world.tenant.id, &ada.id, &link.id).await.unwrap());
    applied(app, &plan).await.unwrap();
    let left = told(app, "demo").await;
    for gone in ["[plans.pro]", "[settings", "[brand", "[webhooks", "[resource_servers", "[archive_rules", "robot"] {
        assert!(!left.contains(gone), "{gone} is left in {left}");
    }
    assert!(left.contains("[clients.web]") && left.contains("[collections.orders"), "{left}");
    for email in ["ada@demo.test", "grace@demo.test"] {
        app.accounts.look_up(&world.tenant, email).await.unwrap();
    }
    assert!(planned(app, "demo", little, prune).await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_changed_something_meanwhile_is_not_overrun_and_nothing_is_done_by_half() {
    let (world, text) = furnished().await;
    let app = &world.app.app;
    let changed = text
        .replace("client_name = \"Shop\"", "client_name = \"Store\"")
        .replace("language = \"de\"", "language = \"fr\"");
    let plan = planned(app, "demo", &changed, Options::default()).await.unwrap();
    let patch = object(json!({ "client_name": "Meanwhile" }));
    let by = chancery::clients::Registrant::operator(Actor::operator());
    app.clients.edit(&world.tenant, &"web".into(), (patch, None), &by).await.unwrap();
    let refused = applied(app, &plan).await.unwrap_err();
    assert!(refused.contains("meanwhile"), "{refused}");
    let left = told(app, "demo").await;
    assert!(left.contains("language = \"de\"") && left.contains("\"Meanwhile\""), "{left}");
    let again = planned(app, "demo", &changed, Options::default()).await.unwrap();
    assert_ne!(again.digest, plan.digest, "another state is another plan");
    applied(app, &again).await.unwrap();
    assert!(told(app, "demo").await.contains("language = \"fr\""));
}

#[tokio::test]
async fn w079_what_cannot_be_is_refused_with_file_line_and_path() {
    let (world, _) = furnished().await;
    let app = &world.app.app;
    for (text, said) in [
        ("[tenant]\nslug = 'x'", "acme.toml:2: tenant.slug: there is no such member"),
        ("[settings]\n\nrole = 'owner'", "acme.toml:3: settings.role: there is no setting `role`"),
        ("[settings.lifetimes]\ncode = 601", "acme.toml:1: settings: an authorization code lives 600 seconds"),
        ("[settings.branding]\ncolor = 7", "acme.toml:2: settings.branding.color: the setting `branding.color` cannot"),
        ("[clients.x]\nredirect_url = 'a'", "acme.toml:2: clients.x.redirect_url: unknown field"),
        ("[clients.x]\nredirect_uris = ['javascript:1']", "acme.toml:1: clients.x: "),
        ("[clients.x]\ntype = 'robot'", "acme.toml:2: clients.x.type: unknown variant `robot`"),
        (
            "[clients.x]\ntype = 'service'\nscope = 'nothing:read'",
            "acme.toml:3: clients.x.scope: a client of this type cannot have",
        ),
        (
            "[clients.x]\nredirect_uris = ['https://a.test/']\n[clients.x.policy]\npkce = false",
            "acme.toml:4: clients.x.policy.pkce: there is no such",
        ),
        (
            "[clients.web]\ntype = 'public'\nredirect_uris = ['https://a.test/']",
            "acme.toml:2: clients.web.type: the type of a client never changes",
        ),
        ("[clients.chancery-console]", "acme.toml:1: clients.chancery-console: this client is the server's own"),
        (
            "[clients.x]\nredirect_uris = ['https://a.test/']\nclient_secret = 'hunter2hunter2'",
            "acme.toml:3: clients.x.client_secret: a secret is named by where it is",
        ),
        (
            "[identity_providers.google]\nissuer = 'https://other.test'\nclient_id = 'x'",
            "acme.toml:2: identity_providers.google.issuer: the issuer",
        ),
        (
            "[identity_providers.corp]\npreset = 'oidc'\nclient_idd = 'x'",
            "acme.toml:3: identity_providers.corp.client_idd: there is no such",
        ),
        (
            "[webhooks.'https://a.test/']\nevents = ['user.x']",
            "acme.toml:1: webhooks.\"https://a.test/\": each of events is",
        ),
        ("[webhooks.'http://10.0.0.1/']", "acme.toml:1: webhooks.\"http://10.0.0.1/\": "),
        ("[plans.pro]\nrank = 'high'", "acme.toml:2: plans.pro.rank: invalid type"),
        ("[archive_rules]\nread = { '$where' = '1' }", "acme.toml:2: archive_rules.read: "),
        ("[collections.x]\nrules = { raed = true }", "acme.toml:2: collections.x.rules.raed: "),
        ("[collections.'a b']", "acme.toml:1: collections.\"a b\".name: a collection's name"),
        ("[brand.colors]\naccent = 'red'", "acme.toml:2: brand.colors.accent: "),
        (
            "[resource_servers.'https://x.test']\nscopes = [{ scope = 'openid' }]",
            "acme.toml:1: resource_servers.\"https://x.test\": the scope openid is",
        ),
    ] {
        let refused = planned(app, "demo", text, Options::default()).await.map(|plan| plan.read()).unwrap_err();
        assert!(refused.starts_with(said), "{text}: {refused}");
        assert!(!refused.contains("hunter2"), "W-005: {refused}");
    }
    let nobody = planned(app, "nobody", "", Options::default()).await.unwrap_err();
    assert!(nobody.contains("there is no tenant `nobody`"), "{nobody}");
}

#[tokio::test]
async fn how_far_a_tenant_is_from_its_file_is_measured() {
    let (world, text) = furnished().await;
    let file = std::env::temp_dir().join(format!("chancery-declared-{}.toml", uuid::Uuid::now_v7().simple()));
    std::fs::write(&file, &text).unwrap();
    let app = &world.app.app;
    let declared = Declared { file: file.clone(), prune: true };
    let differences = async || chancery::declared::differences(app, "demo", &declared).await;
    assert_eq!(differences().await.unwrap(), 0);
    let patch = object(json!({ "language": "es" }));
    app.tenants.change_settings(&world.tenant, (&patch, None), Reach::Owner, &Actor::operator()).await.unwrap();
    app.payments.delete_plan(&world.tenant, "pro", &Actor::operator()).await.unwrap();
    assert_eq!(differences().await.unwrap(), 2);
    std::fs::write(&file, "[settings]\nlanguge = 'es'").unwrap();
    assert!(differences().await.is_err(), "a file that cannot be is no answer");
}
