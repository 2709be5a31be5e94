//! `dev.json`: what `--dev` made, for people's eyes and for tools that drive the server.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::Fault;

/// Its name in the data directory.
pub const DEV_FILE: &str = "dev.json";

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevFile {
    /// Where the server is reached.
    pub public_url: String,
    /// Opens everything.
    pub operator_api_key: String,
    /// Whoever sees to all tenants, at the console.
    #[serde(default)]
    pub operator: Option<DevUser>,
    /// Where the mails are.
    pub mailbox_url: String,
    /// Tenants by slug.
    pub tenants: BTreeMap<String, DevTenant>,
}

/// A tenant to play with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevTenant {
    /// Its issuer.
    pub issuer: String,
    /// Its people; the first has every standard claim, the second is an administrator.
    pub users: Vec<DevUser>,
    /// Its clients by their part.
    pub clients: BTreeMap<String, DevClient>,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevUser {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A client to play with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevClient {
    /// The `client_id`.
    pub client_id: String,
    /// The secret, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Where answers may go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may lead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
}

impl DevFile {
    /// The file as it is, if it is there and whole.
    #[must_use]
    pub fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data_dir.join(DEV_FILE)).ok()?).ok()
    }

    /// Writes the file for its owner's eyes only, all of it or nothing.
    ///
    /// # Errors
    /// The data directory cannot be written to.
    pub fn write(&self, data_dir: &Path) -> Result<(), Fault> {
        let unfinished = data_dir.join(".dev.json.new");
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        Ok(std::fs::rename(unfinished, data_dir.join(DEV_FILE))?)
    }
}
