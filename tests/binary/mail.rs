//! Mail of a running server, to an SMTP server that misbehaves.

use serde_json::{Value, json};

use crate::smtp::{Behaviour, SmtpServer};
use crate::support::{Place, Server};

/// A place whose mail goes to this server.
async fn place(smtp: &SmtpServer) -> Place {
    let port = smtp.port.to_string();
    let mut place = Place::new().await;
    for (name, value) in [
        ("PROVIDER", "smtp"),
        ("FROM_ADDRESS", "no-reply@platform.test"),
        ("SMTP_HOST", "localhost"),
        ("SMTP_PORT", &port),
        ("SMTP_SECURITY", "none"),
        ("RETRY_AFTER", "1"),
        ("TIMEOUT", "2"),
    ] {
        place = place.with(&format!("CHANCERY_MAIL__{name}"), value);
    }
    place
}

/// Lets the server write a mail, and gives back what it says of it.
async fn write(server: &Server) -> Value {
    let words =
        ["key", "create", "--tenant", "demo", "--name", "mail", "--scope", "tenant:read", "--scope", "tenant:write"];
    let key = server.place.run(&[&words[..], &["--json"]].concat(), "").json()["api_key"].as_str().unwrap().to_owned();
    let url = format!("{}/api/v1/tenant/mail/test", server.issuer("demo"));
    let answer = server.http.post(url).bearer_auth(key).json(&json!({ "to": "ada@demo.test" })).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    answer.json::<Value>().await.unwrap()["data"].clone()
}

#[tokio::test]
async fn w113_a_mail_server_that_is_down_for_three_attempts_gets_the_mail_at_the_fourth() {
    let smtp = SmtpServer::start(Behaviour { refuse_first: 3, ..Behaviour::default() }).await;
    let server = place(&smtp).await.start().await;
    let written = write(&server).await;
    let mail = smtp.wait_for(1).await.remove(0);
    assert_eq!(mail.header("Message-ID").as_deref(), written["message_id"].as_str());
    assert_eq!(smtp.refused(), 3);
    server.done().await;
}

#[tokio::test]
async fn w113_kill_9_over_a_mail_loses_nothing_and_the_repeat_has_the_same_message_id() {
    let smtp = SmtpServer::start(Behaviour { swallow_first: 1, ..Behaviour::default() }).await;
    let server = place(&smtp).await.start().await;
    let written = write(&server).await;
    smtp.wait_for(1).await;
    let server = server.kill().start().await;
    let mails = smtp.wait_for(2).await;
    for mail in &mails {
        assert_eq!(mail.header("Message-ID").as_deref(), written["message_id"].as_str());
    }
    let id = written["id"].as_str().unwrap();
    let mut state = Value::Null;
    for _ in 0..100 {
        let list = server.place.run(&["mail", "list", "--tenant", "demo", "--json"], "").json();
        state = list.as_array().unwrap().iter().find(|mail| mail["id"] == id).unwrap()["state"].clone();
        if state == "sent" {
            break;
        }
    }
    assert_eq!(state, "sent");
    server.done().await;
}
