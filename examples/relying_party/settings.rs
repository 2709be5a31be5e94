//! Where to sign in, as whom, and as which client: from the `dev.json` that `serve --dev` writes.

use std::path::PathBuf;

use serde_json::Value;
use url::Url;

use crate::Failed;

/// What the program was told.
#[derive(Debug)]
pub struct Settings {
    /// The issuer.
    pub issuer: String,
    /// The client.
    pub client_id: String,
    /// Its secret; public clients have none.
    pub client_secret: Option<String>,
    /// One of its redirect URIs.
    pub redirect_uri: String,
    /// The person's address.
    pub email: String,
    /// The person's password.
    pub password: String,
    /// Where to write every secret that was seen.
    pub keep: Option<PathBuf>,
}

const USAGE: &str = "usage: relying_party DEV_JSON [TENANT] [CLIENT] [--keep FILE]";

impl Settings {
    /// From the words of the command line.
    ///
    /// # Errors
    /// A word is missing, or the file has no such tenant or client.
    pub fn from_words(words: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let (mut plain, mut keep, mut words) = (Vec::new(), None, words);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--keep" => keep = Some(PathBuf::from(words.next().ok_or(USAGE)?)),
                _ => plain.push(word),
            }
        }
        let file = plain.first().ok_or(USAGE)?;
        let dev: Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let tenant = &dev["tenants"][plain.get(1).map_or("demo", String::as_str)];
        let client = &tenant["clients"][plain.get(2).map_or("confidential", String::as_str)];
        let person = &tenant["users"][0];
        Ok(Self {
            issuer: text(&tenant["issuer"], "issuer")?,
            client_id: text(&client["client_id"], "client_id")?,
            client_secret: client["client_secret"].as_str().map(str::to_owned),
            redirect_uri: with_a_port(&text(&client["redirect_uris"][0], "redirect URI")?)?,
            email: text(&person["email"], "email")?,
            password: text(&person["password"], "password")?,
            keep,
        })
    }

    /// What of it must not be seen elsewhere.
    pub fn secrets(&self) -> Vec<String> {
        std::iter::once(self.password.clone()).chain(self.client_secret.clone()).collect()
    }
}

/// Native applications listen where there is room, so their registered loopback address has no port (RFC 8252 §7.3).
fn with_a_port(registered: &str) -> Result<String, Failed> {
    let mut url: Url = registered.parse()?;
    if url.scheme() != "http" || url.port().is_some() {
        return Ok(registered.to_owned());
    }
    url.set_port(Some(53_682)).map_err(|()| "a redirect URI that can have no port")?;
    Ok(url.into())
}

fn text(value: &Value, name: &str) -> Result<String, Failed> {
    Ok(value.as_str().ok_or_else(|| format!("there is no {name} for this tenant and client"))?.to_owned())
}
