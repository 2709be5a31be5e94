//! The examples of the guide to tenants, run as they are written.

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants;

use super::support::TestApp;
use super::support::operators::Operators;

#[tokio::test]
async fn what_the_guide_to_tenants_shows_works() {
    let app = TestApp::configured(|config| config.tenants.public_signup = true).await;
    let ops = Operators::of(&app).await;
    let guide = include_str!("../../docs/guides/tenants.md");
    let blocks = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n"));
    let (mut run, mut key, mut user) = (0, String::new(), String::new());
    for block in blocks {
        let (first, body) = block.split_once('\n').unwrap();
        let (method, place) = first.split_once(' ').unwrap();
        let (path, credential) = match place.strip_prefix("{P}") {
            Some(path) => (path.replace("{user}", &user), &ops.key),
            None => (place.replace("{T}", "/t/acme"), &key),
        };
        let request =
            Request::builder().method(method).uri(&path).header("authorization", format!("Bearer {credential}"));
        let request = match body.trim() {
            "" => request.body(Body::empty()),
            body => request.header("content-type", "application/json").body(Body::from(body.to_owned())),
        };
        let answer = app.send(request.unwrap()).await;
        let (told, good) = (answer.body.as_str(), answer.status.is_success());
        // The domain of the examples was proven by its operators: it shows nothing to be moved by.
        assert!(good, "{first}: {} {told}", answer.status);
        run += 1;
        if run == 1 {
            let acme = app.app.tenants.look_up("acme").await.unwrap();
            let now = app.clock.now();
            tenants::add_domain(&app.app.db, &acme.id, "id.acme.test", Some(now), now).await.unwrap();
            key = app.api_key(&acme, "tenant:read tenant:write").await;
            user = app.app.accounts.look_up(&acme, "boss@acme.test").await.unwrap().id.to_string();
        }
    }
    assert!(run >= 22, "{run}");
    assert!(app.app.tenants.look_up("bakery").await.is_ok());
}
