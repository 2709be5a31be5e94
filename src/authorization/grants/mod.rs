//! The grants of the token endpoint (RFC 6749 §4, §6). oxide-auth's machines decide in which order things are asked
//! and checked; what they ask for is answered from our store, and nothing is shown before it is committed.

pub mod audience;
mod client_credentials;
mod code;
mod issue;
mod machine;
mod own;
mod password;
mod refresh;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

use crate::accounts::Factors;
use crate::base::{AuthorizationDetails, Clock, Code, Origin, Params, Refusal, Result, Scope, Seconds, Secret, Stop};
use crate::clients::{KnownClient, scopes};
use crate::query::Filter;
use crate::store::Db;
use crate::store::audit::Event;
use crate::store::grants::{Grant, Standing};
use crate::store::reader::Reader;
use crate::store::users::UserStatus;
use crate::store::writer::Writer;
use crate::tenants::TenantContext;
use crate::tokens::{Ending, Tokens};

/// The service.
#[derive(Clone, Debug)]
pub struct Grants {
    db: Db,
    clock: Clock,
    reader: Reader,
    writer: Writer,
    factors: Factors,
    tokens: Tokens,
}

/// The parameters of a token request; an empty one counts as left out.
#[derive(Default)]
pub struct TokenForm<'a> {
    grant_type: &'a str,
    code: Option<&'a str>,
    redirect_uri: Option<&'a str>,
    code_verifier: Option<&'a str>,
    refresh_token: Option<&'a str>,
    scope: Option<&'a str>,
    username: Option<&'a str>,
    password: Option<Secret>,
    mfa_token: Option<Secret>,
    otp: Option<&'a str>,
    recovery_code: Option<&'a str>,
    resources: Vec<&'a str>,
    details: Option<&'a str>,
}

impl std::fmt::Debug for TokenForm<'_> {
    /// Nearly everything in it is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenForm({:?})", self.grant_type)
    }
}

impl<'a> TokenForm<'a> {
    /// Reads them.
    ///
    /// # Errors
    /// `grant_type` is missing.
    pub fn read(params: &'a Params) -> Result<Self, Refusal> {
        Ok(Self {
            grant_type: params.require("grant_type")?,
            code: params.get("code"),
            redirect_uri: params.get("redirect_uri"),
            // An empty verifier is a wrong one, not one left out.
            code_verifier: params.raw("code_verifier"),
            refresh_token: params.get("refresh_token"),
            scope: params.get("scope"),
            username: params.get("username"),
            password: params.raw("password").map(Secret::new),
            mfa_token: params.get("mfa_token").map(Secret::new),
            otp: params.get("otp"),
            recovery_code: params.get("recovery_code"),
            resources: params.list("resource").collect(),
            details: params.get("authorization_details"),
        })
    }
}

/// A token request of a proven client.
#[derive(Debug)]
pub struct TokenRequest<'a> {
    /// In which tenant.
    pub tenant: &'a TenantContext,
    /// Of whom.
    pub client: &'a KnownClient,
    /// What is asked.
    pub form: TokenForm<'a>,
    /// From where.
    pub origin: &'a Origin,
}

/// The answer (RFC 6749 §5.1, OIDC Core §3.1.3.3).
#[derive(Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// How long it lives.
    pub expires_in: Seconds,
    /// What gets the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What the access token allows; always told, since it may be less than was asked for.
    pub scope: Scope,
    /// What the scope is narrowed to (RFC 9396 §7).
    #[serde(rename = "authorization_details", skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub details: AuthorizationDetails,
    /// Who signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenResponse({})", self.scope)
    }
}

impl Grants {
    /// Over these services.
    #[must_use]
    pub fn new(db: Db, clock: Clock, (reader, writer): (Reader, Writer), factors: Factors, tokens: Tokens) -> Self {
        Self { db, clock, reader, writer, factors, tokens }
    }

    /// Answers a token request.
    ///
    /// # Errors
    /// Refused with the codes of RFC 6749 §5.2 and RFC 8707 §2.
    pub async fn token(&self, ask: &TokenRequest<'_>) -> Result<TokenResponse> {
        let grant_type = ask.form.grant_type;
        let known = match grant_type {
            "authorization_code" | "refresh_token" | "client_credentials" => true,
            "password" => ask.tenant.settings.password_grant,
            _ => false,
        };
        if !known {
            let refusal = Refusal::new(Code::UnsupportedGrantType, "the grant type is not supported");
            let served = "authorization_code refresh_token client_credentials; password where the tenant allows it";
            return Err(refusal.because("grant_type", served.to_owned(), grant_type.to_owned()).into());
        }
        if !ask.client.allows_grant(grant_type) {
            let refusal = Refusal::new(Code::UnauthorizedClient, "the client is not registered for this grant type");
            let registered = ask.client.metadata.grant_types.join(" ");
            return Err(refusal.because("grant_type", registered, grant_type.to_owned()).into());
        }
        // The machines disagree with the RFC about what a malformed scope is, and take one of any length.
        if ask.form.scope.is_some_and(|scope| scope.parse::<Scope>().is_err()) {
            let refusal = Refusal::new(Code::InvalidScope, "the scope is malformed");
            return Err(refusal.because("scope", None, ask.form.scope.map(str::to_owned)).into());
        }
        // Boxed, so that no request carries the room that the work of all grants needs.
        match grant_type {
            "authorization_code" => Box::pin(self.redeem(ask)).await,
            "refresh_token" => Box::pin(self.refresh(ask)).await,
            "client_credentials" => Box::pin(self.client_credentials(ask)).await,
            _ => Box::pin(self.password(ask)).await,
        }
    }

    /// Ends everything that was issued from a grant, because somebody used a one-time token twice.
    async fn end_reused(&self, ask: &TokenRequest<'_>, grant: &Grant, what: &str) -> Result<()> {
        if grant.revoked_at.is_some() {
            return Ok(());
        }
        let event = Event::new(&ask.tenant.id, self.clock.now(), "token.reuse_detected")
            .by(ask.client.id.as_str())
            .on(grant.id.as_str())
            .result(Code::InvalidGrant.as_str())
            .detail(serde_json::json!({ "reused": what, "user": grant.user_id }))
            .from(ask.origin);
        self.tokens.end(&ask.tenant.id, Ending::Grant(&grant.id), event).await
    }
}

/// What the client may do of what was granted: within its registration and its person's role, as they are now (W-055).
fn effective(ask: &TokenRequest<'_>, granted: &Scope, standing: &Standing) -> Scope {
    let registered = scopes::covered(granted, &scopes::of_client(ask.client));
    standing.user_role.map_or_else(Scope::empty, |role| scopes::within_role(&registered, role))
}

/// Reads `authorization_details`; what its filters say has to be sayable (RFC 9396 §5).
///
/// # Errors
/// `invalid_authorization_details`.
pub(super) fn read_details(text: &str) -> Result<AuthorizationDetails, Refusal> {
    let details = AuthorizationDetails::parse(text)?;
    for filter in details.list().iter().filter_map(|detail| detail.filter.clone()) {
        if Filter::parse(&Value::Object(filter)).is_err() {
            let why = "a filter in authorization_details is none of the language of documents";
            return Err(Refusal::new(Code::InvalidAuthorizationDetails, why));
        }
    }
    Ok(details)
}

/// What the scope of a token is narrowed to: as it was granted, or to a part of that (RFC 9396 §6).
fn details(ask: &TokenRequest<'_>, granted: &AuthorizationDetails) -> Result<AuthorizationDetails> {
    let Some(text) = ask.form.details else { return Ok(granted.clone()) };
    let asked = read_details(text)?;
    if !granted.is_empty() && !asked.is_within(granted) {
        return Err(Stop::refuse(
            Code::InvalidAuthorizationDetails,
            "authorization_details asks for more than was granted",
        ));
    }
    Ok(asked)
}

/// Whether the person is still there, and still signed in where the grant depends on it.
fn check_standing(grant: &Grant, standing: &Standing) -> Result<(), Refusal> {
    if standing.user_status != Some(UserStatus::Active) {
        let status = standing.user_status.map_or("gone", UserStatus::as_str);
        return Err(invalid_grant("the account is not active").because("account", None, status.to_owned()));
    }
    if standing.session_ended_at.is_some() && !grant.scope.contains("offline_access") {
        let needed = "offline_access outlives the session".to_owned();
        return Err(invalid_grant("the session has ended").because("session", needed, grant.scope.to_string()));
    }
    Ok(())
}

fn invalid_grant(sentence: &'static str) -> Refusal {
    Refusal::new(Code::InvalidGrant, sentence)
}
