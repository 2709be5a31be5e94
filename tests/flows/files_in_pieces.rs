//! Files that arrive in pieces (tus 1.0).

use axum::body::Body;
use chancery::base::Seconds;
use chancery::store::plans::Quotas;
use chancery::store::tenants::Settings;
use futures_util::stream;
use serde_json::json;

use super::support::archive::Archivist;
use super::support::{Answer, World};

const TUS: (&str, &str) = ("tus-resumable", "1.0.0");

async fn begin(who: &Archivist<'_>, length: usize) -> String {
    let metadata = "filename bW92aWUudHh0,filetype dGV4dC9wbGFpbg==,path Y2xpcHM=";
    let length = length.to_string();
    let headers = [TUS, ("upload-length", length.as_str()), ("upload-metadata", metadata)];
    let answer = who.ask("POST", "/uploads", &headers, Body::empty()).await;
    assert_eq!((answer.status.as_u16(), answer.header("tus-resumable")), (201, "1.0.0"), "{}", answer.body);
    assert!(answer.header("upload-expires").ends_with("GMT"));
    answer.header("location").split_once("/api/v1/archive").unwrap().1.to_owned()
}

async fn piece(who: &Archivist<'_>, at: &str, offset: usize, body: impl Into<Body>) -> Answer {
    let offset = offset.to_string();
    let headers = [TUS, ("upload-offset", offset.as_str()), ("content-type", "application/offset+octet-stream")];
    who.ask("PATCH", at, &headers, body).await
}

async fn offset(who: &Archivist<'_>, at: &str) -> (u16, String) {
    let answer = who.ask("HEAD", at, &[TUS], Body::empty()).await;
    (answer.status.as_u16(), answer.header("upload-offset").to_owned())
}

#[tokio::test]
async fn a_file_in_three_pieces_is_one_file_and_the_pieces_are_gone() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let at = begin(&ada, 15).await;
    assert_eq!(ada.usage().await, (1, 15), "its room is reserved");
    for (from, text, next) in [(0, "first", "5"), (5, "secon", "10")] {
        let taken = piece(&ada, &at, from, text).await;
        assert_eq!((taken.status.as_u16(), taken.header("upload-offset")), (204, next), "{}", taken.body);
        assert_eq!(offset(&ada, &at).await, (200, next.to_owned()));
    }
    assert_eq!(world.app.lying(), 2);
    let last = piece(&ada, &at, 10, "third").await;
    assert_eq!((last.status.as_u16(), last.header("upload-offset")), (204, "15"), "{}", last.body);
    let path = last.header("content-location").split_once("/api/v1/archive").unwrap().1.to_owned();
    let (_, file) = ada.read(&path).await;
    assert_eq!((&file["data"]["name"], &file["data"]["path"]), (&json!("movie.txt"), &json!("clips")));
    assert_eq!(ada.content(&file["data"]["_id"], &[]).await.body, "firstseconthird");
    assert_eq!((ada.usage().await, world.app.lying()), ((1, 15), 1));
    assert_eq!(offset(&ada, &at).await, (200, "15".to_owned()), "who missed the answer learns that it is whole");
}

#[tokio::test]
async fn pieces_fit_where_the_last_one_ended_and_carry_their_digest() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let at = begin(&ada, 11).await;
    assert_eq!(piece(&ada, &at, 3, "gap").await.status, 409);
    assert_eq!(piece(&ada, &at, 0, "far too many bytes").await.status, 413);
    let typed = [TUS, ("upload-offset", "0"), ("content-type", "text/plain")];
    assert_eq!(ada.ask("PATCH", &at, &typed, "x").await.status, 415);
    let kind = ("content-type", "application/offset+octet-stream");
    let wrong =
        [TUS, ("upload-offset", "0"), kind, ("upload-checksum", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=")];
    assert_eq!(ada.ask("PATCH", &at, &wrong, "hello_world").await.status.as_u16(), 460);
    assert_eq!((offset(&ada, &at).await, world.app.lying()), ((200, "0".to_owned()), 0));
    assert_eq!(ada.ask("PATCH", &at, &wrong, "hello world").await.status, 204);
}

#[tokio::test]
async fn what_arrived_before_the_connection_broke_is_kept() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let at = begin(&ada, 10).await;
    let broken = stream::iter([Ok("hello"), Err(std::io::Error::other("gone"))]);
    piece(&ada, &at, 0, Body::from_stream(broken)).await;
    assert_eq!(offset(&ada, &at).await, (200, "5".to_owned()));
    assert_eq!(piece(&ada, &at, 5, "world").await.status, 204);
}

#[tokio::test]
async fn f3_an_upload_that_is_given_up_leaves_nothing() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let (one, two) = (begin(&ada, 100).await, begin(&ada, 100).await);
    piece(&ada, &one, 0, "some").await;
    piece(&ada, &two, 0, "some").await;
    assert_eq!(ada.ask("DELETE", &one, &[TUS], Body::empty()).await.status, 204);
    assert_eq!(offset(&ada, &one).await.0, 404);
    world.app.clock.advance(Seconds(86_400));
    assert_eq!(world.app.app.files.sweep().await.unwrap().uploads, 1);
    let ada = world.archivist("ada@demo.test").await;
    assert_eq!((ada.usage().await, world.app.lying(), offset(&ada, &two).await.0), ((0, 0), 0, 404));
}

#[tokio::test]
async fn an_upload_is_its_owners_within_their_quota_and_speaks_one_version() {
    let quotas = Quotas { file_bytes: Some(100), ..Quotas::default() };
    let world = World::new().await;
    let (ada, grace) = (world.archivist("ada@demo.test").await, world.archivist("grace@demo.test").await);
    let at = begin(&ada, 10).await;
    assert_eq!((offset(&grace, &at).await.0, piece(&grace, &at, 0, "hers").await.status.as_u16()), (404, 404));
    assert_eq!(grace.ask("DELETE", &at, &[TUS], Body::empty()).await.status, 404);
    let other = ada.ask("HEAD", &at, &[("tus-resumable", "0.2.2")], Body::empty()).await;
    assert_eq!((other.status.as_u16(), other.header("tus-version")), (412, "1.0.0"));
    let spoken = ada.ask("OPTIONS", "/uploads", &[], Body::empty()).await;
    assert_eq!(spoken.header("tus-extension"), "creation,expiration,checksum,termination");
    let tenant = world.app.tenant("small", Settings { quotas, ..Settings::default() }).await;
    let key = world.app.api_key(&tenant, "archive:write").await;
    let request = axum::http::Request::post("/t/small/api/v1/archive/uploads")
        .header("authorization", format!("Bearer {key}"))
        .header("tus-resumable", "1.0.0");
    let request = request.header("upload-length", "101").body(Body::empty()).unwrap();
    let over = world.app.send(request).await;
    assert_eq!((over.status.as_u16(), over.json()["code"].as_str()), (403, Some("quota_exceeded")));
    let empty = ada.ask("POST", "/uploads", &[TUS, ("upload-length", "0")], Body::empty()).await;
    assert!(!empty.header("content-location").is_empty(), "nothing more has to come: {:?}", empty.headers);
}
