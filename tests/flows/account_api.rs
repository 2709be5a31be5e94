//! One's own account by API: who I am, what I change about me, where I am signed in, what applications may do.

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Seconds, UserId};
use chancery::store::clients::AuthMethod;
use serde_json::{Value, json};

use super::support::{CALLBACK, PASSWORD, Person, VERIFIER, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

#[tokio::test]
async fn a_person_sees_and_changes_profile_and_metadata() {
    let world = World::new().await;
    let token = world.own("ada@demo.test").await;
    let wish = json!({
        "name": "Ada Lovelace", "avatar_url": "https://demo.test/ada.png", "locale": "fr",
        "user_metadata": { "theme": "dark", "beta": true },
    });
    let (status, me) = world.ask(&token, "PATCH", "/users/me", Some(wish)).await;
    assert_eq!(
        (status, &me["name"], &me["picture"]),
        (200, &json!("Ada Lovelace"), &json!("https://demo.test/ada.png"))
    );
    let count = json!({ "user_metadata": { "$inc": { "visits": 1 }, "$unset": { "beta": "" } }, "avatar_url": null });
    assert_eq!(world.ask(&token, "PATCH", "/users/me", Some(count)).await.0, 200);
    for path in ["/users/me", "/auth/me"] {
        let (status, me) = world.ask(&token, "GET", path, None).await;
        assert_eq!((status, &me["email"], &me["role"]), (200, &json!("ada@demo.test"), &json!("user")));
        assert_eq!(me["user_metadata"], json!({ "theme": "dark", "visits": 1 }));
        assert_eq!((me.get("picture"), me.get("app_metadata"), &me["has_password"]), (None, None, &json!(true)));
    }
    let narrow = world.token_with(&[]).await;
    assert_eq!(world.ask(&narrow, "GET", "/users/me", None).await.0, 403, "without the scope `account`");
    let machine = world.token_with(&[("sub", json!("calendar")), ("scope", json!("account"))]).await;
    assert_eq!(world.ask(&machine, "GET", "/auth/me", None).await.0, 403, "a program is nobody");
}

#[tokio::test]
async fn w079_u6_nothing_but_what_is_ones_own_ever_changes() {
    let world = World::new().await;
    let token = world.own("ada@demo.test").await;
    let (_, before) = world.ask(&token, "GET", "/users/me", None).await;
    for (name, value) in [
        ("role", json!("owner")),
        ("roles", json!(["admin"])),
        ("status", json!("active")),
        ("email", json!("eve@demo.test")),
        ("email_verified", json!(true)),
        ("username", json!("root")),
        ("tenant_id", json!("other")),
        ("id", json!("1")),
        ("sub", json!("1")),
        ("password", json!("a long enough password")),
        ("_password", json!("x")),
        ("phone_number_verified", json!(true)),
        ("app_metadata", json!({ "plan": "gold" })),
        ("created_at", json!(0)),
    ] {
        let (status, refused) =
            world.ask(&token, "PATCH", "/users/me", Some(json!({ "name": "Eve", (name): value }))).await;
        assert_eq!((status, &refused["code"]), (400, &json!("invalid_request")), "{name}");
        assert_eq!(refused["detail"], format!("unknown field `{name}`"));
    }
    for bad in [json!([]), json!("x"), json!(null), json!({ "name": 1 }), json!({ "user_metadata": { "$where": {} } })]
    {
        assert_eq!(world.ask(&token, "PATCH", "/users/me", Some(bad.clone())).await.0, 400, "{bad}");
    }
    assert_eq!(world.ask(&token, "GET", "/users/me", None).await.1, before);
}

#[tokio::test]
async fn of_many_who_count_at_once_none_is_lost() {
    let world = World::new().await;
    let token = world.own("ada@demo.test").await;
    let count = || world.ask(&token, "PATCH", "/users/me", Some(json!({ "user_metadata": { "$inc": { "n": 1 } } })));
    let done = tokio::join!(count(), count(), count(), count(), count(), count());
    assert!([done.0, done.1, done.2, done.3, done.4, done.5].iter().all(|(status, _)| *status == 200));
    assert_eq!(world.ask(&token, "GET", "/users/me", None).await.1["user_metadata"]["n"], 6);
}

#[tokio::test]
async fn u5_a_session_that_is_revoked_ends_at_once_with_all_that_was_begun_in_it() {
    let world = World::new().await;
    let (laptop, phone) =
        (world.session("ada@demo.test", FIREFOX).await, world.session("ada@demo.test", "curl/8").await);
    let (here, there) = (world.own_in("ada@demo.test", &phone).await, world.own_in("ada@demo.test", &laptop).await);
    let (status, found) = world.ask(&here, "GET", "/auth/sessions", None).await;
    assert_eq!((status, found.as_array().unwrap().len()), (200, 2));
    let of = |id: &str| found.as_array().unwrap().iter().find(|session| session["id"] == id).unwrap().clone();
    assert_eq!(
        (of(phone.as_str())["current"].clone(), of(laptop.as_str())["current"].clone()),
        (json!(true), json!(false))
    );
    assert_eq!(of(laptop.as_str())["device"], json!({ "browser": "Firefox", "system": "Linux" }));
    assert_eq!(of(laptop.as_str())["ip"], "192.0.2.7");
    let path = format!("/auth/sessions/{laptop}");
    assert_eq!(world.ask(&there, "GET", "/users/me", None).await.0, 200);
    assert_eq!(world.ask(&here, "DELETE", &path, None).await.0, 200);
    assert_eq!(world.ask(&there, "GET", "/users/me", None).await.0, 401, "a JWT too, and at once");
    assert_eq!(world.ask(&here, "DELETE", &path, None).await.0, 404, "it has ended before");
    let grace = world.session("grace@demo.test", FIREFOX).await;
    assert_eq!(world.ask(&here, "DELETE", &format!("/auth/sessions/{grace}"), None).await.0, 404, "it is another's");
    world.session("ada@demo.test", FIREFOX).await;
    world.session("ada@demo.test", FIREFOX).await;
    assert_eq!(world.ask(&here, "DELETE", "/auth/sessions?except=others", None).await.0, 400);
    assert_eq!(world.ask(&here, "DELETE", "/auth/sessions?except=current", None).await, (200, json!({ "ended": 2 })));
    assert_eq!(world.ask(&here, "DELETE", "/auth/sessions", None).await, (200, json!({ "ended": 1 })));
    assert_eq!(world.ask(&here, "GET", "/auth/sessions", None).await.0, 401);
}

#[tokio::test]
async fn a_session_ends_by_disuse_and_one_that_is_remembered_later() {
    let world = World::new().await;
    let tenant = world.app.context("demo").await;
    let idle = tenant.settings.lifetimes.session_idle;
    let plain = world.session("ada@demo.test", FIREFOX).await;
    let kept = world.session("ada@demo.test", FIREFOX).await;
    let sessions = &world.app.app.sessions;
    let mut session = sessions.live(&tenant, &kept).await.unwrap().unwrap().session;
    sessions.remember(&tenant, &mut session).await.unwrap();
    world.app.clock.advance(Seconds(idle.0 - 1));
    assert!(sessions.live(&tenant, &plain).await.unwrap().is_some(), "and this was a use");
    world.app.clock.advance(Seconds(idle.0));
    assert!(sessions.live(&tenant, &plain).await.unwrap().is_none());
    assert!(sessions.live(&tenant, &kept).await.unwrap().is_some());
    world.app.clock.advance(tenant.settings.lifetimes.session_remembered);
    assert!(sessions.live(&tenant, &kept).await.unwrap().is_none());
}

/// Signs Ada in to `calendar` with `offline_access`, and answers the refresh token.
async fn signed_in_calendar(world: &World, ada: &mut Person) -> String {
    ada.open(&world.app, &world.authorize(&[("scope", "openid email offline_access")])).await;
    ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    let answer = ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
    let back = url::Url::parse(answer.header("location")).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "calendar"),
        ("redirect_uri", CALLBACK),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[]).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    told["refresh_token"].as_str().unwrap().to_owned()
}

async fn refreshes(world: &World, token: &str) -> bool {
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", token)];
    world.app.post("/t/demo/oauth/token", &form, &[]).await.status == 200
}

#[tokio::test]
async fn an_application_loses_what_it_was_given_and_has_to_ask_again() {
    let world = World::new().await;
    let (mut ada, token) = (Person::default(), world.own("ada@demo.test").await);
    assert_eq!(world.ask(&token, "GET", "/users/me/applications", None).await, (200, json!([])));
    let refresh = signed_in_calendar(&world, &mut ada).await;
    let (_, found) = world.ask(&token, "GET", "/users/me/applications", None).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!((&found[0]["client_id"], &found[0]["active"]), (&json!("calendar"), &json!(true)));
    assert_eq!(
        (&found[0]["name"], &found[0]["scope"]),
        (&json!("Calendar <b>"), &json!("email offline_access openid"))
    );
    assert_eq!(world.ask(&token, "DELETE", "/users/me/applications/other", None).await.0, 404);
    assert_eq!(world.ask(&token, "DELETE", "/users/me/applications/calendar", None).await.0, 200);
    assert!(!refreshes(&world, &refresh).await);
    assert_eq!(world.ask(&token, "GET", "/users/me/applications", None).await, (200, json!([])));
    let again = ada.open(&world.app, &world.authorize(&[("scope", "openid email offline_access")])).await;
    assert_eq!(again.page(), "consent");
}

#[tokio::test]
async fn the_end_of_a_device_ends_what_applications_hold_from_it_also_offline() {
    let world = World::new().await;
    let (mut ada, token) = (Person::default(), world.own("ada@demo.test").await);
    let refresh = signed_in_calendar(&world, &mut ada).await;
    assert_eq!(world.ask(&token, "DELETE", "/auth/sessions?except=current", None).await.1, json!({ "ended": 1 }));
    assert!(!refreshes(&world, &refresh).await);
    assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "login");
}

#[tokio::test]
async fn a_page_of_ones_own_may_call_with_its_cookie_and_token_against_forgery() {
    let world = World::new().await;
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    ada.open(&world.app, "/t/demo/logout").await;
    let csrf = ada.page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cookie = format!("chancery={}", ada.cookies["chancery"].0);
    let send = async |method: &str, csrf: &str| {
        let request = Request::builder().method(method).uri("/t/demo/api/v1/auth/sessions");
        let request = request.header("cookie", &cookie).header("x-csrf-token", csrf);
        world.app.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
    };
    assert_eq!(send("GET", "").await, 200);
    assert_eq!(send("DELETE", "").await, 403);
    assert_eq!(send("DELETE", &format!("{csrf}x")).await, 403);
    assert_eq!(send("DELETE", &csrf).await, 200);
    assert_eq!(send("GET", "").await, 401);
}

#[tokio::test]
async fn recent_activity_is_read_page_by_page_and_shows_no_administrators_address() {
    let world = World::new().await;
    let token = world.own("ada@demo.test").await;
    for name in ["A", "B", "C"] {
        world.ask(&token, "PATCH", "/users/me", Some(json!({ "name": name }))).await;
    }
    let ada = UserId::from(world.sub("ada@demo.test").await);
    world.promote("grace@demo.test", chancery::store::users::Role::Admin).await;
    let admin = world.scoped("grace@demo.test", "users:write").await;
    let change = json!({ "app_metadata": { "plan": "gold" } });
    assert_eq!(world.ask(&admin, "PATCH", &format!("/users/{ada}"), Some(change)).await.0, 200);
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/users/me/audit-events?limit=2{cursor}");
        let answer = world.call(&token, "GET", &path, None).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        seen.extend(told["data"].as_array().unwrap().clone());
        match told["meta"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let actions: Vec<_> = seen.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(&actions[..4], ["user.updated"; 4]);
    assert_eq!(&actions[4..], ["session.created", "user.created"]);
    assert_eq!((&seen[0]["by"], seen[0].get("ip")), (&json!("administrator"), None));
    assert_eq!((&seen[4]["by"], &seen[4]["ip"]), (&json!("you"), &json!("192.0.2.7")));
    assert_eq!(world.ask(&token, "GET", "/users/me/audit-events?limit=x", None).await.0, 400);
}

#[tokio::test]
async fn a_confidential_client_of_strangers_never_gets_the_scope_to_manage_an_account() {
    let world = World::new().await;
    world
        .client("own", "Own", |client| {
            client.metadata.0.scope = "openid account".parse().unwrap();
            client.metadata.0.token_endpoint_auth_method = AuthMethod::None;
            client.policy.0.first_party = true;
        })
        .await;
    world.client("stranger", "Stranger", |client| client.metadata.0.scope = "openid account".parse().unwrap()).await;
    for (client, asked) in [("own", true), ("stranger", false)] {
        let mut ada = Person::default();
        let answer =
            ada.open(&world.app, &world.authorize(&[("client_id", client), ("scope", "openid account")])).await;
        assert_eq!(answer.page(), "login", "{client}");
        let answer =
            ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
        let answer = if answer.page() == "consent" {
            ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await
        } else {
            answer
        };
        let back = url::Url::parse(answer.header("location")).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("redirect_uri", CALLBACK),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        let told: Value = serde_json::from_str(&world.app.post("/t/demo/oauth/token", &form, &[]).await.body).unwrap();
        let scope = told["scope"].as_str().unwrap_or_default();
        assert_eq!(scope.split(' ').any(|token| token == "account"), asked, "{client}: {told}");
    }
}
