//! The rules of an authorization request, in order. First client and redirect URI, without which nothing may be sent
//! anywhere; then everything else, each rule a function that names its source. What comes out needs no second check.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::grants::audience::is_permitted;
use super::grants::read_details;
use super::machine;
use super::return_to::{ResponseMode, ReturnTo};
use crate::base::{AuthorizationDetails, ClientId, Code, Level, Params, Refusal, Scope};
use crate::clients::{KnownClient, scopes};
use crate::frame::Language;
use crate::tenants::TenantContext;

/// Longest value of `claims`, `nonce` and other texts that are kept, in bytes.
const LONGEST: usize = 8 * 1024;

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
}

impl AuthorizationRequest {
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
    /// The person wants a new account (Initiating User Registration via OpenID Connect §4.1).
    #[serde(default)]
    pub create: bool,
}

/// A request while the rules look at it.
struct Asked<'a> {
    params: &'a Params,
    tenant: &'a TenantContext,
    client: &'a KnownClient,
}

type Rule = fn(&Asked<'_>, &mut AuthorizationRequest) -> Result<(), Refusal>;

/// What `/authorize` checks, in this order, once client and redirect URI are proven.
const AUTHORIZE: &[Rule] = &[
    no_request_objects,
    response_type,
    grant_is_registered,
    scope,
    pkce,
    nonce,
    prompt,
    max_age,
    hints,
    claims,
    resource,
    acr_values,
    details,
];

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
    let redirect_uri = params.require("redirect_uri")?;
    if !client.may_redirect_to(redirect_uri) {
        let registered = client.metadata.redirect_uris.join(" ");
        return Err(Refusal::new(Code::InvalidRequest, "the redirect_uri is not registered for this client")
            .hint(format!("received {redirect_uri}, registered {registered}")));
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
    let mut request = AuthorizationRequest {
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
    };
    let asked = Asked { params, tenant, client };
    for rule in AUTHORIZE {
        rule(&asked, &mut request)?;
    }
    Ok(request)
}

/// OIDC Core §3.1.2.6: a request object is processed or refused, never ignored.
fn no_request_objects(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Refusal> {
    if asked.params.raw("request").is_some() {
        return Err(Refusal::new(Code::RequestNotSupported, "request objects are not served"));
    }
    if asked.params.raw("request_uri").is_some() {
        return Err(Refusal::new(Code::RequestUriNotSupported, "request_uri is not served"));
    }
    if asked.params.raw("registration").is_some() {
        return Err(Refusal::new(Code::RegistrationNotSupported, "registration is not served here"));
    }
    Ok(())
}

/// RFC 6749 §3.1.1, and only what discovery advertises (RFC 9700 §2.1.2).
fn response_type(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Refusal> {
    if asked.params.require("response_type")? != "code" {
        return Err(Refusal::new(Code::UnsupportedResponseType, "only response_type=code is served"));
    }
    match asked.params.get("response_mode") {
        Some(mode) if ResponseMode::named(mode).is_none() => {
            Err(Refusal::new(Code::InvalidRequest, "this response_mode is not served"))
        }
        _ => Ok(()),
    }
}

/// RFC 6749 §4.1.2.1 `unauthorized_client`.
fn grant_is_registered(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Refusal> {
    if asked.client.allows_grant("authorization_code") {
        Ok(())
    } else {
        Err(Refusal::new(Code::UnauthorizedClient, "this client is not registered for the authorization code grant"))
    }
}

/// RFC 6749 §3.3: what the client is not registered for is left out, and the answer says what was granted.
fn scope(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    let registered = &scopes::of_client(asked.client);
    request.scope = machine::scope_of(asked.params, &request.return_to.redirect_uri, |wanted| {
        let granted = match &wanted {
            Some(wanted) => scopes::covered(wanted, registered),
            None => registered.without("openid").without("offline_access"),
        };
        if granted.is_empty() {
            return Err(Refusal::new(Code::InvalidScope, "none of the scope can be granted to this client"));
        }
        Ok(granted)
    })?;
    Ok(())
}

/// RFC 7636 §4.3, RFC 9700 §2.1.1: S256, for everybody whose policy does not say otherwise.
fn pkce(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    let refuse = |sentence: &'static str| Err(Refusal::new(Code::InvalidRequest, sentence));
    let method = asked.params.raw("code_challenge_method");
    let Some(challenge) = asked.params.raw("code_challenge") else {
        return match method {
            Some(_) => refuse("code_challenge_method without code_challenge"),
            None if asked.client.policy.require_pkce || !asked.client.is_confidential() => {
                refuse("code_challenge is missing (PKCE with S256 is required)")
            }
            None => Ok(()),
        };
    };
    if method != Some("S256") {
        return refuse("code_challenge_method has to be S256");
    }
    let well_formed =
        challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !well_formed {
        return refuse("code_challenge is not a base64url SHA-256");
    }
    request.code_challenge = Some(challenge.to_owned());
    Ok(())
}

/// OIDC Core §3.1.2.1.
fn nonce(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    request.nonce = short(asked.params, "nonce")?;
    short(asked.params, "state").map(drop)
}

/// OIDC Core §3.1.2.1; values of other specifications are ignored, `none` stands alone.
fn prompt(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    let values: Vec<_> = asked.params.get("prompt").unwrap_or_default().split_ascii_whitespace().collect();
    request.prompt = Prompt {
        none: values.contains(&"none"),
        login: values.contains(&"login") || values.contains(&"select_account"),
        consent: values.contains(&"consent"),
        create: values.contains(&"create"),
    };
    if request.prompt.none && values.len() > 1 {
        return Err(Refusal::new(Code::InvalidRequest, "prompt=none stands alone"));
    }
    Ok(())
}

/// OIDC Core §3.1.2.1, Registration §2 `default_max_age`.
fn max_age(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    let given = asked.params.get("max_age").map(str::parse::<u32>).transpose();
    let given = given.map_err(|_| Refusal::new(Code::InvalidRequest, "max_age is not a number of seconds"))?;
    request.max_age = given.map(i64::from).or(asked.client.metadata.default_max_age);
    Ok(())
}

/// OIDC Core §3.1.2.1: `login_hint` fills the form, languages that we do not speak are no error; what `id_token_hint` says is read where keys are at hand.
fn hints(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    request.login_hint = short(asked.params, "login_hint")?;
    request.language = asked.params.get("ui_locales").and_then(Language::of_tags);
    short(asked.params, "id_token_hint").map(drop)
}

/// OIDC Core §5.5: an object whose members, as far as we know them, are objects.
fn claims(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    let malformed = || Refusal::new(Code::InvalidRequest, "claims is not a JSON object of the form of OIDC Core 5.5");
    let Some(text) = short(asked.params, "claims")? else { return Ok(()) };
    let claims: Value = serde_json::from_str(&text).map_err(|_| malformed())?;
    let object = claims.as_object().ok_or_else(malformed)?;
    let is_wish = |wish: &Value| wish.is_null() || wish.is_object();
    let well_formed = ["userinfo", "id_token"]
        .iter()
        .filter_map(|member| object.get(*member))
        .all(|wishes| wishes.is_null() || wishes.as_object().is_some_and(|wishes| wishes.values().all(is_wish)));
    if !well_formed {
        return Err(malformed());
    }
    request.claims = Some(claims);
    Ok(())
}

/// RFC 8707 §2: an absolute URI without fragment that this tenant knows, and that this client may name.
fn resource(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    for wanted in asked.params.list("resource") {
        if !is_permitted(asked.tenant, asked.client, wanted) {
            return Err(Refusal::new(Code::InvalidTarget, "this resource is not one that tokens can be issued for"));
        }
        if !request.resource.iter().any(|have| have == wanted) {
            request.resource.push(wanted.to_owned());
        }
    }
    Ok(())
}

/// RFC 9396 §2: what is not understood is refused, never left out.
fn details(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    if let Some(text) = asked.params.get("authorization_details") {
        request.details = read_details(text)?;
    }
    Ok(())
}

/// OIDC Core §3.1.2.1: wishes, the best first; none of them is fatal.
fn acr_values(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    request.acr_values = match short(asked.params, "acr_values")? {
        Some(given) => given.split_ascii_whitespace().map(str::to_owned).collect(),
        None => asked.client.metadata.default_acr_values.clone(),
    };
    Ok(())
}

fn short(params: &Params, name: &'static str) -> Result<Option<String>, Refusal> {
    match params.get(name) {
        Some(value) if value.len() > LONGEST => Err(Refusal::new(Code::InvalidRequest, format!("{name} is too long"))),
        value => Ok(value.map(str::to_owned)),
    }
}
