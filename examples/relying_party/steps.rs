//! What a client does with a server, in order; each step either holds or ends the run.

use openidconnect::core::{CoreResponseType, CoreTokenResponse, CoreUserInfoClaims};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthenticationFlow, AuthorizationCode, CsrfToken, Nonce, NonceVerifier,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RefreshToken, RequestTokenError, Scope,
    SubjectIdentifier, TokenResponse as _,
};

use crate::browser::{self, Browser};
use crate::party::Party;
use crate::settings::Settings;
use crate::{Failed, tell};

/// A sign-in that came back with a code.
struct SignedIn {
    code: AuthorizationCode,
    verifier: PkceCodeVerifier,
    nonce: Nonce,
}

/// Everything.
///
/// # Errors
/// The first step that did not hold.
pub async fn all(settings: &Settings, seen: &mut Vec<String>) -> Result<(), Failed> {
    let http = browser::http(None)?;
    let party = Party::discover(&http, settings).await?;
    tell(&format!("discovered {}", settings.issuer));

    let mut browser = Browser::new(&http, &settings.redirect_uri)?;
    let signed_in = sign_in(&party, settings, &mut browser).await;
    seen.extend(browser.cookies.values().chain(&browser.tokens).cloned());
    let SignedIn { code, verifier, nonce } = signed_in?;
    seen.extend([code.secret(), verifier.secret()].map(Clone::clone));
    tell(&format!("signed in as {}; a code came back with the right state and issuer", settings.email));

    let tokens = party.client.exchange_code(code)?.set_pkce_verifier(verifier).request_async(&party.http).await?;
    remember(seen, &tokens);
    let subject = verify(&party, &tokens, &nonce)?;
    tell("the ID token holds: signature, issuer, audience, time, nonce, at_hash");

    user_info(&party, tokens.access_token(), &subject, &settings.email).await?;
    tell("userinfo speaks of the same person");

    let refreshed = refresh(&party, &tokens, &subject, seen).await?;
    tell("refreshed: another access token, another refresh token, an ID token of the same sign-in");

    revoke(&party, settings, &tokens, &refreshed, &subject).await
}

/// Drives the pages to the end: name and password, then consent where it is asked.
async fn sign_in(party: &Party, settings: &Settings, browser: &mut Browser) -> Result<SignedIn, Failed> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let request = party.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let request = request.set_pkce_challenge(challenge);
    let scopes = ["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned()));
    let (url, state, nonce) = request.add_scopes(scopes).url();
    browser.open(url.as_str()).await?;
    if browser.shows() != "login" {
        return Err(format!("instead of the login page: {}", browser.page).into());
    }
    let person = [("username", settings.email.as_str()), ("password", &settings.password), ("decision", "sign-in")];
    browser.submit("login-form", &person).await?;
    if !browser.is_home() {
        browser.submit("consent-form", &[("decision", "allow")]).await?;
    }
    if !browser.is_home() {
        return Err(format!("the browser did not come back to the application but to {}", browser.page).into());
    }
    expect("state", browser.parameter("state").as_ref(), Some(state.secret()))?;
    if party.further.authorization_response_iss_parameter_supported {
        expect("iss (RFC 9207)", browser.parameter("iss").as_ref(), Some(&settings.issuer))?;
    }
    let code = browser.parameter("code").ok_or_else(|| format!("no code but {}", browser.at))?;
    Ok(SignedIn { code: AuthorizationCode::new(code), verifier, nonce })
}

/// OIDC Core §3.1.3.7 and §3.1.3.8, by the crate; answers whom it is about.
fn verify(party: &Party, tokens: &CoreTokenResponse, nonce: impl NonceVerifier) -> Result<SubjectIdentifier, Failed> {
    let id_token = tokens.id_token().ok_or("there is no ID token")?;
    let verifier = party.client.id_token_verifier();
    let claims = id_token.claims(&verifier, nonce)?;
    let key = id_token.signing_key(&verifier)?;
    let hash = AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg()?, key)?;
    expect("at_hash", claims.access_token_hash(), Some(&hash))?;
    Ok(claims.subject().clone())
}

async fn user_info(party: &Party, token: &AccessToken, subject: &SubjectIdentifier, email: &str) -> Result<(), Failed> {
    let request = party.client.user_info(token.clone(), Some(subject.clone()))?;
    let claims: CoreUserInfoClaims = request.request_async(&party.http).await?;
    expect("email", claims.email().map(|email| email.as_str()), Some(email))
}

async fn refresh(
    party: &Party,
    tokens: &CoreTokenResponse,
    subject: &SubjectIdentifier,
    seen: &mut Vec<String>,
) -> Result<CoreTokenResponse, Failed> {
    let used = tokens.refresh_token().ok_or("there is no refresh token")?;
    let fresh = party.client.exchange_refresh_token(used)?.request_async(&party.http).await?;
    remember(seen, &fresh);
    if fresh.access_token().secret() == tokens.access_token().secret() {
        return Err("the refreshed access token is the old one".into());
    }
    let next = fresh.refresh_token().ok_or("the refresh token was not rotated")?;
    if next.secret() == used.secret() {
        return Err("the refreshed refresh token is the old one".into());
    }
    // OIDC Core §12.2: the same person; a nonce need not be there.
    let same = verify(party, &fresh, |_: Option<&Nonce>| Ok(()))?;
    expect("sub", Some(&same), Some(subject))?;
    Ok(fresh)
}

async fn revoke(
    party: &Party,
    settings: &Settings,
    first: &CoreTokenResponse,
    second: &CoreTokenResponse,
    subject: &SubjectIdentifier,
) -> Result<(), Failed> {
    revoke_one(party, settings, first.access_token().secret()).await?;
    refused(party, first.access_token(), subject).await?;
    user_info(party, second.access_token(), subject, &settings.email).await?;
    tell("the revoked access token is refused, the other one is not");

    let last = second.refresh_token().ok_or("there is no refresh token")?;
    revoke_one(party, settings, last.secret()).await?;
    refused(party, second.access_token(), subject).await?;
    must_not_refresh(party, last).await?;
    tell("the revoked refresh token is refused, and its access token with it");
    Ok(())
}

/// RFC 7009 §2.1. By hand, because the crate sends revocations to https only.
async fn revoke_one(party: &Party, settings: &Settings, token: &str) -> Result<(), Failed> {
    let request = party.http.0.post(&party.further.revocation_endpoint);
    let request = match &settings.client_secret {
        Some(secret) => request.basic_auth(&settings.client_id, Some(secret)).form(&[("token", token)]),
        None => request.form(&[("token", token), ("client_id", &settings.client_id)]),
    };
    let status = request.send().await?.status().as_u16();
    expect("status of the revocation", Some(&status), Some(&200))
}

async fn refused(party: &Party, token: &AccessToken, subject: &SubjectIdentifier) -> Result<(), Failed> {
    let request = party.client.user_info(token.clone(), Some(subject.clone()))?;
    let answer: Result<CoreUserInfoClaims, _> = request.request_async(&party.http).await;
    let told = answer.err().ok_or("a revoked access token was accepted")?;
    if format!("{told:?}").contains("401") { Ok(()) } else { Err(format!("not refused but {told:?}").into()) }
}

async fn must_not_refresh(party: &Party, token: &RefreshToken) -> Result<(), Failed> {
    match party.client.exchange_refresh_token(token)?.request_async(&party.http).await {
        Err(RequestTokenError::ServerResponse(told)) => {
            expect("error", Some(told.error().as_ref()), Some("invalid_grant"))
        }
        Err(other) => Err(other.into()),
        Ok(_) => Err("a revoked refresh token was accepted".into()),
    }
}

fn remember(seen: &mut Vec<String>, tokens: &CoreTokenResponse) {
    seen.push(tokens.access_token().secret().clone());
    seen.extend(tokens.refresh_token().map(|token| token.secret().clone()));
    seen.extend(tokens.id_token().map(ToString::to_string));
}

fn expect<T>(what: &str, found: Option<&T>, wanted: Option<&T>) -> Result<(), Failed>
where
    T: PartialEq + std::fmt::Debug + ?Sized,
{
    if found == wanted { Ok(()) } else { Err(format!("{what} is {found:?} instead of {wanted:?}").into()) }
}
