//! The order to stop: what is under way is answered, what was answered stays true, nothing new is begun.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::people::Client;
use crate::support::{Server, json};

const BODY: &str = "grant_type=client_credentials";

#[tokio::test]
async fn a_server_told_to_stop_answers_what_is_under_way_and_loses_nothing() {
    let server = Server::new().await;
    let client = Client::register(&server.place, &["access_token_format=opaque"]);
    let mut under_way = Vec::new();
    for _ in 0..10 {
        under_way.push(begun(&server, &client).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.ask_to_end();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(("127.0.0.1", server.place.port)).await.is_err(), "something new was let in");
    let mut tokens = Vec::new();
    for connection in under_way {
        tokens.push(finished(connection).await);
    }
    let (place, status) = server.ended().await;
    assert!(status.success(), "{status}: {}", place.log());

    let server = place.start().await;
    for token in tokens {
        assert!(client.is_active(&server.http, &token).await, "an answered token is lost");
    }
    server.done().await;
}

/// A token request, all but its last byte.
async fn begun(server: &Server, client: &Client) -> TcpStream {
    use base64::Engine as _;
    let mut connection = TcpStream::connect(("127.0.0.1", server.place.port)).await.unwrap();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", client.id, client.secret));
    let head = format!(
        "POST /t/demo/oauth/token HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {basic}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        BODY.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&BODY.as_bytes()[..BODY.len() - 1]).await.unwrap();
    connection
}

async fn finished(mut connection: TcpStream) -> String {
    connection.write_all(&BODY.as_bytes()[BODY.len() - 1..]).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    json(body)["access_token"].as_str().unwrap().to_owned()
}
