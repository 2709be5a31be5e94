//! Looking for what should not be there: files go to clamd (its INSTREAM command), and one in which something is found
//! is never given to anybody (W-103).

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use super::Files;
use crate::base::{Fault, Result};
use crate::blobs::Bytestream;
use crate::config::Scan;
use crate::store::files::{self as store, File, FileState};
use crate::store::{Flag, audit};

/// How long the scanner may take for a file.
const PATIENCE: Duration = Duration::from_mins(2);
/// Longest answer.
const ANSWER: u64 = 4_096;
/// Most files of a round.
const BATCH: i64 = 100;

/// What the scanner says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Found(String),
}

impl Files {
    /// Looks at a file that has just come, without anybody waiting for it. Should that fail, the next round does it.
    pub(super) fn look_at_soon(&self, file: &File) {
        if self.settings.scan == Scan::Off {
            return;
        }
        let (files, file) = (self.clone(), file.clone());
        tokio::spawn(async move {
            if files.look_at(&file).await.is_err() {
                tracing::warn!(file = file.id.as_str(), "a file could not be looked at and waits");
            }
        });
    }

    /// Looks at what waits; answers how many files have been looked at.
    ///
    /// # Errors
    /// The scanner does not answer; the files wait on.
    pub async fn scan_due(&self) -> Result<u64> {
        let mut looked = 0;
        if self.settings.scan == Scan::Off {
            return Ok(looked);
        }
        for file in store::to_scan(&self.db, BATCH).await? {
            self.look_at(&file).await?;
            looked += 1;
        }
        Ok(looked)
    }

    async fn look_at(&self, file: &File) -> Result<()> {
        let bytes = self.blobs.read(&file.tenant_id, &file.blob_id, 0..file.size.unsigned_abs()).await?;
        let asked = tokio::time::timeout(PATIENCE, ask(&self.settings.scanner, bytes)).await;
        let verdict = asked.map_err(|_| Fault::new("the scanner of files took too long"))??;
        let mut after = file.clone();
        after.scan_due = Flag(false);
        after.view.0.state = if verdict == Verdict::Clean { FileState::Ready } else { FileState::Quarantined };
        let mut tx = self.db.begin().await?;
        // A file that has changed meanwhile is looked at again.
        if !store::write(&mut tx, &after).await? {
            return Ok(());
        }
        if let Verdict::Found(what) = verdict {
            let event = audit::Event::new(&file.tenant_id, self.clock.now(), "file.quarantined");
            audit::record(&mut tx, event.on(file.id.as_str()).detail(json!({ "found": what }))).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

async fn ask(scanner: &str, bytes: Bytestream) -> Result<Verdict> {
    let reply = match scanner.strip_prefix("tcp://") {
        Some(address) => converse(TcpStream::connect(address).await?, bytes).await?,
        None => converse(UnixStream::connect(scanner.trim_start_matches("unix://")).await?, bytes).await?,
    };
    verdict(&reply).ok_or_else(|| Fault::new("the scanner of files gave no verdict").into())
}

async fn converse(mut to: impl AsyncRead + AsyncWrite + Unpin + Send, mut bytes: Bytestream) -> Result<String> {
    to.write_all(b"zINSTREAM\0").await?;
    while let Some(piece) = bytes.next().await {
        let piece = piece?;
        to.write_u32(u32::try_from(piece.len())?).await?;
        to.write_all(&piece).await?;
    }
    to.write_u32(0).await?;
    to.flush().await?;
    let mut reply = Vec::new();
    to.take(ANSWER).read_to_end(&mut reply).await?;
    Ok(String::from_utf8_lossy(&reply).trim_end_matches(['\0', '\n']).to_owned())
}

/// `stream: OK`, or `stream: Name FOUND`; anything else is no verdict, and a file without one is not ready.
fn verdict(reply: &str) -> Option<Verdict> {
    let said = reply.strip_prefix("stream: ")?;
    match said.strip_suffix(" FOUND") {
        Some(name) => Some(Verdict::Found(name.to_owned())),
        None => (said == "OK").then_some(Verdict::Clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w103_only_a_clear_answer_makes_a_file_ready() {
        assert_eq!(verdict("stream: OK"), Some(Verdict::Clean));
        assert_eq!(verdict("stream: Eicar-Test FOUND"), Some(Verdict::Found("Eicar-Test".to_owned())));
        for unclear in ["", "OK", "stream: ", "INSTREAM size limit exceeded. ERROR", "stream: OK ERROR"] {
            assert_eq!(verdict(unclear), None, "{unclear}");
        }
    }
}
