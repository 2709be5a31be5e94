//! A way to a server that can be cut, frozen and restored, as a network or a restart does.

use std::sync::Mutex;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The way.
#[derive(Debug)]
pub struct Proxy {
    /// Where it begins.
    pub port: u16,
    target: (String, u16),
    frozen: watch::Sender<bool>,
    open: Mutex<Option<JoinHandle<()>>>,
}

impl Proxy {
    /// An open one to a server.
    pub async fn start(host: &str, port: u16) -> Self {
        let (frozen, _) = watch::channel(false);
        let target = (host.to_owned(), port);
        let proxy = Self { port: super::free_port(), target, frozen, open: Mutex::new(None) };
        proxy.restore().await;
        proxy
    }

    /// Ends all connections; new ones are refused.
    pub fn cut(&self) {
        if let Some(open) = self.open.lock().unwrap().take() {
            open.abort();
        }
    }

    /// Connections stay, but nothing comes through.
    pub fn freeze(&self, frozen: bool) {
        self.frozen.send_replace(frozen);
    }

    /// Connections are accepted again.
    pub async fn restore(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let (target, frozen) = (self.target.clone(), self.frozen.subscribe());
        let open = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                connections.spawn(carry(near, target.clone(), frozen.clone()));
            }
        });
        *self.open.lock().unwrap() = Some(open);
    }
}

async fn carry(near: TcpStream, target: (String, u16), frozen: watch::Receiver<bool>) {
    let Ok(far) = TcpStream::connect(target).await else { return };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = pump(near_in, far_out, frozen.clone()) => {}
        () = pump(far_in, near_out, frozen) => {}
    }
}

async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut frozen: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if frozen.wait_for(|frozen| !frozen).await.is_err() || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
