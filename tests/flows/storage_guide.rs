//! The examples of the guide to storage, run as they are written.

use serde_json::Value;

use super::support::storage::Storage;

#[tokio::test]
async fn what_the_guide_to_storage_shows_works() {
    let storage = Storage::new().await;
    let guide = include_str!("../../docs/guides/storage.md");
    let mut run = 0;
    for block in guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n")) {
        let (first, body) = block.split_once('\n').unwrap();
        let (method, path) = first.split_once(" {T}/api/v1/storage").unwrap();
        let path = path.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        let body = Some(body.trim())
            .filter(|body| !body.is_empty())
            .map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        let defines = method == "PUT" && !path.contains("/documents");
        let token = if defines { &storage.admin } else { &storage.ada };
        let (status, told) = storage.ask(token, method, &path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {told}");
        run += 1;
    }
    assert_eq!(run, 15);
    let sent = storage.good(&storage.ada, "GET", "/orders/documents/second", Value::Null).await;
    assert_eq!(sent["state"], "sent");
}
