//! What is no http, or two requests in one, is refused by the listener itself (S8, Z1).

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::support::{TestApp, World};

struct Listener {
    address: SocketAddr,
    _stop: watch::Sender<bool>,
}

impl Listener {
    async fn start() -> Self {
        let app = TestApp::configured(|config| "127.0.0.1:0".clone_into(&mut config.listen)).await;
        let world = World::within(app).await;
        let listening = chancery::server::listen(&world.app.app).await.unwrap();
        let (address, (stop, stopped)) = (listening.address, watch::channel(false));
        tokio::spawn(listening.serve(world.app.app.clone(), stopped));
        Self { address, _stop: stop }
    }

    async fn open(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What comes back until the server closes, and whether it did.
    async fn told(stream: &mut TcpStream) -> (String, bool) {
        let mut all = Vec::new();
        let closed = timeout(Duration::from_secs(3), async {
            let mut part = [0; 4096];
            loop {
                match stream.read(&mut part).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => all.extend_from_slice(&part[..count]),
                }
            }
        });
        let closed = closed.await.is_ok();
        (String::from_utf8_lossy(&all).into_owned(), closed)
    }

    async fn exchange(&self, bytes: &[u8]) -> (String, bool) {
        let mut stream = self.open().await;
        drop(stream.write_all(bytes).await);
        Self::told(&mut stream).await
    }

    async fn assert_alive(&self) {
        let (told, _) = self.exchange(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    }
}

fn status(told: &str) -> u16 {
    told.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok()).unwrap_or(0)
}

const JWKS: &str = "GET /t/demo/oauth/jwks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
const TOKEN: &str = "POST /t/demo/oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
    Content-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn s8_what_can_be_read_in_two_ways_is_not_read() {
    let listener = Listener::start().await;
    assert_eq!(status(&listener.exchange(format!("{JWKS}\r\n").as_bytes()).await.0), 200);
    for (what, request) in [
        ("no host", "GET /t/demo/oauth/jwks HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned()),
        ("a host of other letters", "GET /t/demo/oauth/jwks HTTP/1.1\r\nHost: ü\r\n\r\n".to_owned()),
        ("two hosts", format!("{JWKS}Host: evil.test\r\n\r\n")),
        ("the same host twice", format!("{JWKS}Host: localhost\r\n\r\n")),
        (
            "another host in the address",
            "GET http://evil.test/t/demo/oauth/jwks HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        ),
        ("a second host behind a bare LF", format!("{JWKS}X: a\nHost: evil.test\r\n\r\n")),
        ("a folded line", format!("{JWKS}X: a\r\n b\r\n\r\n")),
        ("a folded first line", "GET /t/demo/oauth/jwks HTTP/1.1\r\n Host: localhost\r\n\r\n".to_owned()),
        ("NUL in a value", format!("{JWKS}X: a\0b\r\n\r\n")),
        ("NUL in a name", format!("{JWKS}X\0: a\r\n\r\n")),
        ("a bare CR in a value", format!("{JWKS}X: a\rb\r\n\r\n")),
        ("a space before the colon", format!("{JWKS}X : a\r\n\r\n")),
        ("no name", format!("{JWKS}: a\r\n\r\n")),
        ("no colon", format!("{JWKS}X\r\n\r\n")),
        ("two lengths", format!("{TOKEN}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=bc")),
        ("a list of lengths", format!("{TOKEN}Content-Length: 3, 4\r\n\r\na=bc")),
        ("a length with a sign", format!("{TOKEN}Content-Length: +3\r\n\r\na=b")),
        ("a negative length", format!("{TOKEN}Content-Length: -1\r\n\r\na=b")),
        ("a length that is a word", format!("{TOKEN}Content-Length: three\r\n\r\na=b")),
        ("an endless length", format!("{TOKEN}Content-Length: 99999999999999999999\r\n\r\na=b")),
        ("an unknown coding", format!("{TOKEN}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")),
        ("chunked, but not at last", format!("{TOKEN}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")),
        ("a chunk without a size", format!("{TOKEN}Transfer-Encoding: chunked\r\n\r\nx\r\na=b\r\n0\r\n\r\n")),
        ("a chunk of an endless size", format!("{TOKEN}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na=b")),
        (
            "chunks in http/1.0",
            "POST /t/demo/oauth/token HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        ),
        ("another protocol", "GET / HTTP/3.7\r\nHost: localhost\r\n\r\n".to_owned()),
        ("no version", "GET /\r\n\r\n".to_owned()),
        ("a method with a line end", "GE\rT / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        ("a tunnel", "CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n".to_owned()),
        ("noise", "\u{1}\u{2}\u{3}\r\n\r\n".to_owned()),
        ("a TLS greeting", "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0\u{1}\r\n\r\n".to_owned()),
    ] {
        let (told, _) = listener.exchange(request.as_bytes()).await;
        let refused = (400..500).contains(&status(&told)) || told.is_empty() || status(&told) == 505;
        assert!(refused && !told.contains("\"keys\""), "{what}: {told}");
    }
    listener.assert_alive().await;
}

#[tokio::test]
async fn s8_nothing_behind_a_length_that_is_overruled_is_taken_for_a_request() {
    let listener = Listener::start().await;
    let token = TOKEN.replace("Connection: close\r\n", "");
    for both in
        ["Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"]
    {
        let smuggled = format!("{token}{both}\r\n0\r\n\r\n{JWKS}\r\n");
        let (told, closed) = listener.exchange(smuggled.as_bytes()).await;
        assert!(!told.contains("\"keys\""), "{both}: {told}");
        assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{both}: {told}");
        assert!(closed && (400..500).contains(&status(&told)), "{both}: {told}");
    }
}

#[tokio::test]
async fn z1_sizes_that_lie_or_have_no_end_harm_nobody() {
    let listener = Listener::start().await;
    let long = "x".repeat(200_000);
    for (what, request, expected) in [
        ("a URL of 200 kB", format!("GET /?{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414..=431),
        ("a header of 200 kB", format!("{JWKS}X: {long}\r\n\r\n"), 431..=431),
        ("10,000 headers", format!("{JWKS}{}\r\n", "X: a\r\n".repeat(10_000)), 431..=431),
        ("12 MB announced", format!("{TOKEN}Content-Length: 12000000\r\n\r\na=b"), 413..=413),
    ] {
        let (told, _) = listener.exchange(request.as_bytes()).await;
        assert!(expected.contains(&status(&told)), "{what}: {told}");
    }
    let mut short = listener.open().await;
    short.write_all(format!("{TOKEN}Content-Length: 100\r\n\r\na=b").as_bytes()).await.unwrap();
    short.shutdown().await.unwrap();
    let (told, closed) = Listener::told(&mut short).await;
    assert!(closed && !(500..600).contains(&status(&told)), "a body cut off: {told}");
    let mut endless = listener.open().await;
    endless.write_all(format!("{TOKEN}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    for _ in 0..1_200 {
        let chunk = format!("2710\r\n{}\r\n", "a".repeat(10_000));
        if endless.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let (told, closed) = Listener::told(&mut endless).await;
    assert!(closed && [0, 413].contains(&status(&told)), "a body without an end: {told}");
    listener.assert_alive().await;
}

#[tokio::test]
async fn z1_slow_connections_keep_nobody_waiting() {
    let listener = Listener::start().await;
    let mut slow = Vec::new();
    for _ in 0..150 {
        let mut stream = listener.open().await;
        stream.write_all(b"POST /t/demo/oauth/token HTTP/1.1\r\nHost: localhost\r\nX: ").await.unwrap();
        slow.push(stream);
    }
    for _ in 0..5 {
        listener.assert_alive().await;
    }
}
