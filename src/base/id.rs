//! Identifiers as types, so that two of them cannot be swapped. Each is text: a UUIDv7 made by us, or a value that
//! came from outside and is only ever compared.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new, unguessable-enough, time-ordered id (UUIDv7, lower case). It is a name, never a secret.
            #[must_use]
            pub fn generate() -> Self {
                Self(uuid::Uuid::now_v7().to_string())
            }

            /// The id as it is stored and shown.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A tenant: the hard wall around users, clients, keys and data.
    TenantId,
    /// A person. Also the `sub` of every token about that person (OIDC Core §2: never reassigned, opaque).
    UserId,
    /// `client_id` (RFC 6749 §2.2).
    ClientId,
    /// The `sid` of a browser session (OIDC Back-Channel Logout §2.1).
    SessionId,
    /// One authorization given to one client; every token issued from it names it.
    GrantId,
    /// `kid` of a signing key (RFC 7517 §4.5).
    Kid,
    /// An API key's public name.
    ApiKeyId,
    /// Another whom a tenant lets its people sign in with.
    ProviderId,
    /// An account at a provider that signs in an account here.
    IdentityId,
    /// An audit row.
    AuditId,
    /// People of a tenant who belong together.
    OrganizationId,
    /// A job waiting in the outbox.
    JobId,
    /// A file in the archive, as its owner knows it.
    FileId,
    /// The bytes of files that are the same; nobody outside knows it.
    BlobId,
    /// A file that arrives in pieces.
    UploadId,
}
