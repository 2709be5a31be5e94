//! Accepting connections: http/1.1 and http/2, plain or with TLS, and an end without loss. When told to stop, the
//! listener closes at once, requests under way are answered, and only then does it return.

use std::convert::Infallible;
use std::fs::File;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::app::App;
use crate::base::Fault;
use crate::http::entry::Door;

/// How long a client may take to send its request's head, or to finish a TLS handshake.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests under way may take after the order to stop.
const LAST_CALL: Duration = Duration::from_secs(25);
/// Most connections at a time; further ones wait to be accepted.
const MOST: usize = 8_192;

/// A bound listener that does not serve yet.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    /// Where it listens, with the port that port 0 became.
    pub address: SocketAddr,
}

/// Binds the configured address.
///
/// # Errors
/// The address is taken, or certificate and key cannot be used.
pub async fn listen(app: &App) -> Result<Listening, Fault> {
    let http = &app.config.http;
    let tls = if http.tls_cert.is_empty() { None } else { Some(tls(&http.tls_cert, &http.tls_key)?) };
    let listener = TcpListener::bind(&app.config.listen)
        .await
        .map_err(|error| Fault::new(format!("cannot listen on {}: {error}", app.config.listen)))?;
    let address = listener.local_addr()?;
    Ok(Listening { listener, tls, address })
}

fn tls(certificate: &str, key: &str) -> Result<Arc<ServerConfig>, Fault> {
    let unusable = |file: &str| Fault::new(format!("{file} holds nothing usable in PEM"));
    let open = |file: &str| File::open(Path::new(file)).map(BufReader::new).map_err(|_| unusable(file));
    let chain = CertificateDer::pem_reader_iter(open(certificate)?).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| unusable(certificate))?;
    let key = PrivateKeyDer::from_pem_reader(open(key)?).map_err(|_| unusable(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl Listening {
    /// Serves until `stop` becomes true, then until the requests under way are answered.
    pub async fn serve(self, app: App, mut stop: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let figures = tokio::spawn(super::health::sum_up());
        let places = Arc::new(Semaphore::new(MOST));
        let server = Arc::new(Server { door: super::door(&app), tls: self.tls.map(TlsAcceptor::from) });
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &places) => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let Some((stream, peer, place)) = accepted else { continue };
            let (server, watcher) = (Arc::clone(&server), graceful.watcher());
            tokio::spawn(async move {
                server.connection(stream, peer, watcher).await;
                drop(place);
            });
        }
        drop(self.listener);
        figures.abort();
        // Whoever watches would wait for ever; it comes back to another process.
        app.documents.end_watches();
        if tokio::time::timeout(LAST_CALL, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests were still under way at the end");
        }
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            drop(stream.set_nodelay(true));
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

struct Server {
    door: Door,
    tls: Option<TlsAcceptor>,
}

impl Server {
    async fn connection(&self, stream: TcpStream, peer: SocketAddr, watcher: hyper_util::server::graceful::Watcher) {
        match &self.tls {
            None => self.http(stream, peer, watcher).await,
            Some(tls) => match tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.http(stream, peer, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                Err(_) => tracing::debug!("no TLS in time"),
            },
        }
    }

    async fn http<S>(&self, stream: S, peer: SocketAddr, watcher: hyper_util::server::graceful::Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let door = self.door.clone();
        let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
            let (door, mut request) = (door.clone(), request.map(Body::new));
            request.extensions_mut().insert(ConnectInfo(peer));
            async move { Ok::<_, Infallible>(door.answer(request).await) }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(64 * 1024);
        builder.http2().timer(TokioTimer::new()).max_concurrent_streams(128).max_header_list_size(64 * 1024);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
