//! The people and clients that `--dev` made, as `dev.json` in the data directory tells of them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::app::App;
use crate::base::{Code, Refusal};

/// The tenant that the developer's application signs in at.
pub const TENANT: &str = "demo";

/// What the developer's pages show of `dev.json`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Demonstration {
    /// Tenants by slug.
    pub tenants: BTreeMap<String, DemoTenant>,
}

/// A tenant made for development.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DemoTenant {
    /// Its issuer.
    pub issuer: String,
    /// Its people; the second is an administrator.
    pub users: Vec<DemoUser>,
}

/// A person made for development.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DemoUser {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

impl Demonstration {
    /// What there is; nothing while the file is not there.
    pub async fn read(app: &App) -> Self {
        let file = tokio::fs::read(app.config.data_dir.join("dev.json")).await.unwrap_or_default();
        serde_json::from_slice(&file).unwrap_or_default()
    }
}

/// The developer's pages exist with `--dev` only.
///
/// # Errors
/// [`Code::NotFound`] without it.
pub fn only(app: &App) -> Result<(), Refusal> {
    if app.config.dev { Ok(()) } else { Err(Refusal::new(Code::NotFound, "there is nothing here")) }
}
