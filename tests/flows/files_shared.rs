//! Signed links: to read one file or bring one, for a while.

use axum::body::Body;
use chancery::base::{Actor, Seconds};
use serde_json::{Value, json};

use super::support::archive::{Archivist, PNG};
use super::support::{Answer, World};

/// Follows a link as whoever was given it.
async fn follow(world: &World, url: &Value, method: &str, body: &'static [u8]) -> Answer {
    let path = url.as_str().unwrap().split_once("/api/v1/archive").unwrap().1;
    world.app.archive(method, path, &[], body).await
}

#[tokio::test]
async fn w099_whoever_holds_a_link_reads_one_file_until_its_time_is_over() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let (file, other) =
        (ada.bring("a.txt", "text/plain", "shared").await, ada.bring("b.txt", "text/plain", "own").await);
    let id = file["_id"].as_str().unwrap();
    let (status, signed) = ada.tell("POST", &format!("/files/{id}:sign"), &json!({ "expires_in": 60 })).await;
    assert_eq!(status, 201, "{signed}");
    let url = &signed["data"]["url"];
    assert_eq!(follow(&world, url, "GET", b"").await.body, "shared");
    let elsewhere = json!(url.as_str().unwrap().replace(id, other["_id"].as_str().unwrap()));
    assert_eq!(follow(&world, &elsewhere, "GET", b"").await.status, 403, "not another file");
    assert_eq!(follow(&world, url, "PUT", b"x").await.status, 403, "not another deed");
    for at in [5, 40, 80] {
        let mut text = url.as_str().unwrap().to_owned();
        let from = text.find("link=").unwrap() + at;
        let letter = if &text[from..=from] == "A" { "B" } else { "A" };
        text.replace_range(from..=from, letter);
        assert_eq!(follow(&world, &json!(text), "GET", b"").await.status, 403, "altered at {at}");
    }
    world.app.clock.advance(Seconds(60));
    assert_eq!(follow(&world, url, "GET", b"").await.status, 403, "too late");
}

#[tokio::test]
async fn links_are_withdrawn_and_end_with_their_file() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("a.txt", "text/plain", "shared").await;
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    let (_, signed) = ada.tell("POST", &format!("{path}:sign"), &json!({})).await;
    assert_eq!(ada.tell("POST", &format!("{path}:unshare"), &json!({})).await.0, 200);
    assert_eq!(follow(&world, &signed["data"]["url"], "GET", b"").await.status, 403);
    let (_, again) = ada.tell("POST", &format!("{path}:sign"), &json!({})).await;
    assert_eq!(follow(&world, &again["data"]["url"], "GET", b"").await.body, "shared");
    assert_eq!(ada.ask("DELETE", &path, &[], Body::empty()).await.status, 204);
    assert_eq!(follow(&world, &again["data"]["url"], "GET", b"").await.status, 404);
    assert_eq!(ada.tell("POST", &format!("{path}:restore"), &json!({})).await.0, 200);
    assert_eq!(follow(&world, &again["data"]["url"], "GET", b"").await.status, 403, "they do not come back with it");
    for lives in [0, -1, 7 * 86_400 + 1] {
        assert_eq!(ada.tell("POST", &format!("{path}:sign"), &json!({ "expires_in": lives })).await.0, 400);
    }
}

#[tokio::test]
async fn a_link_brings_one_file_once_which_is_as_its_maker_said() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let wish =
        json!({ "name": "scan.png", "path": "inbox", "type": "image/png", "max_bytes": 100, "metadata": { "n": 1 } });
    let (status, signed) = ada.tell("POST", "/files:sign-upload", &wish).await;
    assert_eq!(status, 201, "{signed}");
    let (url, id) = (&signed["data"]["url"], &signed["data"]["_id"]);
    assert_eq!(follow(&world, url, "PUT", b"words").await.json()["code"], "type_not_allowed");
    assert_eq!(follow(&world, url, "PUT", &[0x89; 101]).await.status, 413);
    assert_eq!(follow(&world, url, "GET", b"").await.status, 404, "there is nothing to read yet");
    assert_eq!(follow(&world, url, "PUT", PNG).await.status, 201);
    assert_eq!(follow(&world, url, "PUT", PNG).await.json()["code"], "already_exists");
    assert_eq!(follow(&world, url, "GET", b"").await.status, 403, "who brings does not read");
    let (_, file) = ada.read(&format!("/files/{}", id.as_str().unwrap())).await;
    let file = &file["data"];
    assert_eq!(
        (&file["name"], &file["path"], &file["metadata"]["n"]),
        (&json!("scan.png"), &json!("inbox"), &json!(1))
    );
    assert_eq!(file["_owner"], world.sub("ada@demo.test").await);
    assert_eq!((ada.usage().await.0, world.app.lying()), (1, 1));
    let reader = world.archivist_with("ada@demo.test", "archive:read").await;
    assert_eq!(reader.tell("POST", "/files:sign-upload", &json!({})).await.0, 403);
}

#[tokio::test]
async fn w099_while_its_maker_may_not_act_a_link_leads_nowhere() {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    let file = ada.bring("a.txt", "text/plain", "shared").await;
    let path = format!("/files/{}:sign", file["_id"].as_str().unwrap());
    let (_, read) = ada.tell("POST", &path, &json!({})).await;
    let (_, bring) = ada.tell("POST", "/files:sign-upload", &json!({ "name": "x.txt" })).await;
    let (read, bring) = (&read["data"]["url"], &bring["data"]["url"]);
    let key = world.app.api_key(&world.tenant, "archive:admin archive:read").await;
    let keyed = [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
    let keyed: Vec<(&str, &str)> = keyed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let by_program = world.app.archive("POST", &path, &keyed, "{}").await.json()["data"]["url"].clone();
    let (people, user) = (&world.app.app.people, chancery::base::UserId::from(world.sub("ada@demo.test").await));
    let (context, by) = (world.app.context("demo").await, chancery::base::Actor::operator());
    people.suspend(&context, &user, &by).await.unwrap();
    assert_eq!(follow(&world, read, "GET", b"").await.status, 403);
    assert_eq!(follow(&world, bring, "PUT", b"x").await.status, 403);
    assert_eq!(follow(&world, &by_program, "GET", b"").await.body, "shared", "that one is not hers");
    people.activate(&context, &user, &by).await.unwrap();
    assert_eq!(follow(&world, read, "GET", b"").await.body, "shared");
    people.delete(&context, &user, &by).await.unwrap();
    assert_eq!(follow(&world, read, "GET", b"").await.status, 403);
    assert_eq!(follow(&world, bring, "PUT", b"x").await.status, 403);
    assert_eq!(world.app.lying(), 1, "nothing was brought");
}

#[tokio::test]
async fn links_of_an_api_key_end_with_the_key() {
    let world = World::new().await;
    let (app, db) = (&world.app, &world.app.app);
    let made = app.api_key(&world.tenant, "archive:read archive:write").await;
    let (key, other) = (Archivist::with(app, &made), app.api_key(&world.tenant, "archive:read archive:write").await);
    let file = key.bring("a.txt", "text/plain", "shared").await;
    let sign = format!("/files/{}:sign", file["_id"].as_str().unwrap());
    let (_, signed) = key.tell("POST", &sign, &json!({})).await;
    let wish = json!({ "name": "b.txt", "type": "text/plain", "max_bytes": 100, "expires_in": 600 });
    let (status, upload) = key.tell("POST", "/files:sign-upload", &wish).await;
    assert_eq!(status, 201, "{upload}");
    assert_eq!(follow(&world, &signed["data"]["url"], "GET", b"").await.body, "shared");
    let keys = db.api_keys.page(&world.tenant.id, "", 10).await.unwrap();
    let revoke = async |presented: &str| {
        let id = &keys.iter().find(|key| presented.starts_with(&key.prefix)).unwrap().id;
        db.api_keys.revoke(&world.tenant.id, id, &Actor::operator()).await.unwrap();
    };
    revoke(&other).await;
    assert_eq!(follow(&world, &signed["data"]["url"], "GET", b"").await.body, "shared", "another key is another's");
    revoke(&made).await;
    assert_eq!(follow(&world, &signed["data"]["url"], "GET", b"").await.status, 403);
    assert_eq!(follow(&world, &upload["data"]["url"], "PUT", b"late").await.status, 403);
}

#[tokio::test]
async fn rules_of_files_know_the_organization_that_a_token_is_for_and_what_one_is_there_now() {
    let world = World::new().await;
    let organization = world.organization("ada@demo.test", "makers").await;
    world.seat(&organization, "grace@demo.test", "member").await;
    let admin = world.app.api_key(&world.tenant, "archive:read archive:write archive:admin").await;
    let rules = json!({
        "read": { "metadata.team": "$$auth.organization" },
        "delete": { "$expr": { "$in": ["org:owner", "$$auth.roles"] } },
    });
    assert_eq!(Archivist::with(&world.app, &admin).tell("PUT", "/rules", &rules).await.0, 200);
    let token = async |email: &str, organization: Option<&str>| {
        let scope = "archive:read archive:write";
        let changes =
            [("sub", json!(world.sub(email).await)), ("scope", json!(scope)), ("org_id", json!(organization))];
        world.token_with(&changes).await
    };
    let within = Archivist::with(&world.app, token("grace@demo.test", Some(&organization)).await);
    let without = Archivist::with(&world.app, token("grace@demo.test", None).await);
    let owner = Archivist::with(&world.app, token("ada@demo.test", Some(&organization)).await);
    let file = within.bring("a.txt", "text/plain", "ours").await;
    let path = format!("/files/{}", file["_id"].as_str().unwrap());
    let team = json!({ "metadata": { "team": organization } });
    let told = within.tell("PATCH", &path, &team).await;
    assert!([403, 404].contains(&told.0), "what one does not see one does not change: {told:?}");
    let governs = Archivist::with(&world.app, &admin);
    assert_eq!(governs.tell("PATCH", &path, &team).await.0, 200);
    for (who, status) in [(&within, 200), (&owner, 200), (&without, 404)] {
        assert_eq!(who.ask("GET", &path, &[], Body::empty()).await.status, status);
    }
    assert_eq!(within.ask("DELETE", &path, &[], Body::empty()).await.status, 403, "a member does not");
    world.seat(&organization, "grace@demo.test", "owner").await;
    assert_eq!(within.ask("DELETE", &path, &[], Body::empty()).await.status, 204, "what one is at that moment (W-071)");
}
