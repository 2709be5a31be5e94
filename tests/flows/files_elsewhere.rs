//! Files whose bytes lie in an S3-compatible store.

use axum::body::Body;
use chancery::base::Seconds;
use futures_util::stream;

use super::s3::S3Server;
use super::support::{TestApp, World};

async fn world(store: &S3Server) -> World {
    let url = store.url.clone();
    let app = TestApp::configured(|config| {
        config.archive.store = "s3://bucket/files".to_owned();
        config.archive.s3_endpoint = url;
        config.archive.s3_access_key = "test-key".to_owned();
        config.archive.s3_secret_key = serde_json::from_value("test-secret".into()).unwrap();
    })
    .await;
    World::within(app).await
}

#[tokio::test]
async fn files_of_any_size_go_to_the_store_and_come_back_in_whole_and_in_parts() {
    let store = S3Server::start().await;
    let world = world(&store).await;
    let ada = world.archivist("ada@demo.test").await;
    let small = ada.bring("small.txt", "text/plain", "hello world").await;
    let large: String = (0..3_000_000).map(|n| format!("{:07}", n % 9_999_999)).collect();
    let file = ada.bring("large.txt", "text/plain", large.clone()).await;
    let objects = store.objects();
    assert_eq!(objects.iter().map(|(_, size)| *size).max(), Some(large.len()));
    assert!(objects.iter().all(|(key, _)| key.starts_with(&format!("files/{}/", world.tenant.id))), "{objects:?}");
    assert_eq!(ada.content(&small["_id"], &[]).await.body, "hello world");
    assert_eq!(ada.content(&small["_id"], &[("range", "bytes=6-8")]).await.body, "wor");
    let middle = ada.content(&file["_id"], &[("range", "bytes=9000000-9000013")]).await;
    assert_eq!((middle.status.as_u16(), middle.body.as_str()), (206, &large[9_000_000..9_000_014]));
    for file in [&small, &file] {
        let path = format!("/files/{}?purge=true", file["_id"].as_str().unwrap());
        assert_eq!(ada.ask("DELETE", &path, &[], Body::empty()).await.status, 204);
    }
    assert_eq!((store.objects(), store.unfinished()), (vec![], 0));
}

#[tokio::test]
async fn f3_an_upload_that_breaks_off_leaves_nothing_in_the_store() {
    let store = S3Server::start().await;
    let world = world(&store).await;
    let ada = world.archivist("ada@demo.test").await;
    let pieces = (0..12).map(|_| Ok(vec![7; 1 << 20])).chain([Err(std::io::Error::other("gone"))]);
    let broken = ada.ask("POST", "/files", &[], Body::from_stream(stream::iter(pieces))).await;
    assert_eq!(broken.status, 400, "{}", broken.body);
    assert_eq!((ada.usage().await, store.objects()), ((0, 0), vec![]));
    for _ in 0..1_000 {
        if store.unfinished() == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the unfinished upload is still there");
}

#[tokio::test]
async fn while_the_store_is_away_that_is_said_and_nothing_is_lost() {
    let store = S3Server::start().await;
    let world = world(&store).await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("kept.txt", "text/plain", "kept").await;
    store.is_away(true);
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    for answer in [ada.content(&file["_id"], &[]).await, ada.ask("POST", "/files", &[], "more").await] {
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"), "{}", answer.body);
        assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
    }
    assert_eq!(ada.ask("DELETE", &format!("{path}?purge=true"), &[], Body::empty()).await.status, 204);
    assert_eq!((ada.usage().await.0, store.objects().len()), (1, 1), "the one that could not be given up counts");
    store.is_away(false);
    world.app.clock.advance(Seconds(60));
    world.app.app.files.sweep().await.unwrap();
    assert_eq!(store.objects(), [], "what could not be removed then is removed now");
    assert_eq!(ada.usage().await, (0, 0));
}

#[tokio::test]
async fn readiness_tells_whether_the_store_answers_and_lets_people_sign_in_meanwhile() {
    let store = S3Server::start().await;
    let world = world(&store).await;
    let ready = async || {
        let answer = world.app.get("/readyz").await;
        assert_eq!(answer.status, 200);
        answer.json()["files"].as_str().unwrap().to_owned()
    };
    assert_eq!(ready().await, "ok");
    store.is_away(true);
    assert_eq!(ready().await, "ok", "it is asked every few seconds at most");
    world.app.clock.advance(Seconds(5));
    assert_eq!(ready().await, "away");
    store.is_away(false);
    world.app.clock.advance(Seconds(5));
    assert_eq!(ready().await, "ok");
}
