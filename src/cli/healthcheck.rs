//! `chancery healthcheck`: for container images that have no other program to ask with.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::place::Place;
use crate::base::{Fault, Result};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn run(place: &Place) -> Result<()> {
    let config = place.config()?;
    let address = config.listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
    let tls = !config.http.tls_cert.is_empty();
    let alive = tokio::time::timeout(PATIENCE, ask(&address, tls)).await;
    match alive {
        Ok(Ok(true)) => Ok(()),
        _ => Err(Fault::new(format!("nothing healthy answers at {address}")).into()),
    }
}

/// A listener with TLS is asked only whether it accepts: its certificate is for another name than this machine's.
async fn ask(address: &str, tls: bool) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    if tls {
        return Ok(true);
    }
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut head = [0; 15];
    stream.read_exact(&mut head).await?;
    Ok(head.starts_with(b"HTTP/1.1 200"))
}
