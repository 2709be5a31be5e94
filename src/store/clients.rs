//! OAuth clients, and the `jti` of assertions they have used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::db::Run;
use super::sql::sql;
use super::values::{Json, words};
use crate::base::{ClientId, Method, Scope, Seconds, TenantId, Timestamp};

words! {
    /// Whether a client's tokens are for one of a person's organizations.
    OrganizationUse {
        /// For the one that the authorization request names, else for none.
        Optional = "optional",
        /// Always: the person chooses where the request names none.
        Required = "required",
    }
}

words! {
    /// RFC 6749 §2.1, and machines that act for nobody but themselves.
    ClientKind {
        /// Can keep a secret.
        Confidential = "confidential",
        /// Cannot.
        Public = "public",
        /// Can keep a secret and has no people: client credentials only.
        Service = "service",
    }
}

words! {
    /// Whether a client may do anything.
    ClientStatus {
        /// Yes.
        Active = "active",
        /// No, for now.
        Disabled = "disabled",
    }
}

words! {
    /// `application_type` (OIDC Registration §2).
    ApplicationType {
        /// `https` redirect URIs only.
        Web = "web",
        /// Loopback and private-use schemes too (RFC 8252).
        Native = "native",
    }
}

words! {
    /// `token_endpoint_auth_method` (RFC 7591 §2).
    AuthMethod {
        /// HTTP Basic.
        ClientSecretBasic = "client_secret_basic",
        /// In the body.
        ClientSecretPost = "client_secret_post",
        /// Signed assertion (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// A public client.
        None = "none",
    }
}

words! {
    /// How access tokens look.
    AccessTokenFormat {
        /// `at+jwt` (RFC 9068).
        Jwt = "jwt",
        /// Random, to be introspected.
        Opaque = "opaque",
    }
}

/// A client with all that is needed to serve it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Client {
    /// Whose.
    pub tenant_id: TenantId,
    /// `client_id`.
    pub id: ClientId,
    /// Its name for people.
    pub name: String,
    /// What it can keep.
    pub kind: ClientKind,
    /// Whether it may do anything.
    pub status: ClientStatus,
    /// What was registered (RFC 7591).
    pub metadata: Json<ClientMetadata>,
    /// What the server decides about it.
    pub policy: Json<ClientPolicy>,
    /// Grows with every change.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Client metadata (RFC 7591 §2, OIDC Registration §2, RP-Initiated Logout §3.1). Members that are not known here are
/// kept in `other` only if they are language-tagged names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each member is the one of the same name in RFC 7591 §2 or OIDC Registration §2")]
pub struct ClientMetadata {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    pub token_endpoint_auth_method: AuthMethod,
    pub grant_types: Vec<String>,
    pub response_types: Vec<String>,
    pub application_type: ApplicationType,
    pub scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    pub id_token_signed_response_alg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    pub require_auth_time: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl Default for ClientMetadata {
    fn default() -> Self {
        Self {
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            grant_types: vec!["authorization_code".to_owned()],
            response_types: vec!["code".to_owned()],
            application_type: ApplicationType::Web,
            scope: Scope::empty(),
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            jwks: None,
            jwks_uri: None,
            id_token_signed_response_alg: "RS256".to_owned(),
            userinfo_signed_response_alg: None,
            token_endpoint_auth_signing_alg: None,
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            initiate_login_uri: None,
            software_id: None,
            software_version: None,
            other: BTreeMap::new(),
        }
    }
}

/// What the server decides about a client (STANDARDS "one server, several profiles").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the policy, by its own name")]
pub struct ClientPolicy {
    /// PKCE S256 required; may be switched off only for confidential clients.
    pub require_pkce: bool,
    /// The tenant's own application: no consent page.
    pub first_party: bool,
    /// How access tokens look.
    pub access_token_format: AccessTokenFormat,
    /// Whether refresh tokens change with each use.
    pub refresh_rotation: bool,
    /// Instead of the tenant's lifetime of access tokens.
    pub access_token_lifetime: Option<Seconds>,
    /// Instead of the tenant's lifetime of idle refresh tokens.
    pub refresh_token_lifetime: Option<Seconds>,
    /// Audiences (RFC 8707) it may ask tokens for; empty: all of the tenant's.
    pub resources: Vec<String>,
    /// Audiences it is the resource server of: it may introspect tokens for them (RFC 7662 §4).
    pub serves: Vec<String>,
    /// By what people may sign in for it; empty: by all that the tenant allows.
    pub sign_in_methods: Vec<Method>,
    /// Whether people need a second factor for it.
    pub second_factor: bool,
    /// Whether its tokens are for one of a person's organizations.
    pub organization: OrganizationUse,
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            require_pkce: true,
            first_party: false,
            access_token_format: AccessTokenFormat::Jwt,
            refresh_rotation: true,
            access_token_lifetime: None,
            refresh_token_lifetime: None,
            resources: Vec::new(),
            serves: Vec::new(),
            sign_in_methods: Vec::new(),
            second_factor: false,
            organization: OrganizationUse::Optional,
        }
    }
}

impl Client {
    /// Whether `grant_type` was registered.
    #[must_use]
    pub fn allows_grant(&self, grant_type: &str) -> bool {
        self.metadata.grant_types.iter().any(|allowed| allowed == grant_type)
    }

    /// Whether it proves itself (RFC 6749 §2.1).
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.metadata.token_endpoint_auth_method != AuthMethod::None
    }

    /// Whether it proves itself with a secret (RFC 6749 §2.3.1).
    #[must_use]
    pub const fn has_secret(&self) -> bool {
        let method = self.metadata.0.token_endpoint_auth_method;
        matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost)
    }
}

sql! {
    tenant INSERT(9) = "INSERT INTO clients (tenant_id, id, name, kind, status, metadata, policy, version, created_at,
            updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT DO NOTHING";
    tenant BY_ID(2) = "SELECT tenant_id, id, name, kind, status, metadata, policy, version, created_at, updated_at
        FROM clients WHERE tenant_id = $1 AND id = $2";
    tenant PAGE(3) = "SELECT tenant_id, id, name, kind, status, metadata, policy, version, created_at, updated_at
        FROM clients WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    tenant SEARCH(7) = "SELECT tenant_id, id, name, kind, status, metadata, policy, version, created_at, updated_at
        FROM clients WHERE tenant_id = $1 AND id > $2 AND (id LIKE $3 ESCAPE '!' OR LOWER(name) LIKE $4 ESCAPE '!')
            AND (kind = $5 OR $5 IS NULL) AND (status = $6 OR $6 IS NULL) ORDER BY id LIMIT $7";
    tenant UPDATE(8) = "UPDATE clients SET name = $3, status = $4, metadata = $5, policy = $6, version = version + 1,
            updated_at = $7
        WHERE tenant_id = $1 AND id = $2 AND version = $8";
    tenant DELETE(2) = "DELETE FROM clients WHERE tenant_id = $1 AND id = $2";
    tenant USE_ASSERTION(4) = "INSERT INTO assertions (tenant_id, client_id, jti, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING";
}

/// Stores a new client. `false`: the id is taken in this tenant.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, client: &Client) -> sqlx::Result<bool> {
    let Client { tenant_id, id, name, kind, status, metadata, policy, version, created_at, .. } = client.clone();
    Ok(run.execute(INSERT, (tenant_id, id, name, kind, status, metadata, policy, version, created_at)).await? == 1)
}

/// The client of this id, disabled ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &ClientId) -> sqlx::Result<Option<Client>> {
    run.one(BY_ID, (tenant.clone(), id.clone())).await
}

/// Up to `limit` clients after this id.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, after: &str, limit: i64) -> sqlx::Result<Vec<Client>> {
    run.all(PAGE, (tenant.clone(), after.to_owned(), limit)).await
}

/// Which clients a list is of.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What an id begins with, or a name has in it.
    pub q: String,
    /// Of this kind.
    pub kind: Option<ClientKind>,
    /// Of this status.
    pub status: Option<ClientStatus>,
}

/// Up to `limit` of them after this id.
///
/// # Errors
/// The database failed.
pub async fn search(
    run: impl Run,
    tenant: &TenantId,
    wanted: &Wanted,
    after: &str,
    limit: i64,
) -> sqlx::Result<Vec<Client>> {
    let escaped: String =
        wanted.q.chars().flat_map(|c| "!%_".contains(c).then_some('!').into_iter().chain([c])).collect();
    let (id, name) = (format!("{escaped}%"), format!("%{}%", escaped.to_lowercase()));
    run.all(SEARCH, (tenant.clone(), after.to_owned(), id, name, wanted.kind, wanted.status, limit)).await
}

/// Stores what changed if nobody else changed the client since `client.version` was read.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, client: &Client, now: Timestamp) -> sqlx::Result<bool> {
    let Client { tenant_id, id, name, status, metadata, policy, version, .. } = client.clone();
    Ok(run.execute(UPDATE, (tenant_id, id, name, status, metadata, policy, now, version)).await? == 1)
}

/// Removes a client and its secrets. `false`: there was none.
///
/// # Errors
/// The database failed.
pub async fn delete(tx: &mut super::Tx, tenant: &TenantId, id: &ClientId) -> sqlx::Result<bool> {
    super::client_secrets::remove_all(&mut *tx, tenant, id).await?;
    Ok(tx.execute(DELETE, (tenant.clone(), id.clone())).await? == 1)
}

/// Remembers the `jti` of an assertion until it expires. `false`: it was used before (RFC 7523 §3).
///
/// # Errors
/// The database failed.
pub async fn use_assertion(
    run: impl Run,
    tenant: &TenantId,
    client: &ClientId,
    jti: &str,
    expires_at: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), client.clone(), jti.to_owned(), expires_at);
    Ok(run.execute(USE_ASSERTION, values).await? == 1)
}
