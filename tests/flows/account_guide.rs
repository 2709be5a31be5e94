//! The examples of the guide to one's account, run as they are written.

use chancery::store::users::Role;
use serde_json::Value;

use super::support::World;

#[tokio::test]
async fn what_the_guide_to_ones_account_shows_works() {
    let world = World::new().await;
    world.person("admin@demo.test").await;
    world.promote("admin@demo.test", Role::Admin).await;
    let admin = world.scoped("admin@demo.test", "users:write").await;
    let grace = world.sub("grace@demo.test").await;
    let own = world.own("ada@demo.test").await;
    let guide = include_str!("../../docs/guides/your-account.md");
    let (examples, ends): (Vec<_>, Vec<_>) = examples(guide)
        .into_iter()
        .partition(|(method, path, _)| (method.as_str(), path.as_str()) != ("DELETE", "/users/me"));
    assert!(examples.len() >= 9 && ends.len() == 1, "{examples:?}");
    for (method, path, body) in examples.into_iter().chain(ends) {
        let token = if path.contains("{id}") { &admin } else { &own };
        let answer = world.call(token, &method, &path.replace("{id}", &grace), body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
    }
}

/// Method, path below the API, and body of each block.
fn examples(guide: &str) -> Vec<(String, String, Option<Value>)> {
    let blocks = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n"));
    blocks
        .map(|block| {
            let (first, body) = block.split_once('\n').unwrap();
            let (method, path) = first.split_once(" {T}/api/v1").unwrap();
            let body = Some(body.trim()).filter(|body| !body.is_empty());
            (method.to_owned(), path.to_owned(), body.map(|body| serde_json::from_str(body).unwrap()))
        })
        .collect()
}
