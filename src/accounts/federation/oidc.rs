//! A provider that speaks OpenID Connect: its metadata (OIDC Discovery §4), the request (Core §3.1.2.1), the code for
//! tokens (§3.1.3) and the ID token's checks (§3.1.3.7), by the `openidconnect` crate over our own HTTP client.

use std::ops::Add;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LoginHint, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError,
    TokenResponse as _,
};
use serde::{Deserialize, Serialize};

use super::callback::Begun;
use super::unproven;
use crate::base::{Refusal, Secret, Timestamp};
use crate::frame::Link;
use crate::outbound::{FetchError, Outbound};
use crate::store::providers::{ProviderSettings, UpstreamAuth};

/// How far a provider's clock may be off, in seconds.
const LEEWAY: i64 = 60;
/// How old an ID token may be that was made for a code of this minute.
const OLDEST: i64 = 600;

/// What discovery tells besides what the crate reads.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Further {
    /// RFC 9207 §3.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    /// OIDC RP-Initiated Logout §2.1.
    #[serde(default)]
    pub(super) end_session_endpoint: Option<String>,
}

impl AdditionalProviderMetadata for Further {}

/// A provider's metadata.
pub(super) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// We, as a provider's client.
pub(super) struct Party<'a> {
    /// How the provider is spoken to.
    pub(super) settings: &'a ProviderSettings,
    /// What we prove ourselves with.
    pub(super) secret: Option<Secret>,
    /// Where the browser comes back to.
    pub(super) redirect_uri: String,
}

/// The metadata of this issuer, which has to call itself so (OIDC Discovery §4.3).
pub(super) async fn metadata(outbound: &Outbound, issuer: &str) -> Result<Metadata, Refusal> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let bytes = outbound.metadata(&url).await.map_err(super::unreachable)?;
    let metadata: Metadata = serde_json::from_slice(&bytes).map_err(|error| unproven(error.to_string()))?;
    if metadata.issuer().as_str() != issuer {
        return Err(unproven(format!("the metadata of {issuer} is {}'s", metadata.issuer().as_str())));
    }
    if Link::parse(metadata.authorization_endpoint().as_str()).is_none() {
        return Err(unproven("the authorization endpoint is no https URL"));
    }
    Ok(metadata)
}

/// Where the browser is sent: with `state`, `nonce` and the challenge of a verifier that stays here (RFC 7636).
pub(super) fn request(party: &Party<'_>, metadata: Metadata, state: &Secret, begun: &Begun) -> Result<String, Refusal> {
    let client = client(party, metadata)?;
    let verifier = PkceCodeVerifier::new(begun.verifier.clone());
    let (state, nonce) = (state.expose().to_owned(), begun.nonce.clone());
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let mut request = client.authorize_url(flow, move || CsrfToken::new(state), move || Nonce::new(nonce));
    request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    for token in party.settings.scope.tokens().into_iter().filter(|token| *token != "openid") {
        request = request.add_scope(openidconnect::Scope::new(token.to_owned()));
    }
    if let Some(hint) = &begun.task.login_hint {
        request = request.set_login_hint(LoginHint::new(hint.clone()));
    }
    if begun.task.again {
        request = request.add_prompt(CoreAuthPrompt::Login);
    }
    Ok(request.url().0.into())
}

/// Trades a code for tokens, which prove nothing yet.
pub(super) async fn redeem(
    party: &Party<'_>,
    (outbound, metadata): (&Outbound, Metadata),
    (code, begun): (&str, &Begun),
) -> Result<CoreTokenResponse, Refusal> {
    let client = client(party, metadata)?;
    let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned()));
    let exchange = exchange.map_err(|error| unproven(error.to_string()))?;
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()));
    exchange.request_async(&Caller(outbound)).await.map_err(|error| match error {
        RequestTokenError::Request(error) => super::unreachable(error),
        // The answer itself is not logged: it may hold tokens.
        RequestTokenError::ServerResponse(refused) => unproven(format!("the code is refused: {}", refused.error())),
        RequestTokenError::Parse(..) => unproven("the token endpoint's answer is not one of RFC 6749 section 5.1"),
        RequestTokenError::Other(why) => unproven(why),
    })
}

fn client(party: &Party<'_>, metadata: Metadata) -> Result<Client, Refusal> {
    let secret = party.secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
    let redirect = RedirectUrl::new(party.redirect_uri.clone()).map_err(|error| unproven(error.to_string()))?;
    let id = ClientId::new(party.settings.client_id.clone());
    let how = match party.settings.auth_method {
        UpstreamAuth::Basic => AuthType::BasicAuth,
        UpstreamAuth::Post | UpstreamAuth::None => AuthType::RequestBody,
    };
    Ok(CoreClient::from_provider_metadata(metadata, id, secret).set_auth_type(how).set_redirect_uri(redirect))
}

/// What has to be known to check an ID token.
pub(super) struct Expected<'a> {
    /// Whose token, for whom.
    pub(super) settings: &'a ProviderSettings,
    /// What was sent along, and when.
    pub(super) begun: &'a Begun,
    /// The present instant.
    pub(super) now: Timestamp,
}

/// The claims of an ID token that was made by this issuer, for us, for this sign-in and just now (OIDC Core §3.1.3.7).
pub(super) fn check(
    expected: &Expected<'_>,
    tokens: &CoreTokenResponse,
    keys: CoreJsonWebKeySet,
) -> Result<CoreIdTokenClaims, String> {
    let token = tokens.id_token().ok_or("there is no ID token")?;
    let settings = expected.settings;
    let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| error.to_string())?;
    let verifier = verifier(expected, issuer, keys);
    let nonce = Nonce::new(expected.begun.nonce.clone());
    let claims = token.claims(&verifier, &nonce).map_err(|error| error.to_string())?;
    // No. 4 and 5: the crate leaves `azp` to its caller. Other audiences than us it has refused.
    if claims.authorized_party().is_some_and(|party| party.as_str() != settings.client_id) {
        return Err("the token was made for another party (azp)".to_owned());
    }
    if claims.subject().as_str().is_empty() || claims.subject().as_str().len() > 255 {
        return Err("sub is empty or too long".to_owned());
    }
    belongs(claims, token, tokens, &verifier)?;
    Ok(claims.clone())
}

fn verifier<'a>(expected: &Expected<'_>, issuer: IssuerUrl, keys: CoreJsonWebKeySet) -> CoreIdTokenVerifier<'a> {
    use CoreJwsSigningAlgorithm as Algorithm;
    let (now, again) = (expected.now.0, expected.begun.task.again);
    let asked_at = expected.begun.asked_at.0;
    let id = ClientId::new(expected.settings.client_id.clone());
    // Made for a public client, it takes no symmetric signature whatever the metadata says.
    CoreIdTokenVerifier::new_public_client(id, issuer, keys)
        .set_allowed_algs([
            Algorithm::RsaSsaPkcs1V15Sha256,
            Algorithm::RsaSsaPkcs1V15Sha384,
            Algorithm::RsaSsaPkcs1V15Sha512,
            Algorithm::RsaSsaPssSha256,
            Algorithm::RsaSsaPssSha384,
            Algorithm::RsaSsaPssSha512,
            Algorithm::EcdsaP256Sha256,
            Algorithm::EcdsaP384Sha384,
            Algorithm::EdDsa,
        ])
        .set_time_fn(move || at(now))
        .set_issue_time_verifier_fn(move |issued| {
            let age = now - issued.timestamp();
            if (-LEEWAY..=OLDEST).contains(&age) { Ok(()) } else { Err(format!("it is {age} seconds old")) }
        })
        .set_auth_time_verifier_fn(move |time| match time {
            Some(time) if again && time.timestamp() < asked_at - LEEWAY => {
                Err("the person did not sign in anew".to_owned())
            }
            _ => Ok(()),
        })
}

/// The access token has to be the one that the ID token came with (OIDC Core §3.1.3.8).
fn belongs(
    claims: &CoreIdTokenClaims,
    token: &CoreIdToken,
    tokens: &CoreTokenResponse,
    verifier: &CoreIdTokenVerifier<'_>,
) -> Result<(), String> {
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(|error| error.to_string())?;
    let key = token.signing_key(verifier).map_err(|error| error.to_string())?;
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|error| error.to_string())?;
    if hash == *expected { Ok(()) } else { Err("the access token belongs to another ID token".to_owned()) }
}

/// An instant in the crate's own type, which has no name here.
fn at<T: Default + Add<Duration, Output = T>>(seconds: i64) -> T {
    T::default() + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Our HTTP client, as the crate calls it.
struct Caller<'a>(&'a Outbound);

impl<'c> AsyncHttpClient<'c> for Caller<'_> {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(request))
    }
}
