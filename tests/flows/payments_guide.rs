//! The examples of the guide to payments, run as they are written.

use serde_json::Value;

use super::support::shop::Shop;

#[tokio::test]
async fn w128_what_the_guide_to_payments_shows_works() {
    let shop = Shop::open().await;
    let ada = shop.world.sub("ada@demo.test").await;
    let guide = include_str!("../../docs/guides/payments.md");
    let blocks: Vec<_> =
        guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("json ")).collect();
    assert!(blocks.len() >= 8, "{blocks:?}");
    for block in blocks {
        let (head, body) = block.split_once('\n').unwrap();
        let [method, path, status] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let body = body.replace("{ada}", &ada);
        let body: Option<Value> = (!body.trim().is_empty()).then(|| serde_json::from_str(&body).unwrap());
        // People buy; programs govern.
        let own = ["checkout-sessions", "portal-sessions", "users/me"].iter().any(|part| path.contains(part));
        let token =
            if own { shop.token("ada@demo.test", "payments:read payments:write").await } else { shop.key.clone() };
        let told = shop.world.app.call(method, path, Some(&token), body).await;
        assert_eq!(told.status.to_string(), status, "{head}: {told:?}");
    }
    shop.hear().await;
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    for command in guide.lines().filter(|line| line.starts_with("chancery ")) {
        assert!(["set-key", "set-webhook-secrets"].iter().any(|known| command.contains(known)), "{command}");
    }
}
