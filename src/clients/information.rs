//! What a registration answers (RFC 7591 §3.2.1).

use serde::Serialize;

use crate::base::{ClientId, Secret, Timestamp};
use crate::store::clients::{Client, ClientKind, ClientMetadata, ClientPolicy, ClientStatus};

/// The client information response (RFC 7591 §3.2.1): everything registered, and the secret, this once.
#[derive(Clone, Serialize)]
pub struct Information {
    /// The `client_id`.
    pub client_id: ClientId,
    /// The secret, for clients that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// When it was issued.
    pub client_id_issued_at: Timestamp,
    /// 0: never. Present when there is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<i64>,
    /// The name for people.
    pub client_name: String,
    /// What was registered, as it was registered.
    #[serde(flatten)]
    pub metadata: ClientMetadata,
}

/// A client as it is managed: what was registered, and what the server decides about it.
#[derive(Clone, Debug, Serialize)]
pub struct Described {
    /// What it can keep.
    #[serde(rename = "type")]
    pub kind: ClientKind,
    /// Whether it may do anything.
    pub status: ClientStatus,
    /// What the server decides about it.
    pub policy: ClientPolicy,
    /// What was registered.
    #[serde(flatten)]
    pub information: Information,
    /// When it was last changed, as a time of RFC 3339.
    pub updated_at: String,
}

impl Described {
    /// With the secret, for the one answer that shows it.
    #[must_use]
    pub fn of(client: &Client, secret: Option<&Secret>) -> Self {
        Self {
            kind: client.kind,
            status: client.status,
            policy: client.policy.0.clone(),
            information: Information::of(client, secret),
            updated_at: client.updated_at.rfc3339(),
        }
    }
}

impl std::fmt::Debug for Information {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Information({})", self.client_id)
    }
}

impl Information {
    /// About this client.
    #[must_use]
    pub fn of(client: &Client, secret: Option<&Secret>) -> Self {
        Self {
            client_id: client.id.clone(),
            client_secret: secret.map(|secret| secret.expose().to_owned()),
            client_id_issued_at: client.created_at,
            client_secret_expires_at: secret.map(|_| 0),
            client_name: client.name.clone(),
            metadata: client.metadata.0.clone(),
        }
    }
}
