//! The file around a tenant: a line that says what it is, one that says how the key is made of the passphrase, one that
//! tells the key from others, and then one sealed piece after the other. Neither side has more than a few in memory.

use bytes::Bytes;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};

use crate::base::{Code, Fault, Result, Secret, Stop};
use crate::keys::{CHUNK, Chunks, Stretch, TAG};

/// What every file begins with, and the version of what follows.
const MAGIC: &str = "chancery tenant ";
const VERSION: &str = "1";
/// Most bytes of a line of the head.
const HEAD: u64 = 1_024;
/// Most bytes of a line of what is sealed: a row is never that large.
const LINE: usize = 256 * 1024 * 1024;
/// Fewest characters of a passphrase.
const SHORTEST: usize = 12;

/// Writes a file.
pub(super) struct Writer<W> {
    out: W,
    chunks: Chunks,
    waiting: Vec<u8>,
    /// Bytes of the file so far.
    written: u64,
}

impl<W: AsyncWrite + Unpin + Send> Writer<W> {
    /// Begins a file under this passphrase.
    ///
    /// # Errors
    /// The passphrase is short.
    pub(super) async fn begin(mut out: W, passphrase: &Secret) -> Result<Self> {
        if passphrase.expose().chars().count() < SHORTEST {
            let short = "a passphrase has 12 characters at least: whoever has the file has time to guess";
            return Err(Stop::refuse(Code::Unprocessable, short));
        }
        let stretch = Stretch::generate();
        let head = format!("{MAGIC}{VERSION}\n{}\n", serde_json::to_string(&stretch)?);
        let chunks = chunks(passphrase, stretch, head.clone().into_bytes()).await?;
        let head = format!("{head}{}\n", chunks.name()?);
        out.write_all(head.as_bytes()).await?;
        Ok(Self { out, chunks, waiting: Vec::with_capacity(CHUNK), written: head.len() as u64 })
    }

    /// Writes on.
    pub(super) async fn put(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            // The last piece is known as such only when nothing follows: a full one waits.
            if self.waiting.len() == CHUNK {
                self.piece(false).await?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes a line of JSON.
    pub(super) async fn line(&mut self, value: &(impl Serialize + Sync)) -> Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.put(&line).await
    }

    /// Ends the file; answers how long it is, and what it was written to.
    pub(super) async fn finish(mut self) -> Result<(u64, W)> {
        self.piece(true).await?;
        self.out.flush().await?;
        Ok((self.written, self.out))
    }

    async fn piece(&mut self, last: bool) -> Result<()> {
        let sealed = self.chunks.seal(&self.waiting, last)?;
        self.waiting.clear();
        self.written += sealed.len() as u64;
        Ok(self.out.write_all(&sealed).await?)
    }
}

/// Reads a file.
pub(super) struct Reader<R> {
    source: BufReader<R>,
    chunks: Chunks,
    plain: zeroize::Zeroizing<Vec<u8>>,
    at: usize,
    ended: bool,
}

impl<R: AsyncRead + Unpin + Send> Reader<R> {
    /// Opens a file.
    ///
    /// # Errors
    /// It is none, or of a later version.
    pub(super) async fn open(source: R, passphrase: &Secret) -> Result<Self> {
        let mut source = BufReader::with_capacity(CHUNK, source);
        let mut head = head_line(&mut source).await?;
        let version = head.strip_prefix(MAGIC).map(str::trim_end).ok_or_else(no_file)?.to_owned();
        if version != VERSION {
            let newer = format!("the file is of format {version:.20}, and this program reads format {VERSION}");
            return Err(Stop::refuse(Code::Unprocessable, newer));
        }
        let second = head_line(&mut source).await?;
        let stretch: Stretch = serde_json::from_str(&second).map_err(|_| no_file())?;
        head.push_str(&second);
        let chunks = chunks(passphrase, stretch, head.into_bytes()).await?;
        if head_line(&mut source).await?.trim_end() != chunks.name()? {
            let why = "the file does not open: the passphrase is another one, or the file's head was altered";
            return Err(Stop::refuse(Code::Unprocessable, why));
        }
        Ok(Self { source, chunks, plain: Vec::new().into(), at: 0, ended: false })
    }

    /// The next line without its end; `None` where the file ends.
    pub(super) async fn line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut looked = 0;
        loop {
            let rest = self.plain.get(self.at + looked..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|byte| *byte == b'\n') {
                let end = self.at + looked + found;
                let line = self.plain[self.at..end].to_vec();
                self.at = end + 1;
                return Ok(Some(line));
            }
            looked = self.plain.len() - self.at;
            if looked > LINE {
                return Err(altered(self.chunks.next()));
            }
            if !self.more().await? {
                return if looked == 0 { Ok(None) } else { Err(cut()) };
            }
        }
    }

    /// Some of the next bytes, `most` at most.
    pub(super) async fn bytes(&mut self, most: u64) -> Result<Bytes> {
        if self.at == self.plain.len() && !self.more().await? {
            return Err(cut());
        }
        let rest = &self.plain[self.at..];
        let length = usize::try_from(most).unwrap_or(usize::MAX).min(rest.len());
        let bytes = Bytes::copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(bytes)
    }

    /// Opens the next piece; `false`: there is none.
    async fn more(&mut self) -> Result<bool> {
        self.plain.drain(..self.at);
        self.at = 0;
        if self.ended {
            return Ok(false);
        }
        let mut sealed = Vec::with_capacity(CHUNK + TAG);
        (&mut self.source).take((CHUNK + TAG) as u64).read_to_end(&mut sealed).await?;
        let last = self.source.fill_buf().await?.is_empty();
        match self.chunks.open(&sealed, last) {
            Some(plain) => self.plain.extend_from_slice(&plain),
            None if last => return Err(cut()),
            None => return Err(altered(self.chunks.next())),
        }
        self.ended = last;
        Ok(true)
    }
}

/// The key takes a while to make, and other tasks go on meanwhile.
async fn chunks(passphrase: &Secret, stretch: Stretch, head: Vec<u8>) -> Result<Chunks> {
    let passphrase = passphrase.clone();
    let made = tokio::task::spawn_blocking(move || Chunks::new(&passphrase, &stretch, &head)).await;
    Ok(made.map_err(Fault::from)??)
}

async fn head_line<R: AsyncRead + Unpin + Send>(source: &mut BufReader<R>) -> Result<String> {
    let mut line = Vec::new();
    source.take(HEAD).read_until(b'\n', &mut line).await?;
    String::from_utf8(line).ok().filter(|line| line.ends_with('\n')).ok_or_else(no_file)
}

fn no_file() -> Stop {
    Stop::refuse(Code::Unprocessable, "this is no file of a tenant")
}

fn cut() -> Stop {
    Stop::refuse(Code::Unprocessable, "the file is cut off, or its end was altered")
}

fn altered(piece: u64) -> Stop {
    Stop::refuse(Code::Unprocessable, format!("the file was altered: its piece {piece} is not what was written there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "a long passphrase";

    async fn written(parts: &[&[u8]]) -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), &Secret::new(PASSPHRASE)).await.unwrap();
        for part in parts {
            writer.put(part).await.unwrap();
        }
        let (length, file) = writer.finish().await.unwrap();
        assert_eq!(length, file.len() as u64);
        file
    }

    /// Everything in it by lines, or why not.
    async fn read(file: &[u8], passphrase: &str) -> Result<Vec<Vec<u8>>, String> {
        let why = |stop: Stop| match stop {
            Stop::Refused(refusal) => refusal.description.to_string(),
            Stop::Failed(fault) => panic!("{}", fault.chain()),
        };
        let mut reader = Reader::open(file, &Secret::new(passphrase)).await.map_err(why)?;
        let mut lines = Vec::new();
        while let Some(line) = reader.line().await.map_err(why)? {
            lines.push(line);
        }
        Ok(lines)
    }

    /// Where what is sealed begins.
    fn body(file: &[u8]) -> usize {
        let ends: Vec<_> = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
        ends[2] + 1
    }

    #[tokio::test]
    async fn what_is_written_is_read_whatever_its_length() {
        for length in [0, 1, CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7] {
            let line = vec![b'x'; length];
            let file = written(&[b"one\n", &line, b"\n"]).await;
            assert_eq!(read(&file, PASSPHRASE).await.unwrap(), [b"one".to_vec(), line], "{length}");
        }
        assert_eq!(read(&written(&[]).await, PASSPHRASE).await.unwrap(), Vec::<Vec<u8>>::new());
        let file = written(&[b"{}\n", &vec![b'\n'; CHUNK], b"\nlast\n"]).await;
        let mut reader = Reader::open(file.as_slice(), &Secret::new(PASSPHRASE)).await.unwrap();
        assert_eq!(reader.line().await.unwrap().unwrap(), b"{}");
        let mut left = CHUNK as u64;
        while left > 0 {
            left -= reader.bytes(left).await.unwrap().len() as u64;
        }
        assert_eq!(reader.bytes(1).await.unwrap().as_ref(), b"\n");
        assert_eq!(reader.line().await.unwrap().unwrap(), b"last");
    }

    #[tokio::test]
    async fn w036_nothing_of_it_opens_without_the_passphrase_and_a_short_one_is_none() {
        let file = written(&[b"a line that nobody reads\n"]).await;
        assert!(!file.windows(6).any(|part| part == b"nobody"));
        assert!(read(&file, "another passphrase").await.unwrap_err().contains("the passphrase is another one"));
        assert!(Writer::begin(Vec::new(), &Secret::new("eleven char")).await.is_err());
        let same = written(&[b"a line that nobody reads\n"]).await;
        assert_ne!(file[body(&file)..], same[body(&same)..], "two files have two keys");
    }

    #[tokio::test]
    async fn a_file_that_was_cut_reordered_or_altered_is_refused_by_name() {
        let file = written(&[&vec![b'x'; 3 * CHUNK], b"\nend\n"]).await;
        let (begin, piece) = (body(&file), CHUNK + TAG);
        for end in [file.len() - 1, begin + 3 * piece, begin + 2 * piece, begin + piece + 9, begin] {
            let refused = read(&file[..end], PASSPHRASE).await.unwrap_err();
            assert!(refused.contains("cut off"), "{end}: {refused}");
        }
        let mut swapped = file.clone();
        swapped[begin + piece..begin + 3 * piece].rotate_left(piece);
        assert!(read(&swapped, PASSPHRASE).await.unwrap_err().contains("altered: its piece 1"));
        let mut longer = file.clone();
        longer.extend_from_slice(b"more");
        assert!(read(&longer, PASSPHRASE).await.is_err());
        for at in [begin + 5, begin + piece + 5, file.len() - 5] {
            let mut altered = file.clone();
            altered[at] ^= 1;
            assert!(read(&altered, PASSPHRASE).await.is_err(), "{at}");
        }
        let mut head = file.clone();
        let salt = begin - 45;
        head[salt] = if head[salt] == b'0' { b'1' } else { b'0' };
        assert!(read(&head, PASSPHRASE).await.unwrap_err().contains("does not open"));
    }

    #[tokio::test]
    async fn what_is_no_file_and_what_is_newer_is_told_apart() {
        assert!(read(b"PK\x03\x04", PASSPHRASE).await.unwrap_err().contains("no file of a tenant"));
        assert!(read(b"", PASSPHRASE).await.unwrap_err().contains("no file of a tenant"));
        assert!(read(b"chancery tenant 2\n{}\n", PASSPHRASE).await.unwrap_err().contains("format 2"));
        assert!(read(b"chancery tenant 1\n{}\n", PASSPHRASE).await.unwrap_err().contains("no file of a tenant"));
    }
}
