//! The examples of the guide to organizations, run as they are written.

use super::support::World;

#[tokio::test]
async fn what_the_guide_to_organizations_shows_works() {
    let world = World::new().await;
    world.allow(&["billing:read", "billing:write"]).await;
    let owner = world.orgs("ada@demo.test").await;
    let grace = world.sub("grace@demo.test").await;
    let mut examples = examples(include_str!("../../docs/guides/organizations.md")).into_iter();
    assert!(examples.len() >= 12, "{examples:?}");
    let (method, path, body) = examples.next().unwrap();
    let made = world.call(&owner, &method, &path, Some(serde_json::from_str(&body).unwrap())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["data"]["id"].as_str().unwrap().to_owned();
    for (method, path, body) in examples {
        // Each example stands by itself, whatever the ones before made of these two.
        world.seat(&id, "ada@demo.test", "owner").await;
        world.seat(&id, "grace@demo.test", "member").await;
        let body = Some(body.replace("{user}", &grace)).filter(|body| !body.is_empty());
        let body = body.map(|body| serde_json::from_str(&body).unwrap());
        let answer = world.call(&owner, &method, &path.replace("{user}", &grace), body).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.body);
    }
    let gone = world.call(&owner, "GET", &format!("/organizations/{id}"), None).await;
    assert_eq!(gone.status, 404, "the guide ends with the deletion");
}

/// Method, path below the API, and body of each block.
fn examples(guide: &str) -> Vec<(String, String, String)> {
    let blocks = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n"));
    blocks
        .map(|block| {
            let (first, body) = block.split_once('\n').unwrap();
            let (method, path) = first.split_once(" {T}/api/v1").unwrap();
            (method.to_owned(), path.to_owned(), body.trim().to_owned())
        })
        .collect()
}
