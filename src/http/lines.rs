//! The lines of a body (NDJSON), as they arrive: no more of it is held than one line and what came with it.

use axum::body::{Body, BodyDataStream};
use futures_util::TryStreamExt as _;

use crate::base::{Code, Refusal};

/// What lines of JSON are called.
pub const NDJSON: &str = "application/x-ndjson";

/// Lines that are read one by one.
#[derive(Debug)]
pub struct Lines {
    body: BodyDataStream,
    rest: Vec<u8>,
    ended: bool,
    longest: usize,
    /// Bytes that may still come.
    left: u64,
}

impl Lines {
    /// Of this body of up to `most` bytes, each of up to `longest`.
    #[must_use]
    pub fn of(body: Body, longest: usize, most: u64) -> Self {
        Self { body: body.into_data_stream(), rest: Vec::new(), ended: false, longest, left: most }
    }

    /// The next one, without its end.
    ///
    /// # Errors
    /// `BodyTooLarge`: it, or all of them, is too long. `InvalidRequest`: the body was cut off.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.rest[searched..].iter().position(|byte| *byte == b'\n') {
                let after = self.rest.split_off(searched + end + 1);
                let mut line = std::mem::replace(&mut self.rest, after);
                line.pop();
                return Ok(Some(line));
            }
            searched = self.rest.len();
            if searched > self.longest {
                return Err(Refusal::new(Code::BodyTooLarge, "a line is too long").member("limit", self.longest));
            }
            if self.ended {
                return Ok((searched > 0).then(|| std::mem::take(&mut self.rest)));
            }
            let cut = |_| Refusal::new(Code::InvalidRequest, "the body was cut off");
            match self.body.try_next().await.map_err(cut)? {
                Some(bytes) => {
                    let much = || Refusal::new(Code::BodyTooLarge, "the body is too large");
                    self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(much)?;
                    self.rest.extend_from_slice(&bytes);
                }
                None => self.ended = true,
            }
        }
    }
}
