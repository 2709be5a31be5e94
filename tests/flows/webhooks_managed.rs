//! Webhooks as administrators manage them: by the API, by the command line, and as the guide shows it.

use serde_json::{Value, json};

use super::support::Instance;
use super::support::receiver::Receiver;
use super::support::told::Telling;

#[tokio::test]
async fn an_endpoint_is_made_shown_changed_and_removed() {
    let telling = Telling::new().await;
    let wish = json!({ "url": "https://hooks.example/a", "events": ["user.*"], "description": "CRM" });
    let made = telling.call("POST", "/webhooks", Some(wish)).await;
    assert_eq!((made.status, &made.data["scheme"], &made.data["version"]), (201, &json!("standard"), &json!(1)));
    assert!(made.data["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/webhooks/{}", made.data["id"].as_str().unwrap());
    let shown = telling.call("GET", &path, None).await;
    assert_eq!((&shown.data["events"], &shown.data["secret"]), (&json!(["user.*"]), &Value::Null));
    let rename = json!({ "description": null, "events": ["key.created", "key.revoked"] });
    let changed = telling.over("\"1\"", "PATCH", &path, rename.clone()).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""));
    let late = telling.over("\"1\"", "PATCH", &path, rename).await;
    assert_eq!(late.status, 412, "{}", late.body);
    assert_eq!(telling.over("\"1\"", "DELETE", &path, json!({})).await.status, 412);
    for bad in [
        json!({ "url": null }),
        json!({ "url": "http://10.0.0.1/" }),
        json!({ "events": [] }),
        json!({ "events": ["user.x"] }),
        json!({ "events": "*" }),
        json!({ "scheme": "none" }),
        json!({ "status": "gone" }),
        json!({ "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }),
        json!({ "tenant_id": "x" }),
    ] {
        let refused = telling.call("PATCH", &path, Some(bad.clone())).await;
        assert!(matches!(refused.status, 400 | 422), "{bad}: {refused:?}");
    }
    assert_eq!(telling.over("\"2\"", "DELETE", &path, json!({})).await.status, 204);
    assert_eq!(telling.call("GET", &path, None).await.status, 404);
    for action in ["webhook.created", "webhook.updated", "webhook.deleted"] {
        assert_eq!(telling.audited(action).await, 1, "{action}");
    }
}

#[tokio::test]
async fn a_tenant_has_so_many_and_lists_them_page_by_page() {
    let telling = Telling::new().await;
    for number in 0..20 {
        telling.endpoint(&format!("https://hooks.example/{number}"), &["*"]).await;
    }
    let more = json!({ "url": "https://hooks.example/20" });
    assert_eq!(telling.call("POST", "/webhooks", Some(more)).await.status, 422);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let told = telling.call("GET", &format!("/webhooks?limit=8&cursor={cursor}"), None).await;
        seen.extend(told.data.as_array().unwrap().iter().map(|webhook| webhook["url"].clone()));
        match told.body["meta"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 20);
    assert_eq!(seen[0], "https://hooks.example/0");
    assert_eq!(telling.call("GET", "/webhooks?limit=0", None).await.status, 400);
}

#[tokio::test]
async fn what_is_old_is_removed_and_figures_tell_what_waits() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["*"]).await;
    telling.user("ada@demo.test").await;
    telling.tell().await;
    assert_eq!(telling.app.app.webhooks.forget().await.unwrap(), 0);
    telling.app.app.webhooks.measure().await.unwrap();
    telling.pass(30 * 86_400 + 1);
    assert_eq!(telling.app.app.webhooks.forget().await.unwrap(), 2, "a delivery and its attempt");
    assert!(telling.log(&endpoint, "").await.is_empty());
}

#[tokio::test]
async fn the_command_line_makes_lists_and_removes_webhooks() {
    let instance = Instance::new().await;
    assert_eq!(instance.run("init --email ops@example.test").code, 0);
    assert_eq!(instance.run("tenant create --slug demo --name Demo").code, 0);
    let made = instance.run("webhook create --tenant demo --url https://hooks.example/ --event user.* --json").json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"), "{made}");
    let id = made["id"].as_str().unwrap();
    let listed = instance.run("webhook list --tenant demo --json").json();
    assert_eq!((&listed[0]["id"], &listed[0]["events"]), (&json!(id), &json!(["user.*"])));
    assert_eq!(instance.run("webhook retry --tenant demo --json").json()["deliveries"], 0);
    assert!(instance.run(&format!("webhook test --tenant demo {id} --json")).json()["delivery"].is_string());
    assert_eq!(instance.run("webhook create --tenant demo --url https://127.0.0.1/").code, 1);
    let line = "webhook create --tenant demo --url https://hooks.example/ --scheme aegis-v1 --secret-stdin --json";
    let brought = instance.run_with(line, "5f0c1e7a9b3d4826a1c2e3f405162738\n").json();
    assert_eq!(brought["secret"], "5f0c1e7a9b3d4826a1c2e3f405162738");
    assert_eq!(instance.run(&format!("webhook delete --tenant demo {id}")).code, 0);
    assert_eq!(instance.run(&format!("webhook delete --tenant demo {id}")).code, 1);
}

#[tokio::test]
async fn w128_what_the_guide_to_webhooks_shows_works() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let guide = include_str!("../../docs/guides/webhooks.md");
    let blocks: Vec<_> =
        guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("json ")).collect();
    assert!(blocks.len() >= 5, "{blocks:?}");
    let (mut webhook, mut delivery) = (String::new(), String::new());
    for block in blocks {
        let (head, body) = block.split_once('\n').unwrap();
        let [method, path, status] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let path = path.replace("{webhook}", &webhook).replace("{delivery}", &delivery);
        let body = body.replace("https://crm.example/hooks", &receiver.url);
        let body: Option<Value> = (!body.trim().is_empty()).then(|| serde_json::from_str(&body).unwrap());
        let told = telling.call(method, &path, body).await;
        assert_eq!(told.status.to_string(), status, "{head}: {told:?}");
        let id = told.data["id"].as_str().unwrap_or_default().to_owned();
        match head {
            "POST /webhooks 201" => webhook = id,
            "POST /webhooks/{webhook}/test 202" => delivery = id,
            _ => {}
        }
        telling.tell().await;
    }
    assert!(receiver.received().len() >= 2, "the test, and once more");
    let commands = guide.lines().filter(|line| line.starts_with("chancery "));
    for command in commands {
        assert!(command.starts_with("chancery webhook "), "{command}");
    }
}
