//! What a request costs the database, counted by the statements that the program logs.

use crate::support::Place;
use crate::support::people::Person;

/// The statements of the log, as far as it was written by now.
fn statements(log: &str) -> Vec<String> {
    log.lines().filter(|line| line.contains("sqlx::query")).map(str::to_uppercase).collect()
}

#[tokio::test]
async fn w121_who_am_i_costs_one_query_and_no_write() {
    const TIMES: usize = 200;
    let place = Place::new().await.with("CHANCERY_LOG__FILTER", "info,sqlx::query=debug");
    let server = place.start().await;
    let ada = Person::of_dev(&server.place, "demo");
    let body = serde_json::json!({ "identifier": ada.email, "password": ada.password });
    let login = format!("{}/api/v1/auth/login", server.issuer("demo"));
    let answer: serde_json::Value = {
        let sent = server.http.post(login).header("content-type", "application/json").body(body.to_string());
        serde_json::from_str(&sent.send().await.unwrap().text().await.unwrap()).unwrap()
    };
    let token = answer["data"]["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let me = format!("{}/api/v1/auth/me", server.issuer("demo"));
    let ask = async || server.http.get(&me).bearer_auth(&token).send().await.unwrap();
    let told = ask().await;
    assert_eq!(
        (told.status(), told.headers()["cache-control"].to_str().unwrap()),
        (reqwest::StatusCode::OK, "no-store")
    );
    let before = statements(&server.place.log()).len();
    assert!(before > 0, "the log has no statements: {}", server.place.log());
    for _ in 0..TIMES {
        assert_eq!(ask().await.status(), 200);
    }
    let all = statements(&server.place.log());
    let during = &all[before..];
    let about_people = during.iter().filter(|line| line.contains("FROM USERS")).count();
    assert_eq!(about_people, TIMES, "each asks for the person once");
    // The rest is what goes on every second whoever asks: tenants and clients that are looked up again, work that is due.
    assert!(during.len() <= TIMES + TIMES / 4, "{} statements", during.len());
    let writes =
        during.iter().filter(|line| ["INSERT INTO", "UPDATE ", "DELETE FROM"].iter().any(|verb| line.contains(verb)));
    let by_requests: Vec<_> =
        writes.filter(|line| line.contains("SESSIONS") || line.contains("USERS") || line.contains("AUDIT")).collect();
    assert!(by_requests.is_empty(), "{by_requests:?}");
    server.done().await;
}
