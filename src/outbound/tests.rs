//! Outgoing requests against servers on this machine.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::base::Timestamp;

fn outbound(allow: &[&str], http_callbacks: bool) -> Outbound {
    let settings = config::Outbound {
        allow_private: allow.iter().map(|text| (*text).to_owned()).collect(),
        extra_root_certificates: Vec::new(),
        timeout: 2,
        nameserver: String::new(),
    };
    Outbound::with(&settings, http_callbacks, Clock::fixed(Timestamp(1))).unwrap()
}

/// A server that gives everybody this answer; its port, and whether anybody connected.
async fn site(answer: String) -> (u16, Arc<std::sync::atomic::AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let visited = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = Arc::clone(&visited);
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            seen.store(true, std::sync::atomic::Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                drop(peer.read(&mut request).await);
                drop(peer.write_all(answer.as_bytes()).await);
            });
        }
    });
    (port, visited)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn w112_c5_no_spelling_of_a_private_address_is_even_connected_to() {
    let (port, visited) = site(ok("{}")).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "localhost",
        "LOCALHOST",
    ] {
        let url = format!("https://{host}:{port}/");
        assert_eq!(outbound(&[], false).get_json(&url).await, Err(FetchError::Forbidden), "{url}");
    }
    assert!(!visited.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn c5_only_https_without_user_name_and_fragment_is_fetched() {
    for url in [
        "http://example.com/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://user@example.com/",
        "https://:pass@example.com/",
        "https://example.com/#fragment",
        "//example.com/",
        "example.com",
        "data:application/json,{}",
        "https://",
        "",
    ] {
        assert_eq!(outbound(&[], false).get_json(url).await, Err(FetchError::Url), "{url}");
    }
}

#[tokio::test]
async fn plain_http_is_for_loopback_in_tests_only() {
    let (port, _) = site(ok(r#"{"keys":[]}"#)).await;
    let testing = outbound(&[], true);
    for host in ["127.0.0.1", "localhost"] {
        let json = testing.get_json(&format!("http://{host}:{port}/jwks")).await;
        assert_eq!(json, Ok(serde_json::json!({ "keys": [] })));
    }
    for host in ["10.0.0.1", "8.8.8.8", "169.254.169.254"] {
        assert_eq!(testing.get_json(&format!("http://{host}/")).await, Err(FetchError::Forbidden));
    }
}

#[tokio::test]
async fn an_allowed_network_is_connected_to() {
    let (port, visited) = site(ok("{}")).await;
    let url = format!("https://127.0.0.1:{port}/");
    // What answers there does not speak TLS, so it is reached and not understood.
    assert_eq!(outbound(&["127.0.0.0/8"], false).get_json(&url).await, Err(FetchError::Unreachable));
    assert!(visited.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn w112_c5_redirects_are_not_followed() {
    let (inner, visited) = site(ok("{}")).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inner}/\r\ncontent-length: 0\r\n\r\n");
    let (port, _) = site(redirect).await;
    let fetched = outbound(&[], true).get_json(&format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(fetched, Err(FetchError::Status(302)));
    assert!(!visited.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn long_slow_and_foreign_answers_are_refused() {
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned()
        + &format!("10000\r\n{}\r\n", " ".repeat(0x10000)).repeat(5);
    for (answer, reason) in [
        (ok(&" ".repeat(MOST_BYTES + 1)), FetchError::TooLarge),
        (endless, FetchError::TooLarge),
        (ok("<html>"), FetchError::NotJson),
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}".to_owned(), FetchError::Unreachable),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(), FetchError::Status(404)),
        (String::new(), FetchError::Unreachable),
    ] {
        let (port, _) = site(answer).await;
        let fetched = outbound(&[], true).get_json(&format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(fetched, Err(reason));
    }
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    assert_eq!(outbound(&[], true).get_json(&url).await, Err(FetchError::Unreachable));
}

#[test]
fn settings_that_cannot_be_meant_are_named() {
    let settings = |networks: &[&str], files: &[&str]| config::Outbound {
        allow_private: networks.iter().map(|text| (*text).to_owned()).collect(),
        extra_root_certificates: files.iter().map(std::path::PathBuf::from).collect(),
        timeout: 2,
        nameserver: String::new(),
    };
    let refusal =
        |settings| Outbound::with(&settings, false, Clock::system()).err().map(|error| error.to_string()).unwrap();
    assert!(refusal(settings(&["10.0.0.0/99"], &[])).contains("10.0.0.0/99"));
    assert!(refusal(settings(&[], &["/nowhere/ca.pem"])).contains("/nowhere/ca.pem"));
    assert!(refusal(settings(&[], &["/dev/null"])).contains("no certificate"));
}

#[tokio::test]
async fn c5_what_is_sent_keeps_to_the_same_rule() {
    let (port, visited) = site(ok("{}")).await;
    let request = |url: &str| http::Request::post(url).body(b"secret".to_vec()).unwrap();
    let private = outbound(&[], false).send(request(&format!("https://127.0.0.1:{port}/"))).await;
    assert_eq!(private.unwrap_err(), FetchError::Forbidden);
    let plain = outbound(&[], false).send(request(&format!("http://127.0.0.1:{port}/"))).await;
    assert_eq!(plain.unwrap_err(), FetchError::Url);
    assert!(!visited.load(std::sync::atomic::Ordering::SeqCst));
    let answer = outbound(&[], true).send(request(&format!("http://127.0.0.1:{port}/"))).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (200, b"{}".as_slice()));
}

#[tokio::test]
async fn w112_who_is_told_something_is_nobody_private_and_leads_nobody_elsewhere() {
    let limits = (Duration::from_secs(2), 4);
    let request = |url: &str| http::Request::post(url).body("{}".to_owned()).unwrap();
    let (port, visited) = site(ok("taken, thank you")).await;
    for host in ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "[fe80::1]", "[fd00:ec2::254]"] {
        let url = format!("https://{host}:{port}/");
        let told = outbound(&[], false).tell(request(&url), limits).await;
        assert_eq!(told, Err(Untold::Refused(FetchError::Forbidden)), "{url}");
        let literal = url.parse::<Url>().unwrap().domain().is_none();
        assert_eq!(outbound(&[], false).check(&url).is_err(), literal, "{url}");
    }
    assert!(!visited.load(std::sync::atomic::Ordering::SeqCst));
    let told = outbound(&[], true).tell(request(&format!("http://127.0.0.1:{port}/")), limits).await;
    assert_eq!(told, Ok(Told { status: 200, retry_after: None, beginning: b"take".to_vec() }));
    let (inner, visited) = site(ok("{}")).await;
    let redirect = format!(
        "HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:{inner}/\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n"
    );
    let (port, _) = site(redirect).await;
    let told = outbound(&[], true).tell(request(&format!("http://127.0.0.1:{port}/")), limits).await;
    assert_eq!(told, Ok(Told { status: 307, retry_after: Some(7), beginning: Vec::new() }));
    assert!(!visited.load(std::sync::atomic::Ordering::SeqCst), "a redirect is an answer, not a way");
}

#[tokio::test]
async fn it_is_told_apart_why_nobody_was_told() {
    let limits = (Duration::from_millis(300), 4);
    let tell = async |url: String| {
        let request = http::Request::post(url).body("{}".to_owned()).unwrap();
        outbound(&[], true).tell(request, limits).await
    };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    assert_eq!(tell(format!("http://{address}/")).await, Err(Untold::Late));
    drop(silent);
    assert_eq!(tell(format!("http://{address}/")).await, Err(Untold::NoConnection));
    let (port, _) = site("HTTP/9 no\r\n\r\n".to_owned()).await;
    assert_eq!(tell(format!("http://127.0.0.1:{port}/")).await, Err(Untold::Broken));
    let (port, _) = site("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok".to_owned()).await;
    let cut_off = tell(format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!((cut_off.status, cut_off.beginning.as_slice()), (200, b"ok".as_slice()), "it has answered");
}
