//! What callers learn when something fails here: that it did, and by which id it is found in the log.

use chancery::store::Db;
use serde_json::{Value, json};

use super::support::World;

/// Breaks the database behind the services.
async fn break_table(db: &Db, table: &str) {
    let rename = format!("ALTER TABLE {table} RENAME TO broken_{table}");
    match db {
        Db::Sqlite { write, .. } => drop(sqlx::query(sqlx::AssertSqlSafe(rename)).execute(write).await.unwrap()),
        Db::Postgres(pool) => drop(sqlx::query(sqlx::AssertSqlSafe(rename)).execute(pool).await.unwrap()),
    }
}

#[tokio::test]
async fn w093_a_fault_tells_a_code_and_the_request_id_and_nothing_of_what_happened() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "users:read").await;
    let own = world.scoped("ada@demo.test", "openid profile").await;
    for table in ["api_keys", "one_time_secrets", "users"] {
        break_table(&world.app.app.db, table).await;
    }
    let bearer = |token: &str| format!("Bearer {token}");
    let problem = world.app.api("GET", "/t/demo/api/v1/users/1", &key, None).await;
    let members: Vec<&String> = problem.as_object().unwrap().keys().collect();
    assert_eq!(members, ["type", "title", "status", "detail", "code", "request_id"]);
    assert_eq!((&problem["status"], &problem["code"]), (&json!(500), &json!("server_error")));
    let userinfo = axum::http::Request::get("/t/demo/oauth/userinfo").header("authorization", bearer(&own));
    let oauth = world.app.send(userinfo.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((oauth.status.as_u16(), &oauth.json()["error"]), (500, &json!("server_error")), "{}", oauth.body);
    let page = world.app.get("/t/demo/password/reset?token=x").await;
    for body in [problem.to_string(), oauth.body.clone(), page.body] {
        for told in ["no such table", "relation", "SELECT", "api_keys", "sqlx", "src/"] {
            assert!(!body.contains(told), "{told}: {body}");
        }
    }
    let id: Value = serde_json::from_str(&oauth.body).unwrap();
    assert_eq!(id["request_id"], oauth.header("x-request-id"));
}

#[tokio::test]
async fn a_database_that_is_away_is_told_as_such_and_to_be_asked_again() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "users:read").await;
    world.app.app.db.close().await;
    let request = axum::http::Request::get("/t/demo/api/v1/users/1").header("x-api-key", key);
    let answer = world.app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"), "{}", answer.body);
    assert_eq!(answer.json()["code"], "temporarily_unavailable");
}
