//! The conversation of the SMTP server for tests.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{Received, State, Tls};

pub(super) async fn serve(state: Arc<State>, stream: TcpStream) {
    if state.behaviour.silent {
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
    let tls = state.acceptor.clone().map(|acceptor| acceptor.0);
    match state.behaviour.tls {
        Tls::Implicit => {
            if let Ok(stream) = tls.unwrap().accept(stream).await {
                let _ended = Talk::new(&state, stream, true).run(true).await;
            }
        }
        Tls::None => drop(Talk::new(&state, stream, false).run(true).await),
        Tls::Starttls => {
            if let Ok(Some(stream)) = Talk::new(&state, stream, false).run(true).await
                && let Ok(stream) = tls.unwrap().accept(stream).await
            {
                let _ended = Talk::new(&state, stream, true).run(false).await;
            }
        }
    }
}

/// One conversation.
struct Talk<'a, S> {
    state: &'a State,
    stream: BufReader<S>,
    encrypted: bool,
    authenticated: bool,
    from: String,
    to: Vec<String>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Talk<'a, S> {
    fn new(state: &'a State, stream: S, encrypted: bool) -> Self {
        let stream = BufReader::new(stream);
        Self { state, stream, encrypted, authenticated: false, from: String::new(), to: Vec::new() }
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
    }

    async fn hear(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Talks until the end; gives the stream back where TLS begins.
    async fn run(mut self, greet: bool) -> std::io::Result<Option<S>> {
        if greet {
            self.say("220 test ESMTP").await?;
        }
        loop {
            let line = self.hear().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" | "HELO" => self.hello().await?,
                "STARTTLS" => {
                    self.say("220 go ahead").await?;
                    return Ok(Some(self.stream.into_inner()));
                }
                "AUTH" => self.auth(&line).await?,
                "MAIL" => self.mail(&line).await?,
                "RCPT" => self.rcpt(&line).await?,
                "DATA" => self.data().await?,
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(None);
                }
                "RSET" | "NOOP" => self.say("250 ok").await?,
                _ => self.say("502 what?").await?,
            }
        }
    }

    async fn hello(&mut self) -> std::io::Result<()> {
        let behaviour = &self.state.behaviour;
        let starttls = behaviour.tls == Tls::Starttls && !self.encrypted;
        let auth = behaviour.credentials.is_some() && !starttls;
        self.say("250-test").await?;
        if starttls {
            self.say("250-STARTTLS").await?;
        }
        if auth {
            self.say("250-AUTH PLAIN LOGIN").await?;
        }
        self.say("250 8BITMIME").await
    }

    async fn auth(&mut self, line: &str) -> std::io::Result<()> {
        let given = line.split(' ').nth(2).map(|text| STANDARD.decode(text).unwrap_or_default()).unwrap_or_default();
        let wanted = self.state.behaviour.credentials.clone().unwrap_or_default();
        if given == format!("\0{}\0{}", wanted.0, wanted.1).into_bytes() {
            self.authenticated = true;
            return self.say("235 welcome").await;
        }
        self.say("535 5.7.8 authentication failed").await
    }

    async fn mail(&mut self, line: &str) -> std::io::Result<()> {
        if self.state.behaviour.credentials.is_some() && !self.authenticated {
            return self.say("530 5.7.0 authentication required").await;
        }
        if self.state.behaviour.tls == Tls::Starttls && !self.encrypted {
            return self.say("530 5.7.0 STARTTLS first").await;
        }
        if self.state.refused.load(Ordering::SeqCst) < self.state.behaviour.refuse_first {
            self.state.refused.fetch_add(1, Ordering::SeqCst);
            return self.say("451 4.3.0 not now").await;
        }
        (self.from, self.to) = (path(line), Vec::new());
        self.say("250 ok").await
    }

    async fn rcpt(&mut self, line: &str) -> std::io::Result<()> {
        let to = path(line);
        if self.state.behaviour.unknown.contains(&to) {
            return self.say("550 5.1.1 no such mailbox").await;
        }
        self.to.push(to);
        self.say("250 ok").await
    }

    async fn data(&mut self) -> std::io::Result<()> {
        self.say("354 go").await?;
        let mut raw = String::new();
        loop {
            let line = self.hear().await?;
            if line == "." {
                break;
            }
            raw += line.strip_prefix('.').unwrap_or(&line);
            raw += "\r\n";
        }
        let (from, to) = (std::mem::take(&mut self.from), std::mem::take(&mut self.to));
        let received = Received { from, to, raw, encrypted: self.encrypted, authenticated: self.authenticated };
        self.state.received.lock().unwrap().push(received);
        if self.state.swallowed.fetch_add(1, Ordering::SeqCst) < self.state.behaviour.swallow_first {
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        self.say("250 taken").await
    }
}

fn path(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path).to_owned()
}
