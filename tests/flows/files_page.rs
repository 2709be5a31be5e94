//! The page of one's files, without a script: bring, save, share, delete.

use axum::body::Body;
use axum::http::Request;

use super::support::{Answer, PASSWORD, Person, World};

const PAGE: &str = "/t/demo/account/files";

async fn signed_in(world: &World, email: &str) -> Person {
    let mut person = Person::default();
    person.open(&world.app, PAGE).await;
    let answer = person.submit(&world.app, "login-form", &[("username", email), ("password", PASSWORD)]).await;
    assert_eq!(answer.page(), "account-files", "who comes for their files gets to them");
    person
}

/// Sends the page's form with a file, as this browser with this anti-forgery token.
async fn upload(world: &World, person: &Person, csrf: &str, name: &str, content: &str) -> Answer {
    let cookies = person.cookies.iter().map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>();
    let body = format!(
        "--lim\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --lim\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/html\r\n\r\n{content}\r\n--lim--\r\n"
    );
    let request = Request::post(PAGE)
        .header("cookie", cookies.join("; "))
        .header("origin", world.app.app.config.base())
        .header("content-type", "multipart/form-data; boundary=lim");
    world.app.send(request.body(Body::from(body)).unwrap()).await
}

fn csrf(person: &Person) -> String {
    let (_, rest) = person.page.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn people_bring_save_share_and_delete_files_by_page() {
    let world = World::new().await;
    let mut ada = signed_in(&world, "ada@demo.test").await;
    assert!(ada.page.contains("id=\"files-none\""));
    let brought = upload(&world, &ada, &csrf(&ada), "<b>page.html", "<script>alert(1)</script>").await;
    assert_eq!(brought.status, 303, "{}", brought.body);
    let page = ada.open(&world.app, PAGE).await;
    let token = csrf(&ada);
    assert!(page.body.contains("&#60;b&#62;page.html") && !page.body.contains("<b>page"), "{}", page.body);
    let (_, rest) = page.body.split_once("data-file=\"").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    let saved = ada.open(&world.app, &format!("{PAGE}/{id}")).await;
    assert_eq!((saved.status.as_u16(), saved.body.as_str()), (200, "<script>alert(1)</script>"));
    assert!(saved.header("content-disposition").starts_with("attachment"), "F2: {:?}", saved.headers);
    assert_eq!(saved.header("content-security-policy"), "default-src 'none'; sandbox");

    let mut grace = signed_in(&world, "grace@demo.test").await;
    assert!(!grace.page.contains(&id), "it is not hers to see");
    assert_eq!(grace.open(&world.app, &format!("{PAGE}/{id}")).await.status, 404);

    let act = async |person: &Person, what: &str| {
        let cookies = person.cookies.iter().map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>();
        let cookies = cookies.join("; ");
        let headers = [("cookie", cookies.as_str()), ("origin", world.app.app.config.base())];
        world.app.post(&format!("{PAGE}/{id}"), &[("csrf", &token), ("do", what)], &headers).await
    };
    // The token of another browser is worth nothing in this one (W-044).
    assert_eq!(act(&grace, "delete").await.status, 403);
    let shared = act(&ada, "share").await;
    let (_, rest) = shared.body.split_once("id=\"files-link\"").unwrap();
    let link = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    let path = link.strip_prefix(world.app.app.config.base()).unwrap();
    assert_eq!(world.app.get(path).await.body, "<script>alert(1)</script>");
    assert_eq!(act(&ada, "unshare").await.status, 303);
    assert_eq!(world.app.get(path).await.status, 403);
    assert_eq!(act(&ada, "delete").await.status, 303);
    assert!(ada.open(&world.app, PAGE).await.body.contains("id=\"files-none\""));
}

#[tokio::test]
async fn w044_a_file_from_another_page_or_without_a_name_is_not_taken() {
    let world = World::new().await;
    let ada = signed_in(&world, "ada@demo.test").await;
    let forged = upload(&world, &ada, "invented", "x.txt", "words").await;
    assert_eq!((forged.status.as_u16(), forged.page()), (403, "error"));
    let nothing = upload(&world, &ada, &csrf(&ada), "", "").await;
    assert_eq!((nothing.status.as_u16(), nothing.page()), (400, "account-files"), "{}", nothing.body);
    assert!(nothing.body.contains("Choose a file first."));
    let stranger = Person::default();
    let strange = upload(&world, &stranger, "invented", "x.txt", "words").await;
    assert_eq!(strange.status, 403);
    assert_eq!(world.app.lying(), 0);
}
