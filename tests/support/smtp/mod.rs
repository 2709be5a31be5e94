//! An SMTP server (RFC 5321) for tests: on loopback, with TLS from the greeting or from the first byte, with and
//! without authentication. It keeps what it takes, and fails on demand.

mod received;
mod talk;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub use received::Received;
use talk::serve;

/// When TLS begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Never.
    #[default]
    None,
    /// After `STARTTLS`.
    Starttls,
    /// With the connection.
    Implicit,
}

/// How the server behaves.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// When TLS begins.
    pub tls: Tls,
    /// Certificate chain and key, PEM files.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// User name and password that it wants.
    pub credentials: Option<(String, String)>,
    /// How many messages it refuses for the moment before it takes any.
    pub refuse_first: usize,
    /// Recipients it does not know.
    pub unknown: Vec<String>,
    /// It takes connections and says nothing.
    pub silent: bool,
    /// It takes this many messages, and never says so.
    pub swallow_first: usize,
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    acceptor: Option<TlsAcceptorDebug>,
    refused: AtomicUsize,
    swallowed: AtomicUsize,
    received: Mutex<Vec<Received>>,
}

#[derive(Clone)]
struct TlsAcceptorDebug(TlsAcceptor);

impl std::fmt::Debug for TlsAcceptorDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct SmtpServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    state: Arc<State>,
    serving: tokio::task::JoinHandle<()>,
}

impl SmtpServer {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = behaviour.certificate.as_ref().map(|(chain, key)| {
            let chain = CertificateDer::pem_file_iter(chain).unwrap().map(Result::unwrap).collect();
            let key = PrivateKeyDer::from_pem_file(key).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
            let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
            TlsAcceptorDebug(TlsAcceptor::from(Arc::new(config)))
        });
        let state = Arc::new(State {
            behaviour,
            acceptor,
            refused: AtomicUsize::new(0),
            swallowed: AtomicUsize::new(0),
            received: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&shared), stream));
            }
        });
        Self { port, state, serving }
    }

    /// What it has taken so far.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// How many messages it refused for the moment.
    pub fn refused(&self) -> usize {
        self.state.refused.load(Ordering::SeqCst)
    }

    /// Waits until it has taken so many messages.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..600 {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("only {} of {count} mails came", self.received().len());
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
