//! What a copy of the database, or of everything ever answered, is worth to a thief: nothing (W-004, W-005, W-006,
//! W-036, W-056). And nothing in it counts how many there are (W-129).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chancery::api_keys::NewKey;
use chancery::base::{Actor, Scope, Secret};
use chancery::store::clients::{AccessTokenFormat, ClientKind};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use uuid::Uuid;

use super::support::{CALLBACK, PASSWORD, Person, TestApp, VERIFIER, World};

/// A cell: table, column, and what is in it.
type Cell = (String, String, String);

/// Everything in the database, as text.
async fn dump(app: &TestApp) -> Vec<Cell> {
    const SQLITE: &str =
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
    const POSTGRES: &str = "SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = current_schema()";
    macro_rules! read {
        ($pool:expr, $columns:expr) => {{
            let pool = $pool;
            let columns: Vec<(String, String)> = sqlx::query_as($columns).fetch_all(&pool).await.unwrap();
            let mut cells = Vec::new();
            for (table, column) in columns.into_iter().filter(|(table, _)| !table.starts_with("_sqlx")) {
                let query = format!("SELECT CAST(\"{column}\" AS TEXT) FROM \"{table}\"");
                let found: Vec<Option<String>> =
                    sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&pool).await.unwrap();
                cells.extend(found.into_iter().flatten().map(|cell| (table.clone(), column.clone(), cell)));
            }
            cells
        }};
    }
    if app.database.starts_with("sqlite:") {
        read!(SqlitePool::connect(&app.database).await.unwrap(), SQLITE)
    } else {
        read!(PgPool::connect(&app.database).await.unwrap(), POSTGRES)
    }
}

/// A whole life of everything that is secret. Answers: what only its owner may ever see, each by its name; those that
/// no answer over the net tells even once come first.
async fn live(world: &World) -> [Vec<(&'static str, String)>; 2] {
    let app = &world.app;
    let (client, secret) = world
        .registered(ClientKind::Confidential, |wish| wish.policy.access_token_format = AccessTokenFormat::Opaque)
        .await;
    let new = NewKey { name: "key".to_owned(), scope: Scope::of(["users:read"]), expires_at: None };
    let (_, key) = app.app.api_keys.create(&world.tenant, new, &Actor::operator()).await.unwrap();
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[("client_id", client.id.as_str())])).await;
    let anonymous = ada.cookies["chancery"].0.clone();
    let reference = ada.at.split_once("request=").unwrap().1.to_owned();
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", "wr0ng-but-kept-nowhere")]).await;
    ada.submit(app, "login-form", &[("username", PASSWORD), ("password", PASSWORD)]).await;
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    let answer = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    let location = url::Url::parse(answer.header("location")).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let basic = World::basic(client.id.as_str(), &secret);
    let ask = async |path: &str, form: &[(&str, &str)]| -> Value {
        let answer = app.post(path, form, &[("authorization", &basic)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    };
    let token = "/t/demo/oauth/token";
    let trade = [("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    let first = ask(token, &[&trade[..], &[("code", &code)]].concat()).await;
    let text = |answer: &Value, name: &str| answer[name].as_str().unwrap().to_owned();
    let refresh = text(&first, "refresh_token");
    let second = ask(token, &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    let access = text(&second, "access_token");
    for asked in [&access, &text(&second, "refresh_token")] {
        assert_eq!(ask("/t/demo/oauth/introspect", &[("token", asked)]).await["active"], true);
    }
    app.post("/t/demo/oauth/userinfo", &[("access_token", &access)], &[]).await;
    app.post("/t/demo/oauth/userinfo", &[("access_token", "x")], &[]).await;
    let whoami = axum::http::Request::get("/t/demo/api/v1/whoami").header("x-api-key", key.expose());
    assert_eq!(app.send(whoami.body(axum::body::Body::empty()).unwrap()).await.status, 200);
    ask("/t/demo/oauth/revoke", &[("token", &text(&first, "access_token"))]).await;
    let session = ada.cookies["chancery"].0.clone();
    ada.open(app, "/t/demo/account").await;
    ada.open(app, "/t/demo/logout").await;
    [
        vec![
            ("the password", PASSWORD.to_owned()),
            ("a password tried", "wr0ng-but-kept-nowhere".to_owned()),
            ("the client secret", secret),
            ("the API key", key.expose().to_owned()),
            (
                "the master key",
                std::fs::read_to_string(&app.app.config.keys.master_key_file).unwrap().trim().to_owned(),
            ),
        ],
        vec![
            ("the code", code),
            ("an access token", text(&first, "access_token")),
            ("an access token", access),
            ("a refresh token", refresh),
            ("a refresh token", text(&second, "refresh_token")),
            ("the cookie before the sign-in", anonymous),
            ("the cookie", session),
            ("the reference of a request", reference),
        ],
    ]
}

fn decoded(cookie: &str) -> Vec<u8> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cookie).unwrap()
}

#[tokio::test]
async fn w005_w036_w056_a_copy_of_the_database_opens_nothing() {
    let world = World::new().await;
    let [never, once] = live(&world).await;
    let cells = dump(&world.app).await;
    assert!(cells.iter().any(|(table, ..)| table == "access_tokens"), "the dump is empty: {}", cells.len());
    for (name, secret) in never.iter().chain(&once) {
        let random = secret.trim_start_matches("ac_").trim_start_matches("ck_");
        for written in [secret.clone(), random.to_owned(), STANDARD.encode(secret)] {
            for (table, column, cell) in &cells {
                assert!(!cell.contains(&written), "{name} lies in {table}.{column}");
            }
        }
    }
    for (table, column, cell) in &cells {
        assert!(!cell.contains("\"d\":") && !cell.contains("PRIVATE KEY"), "a private key in {table}.{column}: {cell}");
        match (table.as_str(), column.as_str()) {
            ("passwords", "hash") => assert!(cell.starts_with("$argon2id$v=19$"), "W-005: {cell:.20}"),
            ("signing_keys", "sealed_jwk") => assert!(cell.starts_with("ey") && cell.split('.').count() == 5, "W-036"),
            ("passwords" | "signing_keys", _) => {}
            _ => assert!(!cell.contains("$argon2"), "W-004: a hash in {table}.{column}"),
        }
    }
    if let Some(file) = world.app.database.strip_prefix("sqlite:") {
        for end in ["", "-wal", "-shm"] {
            let bytes = std::fs::read(format!("{file}{end}")).unwrap_or_default();
            for (name, secret) in never.iter().chain(&once) {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{name} lies in the file {file}{end}");
            }
        }
    }
}

#[tokio::test]
async fn w004_w006_w083_no_answer_tells_a_hash_a_digest_or_a_key_and_cookies_hold_an_opaque_id_only() {
    let world = World::new().await;
    let [never, once] = live(&world).await;
    let sealed =
        dump(&world.app).await.into_iter().filter(|(_, column, _)| ["hash", "sealed_jwk"].contains(&column.as_str()));
    let digests = once.iter().chain(&never).map(|(_, secret)| Secret::new(secret).digest().as_str().to_owned());
    let hidden: Vec<_> = sealed.map(|(.., cell)| cell).chain(digests).collect();
    let people = [world.sub("ada@demo.test").await, "ada@demo.test".to_owned(), world.tenant.id.to_string()];
    let answers = world.app.answers.lock().unwrap();
    assert!(answers.len() > 15);
    for (headers, body) in answers.iter() {
        let both = format!("{headers}\n{body}");
        // What a person typed as the user name is shown to that person again.
        for (name, secret) in never.iter().filter(|(name, _)| *name != "the password") {
            assert!(!both.contains(secret.as_str()), "{name} is told: {both}");
        }
        for secret in &hidden {
            assert!(!both.contains(secret.as_str()), "{secret} is told: {both}");
        }
        for forbidden in ["$argon2", "\"d\":", "\"p\":", "\"k\":", "sealed"] {
            assert!(!both.contains(forbidden), "{forbidden} is told: {both}");
        }
        for (_, cookie) in once.iter().filter(|(name, _)| name.starts_with("the cookie")) {
            assert!(!body.contains(cookie.as_str()), "a page tells the cookie");
        }
        for (_, rest) in
            headers.match_indices("\"set-cookie\": \"").map(|(at, found)| headers.split_at(at + found.len()))
        {
            let (name, value) = rest.split(';').next().unwrap().split_once('=').unwrap();
            let length = if name == "chancery-device" { 32 } else { 16 };
            assert!(name.starts_with("chancery") && decoded(value).len() == length, "W-006: {rest}");
            assert!(people.iter().all(|person| !value.contains(person.as_str())));
            let attributes = rest.split('"').next().unwrap();
            for attribute in ["HttpOnly", "SameSite=Lax", "Path=/t/demo"] {
                assert!(attributes.contains(attribute), "S3: {attributes}");
            }
            assert!(!attributes.contains("Domain="), "S3: {attributes}");
        }
    }
}

#[tokio::test]
async fn w129_whatever_has_an_id_has_a_uuid() {
    let world = World::new().await;
    live(&world).await;
    let mut seen = 0;
    for (table, column, cell) in dump(&world.app).await {
        let is_id =
            column == "id" || (column.ends_with("_id") && !["client_id", "request_id"].contains(&column.as_str()));
        // The tests' own client has a name for an id, which only its maker chose.
        if !is_id || cell == "calendar" {
            continue;
        }
        let id = Uuid::parse_str(&cell).unwrap_or_else(|_| panic!("{table}.{column} is {cell}"));
        assert_eq!(id.get_version_num(), 7, "{table}.{column} is {cell}");
        seen += 1;
    }
    assert!(seen > 20);
}
