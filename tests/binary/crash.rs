//! The process dies in the middle of its work: whatever it had answered is true afterwards, and nothing used is fresh.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::support::Server;
use crate::support::people::{Client, Person};

const FAMILIES: usize = 1_000;
/// After so many answers the process is killed.
const ENOUGH: usize = 200;
const SCOPE: &str = "profile offline_access";

/// A refresh token that was sent in, and what came back before the end.
struct Sent {
    token: String,
    answered: Option<Acknowledged>,
}

#[derive(Clone)]
struct Acknowledged {
    access: String,
    refresh: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_during_1000_concurrent_refreshes_loses_no_acknowledged_token_and_revives_no_used_one() {
    let server = Server::new().await;
    let client = Client::register(&server.place, &["first_party=true", "access_token_format=opaque"]);
    let tokens = families(&server, &client).await;
    let answers = Arc::new(AtomicUsize::new(0));
    let mut sending = JoinSet::new();
    for (number, token) in tokens.into_iter().enumerate() {
        let (client, answers, http) = (client.clone(), Arc::clone(&answers), connection(number));
        sending.spawn(async move {
            let answered = client.refresh(&http, &token).await.ok().map(|answer| {
                answers.fetch_add(1, Ordering::SeqCst);
                assert_eq!(answer.status, 200, "{answer:?}");
                Acknowledged { access: answer.text("access_token"), refresh: answer.text("refresh_token") }
            });
            Sent { token, answered }
        });
    }
    while answers.load(Ordering::SeqCst) < ENOUGH {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let place = server.kill();
    let sent = sending.join_all().await;
    let acknowledged = sent.iter().filter(|sent| sent.answered.is_some()).count();
    println!("{acknowledged} of {FAMILIES} refreshes were answered before the end");
    assert!((ENOUGH..FAMILIES).contains(&acknowledged), "the process did not die in the middle");

    let server = place.start().await;
    let mut looking = JoinSet::new();
    for (number, sent) in sent.into_iter().enumerate() {
        looking.spawn(examine(client.clone(), connection(number), sent));
    }
    looking.join_all().await;
    server.done().await;
}

/// A grant for each refresh token, all of one person's.
async fn families(server: &Server, client: &Client) -> Vec<String> {
    let browser = Person::of_dev(&server.place, "demo").sign_in(server, client, SCOPE).await;
    assert!(browser.is_home(), "{}", browser.page);
    let cookies = browser.cookies_for(&client.authorize(SCOPE));
    let mut making = JoinSet::new();
    for number in 0..20 {
        let (client, cookies, http) = (client.clone(), cookies.clone(), connection(number));
        making.spawn(async move {
            let mut made = Vec::new();
            for _ in 0..FAMILIES / 20 {
                let code = client.code(&http, &cookies, SCOPE).await;
                made.push(client.exchange(&http, &code).await.text("refresh_token"));
            }
            made
        });
    }
    making.join_all().await.concat()
}

async fn examine(client: Client, http: reqwest::Client, sent: Sent) {
    let Some(Acknowledged { access, refresh }) = sent.answered else {
        // Nobody knows whether it was used; it must work once or not at all.
        let again = client.refresh(&http, &sent.token).await.unwrap();
        assert!([200, 400].contains(&again.status), "{again:?}");
        return refused(&client, &http, &sent.token).await;
    };
    assert!(client.is_active(&http, &access).await, "an acknowledged access token is lost");
    let next = client.refresh(&http, &refresh).await.unwrap();
    assert_eq!(next.status, 200, "an acknowledged refresh token is lost: {next:?}");
    refused(&client, &http, &sent.token).await;
    refused(&client, &http, &refresh).await;
}

async fn refused(client: &Client, http: &reqwest::Client, token: &str) {
    let answer = client.refresh(http, token).await.unwrap();
    assert_eq!((answer.status, answer.text("error").as_str()), (400, "invalid_grant"), "a used token is alive again");
}

/// One of ten connections; HTTP/2 carries a hundred requests at once on each.
fn connection(number: usize) -> reqwest::Client {
    static TEN: std::sync::Mutex<Vec<reqwest::Client>> = std::sync::Mutex::new(Vec::new());
    let mut ten = TEN.lock().unwrap();
    while ten.len() < 10 {
        ten.push(new_connection());
    }
    ten[number % 10].clone()
}

fn new_connection() -> reqwest::Client {
    let client = reqwest::Client::builder().http2_prior_knowledge().redirect(reqwest::redirect::Policy::none());
    client.timeout(Duration::from_mins(1)).build().unwrap()
}
