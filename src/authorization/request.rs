//! An authorization request: held against its rules, in order. First client and redirect URI, without which nothing may be
//! sent anywhere; then everything else. What comes out needs no second check.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::return_to::{ResponseMode, ReturnTo};
use super::rules::{AUTHORIZE, Asked};
use crate::base::{AuthorizationDetails, ClientId, Code, Level, Params, Refusal, Scope};
use crate::clients::KnownClient;
use crate::frame::Language;
use crate::tenants::TenantContext;

/// A request that keeps all rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub return_to: ReturnTo,
    /// What is asked for: within what the client is registered for.
    pub scope: Scope,
    /// `code_challenge` (RFC 7636, always S256).
    pub code_challenge: Option<String>,
    /// `nonce` (OIDC Core §3.1.2.1).
    pub nonce: Option<String>,
    /// `prompt` (OIDC Core §3.1.2.1).
    pub prompt: Prompt,
    /// `max_age` in seconds, or the client's `default_max_age`.
    pub max_age: Option<i64>,
    /// `login_hint`.
    pub login_hint: Option<String>,
    /// The language that `ui_locales` prefers of ours.
    #[serde(default)]
    pub language: Option<Language>,
    /// The `sub` that a verified `id_token_hint` names.
    pub hinted_sub: Option<String>,
    /// `claims` (OIDC Core §5.5), an object.
    pub claims: Option<Value>,
    /// `resource` (RFC 8707).
    pub resource: Vec<String>,
    /// `acr_values`, or the client's `default_acr_values`.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// `authorization_details` (RFC 9396).
    #[serde(default)]
    pub details: AuthorizationDetails,
    /// `organization`: the id or slug of the one that the tokens are to be for.
    #[serde(default)]
    pub organization: Option<String>,
}

impl AuthorizationRequest {
    /// One that asks for nothing yet.
    pub(super) fn blank(client: &KnownClient, return_to: ReturnTo) -> Self {
        Self {
            client_id: client.id.clone(),
            return_to,
            scope: Scope::empty(),
            code_challenge: None,
            nonce: None,
            prompt: Prompt::default(),
            max_age: None,
            login_hint: None,
            language: None,
            hinted_sub: None,
            claims: None,
            resource: Vec::new(),
            details: AuthorizationDetails::default(),
            acr_values: Vec::new(),
            organization: None,
        }
    }

    /// The `acr` that the request insists on (OIDC Core §5.5.1.1): any of these. Empty: on none.
    #[must_use]
    pub fn essential_acr(&self) -> Vec<&str> {
        let wish = self.claims.as_ref().and_then(|claims| claims.pointer("/id_token/acr"));
        let Some(wish) = wish.filter(|wish| wish.get("essential") == Some(&Value::Bool(true))) else { return vec![] };
        match (wish.get("value").and_then(Value::as_str), wish.get("values").and_then(Value::as_array)) {
            (Some(value), _) => vec![value],
            (None, Some(values)) => values.iter().filter_map(Value::as_str).collect(),
            (None, None) => vec![],
        }
    }

    /// How well the person should prove who they are: as the request insists, else as it would like best.
    #[must_use]
    pub fn wanted_level(&self) -> Level {
        let essential = self.essential_acr().into_iter().filter_map(Level::of).min();
        let wished = || self.acr_values.iter().find_map(|acr| Level::of(acr));
        essential.or_else(wished).unwrap_or_default()
    }

    /// The `acr` that the answer tells somebody of this level: one that was asked for where it is reached.
    #[must_use]
    pub fn told_acr(&self, reached: Level) -> &'static str {
        let essential = self.essential_acr();
        let wished = self.acr_values.iter().map(String::as_str);
        let asked = essential.into_iter().chain(wished).filter_map(Level::of);
        asked.filter(|asked| *asked <= reached).max().unwrap_or(reached).acr()
    }
}

/// What `prompt` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a value of the parameter, which is a list")]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// The person has to prove again who they are (also for `select_account`: a fresh sign-in selects one).
    pub login: bool,
    /// The person has to be asked again.
    pub consent: bool,
    /// The person has to say as whom they act: also for which organization.
    #[serde(default)]
    pub select_account: bool,
    /// The person wants a new account (Initiating User Registration via OpenID Connect §4.1).
    #[serde(default)]
    pub create: bool,
}

/// The redirect URI of a request, proven to be the client's; before this succeeds, nothing is sent anywhere
/// (RFC 6749 §3.1.2.4).
///
/// # Errors
/// The redirect URI is missing or not registered.
pub(super) fn prove_return_to(
    params: &Params,
    tenant: &TenantContext,
    client: &KnownClient,
) -> Result<ReturnTo, Refusal> {
    let registered = || client.metadata.redirect_uris.join(" ");
    let redirect_uri =
        params.require("redirect_uri").map_err(|missing| missing.because("redirect_uri", registered(), None))?;
    if !client.may_redirect_to(redirect_uri) {
        return Err(Refusal::new(Code::InvalidRequest, "the redirect_uri is not registered for this client").because(
            "redirect_uri",
            registered(),
            redirect_uri.to_owned(),
        ));
    }
    let mode = params.get("response_mode").and_then(ResponseMode::named).unwrap_or(ResponseMode::Query);
    Ok(ReturnTo {
        redirect_uri: redirect_uri.to_owned(),
        mode,
        state: params.get("state").map(str::to_owned),
        issuer: tenant.issuer.clone(),
    })
}

/// Holds the request against every rule.
///
/// # Errors
/// The first rule that is broken; the answer goes to `return_to`.
pub(super) fn check(
    params: &Params,
    tenant: &TenantContext,
    client: &KnownClient,
    return_to: ReturnTo,
) -> Result<AuthorizationRequest, Refusal> {
    let asked = Asked { params, tenant, client };
    let mut request = AuthorizationRequest::blank(client, return_to);
    for rule in AUTHORIZE {
        rule.hold(&asked, &mut request)?;
    }
    Ok(request)
}
