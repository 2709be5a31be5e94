//! `chancery keys`: signing keys.

use std::path::PathBuf;

use serde::Serialize;
use zeroize::Zeroizing;

use super::output::Out;
use crate::app::App;
use crate::base::{Code, Kid, Result, Secret, Stop, Timestamp};
use crate::keys::{MasterKey, SigningAlgorithm};
use crate::setup::reseal;
use crate::store::keys::{KeyState, SigningKey};

/// Who did it, in the audit trail.
const ACTOR: &str = "operator";

/// What to do with signing keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Keys {
    /// Show the published keys of a tenant
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Let the next key sign; the one before is published until its tokens are dead
    Rotate {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// `RS256`, `ES256` or `EdDSA`; all when absent
        #[arg(long)]
        alg: Option<SigningAlgorithm>,
    },
    /// Refuse a previous key's tokens at once: for a key that has become known
    Revoke {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its `kid`
        kid: String,
    },
    /// Seal everything anew under another master key, while no server runs
    Reseal {
        /// The file that holds the new key
        #[arg(long, value_name = "FILE")]
        new_master_key_file: PathBuf,
    },
}

/// A key as shown.
#[derive(Serialize)]
struct Shown {
    kid: Kid,
    alg: String,
    state: KeyState,
    created_at: String,
    activates_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retires_at: Option<String>,
}

/// What signs now.
#[derive(Serialize)]
struct Rotated {
    alg: String,
    kid: Kid,
}

impl Keys {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::List { tenant } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let found: Vec<_> = app.keys.list(&tenant.id).await?.into_iter().map(shown).collect();
                out.list(&found, &["kid", "alg", "state", "activates_at", "retires_at"])
            }
            Self::Rotate { tenant, alg } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let all = alg.map_or_else(|| SigningAlgorithm::ALL.to_vec(), |alg| vec![alg]);
                let mut rotated = Vec::new();
                for alg in all {
                    let kid = app.keys.rotate(&tenant.id, alg, ACTOR).await?;
                    rotated.push(Rotated { alg: alg.to_string(), kid });
                }
                out.list(&rotated, &["alg", "kid"])
            }
            Self::Revoke { tenant, kid } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                if !app.keys.revoke(&tenant.id, &Kid::from(kid.as_str()), ACTOR).await? {
                    let sentence = "the tenant has no previous key of this name; rotate first";
                    return Err(Stop::refuse(Code::NotFound, sentence));
                }
                out.done(&format!("Tokens signed with {kid} are refused from now on."))
            }
            Self::Reseal { new_master_key_file: file } => {
                let text = Zeroizing::new(std::fs::read_to_string(&file)?);
                let count = reseal(app, MasterKey::parse(&Secret::new(text.as_str()))?).await?;
                let file = file.display();
                out.done(&format!(
                    "{count} values are sealed anew: set keys.master_key_file to {file} and start again."
                ))
            }
        }
    }
}

fn shown(key: SigningKey) -> Shown {
    Shown {
        kid: key.kid,
        alg: key.alg,
        state: key.state,
        created_at: key.created_at.rfc3339(),
        activates_at: key.activates_at.rfc3339(),
        retires_at: key.retires_at.map(Timestamp::rfc3339),
    }
}
