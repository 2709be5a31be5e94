//! Clients that take their time: they wait for themselves, not others for them.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::Server;
use crate::support::people::Client;

const HEAD: &str = "POST /t/demo/oauth/token HTTP/1.1\r\nhost: localhost\r\nx-slow: ";
const BODY: &str = "POST /t/demo/oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\
    content-type: application/x-www-form-urlencoded\r\n\r\ngrant_type=";

#[tokio::test]
async fn slow_heads_and_bodies_on_150_connections_do_not_keep_others_waiting() {
    let server = Server::new().await;
    let client = Client::of_dev(&server.place, "demo", "service");
    let mut slow = Vec::new();
    for number in 0..150 {
        let mut connection = TcpStream::connect(("127.0.0.1", server.place.port)).await.unwrap();
        let beginning = if number % 2 == 0 { HEAD } else { BODY };
        connection.write_all(beginning.as_bytes()).await.unwrap();
        slow.push(connection);
    }
    for _ in 0..20 {
        for connection in &mut slow {
            connection.write_all(b"a").await.unwrap();
        }
        let asked = Instant::now();
        let answer = client.own_token(&server.http).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(slow);
    server.done().await;
}
