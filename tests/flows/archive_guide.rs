//! The examples of the guide to files, run as they are written.

use axum::http::Request;

use super::support::World;

#[tokio::test]
async fn what_the_guide_to_files_shows_works() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let guide = include_str!("../../docs/guides/archive.md");
    let blocks: Vec<&str> =
        guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n")).collect();
    assert!(blocks.len() >= 12, "{}", blocks.len());
    let mut file = String::new();
    for block in blocks {
        let block = block.replace("{file}", &file);
        let (head, body) = block.split_once("\n\n").unwrap_or((block.trim_end(), ""));
        let mut lines = head.lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        // What a client's URL library does.
        let path = path.replace('"', "%22").replace('{', "%7B").replace('}', "%7D").replace('$', "%24");
        let mut request = Request::builder().method(method).uri(format!("/t/demo/api/v1/archive{path}"));
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let request = request.header("authorization", format!("Bearer {}", ada.token));
        let form = body.starts_with("--");
        let body = if form { body.replace('\n', "\r\n") } else { body.trim_end().to_owned() };
        let answer = world.app.send(request.body(body.into()).unwrap()).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.body);
        if file.is_empty() {
            answer.json()["data"]["_id"].as_str().unwrap().clone_into(&mut file);
        }
        if path.contains("filter=") {
            assert_eq!(answer.json()["meta"]["count"], 1, "{}", answer.body);
        }
    }
}
