//! Smaller pictures of files: who sees them, where they lie, and when they go.

use std::io::Cursor;

use axum::body::Body;
use chancery::store::plans::Quotas;
use chancery::store::tenants::Settings;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use super::support::archive::Archivist;
use super::support::{Answer, TestApp, World};

/// A picture that no two of `seed` share.
fn picture(width: u32, height: u32, seed: u8, format: ImageFormat) -> Vec<u8> {
    let colour = |x: u32, y: u32| Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), seed]);
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, colour)).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn smaller(ada: &Archivist<'_>, file: &Value, variant: &str, headers: &[(&str, &str)]) -> Answer {
    let id = file["_id"].as_str().unwrap();
    ada.ask("GET", &format!("/files/{id}/content?variant={variant}"), headers, Body::empty()).await
}

#[tokio::test]
async fn a_smaller_picture_is_made_once_kept_with_its_file_and_goes_with_it() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let bytes = picture(400, 200, 1, ImageFormat::Jpeg);
    let file = ada.bring("holiday.jpg", "image/jpeg", bytes.clone()).await;
    let first = smaller(&ada, &file, "96x96", &[]).await;
    assert_eq!((first.status.as_u16(), first.header("content-type")), (200, "image/jpeg"));
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    assert!(first.header("content-security-policy").contains("sandbox"));
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let length: i64 = first.header("content-length").parse().unwrap();
    let whole = i64::try_from(bytes.len()).unwrap();
    assert!(length < whole, "{length}");
    assert_eq!((ada.usage().await, world.app.lying()), ((1, whole + length), 2), "it counts");
    let again = smaller(&ada, &file, "96x96", &[]).await;
    assert_eq!(again.header("repr-digest"), first.header("repr-digest"));
    assert_ne!(again.header("repr-digest"), ada.content(&file["_id"], &[]).await.header("repr-digest"));
    let known = smaller(&ada, &file, "96x96", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!(known.status, 304);
    let other = smaller(&ada, &file, "320x320f", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!(other.status, 200);
    assert_eq!(world.app.lying(), 3);
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    let changed = picture(400, 200, 2, ImageFormat::Jpeg);
    assert_eq!(ada.ask("PUT", &format!("{path}/content"), &[], changed).await.status, 200);
    assert_eq!(world.app.lying(), 1, "what was made of other bytes is gone");
    let anew = smaller(&ada, &file, "96x96", &[]).await;
    assert_ne!(anew.header("etag"), first.header("etag"));
    assert_eq!(ada.ask("DELETE", &format!("{path}?purge=true"), &[], Body::empty()).await.status, 204);
    assert_eq!((ada.usage().await, world.app.lying()), ((0, 0), 0));
    assert_eq!(smaller(&ada, &file, "96x96", &[]).await.status, 404);
}

#[tokio::test]
async fn w099_who_may_not_read_a_file_sees_no_smaller_picture_of_it_either() {
    let world = World::new().await;
    let (ada, grace) = (world.archivist("ada@demo.test").await, world.archivist("grace@demo.test").await);
    let file = ada.bring("private.png", "image/png", picture(300, 300, 3, ImageFormat::Png)).await;
    assert_eq!(smaller(&ada, &file, "96x96", &[]).await.status, 200);
    assert_eq!(smaller(&grace, &file, "96x96", &[]).await.status, 404);
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    let nobody = world.app.archive("GET", &format!("{path}/content?variant=96x96"), &[], Body::empty()).await;
    assert_eq!(nobody.status, 401);
    let writer = world.archivist_with("ada@demo.test", "archive:write").await;
    assert_eq!(smaller(&writer, &file, "96x96", &[]).await.status, 403);
    let (_, link) = ada.tell("POST", &format!("{path}:sign"), &json!({})).await;
    let linked = link["data"]["url"].as_str().unwrap().split("/archive").nth(1).unwrap().to_owned();
    let by_link = world.app.archive("GET", &format!("{linked}&variant=96x96"), &[], Body::empty()).await;
    assert_eq!((by_link.status.as_u16(), by_link.header("content-type")), (200, "image/png"));
    let events = chancery::store::audit::page(&world.app.app.db, &world.tenant.id, "", 100).await.unwrap();
    let seen = events.iter().filter(|event| event.action == "file.downloaded").count();
    assert_eq!(seen, 2, "each reading is in the audit trail");
}

#[tokio::test]
async fn f3_only_sizes_of_the_configuration_are_made_and_only_of_pictures_that_fit() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("a.gif", "image/gif", picture(300, 300, 4, ImageFormat::Gif)).await;
    for size in ["97x97", "96x96f", "0x0", "2000x2000", "..%2f"] {
        let refused = smaller(&ada, &file, size, &[]).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["code"].as_str()),
            (400, Some("invalid_parameter")),
            "{size}"
        );
    }
    assert_eq!(smaller(&ada, &file, "96x96", &[]).await.header("content-type"), "image/png");
    let mut bomb = picture(1, 1, 5, ImageFormat::Gif);
    bomb[6..10].copy_from_slice(&[0xff; 4]);
    let mut broken = picture(300, 300, 6, ImageFormat::Png);
    broken.truncate(600);
    for (name, bytes) in [("words.txt", b"words".to_vec()), ("bomb.gif", bomb), ("broken.png", broken)] {
        let file = ada.bring(name, "application/octet-stream", bytes).await;
        let refused = smaller(&ada, &file, "96x96", &[]).await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (422, Some("unprocessable")), "{name}");
    }
}

#[tokio::test]
async fn a_storm_of_requests_makes_a_picture_once() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("popular.png", "image/png", picture(600, 600, 7, ImageFormat::Png)).await;
    let all = futures_util::future::join_all((0..20).map(|_| smaller(&ada, &file, "96x96", &[]))).await;
    assert!(all.iter().all(|answer| answer.status == 200 && answer.header("etag") == all[0].header("etag")));
    assert_eq!(world.app.lying(), 2);
    let length: i64 = all[0].header("content-length").parse().unwrap();
    assert_eq!(ada.usage().await.1, file["size"].as_i64().unwrap() + length);
}

#[tokio::test]
async fn where_there_is_no_room_a_smaller_picture_is_made_and_not_kept() {
    let bytes = picture(300, 300, 8, ImageFormat::Png);
    let whole = bytes.len() as u64;
    let app = TestApp::start().await;
    let quotas = Quotas { file_bytes: Some(whole), ..Quotas::default() };
    let tenant = app.tenant("demo", Settings { quotas, ..Settings::default() }).await;
    let world = World { app, tenant };
    world.person("ada@demo.test").await;
    world.client("calendar", "Calendar", |_| {}).await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("large.png", "image/png", bytes).await;
    assert_eq!(smaller(&ada, &file, "96x96", &[]).await.status, 200);
    assert_eq!((ada.usage().await, world.app.lying()), ((1, i64::try_from(whole).unwrap()), 1));
}
