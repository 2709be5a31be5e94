//! What a request costs the database, counted by the statements that the program logs.

use crate::browser::Browser;
use crate::support::people::Person;
use crate::support::{Place, Server};

/// The statements of the log, as far as it was written by now.
fn statements(log: &str) -> Vec<String> {
    log.lines().filter(|line| line.contains("sqlx::query")).map(str::to_uppercase).collect()
}

const TIMES: usize = 200;

/// Asks many times, and holds that each time costs one query with this in it, and no write.
async fn costs_one_query(server: &Server, request: reqwest::RequestBuilder, with: &str) {
    let ask = async || request.try_clone().unwrap().send().await.unwrap();
    let told = ask().await;
    let caching = told.headers()["cache-control"].to_str().unwrap();
    assert_eq!((told.status(), caching), (reqwest::StatusCode::OK, "no-store"));
    let before = statements(&server.place.log()).len();
    assert!(before > 0, "the log has no statements: {}", server.place.log());
    for _ in 0..TIMES {
        assert_eq!(ask().await.status(), 200);
    }
    let all = statements(&server.place.log());
    let during = &all[before..];
    let about = during.iter().filter(|line| line.contains(with)).count();
    assert_eq!(about, TIMES, "each asks once");
    // The rest is what goes on every second whoever asks: tenants and clients that are looked up again, work that is due.
    assert!(during.len() <= TIMES + TIMES / 4, "{} statements", during.len());
    let writes =
        during.iter().filter(|line| ["INSERT INTO", "UPDATE ", "DELETE FROM"].iter().any(|verb| line.contains(verb)));
    let by_requests: Vec<_> = writes
        .filter(|line| ["SESSIONS", "USERS", "INTO AUDIT_EVENTS"].iter().any(|table| line.contains(table)))
        .collect();
    assert!(by_requests.is_empty(), "{by_requests:?}");
}

#[tokio::test]
async fn w121_who_am_i_costs_one_query_and_no_write() {
    let place = Place::new().await.with("CHANCERY_LOG__FILTER", "info,sqlx::query=debug");
    let server = place.start().await;
    let ada = Person::of_dev(&server.place, "demo");
    let log_in = async |session: &str| {
        let body = serde_json::json!({ "identifier": ada.email, "password": ada.password, "session": session });
        let login = format!("{}/api/v1/auth/login", server.issuer("demo"));
        let sent = server.http.post(login).header("content-type", "application/json").body(body.to_string());
        sent.send().await.unwrap()
    };
    let me = || server.http.get(format!("{}/api/v1/auth/me", server.issuer("demo")));

    let answer: serde_json::Value = serde_json::from_str(&log_in("tokens").await.text().await.unwrap()).unwrap();
    let token = answer["data"]["access_token"].as_str().unwrap_or_else(|| panic!("{answer}"));
    costs_one_query(&server, me().bearer_auth(token), "FROM USERS").await;

    let answer = log_in("cookie").await;
    let set = answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let cookies: Vec<_> = set.map(|cookie| cookie.split(';').next().unwrap()).collect();
    costs_one_query(&server, me().header("cookie", cookies.join("; ")), "JOIN SESSIONS").await;
    server.done().await;
}

/// Pages of the operators' console, and of a tenant's below it.
const PAGES: [&str; 18] = [
    "",
    "/tenants",
    "/tenants?q=many",
    "/plans",
    "/mails",
    "/tenants/demo",
    "/tenants/demo/users",
    "/tenants/demo/users?q=person",
    "/tenants/demo/invitations",
    "/tenants/demo/organizations",
    "/tenants/demo/clients",
    "/tenants/demo/keys",
    "/tenants/demo/api-keys",
    "/tenants/demo/audit",
    "/tenants/demo/webhooks",
    "/tenants/demo/mail",
    "/tenants/demo/branding",
    "/tenants/demo/plan",
];
/// Most statements of a page: the browser, its person and the tenant, and a few for what is shown.
const MOST: usize = 12;
/// How many there are of what is listed: more than a page has.
const MANY: usize = 30;

/// Makes as many tenants and people as two pages of a list have.
async fn fill(server: &Server) {
    let words = ["key", "create", "--tenant", "demo", "--name", "many", "--scope", "users:write", "--json"];
    let told = server.place.run(&words, "").json();
    let (key, operator) = (told["api_key"].as_str().unwrap(), server.place.dev()["operator_api_key"].clone());
    let post = async |url: String, key: &str, body: serde_json::Value| {
        let sent = server.http.post(url).bearer_auth(key).header("content-type", "application/json");
        let answer = sent.body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    };
    for number in 0..MANY {
        let tenant = serde_json::json!({ "slug": format!("many-{number:02}") });
        post(format!("{}/api/v1/tenants", server.place.url), operator.as_str().unwrap(), tenant).await;
        let person = serde_json::json!({ "email": format!("person{number:02}@demo.test") });
        post(format!("{}/api/v1/users", server.issuer("demo")), key, person).await;
    }
}

#[tokio::test]
async fn w121_a_page_of_the_console_costs_a_few_statements_however_much_it_shows() {
    let place = Place::new().await.with("CHANCERY_LOG__FILTER", "info,sqlx::query=debug");
    let server = place.start().await;
    fill(&server).await;
    let operator = Person::operator_of_dev(&server.place);
    let console = format!("{}/console", server.place.url);
    let mut browser = Browser::new(&server.http, "http://nowhere.invalid/").unwrap();
    browser.open(&console).await.unwrap();
    let person = [("username", operator.email.as_str()), ("password", &operator.password), ("decision", "sign-in")];
    browser.submit("login-form", &person).await.unwrap();
    assert_eq!(browser.shows(), "console-platform", "{}", browser.page);
    for path in PAGES {
        let mut least = usize::MAX;
        // What goes on every second whoever asks is in some of them only.
        for _ in 0..6 {
            let before = statements(&server.place.log()).len();
            browser.open(&format!("{console}{path}")).await.unwrap();
            assert!(browser.shows().starts_with("console-"), "{path}: {}", browser.page);
            least = least.min(statements(&server.place.log()).len() - before);
        }
        assert!((1..=MOST).contains(&least), "{path} costs {least} statements");
    }
    server.done().await;
}
