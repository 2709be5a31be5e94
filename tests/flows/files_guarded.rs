//! Who may do what with files, how many there may be, and what may be in them.

use axum::body::Body;
use chancery::base::Seconds;
use chancery::config::Scan;
use chancery::store::plans::Quotas;
use chancery::store::tenants::{ArchiveSettings, Settings};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::archive::PNG;
use super::support::{TestApp, World};

async fn with(settings: Settings) -> World {
    let app = TestApp::start().await;
    let tenant = app.tenant("demo", settings).await;
    let world = World { app, tenant };
    for email in ["ada@demo.test", "grace@demo.test"] {
        world.person(email).await;
    }
    world.client("calendar", "Calendar", |_| {}).await;
    world
}

#[tokio::test]
async fn w099_d1_no_byte_is_read_without_a_token_its_scope_and_the_rules_leave() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("private.txt", "text/plain", "for ada alone").await;
    let id = file["_id"].as_str().unwrap();
    let content = format!("/files/{id}/content");
    let nobody = world.app.archive("GET", &content, &[], Body::empty()).await;
    assert_eq!(nobody.status, 401);
    let metadata =
        "resource_metadata=\"http://localhost:8080/.well-known/oauth-protected-resource/t/demo/api/v1/archive\"";
    assert!(nobody.header("www-authenticate").contains(metadata), "{:?}", nobody.headers);
    let writer = world.archivist_with("ada@demo.test", "archive:write").await;
    let refused = writer.content(&file["_id"], &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.header("www-authenticate").contains("scope=\"archive:read\""), "{:?}", refused.headers);
    let reader = world.archivist_with("ada@demo.test", "archive:read storage:write").await;
    assert_eq!(reader.ask("POST", "/files", &[], "x").await.status, 403);
    assert_eq!(reader.ask("DELETE", &format!("/files/{id}"), &[], Body::empty()).await.status, 403);
    let grace = world.archivist("grace@demo.test").await;
    for (method, path, body) in [
        ("GET", format!("/files/{id}"), ""),
        ("GET", content.clone(), ""),
        ("HEAD", content.clone(), ""),
        ("PUT", content.clone(), "hers"),
        ("DELETE", format!("/files/{id}"), ""),
        ("POST", format!("/files/{id}:sign"), "{}"),
        ("POST", format!("/files/{id}:restore"), "{}"),
        ("PATCH", format!("/files/{id}"), "{\"name\":\"hers\"}"),
    ] {
        let answer = grace.ask(method, &path, &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
    }
    let (_, list) = grace.read("/files?count=true").await;
    assert_eq!((&list["data"], &list["meta"]["count"]), (&json!([]), &json!(0)));
    assert_eq!(ada.content(&file["_id"], &[]).await.body, "for ada alone");
}

#[tokio::test]
async fn a_shared_file_is_read_by_the_tenant_and_changed_by_its_owner() {
    let world = World::new().await;
    let (ada, grace) = (world.archivist("ada@demo.test").await, world.archivist("grace@demo.test").await);
    let file = ada.bring("shared.txt", "text/plain", "for everybody here").await;
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    assert_eq!(ada.tell("PATCH", &path, &json!({ "visibility": "tenant" })).await.0, 200);
    assert_eq!(grace.content(&file["_id"], &[]).await.body, "for everybody here");
    assert_eq!(grace.tell("PATCH", &path, &json!({ "name": "hers" })).await.0, 403);
    assert_eq!(grace.ask("DELETE", &path, &[], Body::empty()).await.status, 403);
    assert_eq!(world.app.archive("GET", &format!("{path}/content"), &[], Body::empty()).await.status, 401);
    let public = ada.tell("PATCH", &path, &json!({ "visibility": "public" })).await;
    assert_eq!((public.0, &public.1["code"]), (403, &json!("rule_denied")), "this tenant has no public files");
}

#[tokio::test]
async fn a_tenant_may_allow_public_files_and_then_they_need_no_token() {
    let archive = ArchiveSettings { public: true, ..ArchiveSettings::default() };
    let world = with(Settings { archive, ..Settings::default() }).await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("logo.png", "image/png", PNG).await;
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    assert_eq!(world.app.archive("GET", &format!("{path}/content"), &[], Body::empty()).await.status, 401);
    assert_eq!(ada.tell("PATCH", &path, &json!({ "visibility": "public" })).await.0, 200);
    let read = world.app.archive("GET", &format!("{path}/content"), &[], Body::empty()).await;
    assert_eq!((read.status.as_u16(), read.header("cache-control")), (200, "public, max-age=300"));
    assert_eq!(world.app.archive("GET", &path, &[], Body::empty()).await.status, 401, "only the bytes are public");
}

#[tokio::test]
async fn w097_the_tenants_rules_decide_and_only_who_governs_sets_them() {
    let world = World::new().await;
    let (ada, grace) = (world.archivist("ada@demo.test").await, world.archivist("grace@demo.test").await);
    let key = world.app.api_key(&world.tenant, "archive:admin").await;
    let rules = json!({
        "read": { "$or": [{ "_owner": "$$auth.sub" }, { "metadata.for": "$$auth.sub" }] },
        "create": { "size": { "$lte": 10 } },
    });
    assert_eq!(ada.tell("PUT", "/rules", &rules).await.0, 403);
    let root = world.app.api("PUT", "/t/demo/api/v1/archive/rules", &key, Some(rules)).await;
    assert_eq!(root["data"]["update"], json!({ "_owner": "$$auth.sub" }), "{root}");
    let bad = json!({ "read": { "$where": "sleep(1000)" } });
    let refused = world.app.api("PUT", "/t/demo/api/v1/archive/rules", &key, Some(bad)).await;
    assert_eq!((&refused["status"], &refused["code"]), (&json!(422), &json!("invalid_filter")), "{refused}");
    let file = ada.bring("x.txt", "text/plain", "short").await;
    assert_eq!(ada.ask("POST", "/files", &[], "longer than ten").await.json()["code"], "rule_denied");
    assert_eq!(ada.usage().await, (1, 5));
    assert_eq!(grace.content(&file["_id"], &[]).await.status, 404);
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    let grace_id = world.sub("grace@demo.test").await;
    assert_eq!(ada.tell("PATCH", &path, &json!({ "metadata": { "for": grace_id } })).await.0, 200);
    assert_eq!(grace.content(&file["_id"], &[]).await.body, "short");
    assert_eq!(grace.read("/files").await.1["data"].as_array().unwrap().len(), 1);
    let others = json!({ "preset": "private" });
    world.app.api("PUT", "/t/demo/api/v1/archive/rules", &key, Some(others)).await;
    assert_eq!(ada.content(&file["_id"], &[]).await.status, 404);
}

#[tokio::test]
async fn w102_only_types_that_the_tenant_takes_come_in_whatever_they_are_called() {
    let archive = ArchiveSettings { types: vec!["image/*".to_owned()], ..ArchiveSettings::default() };
    let world = with(Settings { archive, ..Settings::default() }).await;
    let ada = world.archivist("ada@demo.test").await;
    ada.bring("picture", "application/octet-stream", PNG).await;
    for (name, bytes) in [("x.png", "words"), ("x.png", "<html>hello</html>"), ("x.png", "%PDF-1.7\n1 0 obj")] {
        let refused = ada.ask("POST", &format!("/files?name={name}"), &[("content-type", "image/png")], bytes).await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (415, Some("type_not_allowed")));
    }
    assert_eq!((ada.usage().await.0, world.app.lying()), (1, 1));
}

#[tokio::test]
async fn w102_f3_a_file_is_as_large_as_it_may_be_and_not_a_byte_larger() {
    let archive = ArchiveSettings { max_bytes: Some(100), ..ArchiveSettings::default() };
    let quotas = Quotas { files: Some(3), file_bytes: Some(250), ..Quotas::default() };
    let world = with(Settings { archive, quotas, ..Settings::default() }).await;
    let ada = world.archivist("ada@demo.test").await;
    ada.bring("exact.bin", "application/octet-stream", "x".repeat(100)).await;
    let large = ada.ask("POST", "/files", &[], "x".repeat(101)).await;
    assert_eq!((large.status.as_u16(), &large.json()["limit"]), (413, &json!(100)));
    let announced = ada.ask("POST", "/files", &[("content-length", "9000000000000000000")], "x").await;
    assert_eq!(announced.status, 413);
    ada.bring("more.bin", "application/octet-stream", "y".repeat(100)).await;
    let over = ada.ask("POST", "/files", &[], "z".repeat(51)).await;
    assert_eq!((over.status.as_u16(), over.json()["code"].as_str()), (403, Some("quota_exceeded")), "{}", over.body);
    assert_eq!(over.json()["used"], json!({ "files": 2, "bytes": 200 }));
    ada.bring("last.bin", "application/octet-stream", "z".repeat(50)).await;
    let fourth = ada.ask("POST", "/files", &[], "").await;
    assert_eq!(fourth.json()["code"], "quota_exceeded", "{}", fourth.body);
    assert_eq!((ada.usage().await, world.app.lying()), ((3, 250), 3));
}

#[tokio::test]
async fn the_same_bytes_lie_once_count_twice_and_nobody_learns_of_it() {
    let world = World::new().await;
    let (ada, grace) = (world.archivist("ada@demo.test").await, world.archivist("grace@demo.test").await);
    let first = ada.bring("one.txt", "text/plain", "the same bytes").await;
    let second = grace.bring("two.txt", "text/plain", "the same bytes").await;
    assert_ne!(first["_id"], second["_id"]);
    assert_eq!(world.app.lying(), 1);
    assert_eq!((ada.usage().await, grace.usage().await), ((1, 14), (1, 14)));
    let purge = |file: &serde_json::Value| format!("/files/{}?purge=true", file["_id"].as_str().unwrap());
    assert_eq!(ada.ask("DELETE", &purge(&first), &[], Body::empty()).await.status, 204);
    assert_eq!(grace.content(&second["_id"], &[]).await.body, "the same bytes");
    assert_eq!(grace.ask("DELETE", &purge(&second), &[], Body::empty()).await.status, 204);
    assert_eq!(world.app.lying(), 0);
}

#[tokio::test]
async fn w102_f3_what_a_crash_leaves_between_bytes_and_row_is_swept() {
    use chancery::base::BlobId;
    use chancery::store::blobs::{self, Loose};
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("kept.txt", "text/plain", "kept").await;
    let (id, now) = (BlobId::generate(), world.app.clock.now());
    let loose = Loose::nothing(&world.tenant.id, &id, now.plus(Seconds(86_400)));
    blobs::loosen(&world.app.app.db, &loose).await.unwrap();
    let folder = world.app.app.config.archive_folder().join(world.tenant.id.as_str());
    let shelf = folder.join(&id.as_str()[34..]);
    std::fs::create_dir_all(&shelf).unwrap();
    std::fs::write(shelf.join(id.as_str()), b"written, and then the lights went out").unwrap();
    std::fs::write(shelf.join(format!("{id}#1")), b"half written").unwrap();
    assert_eq!(world.app.app.files.sweep().await.unwrap().blobs, 0, "it may still be under way");
    world.app.clock.advance(Seconds(86_400));
    assert_eq!(world.app.app.files.sweep().await.unwrap().blobs, 1);
    assert_eq!(world.app.lying(), 1);
    let ada = world.archivist("ada@demo.test").await;
    assert_eq!(ada.content(&file["_id"], &[]).await.body, "kept");
}

/// A scanner that finds something in whatever holds `bad`.
async fn scanner() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            let mut bytes = Vec::new();
            loop {
                let length = stream.read_u32().await.unwrap();
                if length == 0 {
                    break;
                }
                let from = bytes.len();
                bytes.resize(from + length as usize, 0);
                stream.read_exact(&mut bytes[from..]).await.unwrap();
            }
            let bad = String::from_utf8_lossy(&bytes).contains("very bad");
            let verdict: &[u8] = if bad { b"stream: Test.Bad FOUND\0" } else { b"stream: OK\0" };
            stream.write_all(verdict).await.unwrap();
        }
    });
    format!("tcp://{address}")
}

#[tokio::test]
async fn w103_a_file_is_looked_at_before_it_is_read_and_a_bad_one_never_is() {
    let address = scanner().await;
    let app = TestApp::configured(|config| {
        config.archive.scan = Scan::BeforeReady;
        config.archive.scanner = address;
    })
    .await;
    let world = World::within(app).await;
    let ada = world.archivist("ada@demo.test").await;
    let (good, bad) = (
        ada.bring("good.txt", "text/plain", "good words").await,
        ada.bring("bad.txt", "text/plain", "something very bad").await,
    );
    assert_eq!(good["state"], "scanning");
    let state = async |file: &serde_json::Value| {
        let path = format!("/files/{}", file["_id"].as_str().unwrap());
        ada.read(&path).await.1["data"]["state"].as_str().unwrap().to_owned()
    };
    while state(&good).await == "scanning" || state(&bad).await == "scanning" {
        world.app.app.files.scan_due().await.unwrap();
    }
    assert_eq!(ada.content(&good["_id"], &[]).await.body, "good words");
    let refused = ada.content(&bad["_id"], &[]).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("quarantined")));
    let events = chancery::store::audit::page(&world.app.app.db, &world.tenant.id, "", 100).await.unwrap();
    let found = events.iter().find(|event| event.action == "file.quarantined").unwrap();
    assert_eq!((found.target.as_deref(), &found.detail["found"]), (bad["_id"].as_str(), &json!("Test.Bad")));
    let read = events.iter().find(|event| event.action == "file.downloaded").unwrap();
    assert_eq!(read.target.as_deref(), good["_id"].as_str());
}

#[tokio::test]
async fn w103_while_the_scanner_is_away_nothing_is_read() {
    let app = TestApp::configured(|config| {
        config.archive.scan = Scan::BeforeReady;
        config.archive.scanner = "tcp://127.0.0.1:1".to_owned();
    })
    .await;
    let world = World::within(app).await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("x.txt", "text/plain", "words").await;
    assert!(world.app.app.files.scan_due().await.is_err());
    let refused = ada.content(&file["_id"], &[]).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (409, Some("scan_pending")));
    let head = ada.ask("HEAD", &format!("/files/{}/content", file["_id"].as_str().unwrap()), &[], Body::empty()).await;
    assert_eq!(head.status, 409);
}
