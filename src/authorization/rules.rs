//! The rules of an authorization request once client and redirect URI are proven, in order; each is a function that
//! names its source, with the parameters that it reads and what it holds them against.

use serde_json::Value;

use super::grants::audience::is_permitted;
use super::grants::read_details;
use super::machine;
use super::request::{AuthorizationRequest, Prompt};
use super::return_to::ResponseMode;
use crate::base::{Code, Params, Refusal};
use crate::clients::{KnownClient, scopes};
use crate::frame::Language;
use crate::tenants::TenantContext;

/// Longest value of `claims`, `nonce` and other texts that are kept, in bytes.
const LONGEST: usize = 8 * 1024;

/// Longest name of an organization.
const LONGEST_NAME: usize = 64;

/// A request while the rules look at it.
pub(super) struct Asked<'a> {
    pub(super) params: &'a Params,
    pub(super) tenant: &'a TenantContext,
    pub(super) client: &'a KnownClient,
}

/// A rule.
pub(super) struct Rule {
    /// Its name.
    pub(super) name: &'static str,
    /// The parameters that it reads and that may be repeated to administrators: none that name a person.
    reads: &'static [&'static str],
    /// What it holds them against.
    registered: fn(&Asked<'_>) -> Option<String>,
    check: fn(&Asked<'_>, &mut AuthorizationRequest) -> Result<(), Refusal>,
}

/// What `/authorize` checks, in this order, once client and redirect URI are proven.
pub(super) const AUTHORIZE: &[Rule] = &[
    Rule { name: "request_object", reads: &["request_uri"], registered: nothing, check: no_request_objects },
    Rule {
        name: "response_type",
        reads: &["response_type", "response_mode"],
        registered: |_| Some(format!("code; {}", ResponseMode::SUPPORTED.join(" "))),
        check: response_type,
    },
    Rule {
        name: "grant_type",
        reads: &[],
        registered: |asked| Some(asked.client.metadata.grant_types.join(" ")),
        check: grant_is_registered,
    },
    Rule {
        name: "scope",
        reads: &["scope"],
        registered: |asked| Some(scopes::of_client(asked.client).to_string()),
        check: scope,
    },
    Rule {
        name: "pkce",
        reads: &["code_challenge", "code_challenge_method"],
        registered: |asked| Some(if needs_pkce(asked.client) { "S256, required" } else { "S256, optional" }.to_owned()),
        check: pkce,
    },
    Rule { name: "nonce", reads: &[], registered: nothing, check: nonce },
    Rule { name: "prompt", reads: &["prompt"], registered: nothing, check: prompt },
    Rule { name: "max_age", reads: &["max_age"], registered: nothing, check: max_age },
    Rule { name: "hints", reads: &["ui_locales"], registered: nothing, check: hints },
    Rule { name: "claims", reads: &["claims"], registered: nothing, check: claims },
    Rule { name: "resource", reads: &["resource"], registered: resources, check: resource },
    Rule { name: "acr_values", reads: &["acr_values"], registered: nothing, check: acr_values },
    Rule { name: "authorization_details", reads: &["authorization_details"], registered: nothing, check: details },
    Rule { name: "organization", reads: &["organization"], registered: nothing, check: organization },
];

impl Rule {
    /// Holds a request against it.
    ///
    /// # Errors
    /// The rule is broken; the refusal says by what.
    pub(super) fn hold(&self, asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
        (self.check)(asked, request)
            .map_err(|refusal| refusal.because(self.name, self.registered(asked), self.received(asked)))
    }

    /// What is registered.
    pub(super) fn registered(&self, asked: &Asked<'_>) -> Option<String> {
        (self.registered)(asked)
    }

    /// What came.
    pub(super) fn received(&self, asked: &Asked<'_>) -> Option<String> {
        let given = |name: &&'static str| asked.params.list(name).map(|value| (*name, value)).collect::<Vec<_>>();
        let all: Vec<_> = self.reads.iter().flat_map(given).collect();
        match (self.reads, &all[..]) {
            (_, []) => None,
            ([_], [(_, value)]) => Some((*value).to_owned()),
            _ => Some(all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")),
        }
    }
}

const fn nothing(_: &Asked<'_>) -> Option<String> {
    None
}

/// The resources that this client's tokens may be for.
#[expect(clippy::unnecessary_wraps, reason = "rules about other parameters may have nothing to tell")]
fn resources(asked: &Asked<'_>) -> Option<String> {
    let own = &asked.client.policy.resources;
    let all = asked.tenant.settings.audiences().into_iter().chain([asked.tenant.api_audience()]);
    let all: Vec<_> = all.filter(|one| own.is_empty() || own.contains(one)).collect();
    Some(all.join(" "))
}

/// RFC 7636 §4.4.1: S256, for everybody whose policy does not say otherwise.
fn needs_pkce(client: &KnownClient) -> bool {
    client.policy.require_pkce || !client.is_confidential()
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
            None if needs_pkce(asked.client) => refuse("code_challenge is missing (PKCE with S256 is required)"),
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
        select_account: values.contains(&"select_account"),
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

/// Which of the person's organizations the tokens are for; whether it is one is seen when the person is known.
fn organization(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Refusal> {
    let named = asked.params.get("organization");
    if named.is_some_and(|named| named.len() > LONGEST_NAME || named.chars().any(char::is_control)) {
        return Err(Refusal::new(Code::InvalidRequest, "organization is the id or slug of one"));
    }
    request.organization = named.map(str::to_owned);
    Ok(())
}

fn short(params: &Params, name: &'static str) -> Result<Option<String>, Refusal> {
    match params.get(name) {
        Some(value) if value.len() > LONGEST => Err(Refusal::new(Code::InvalidRequest, format!("{name} is too long"))),
        value => Ok(value.map(str::to_owned)),
    }
}
