//! What `serve --dev` makes.

use std::os::unix::fs::PermissionsExt as _;

use chancery::base::{ClientId, Origin, Secret};
use chancery::setup::{DEV_FILE, DevFile, demonstration};

use crate::support::TestApp;

async fn credentials_work(app: &TestApp, file: &DevFile) {
    for (slug, dev) in &file.tenants {
        let tenant = app.app.tenants.look_up(slug).await.unwrap();
        for user in &dev.users {
            let password = Secret::new(user.password.as_str());
            app.app.accounts.authenticate(&tenant, &user.email, &password, &Origin::default()).await.unwrap();
        }
    }
    let system = app.app.tenants.look_up("system").await.unwrap();
    let operator = file.operator.as_ref().unwrap();
    let password = Secret::new(operator.password.as_str());
    app.app.accounts.authenticate(&system, &operator.email, &password, &Origin::default()).await.unwrap();
    let key = Secret::new(file.operator_api_key.as_str());
    assert!(app.app.api_keys.find(&system.id, &key).await.unwrap().is_some());
}

#[tokio::test]
async fn w128_a_second_start_finds_everything_as_it_was() {
    let app = TestApp::start().await;
    let path = app.app.config.data_dir.join(DEV_FILE);
    let first = demonstration::prepare(&app.app).await.unwrap();
    let text = std::fs::read(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(demonstration::prepare(&app.app).await.unwrap(), first);
    assert_eq!(std::fs::read(&path).unwrap(), text);
    credentials_work(&app, &first).await;
}

#[tokio::test]
async fn dev_json_tells_what_tools_rely_on() {
    let app = TestApp::start().await;
    let file = demonstration::prepare(&app.app).await.unwrap();
    let json = serde_json::to_value(&file).unwrap();
    assert_eq!(json["public_url"], "http://localhost:8080");
    assert_eq!(json["mailbox_url"], "http://localhost:8080/dev/mailbox");
    let parts = |slug: &str| file.tenants[slug].clients.keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(parts("demo"), "confidential confidential2 native public service");
    assert_eq!(parts("acme"), "confidential confidential2 native password public service");
    let demo = &json["tenants"]["demo"];
    assert_eq!(demo["issuer"], "http://localhost:8080/t/demo");
    assert_ne!(demo["clients"]["confidential"]["redirect_uris"], demo["clients"]["confidential2"]["redirect_uris"]);
    assert!(demo["clients"]["public"].get("client_secret").is_none());
    assert_eq!(demo["clients"]["native"]["redirect_uris"][0], "http://127.0.0.1/callback");
    let settings = |slug: &'static str| async { app.app.tenants.look_up(slug).await.unwrap().settings.0 };
    assert!(settings("acme").await.password_grant && !settings("demo").await.password_grant);
    let demo = app.app.tenants.look_up("demo").await.unwrap();
    let second = app.app.accounts.look_up(&demo, &file.tenants["demo"].users[1].email).await.unwrap();
    assert_eq!(second.role.as_str(), "admin");
}

#[tokio::test]
async fn a_lost_dev_json_is_written_anew_with_credentials_that_work() {
    let app = TestApp::start().await;
    let first = demonstration::prepare(&app.app).await.unwrap();
    std::fs::remove_file(app.app.config.data_dir.join(DEV_FILE)).unwrap();
    let second = demonstration::prepare(&app.app).await.unwrap();
    assert_ne!(first.operator_api_key, second.operator_api_key);
    credentials_work(&app, &second).await;
}

#[tokio::test]
async fn after_a_move_the_developers_application_is_called_back_at_the_new_address() {
    let app = TestApp::start().await;
    let mut first = demonstration::prepare(&app.app).await.unwrap();
    first.public_url = "http://localhost:9999".to_owned();
    first.write(&app.app.config.data_dir).unwrap();
    let demo = app.app.tenants.look_up("demo").await.unwrap();
    let dev_app = ClientId::from("dev-app");
    let mut client = app.app.clients.look_up(&demo, &dev_app).await.unwrap();
    client.metadata.0.redirect_uris = vec!["http://localhost:9999/dev/app/callback".to_owned()];
    app.app.clients.change(&client, &chancery::base::Actor::operator()).await.unwrap();
    let second = demonstration::prepare(&app.app).await.unwrap();
    assert_eq!(second.public_url, "http://localhost:8080");
    assert_eq!(second.tenants, first.tenants, "passwords and secrets stay");
    let moved = app.app.clients.look_up(&demo, &dev_app).await.unwrap();
    assert_eq!(moved.metadata.redirect_uris, ["http://localhost:8080/dev/app/callback"]);
    credentials_work(&app, &second).await;
}

#[tokio::test]
async fn a_dev_json_of_another_database_is_not_believed() {
    let (one, two) = (TestApp::start().await, TestApp::start().await);
    let foreign = demonstration::prepare(&one.app).await.unwrap();
    demonstration::prepare(&two.app).await.unwrap();
    foreign.write(&two.app.config.data_dir).unwrap();
    let own = demonstration::prepare(&two.app).await.unwrap();
    assert_ne!(own.tenants["demo"].users, foreign.tenants["demo"].users);
    credentials_work(&two, &own).await;
}
