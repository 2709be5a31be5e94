//! `[archive]`: where the bytes of files are kept, how many, for how long, and who looks at them.

use serde::Deserialize;

use super::{Masked, Thumbnail};

/// When a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scan {
    /// Never.
    Off,
    /// After it can be read.
    Async,
    /// Before it can be read.
    BeforeReady,
}

/// `[archive]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// A folder, or `s3://BUCKET/PREFIX`.
    pub store: String,
    /// The URL of the S3-compatible store; empty: Amazon's.
    pub s3_endpoint: String,
    /// Its region.
    pub s3_region: String,
    /// Who we are there.
    pub s3_access_key: String,
    /// How we prove it.
    pub s3_secret_key: Masked,
    /// Most bytes of a file in one request.
    pub max_bytes: u64,
    /// Most bytes of a file in pieces.
    pub max_upload_bytes: u64,
    /// Seconds that a sender may be silent.
    pub silence: u64,
    /// Seconds that sending may take.
    pub transfer_timeout: u64,
    /// Days that a deleted file can be restored.
    pub keep_deleted_days: i64,
    /// Hours that an unfinished upload is kept.
    pub keep_unfinished_hours: i64,
    /// Sizes that smaller pictures of files have.
    pub thumbnails: Vec<Thumbnail>,
    /// Whether files are looked at.
    pub scan: Scan,
    /// By whom.
    pub scanner: String,
}

impl Archive {
    /// Whether the settings belong together; the sentence says what is missing.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let is_s3 = self.store.starts_with("s3://");
        if is_s3 && (self.store.len() == 5 || self.s3_access_key.is_empty() || self.s3_secret_key.is_empty()) {
            return Err("archive.store on S3 needs a bucket, s3_access_key and s3_secret_key");
        }
        if !is_s3 && self.store.contains("://") {
            return Err("archive.store has to be a folder or s3://BUCKET");
        }
        let scanner = self.scanner.starts_with("tcp://") || self.scanner.starts_with("unix:///");
        if self.scan != Scan::Off && !scanner {
            return Err("archive.scanner has to be tcp://HOST:PORT or unix:///PATH when archive.scan is on");
        }
        let times = [self.keep_deleted_days, self.keep_unfinished_hours];
        if times.into_iter().any(|time| time < 0) || self.silence == 0 || self.transfer_timeout == 0 {
            return Err("[archive] has a time that is none");
        }
        Ok(())
    }
}
