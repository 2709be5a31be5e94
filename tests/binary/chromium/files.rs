//! A person keeps a file: brings it, saves it, hands a link to somebody who has no account, takes the link back, and
//! deletes the file.

use super::driver::{Device, Window, is_there};
use crate::support::Server;
use crate::support::people::Person;

#[tokio::test]
async fn a_file_is_brought_shared_and_deleted_on_a_desk() {
    if is_there() {
        keeps_a_file(&Device::Desk).await;
    }
}

#[tokio::test]
async fn a_file_is_brought_shared_and_deleted_on_a_phone() {
    if is_there() {
        keeps_a_file(&Device::Phone).await;
    }
}

async fn keeps_a_file(device: &Device) {
    let server = Server::new().await;
    let ada = Person::of_dev(&server.place, "demo");
    let page = format!("{}/account/files", server.issuer("demo"));
    let window = Window::open(device).await;
    window.open_page(&page).await;
    window.shows("login").await;
    window.fill("#username", &ada.email).await;
    window.fill("#password", &ada.password).await;
    window.click("#login-submit").await;
    window.shows("account-files").await;
    window.assert_comfortable().await.unwrap();
    assert!(!window.text("#files-none").await.is_empty());

    let page_with_script = "<!doctype html><script>document.title = 'it ran'</script>";
    let file = std::env::temp_dir().join(format!("chancery-{}.html", uuid::Uuid::now_v7().simple()));
    std::fs::write(&file, page_with_script).unwrap();
    window.choose("#file", &file).await;
    window.click("#files-upload").await;
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(window.text("#files .item-title").await, name);
    window.assert_comfortable().await.unwrap();

    // Clicked, it is saved: the page stays, and nothing of the file runs in it.
    window.click("#files .file-link").await;
    window.shows("account-files").await;
    assert_ne!(window.client.execute("return document.title", Vec::new()).await.unwrap(), "it ran");

    window.click("#files button[value=share]").await;
    let link = window.value("#files-link").await;
    window.assert_comfortable().await.unwrap();
    let stranger = reqwest::Client::builder().build().unwrap();
    let read = stranger.get(&link).send().await.unwrap();
    assert_eq!(read.status(), 200);
    assert!(read.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(read.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(read.text().await.unwrap(), page_with_script);

    window.click("#files button[value=unshare]").await;
    window.shows("account-files").await;
    window.gone("#files-link").await;
    assert_eq!(stranger.get(&link).send().await.unwrap().status(), 403);

    window.click("#files button[value=delete]").await;
    assert!(!window.text("#files-none").await.is_empty());
    let complaints = window.complaints().await;
    assert!(complaints.is_empty(), "W-132: {complaints:#?}");
    window.close().await;
    server.done().await;
}
