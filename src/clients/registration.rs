//! Which client metadata is accepted (RFC 7591 §2, OIDC Registration §2). What comes out of [`Registration::into_client`] has passed every rule of this file.

use serde_json::{Map, Value};

use super::redirect_uri::{self, Permitted};
use super::{fields, scopes};
use crate::base::{ClientId, Code, Refusal, Result, Scope, Stop, Timestamp};
use crate::keys::LONGEST_TOKEN;
use crate::store::Json;
use crate::store::clients::{
    ApplicationType, AuthMethod, Client, ClientKind, ClientMetadata, ClientPolicy, ClientStatus,
};
use crate::store::tenants::Tenant;

/// `grant_types` that a client may have.
pub const GRANT_TYPES: [&str; 4] = ["authorization_code", "refresh_token", "client_credentials", "password"];

/// A client as somebody wishes to have it.
#[derive(Clone, Debug)]
pub struct Registration {
    /// `client_id`; a new one when absent.
    pub id: Option<ClientId>,
    /// `client_name`.
    pub name: Option<String>,
    /// What it can keep.
    pub kind: ClientKind,
    /// The metadata asked for.
    pub metadata: ClientMetadata,
    /// What the server decides; never taken from metadata.
    pub policy: ClientPolicy,
}

impl Registration {
    /// What is usual for this kind of client.
    #[must_use]
    pub fn preset(kind: ClientKind, name: &str) -> Self {
        let mut metadata = ClientMetadata::default();
        match kind {
            ClientKind::Confidential => metadata.grant_types.push("refresh_token".to_owned()),
            ClientKind::Public => {
                metadata.grant_types.push("refresh_token".to_owned());
                metadata.token_endpoint_auth_method = AuthMethod::None;
            }
            ClientKind::Service => {
                metadata.grant_types = vec!["client_credentials".to_owned()];
                metadata.response_types.clear();
            }
        }
        Self { id: None, name: Some(name.to_owned()), kind, metadata, policy: ClientPolicy::default() }
    }

    /// Reads client metadata as RFC 7591 writes it. Members we do not know are ignored, `null` counts as absent.
    ///
    /// # Errors
    /// A member has the wrong type, or a value that is none of its words.
    pub fn from_metadata(metadata: Map<String, Value>) -> Result<Self> {
        let mut members: Map<String, Value> = metadata.into_iter().filter(|(_, value)| !value.is_null()).collect();
        let name = match members.remove("client_name") {
            None => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(invalid("client_name is not a string")),
        };
        let read = serde_json::from_value::<ClientMetadata>(Value::Object(members));
        let mut metadata = read.map_err(|error| {
            let refusal =
                Refusal::new(Code::InvalidClientMetadata, "a member of the metadata has a value it cannot have");
            refusal.hint(error.to_string())
        })?;
        metadata.other.retain(|name, value| fields::is_language_tagged(name) && value.is_string());
        Ok(Self { id: None, name, kind: kind_of(&metadata), metadata, policy: ClientPolicy::default() })
    }

    /// As [`Registration::from_metadata`], for those who mean what they write: what we do not know is refused by name.
    ///
    /// # Errors
    /// As there, and for a member that is none.
    pub fn strict(metadata: Map<String, Value>) -> Result<Self> {
        if let Some(name) = fields::unknown(&metadata) {
            let shown: String =
                name.chars().filter(|c| c.is_ascii_alphanumeric() || "_#-".contains(*c)).take(60).collect();
            return Err(Stop::refuse(Code::InvalidClientMetadata, format!("unknown field `{shown}`")));
        }
        Self::from_metadata(metadata)
    }

    /// As [`Registration::strict`], with what is usual for this kind where nothing is said.
    ///
    /// # Errors
    /// As there.
    pub fn of_kind(kind: ClientKind, metadata: Map<String, Value>) -> Result<Self> {
        let mut members = serde_json::to_value(Self::preset(kind, "").metadata)?;
        for (name, value) in metadata {
            members[name] = value;
        }
        let Value::Object(members) = members else { return Err(invalid("this is no client metadata")) };
        Ok(Self { kind, ..Self::strict(members)? })
    }

    /// A public client with a loopback URI without a port, or a scheme of its own, is an application on a device
    /// (RFC 8252), for callers that have no word for it.
    pub fn infer_application_type(&mut self) {
        let native = |uri: &String| {
            !uri.starts_with("http")
                || ["http://127.0.0.1/", "http://[::1]/"].iter().any(|plain| uri.starts_with(plain))
        };
        if self.kind == ClientKind::Public && self.metadata.redirect_uris.iter().any(native) {
            self.metadata.application_type = ApplicationType::Native;
        }
    }

    /// The client, if every rule allows it. `loopback_http`: also confidential clients may redirect to loopback by
    /// http, and publish their keys there, because the server is there itself.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata` with a sentence about the rule.
    pub fn into_client(self, tenant: &Tenant, loopback_http: bool, now: Timestamp) -> Result<Client> {
        self.into_client_of(tenant, (loopback_http, false), now)
    }

    /// As [`Registration::into_client`]; `over_platform`: also with what operators hold.
    pub(super) fn into_client_of(
        self,
        tenant: &Tenant,
        (loopback_http, over_platform): (bool, bool),
        now: Timestamp,
    ) -> Result<Client> {
        let Self { id, name, kind, mut metadata, policy } = self;
        settle_response_types(&mut metadata)?;
        check_method(kind, &metadata)?;
        check_grants(kind, &metadata)?;
        check_redirect_uris(&metadata, loopback_http)?;
        fields::check(&metadata, name.as_deref(), loopback_http)?;
        check_policy(&metadata, &policy)?;
        metadata.scope = scope_of(kind, &metadata, (tenant, over_platform));
        let id = id.unwrap_or_else(ClientId::generate);
        if !is_plain_id(id.as_str()) {
            return Err(invalid("a client_id has 1 to 128 characters of A-Z, a-z, 0-9, -, . and _"));
        }
        Ok(Client {
            tenant_id: tenant.id.clone(),
            name: name.unwrap_or_else(|| id.to_string()),
            id,
            kind,
            status: ClientStatus::Active,
            metadata: Json(metadata),
            policy: Json(policy),
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

pub(super) fn invalid(sentence: &'static str) -> Stop {
    Stop::refuse(Code::InvalidClientMetadata, sentence)
}

fn kind_of(metadata: &ClientMetadata) -> ClientKind {
    if metadata.token_endpoint_auth_method == AuthMethod::None {
        ClientKind::Public
    } else if metadata.grant_types == ["client_credentials"] {
        ClientKind::Service
    } else {
        ClientKind::Confidential
    }
}

fn check_method(kind: ClientKind, metadata: &ClientMetadata) -> Result<()> {
    let method = metadata.token_endpoint_auth_method;
    if (kind == ClientKind::Public) != (method == AuthMethod::None) {
        return Err(invalid("public clients, and only they, have the token_endpoint_auth_method none"));
    }
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    if method == AuthMethod::PrivateKeyJwt && !has_keys {
        return Err(invalid("private_key_jwt needs jwks or jwks_uri"));
    }
    Ok(())
}

/// `code` belongs to the grant `authorization_code` (RFC 7591 §2.1); there is no other.
fn settle_response_types(metadata: &mut ClientMetadata) -> Result<()> {
    if metadata.response_types.iter().any(|response| response != "code") {
        return Err(invalid("the only response type is code"));
    }
    let codes = metadata.grant_types.iter().any(|grant| grant == "authorization_code");
    metadata.response_types = codes.then(|| "code".to_owned()).into_iter().collect();
    Ok(())
}

fn check_grants(kind: ClientKind, metadata: &ClientMetadata) -> Result<()> {
    let has = |grant: &str| metadata.grant_types.iter().any(|asked| asked == grant);
    if metadata.grant_types.iter().any(|grant| !GRANT_TYPES.contains(&grant.as_str())) {
        return Err(invalid("a grant type is not supported here"));
    }
    if kind == ClientKind::Public && (has("client_credentials") || has("password")) {
        return Err(invalid("a public client cannot have the grants client_credentials and password"));
    }
    if kind == ClientKind::Service && metadata.grant_types != ["client_credentials"] {
        return Err(invalid("a service has the grant client_credentials and no other"));
    }
    let codes = has("authorization_code");
    if codes && metadata.redirect_uris.is_empty() {
        return Err(Stop::refuse(Code::InvalidRedirectUri, "the grant authorization_code needs redirect_uris"));
    }
    if has("refresh_token") && !codes && !has("password") {
        return Err(invalid("refresh tokens come from the grants authorization_code and password only"));
    }
    Ok(())
}

fn check_redirect_uris(metadata: &ClientMetadata, loopback_http: bool) -> Result<()> {
    let native = metadata.application_type == ApplicationType::Native;
    let public = metadata.token_endpoint_auth_method == AuthMethod::None;
    let permitted = Permitted { loopback: native || public || loopback_http, private_use: native };
    let all = [&metadata.redirect_uris, &metadata.post_logout_redirect_uris];
    if all.iter().any(|list| list.len() > 100) {
        return Err(Stop::refuse(Code::InvalidRedirectUri, "there are more than 100 redirect URIs"));
    }
    for uri in all.into_iter().flatten() {
        let broken = |rule: &'static str| Refusal::new(Code::InvalidRedirectUri, rule).hint(format!("{uri:?}"));
        redirect_uri::check(uri, permitted).map_err(broken)?;
    }
    Ok(())
}

fn check_policy(metadata: &ClientMetadata, policy: &ClientPolicy) -> Result<()> {
    if metadata.token_endpoint_auth_method == AuthMethod::None {
        if !policy.require_pkce {
            return Err(invalid("PKCE cannot be switched off for a public client"));
        }
        if !policy.refresh_rotation {
            return Err(invalid("the refresh tokens of a public client always rotate"));
        }
    }
    let lifetimes = [policy.access_token_lifetime, policy.refresh_token_lifetime];
    if lifetimes.into_iter().flatten().any(|lifetime| lifetime.0 < 1) {
        return Err(invalid("a lifetime is at least one second"));
    }
    if policy.access_token_lifetime.is_some_and(|lifetime| lifetime > LONGEST_TOKEN) {
        return Err(invalid("an access token lives one day at most"));
    }
    Ok(())
}

fn scope_of(kind: ClientKind, metadata: &ClientMetadata, (tenant, over_platform): (&Tenant, bool)) -> Scope {
    let codes = !metadata.response_types.is_empty();
    if metadata.scope.is_empty() && codes {
        return Scope::of(scopes::DEFAULT_FOR_PEOPLE.split(' '));
    }
    let kept = scopes::registrable(&metadata.scope, &tenant.settings.own_scopes(), over_platform);
    if kind == ClientKind::Service { scopes::for_machines(&kept) } else { kept }
}

fn is_plain_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

#[cfg(test)]
#[path = "registration_tests.rs"]
pub(super) mod tests;
