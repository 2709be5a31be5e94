//! Files come and go: uploads of every shape, their bytes back in whole and in parts, other words about them, their end
//! and their return.

use axum::body::{Body, Bytes};
use serde_json::{Value, json};

use super::support::World;
use super::support::archive::{Archivist, PNG};

const HELLO: &str = "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:";

async fn world() -> World {
    World::new().await
}

#[tokio::test]
async fn a_file_that_is_brought_is_described_and_read_back() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let answer = ada
        .ask(
            "POST",
            "/files?path=notes/2026",
            &[
                ("content-type", "text/plain"),
                ("content-disposition", "attachment; filename=\"hello.txt\""),
                ("content-digest", HELLO),
            ],
            "hello world",
        )
        .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let file = answer.json()["data"].clone();
    let place = format!("{}/api/v1/archive/files/{}", world.issuer("demo"), file["_id"].as_str().unwrap());
    assert_eq!((answer.header("location"), answer.header("etag")), (place.as_str(), "\"1\""));
    assert_eq!((&file["name"], &file["path"]), (&json!("hello.txt"), &json!("notes/2026")));
    assert_eq!((&file["size"], &file["type"], &file["state"]), (&json!(11), &json!("text/plain"), &json!("ready")));
    assert_eq!(file["_owner"], world.sub("ada@demo.test").await);
    let content = ada.content(&file["_id"], &[]).await;
    assert_eq!((content.status.as_u16(), content.body.as_str()), (200, "hello world"));
    assert_eq!((content.header("repr-digest"), content.header("accept-ranges")), (HELLO, "bytes"));
    assert_eq!((content.header("content-length"), content.header("x-content-type-options")), ("11", "nosniff"));
    let (_, again) = ada.read(&format!("/files/{}", file["_id"].as_str().unwrap())).await;
    assert_eq!((&again["data"]["downloads"], &again["data"]["sha256"]), (&json!(1), &file["sha256"]));
}

#[tokio::test]
async fn bytes_are_read_in_parts_and_only_when_they_are_others() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("hello.txt", "text/plain", "hello world").await;
    let id = &file["_id"];
    let part = ada.content(id, &[("range", "bytes=6-")]).await;
    assert_eq!((part.status.as_u16(), part.body.as_str()), (206, "world"));
    assert_eq!((part.header("content-range"), part.header("repr-digest")), ("bytes 6-10/11", HELLO));
    let beyond = ada.content(id, &[("range", "bytes=11-")]).await;
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, "bytes */11"));
    assert_eq!(beyond.json()["code"], "range_not_satisfiable");
    let several = ada.content(id, &[("range", "bytes=0-0,2-3")]).await;
    assert_eq!((several.status.as_u16(), several.body.as_str()), (200, "hello world"));
    let tag = part.header("etag").to_owned();
    let known = ada.content(id, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status.as_u16(), known.body.as_str()), (304, ""));
    let old = ada.content(id, &[("range", "bytes=6-"), ("if-range", "\"other\"")]).await;
    assert_eq!((old.status.as_u16(), old.body.as_str()), (200, "hello world"));
    let another = ada.content(id, &[("if-match", "\"other\"")]).await;
    assert_eq!(another.status, 412);
    let head = ada.ask("HEAD", &format!("/files/{}/content", id.as_str().unwrap()), &[], Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.body.as_str(), head.header("content-length")), (200, "", "11"));
}

#[tokio::test]
async fn uploads_have_many_shapes_and_most_of_them_are_wrong() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let good = ada
        .form(&[("metadata", None, "{\"team\":\"blue\"}"), ("path", None, "a/b"), ("file", Some("x.txt"), "in a form")])
        .await;
    assert_eq!(good.status, 201, "{}", good.body);
    let file = good.json()["data"].clone();
    assert_eq!((&file["name"], &file["metadata"]["team"]), (&json!("x.txt"), &json!("blue")));
    let unnamed = ada.form(&[("file", None, "no name")]).await;
    assert_eq!((unnamed.status.as_u16(), &unnamed.json()["data"]["name"]), (201, &json!("file")));
    let empty = ada.bring("empty.txt", "text/plain", "").await;
    assert_eq!(empty["size"], 0);
    assert_eq!(ada.content(&empty["_id"], &[]).await.body, "");
    let before = (ada.usage().await, world.app.lying());
    for (parts, status) in [
        (&[("file", Some("a"), "1"), ("file", Some("b"), "2")][..], 400),
        (&[("document", Some("a"), "1")], 400),
        (&[("metadata", None, "{}")], 400),
        (&[("metadata", None, "[1]"), ("file", Some("a"), "1")], 400),
        (&[("metadata", None, "{\"_owner\":\"eve\"}"), ("file", Some("a"), "1")], 422),
        (&[("owner", None, "eve"), ("file", Some("a"), "1")], 400),
        (&[("file", Some("a"), "1"), ("path", None, "late")], 400),
        (&[("path", None, "../up"), ("file", Some("a"), "1")], 422),
        (&[("visibility", None, "everybody"), ("file", Some("a"), "1")], 422),
    ] {
        let answer = ada.form(parts).await;
        assert_eq!(answer.status.as_u16(), status, "{parts:?}: {}", answer.body);
    }
    for (header, value, status) in [
        ("content-digest", HELLO, 400),
        ("content-digest", "sha-256=hello", 400),
        ("content-type", "multipart/form-data", 400),
        ("content-type", "multipart/form-data; boundary=lim", 400),
    ] {
        let answer = ada.ask("POST", "/files", &[(header, value)], "other bytes").await;
        assert_eq!(answer.status.as_u16(), status, "{header}: {value}: {}", answer.body);
    }
    assert_eq!((ada.usage().await, world.app.lying()), before, "what is refused leaves nothing");
}

#[tokio::test]
async fn w100_a_hundred_uploads_of_one_name_are_a_hundred_files() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let mut ids = Vec::new();
    for number in 0..100 {
        ids.push(ada.bring("same.txt", "text/plain", format!("number {number}")).await["_id"].clone());
    }
    let gone = ada.ask("DELETE", &format!("/files/{}", ids[0].as_str().unwrap()), &[], Body::empty()).await;
    assert_eq!(gone.status, 204);
    for (number, id) in ids.iter().enumerate().skip(1) {
        assert_eq!(ada.content(id, &[]).await.body, format!("number {number}"));
    }
    assert_eq!(ada.content(&ids[0], &[]).await.status, 404);
}

#[tokio::test]
async fn w101_f2_what_could_run_in_a_browser_is_never_shown_in_it() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let script = "<script>alert(document.domain)</script>";
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    for (name, kind, bytes, shown) in [
        ("page.html", "text/html", Bytes::from(format!("<!doctype html>{script}")), false),
        ("page.png", "image/png", Bytes::from(format!("<!-- x --><html>{script}")), false),
        ("page.txt", "text/plain", Bytes::from(script), false),
        ("drawing.svg", "image/svg+xml", Bytes::from(svg), false),
        ("drawing.png", "image/png", Bytes::from(svg), false),
        ("script.js", "text/javascript", Bytes::from("alert(1)"), false),
        ("feed.xml", "application/xml", Bytes::from("<?xml version=\"1.0\"?><x/>"), false),
        ("liar.png", "image/png", Bytes::from("just words"), true),
        ("picture.html", "text/html", Bytes::from_static(PNG), true),
    ] {
        let file = ada.bring(name, kind, bytes).await;
        let sent = ada.content(&file["_id"], &[]).await;
        let told = format!("{name}: {} {:?}", file["type"], sent.headers);
        assert_eq!(sent.header("content-disposition").starts_with("inline"), shown, "{told}");
        assert_eq!(sent.header("content-security-policy"), "default-src 'none'; sandbox", "{told}");
        assert_eq!(sent.header("x-content-type-options"), "nosniff", "{told}");
        assert_eq!(sent.header("cross-origin-resource-policy"), "same-site", "{told}");
        assert_eq!(sent.header("cache-control"), "private, no-cache", "{told}");
        if shown {
            assert!(["image/png", "text/plain; charset=utf-8"].contains(&sent.header("content-type")), "{told}");
            let path = format!("/files/{}/content?download=saved.png", file["_id"].as_str().unwrap());
            let saved = ada.ask("GET", &path, &[], Body::empty()).await;
            assert_eq!(saved.header("content-disposition"), "attachment; filename=\"saved.png\"");
        }
    }
}

#[tokio::test]
async fn w104_f1_no_name_leaves_the_store_or_its_header() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let long = format!("{}.txt", "x".repeat(400));
    for name in
        ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/cron.d/x", "CON", "a\u{202e}gpj.exe", "☃ \"q\".txt", &long]
    {
        let file = ada.bring(name, "text/plain", name.to_owned()).await;
        let kept = file["name"].as_str().unwrap();
        assert!(!kept.contains(['/', '\\', '\u{202e}']) && kept.len() <= 255 && !kept.is_empty(), "{kept}");
        let sent = ada.content(&file["_id"], &[]).await;
        assert_eq!(sent.body, name);
        let disposition = sent.header("content-disposition");
        assert!(disposition.is_ascii() && disposition.matches('"').count() == 2, "{disposition}");
    }
    let folder = world.app.app.config.archive_folder();
    for path in walk(&folder) {
        let place = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let ours = place.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '-' | '/'));
        assert!(ours && place.starts_with(world.tenant.id.as_str()), "{place}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

async fn changed(who: &Archivist<'_>, id: &str, over: &str, change: Value) -> (u16, Value) {
    let headers = [("content-type", "application/json"), ("if-match", over)];
    let answer = who.ask("PATCH", &format!("/files/{id}"), &headers, change.to_string()).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn what_is_said_of_a_file_changes_over_the_revision_that_was_read() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("draft.txt", "text/plain", "words").await;
    let id = file["_id"].as_str().unwrap();
    let change = json!({ "name": "final.txt", "path": "done", "metadata": { "a": 1, "b": { "c": 2 } } });
    let (status, body) = changed(&ada, id, "\"1\"", change.clone()).await;
    assert_eq!((status, &body["data"]["_rev"], &body["data"]["name"]), (200, &json!(2), &json!("final.txt")));
    assert_eq!(changed(&ada, id, "\"1\"", change).await.0, 412, "somebody was faster");
    let (_, body) = changed(&ada, id, "*", json!({ "path": null, "metadata": { "a": null, "b": { "d": 3 } } })).await;
    assert_eq!((&body["data"]["path"], &body["data"]["metadata"]), (&Value::Null, &json!({ "b": { "c": 2, "d": 3 } })));
    for server in ["_owner", "size", "sha256", "type", "state", "tenant_id", "downloads"] {
        let (status, body) = changed(&ada, id, "*", json!({ server: "eve" })).await;
        assert_eq!(status, 400, "{server}: {body}");
    }
    let headers = [("content-type", "text/plain"), ("if-match", "\"3\"")];
    let other = ada.ask("PUT", &format!("/files/{id}/content"), &headers, "other words").await;
    assert_eq!((other.status.as_u16(), &other.json()["data"]["size"]), (200, &json!(11)), "{}", other.body);
    assert_eq!(ada.content(&file["_id"], &[]).await.body, "other words");
    assert_eq!(ada.usage().await, (1, 11));
    assert_eq!(ada.ask("PUT", &format!("/files/{id}/content"), &headers, "third").await.status, 412);
}

#[tokio::test]
async fn a_deleted_file_can_come_back_until_it_is_purged() {
    let world = world().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("x.txt", "text/plain", "words").await;
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    assert_eq!(ada.ask("DELETE", &path, &[], Body::empty()).await.status, 204);
    assert_eq!((ada.read(&path).await.0, ada.content(&file["_id"], &[]).await.status.as_u16()), (404, 404));
    assert_eq!(ada.tell("POST", &format!("{path}:restore"), &json!({})).await.0, 200);
    assert_eq!(ada.content(&file["_id"], &[]).await.body, "words");
    assert_eq!(ada.ask("DELETE", &path, &[], Body::empty()).await.status, 204);
    world.app.clock.advance(chancery::base::Seconds(30 * 86_400));
    assert_eq!(world.app.app.files.sweep().await.unwrap().files, 1);
    let ada = world.archivist("ada@demo.test").await;
    assert_eq!(ada.tell("POST", &format!("{path}:restore"), &json!({})).await.0, 404);
    assert_eq!((ada.usage().await, world.app.lying()), ((0, 0), 0));
    let other = ada.bring("y.txt", "text/plain", "words").await;
    let path = format!("/files/{}?purge=true", other["_id"].as_str().unwrap());
    assert_eq!(ada.ask("DELETE", &path, &[], Body::empty()).await.status, 204);
    assert_eq!((ada.usage().await, world.app.lying()), ((0, 0), 0), "at once");
}
