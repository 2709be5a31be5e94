//! The examples of the guides to people, clients and resource servers, run as they are written.

use chancery::store::users::Role;
use serde_json::Value;

use super::support::World;

const GUIDES: [&str; 3] = [
    include_str!("../../docs/guides/users.md"),
    include_str!("../../docs/guides/clients.md"),
    include_str!("../../docs/guides/resource-servers.md"),
];

#[tokio::test]
async fn what_the_guides_for_administrators_show_works() {
    let world = World::new().await;
    world.person("owner@demo.test").await;
    world.promote("owner@demo.test", Role::Owner).await;
    let all = "users:read users:write users:roles sessions:read clients:read clients:write keys:write";
    let grace = world.sub("grace@demo.test").await;
    for guide in GUIDES {
        let examples = examples(guide);
        assert!(examples.len() >= 2, "{examples:?}");
        let (mut client, mut server) = (String::new(), String::new());
        for (method, path, body) in examples {
            let token = world.scoped("owner@demo.test", all).await;
            let path = path.replace("{id}", &grace).replace("{client}", &client).replace("{server}", &server);
            let (status, told) = world.ask(&token, &method, &path, body).await;
            assert!((200..300).contains(&status), "{method} {path}: {told}");
            let text = |name: &str| told[name].as_str().map(str::to_owned);
            client = text("client_id").unwrap_or(client);
            server = text("audience").and(text("id")).unwrap_or(server);
        }
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
