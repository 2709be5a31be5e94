//! A provider that speaks OAuth 2.0 as GitHub does: no ID token; who it is, its API tells (GitHub's "Authorizing OAuth
//! apps"). The account is known by its number, since its name can be given up and taken by somebody else.

use openidconnect::{PkceCodeChallenge, PkceCodeVerifier};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::callback::Begun;
use super::oidc::Party;
use super::{Upstream, profile, unproven, unreachable};
use crate::base::{Refusal, Secret, strict_object};
use crate::outbound::{FetchError, Outbound};

/// Most addresses of an account that are looked at.
const MOST: usize = 100;

/// What GitHub calls itself in `iss`.
pub(super) fn issuer(party: &Party<'_>) -> String {
    format!("{}/login/oauth", base(party))
}

/// Where the browser is sent.
pub(super) fn request(party: &Party<'_>, state: &Secret, begun: &Begun) -> Result<String, Refusal> {
    let address = format!("{}/login/oauth/authorize", base(party));
    let mut url = Url::parse(&address).map_err(|error| unproven(error.to_string()))?;
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(begun.verifier.clone()));
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &party.settings.client_id)
        .append_pair("redirect_uri", &party.redirect_uri)
        .append_pair("scope", &party.settings.scope.to_string())
        .append_pair("state", state.expose())
        .append_pair("code_challenge", challenge.as_str())
        .append_pair("code_challenge_method", "S256");
    if let Some(hint) = &begun.task.login_hint {
        url.query_pairs_mut().append_pair("login", hint);
    }
    Ok(url.into())
}

/// The person whose consent the code stands for.
pub(super) async fn person(
    party: &Party<'_>,
    outbound: &Outbound,
    (code, begun): (&str, &Begun),
) -> Result<Upstream, Refusal> {
    let token = redeem(party, outbound, (code, begun)).await?;
    let api = party.settings.api.as_deref().unwrap_or_default().trim_end_matches('/');
    let user = strict_object(&ask(outbound, &format!("{api}/user"), &token).await?);
    let user = user.map_err(|_| unproven("the user is not a JSON object"))?;
    let number = user.get("id").and_then(Value::as_i64).filter(|number| *number > 0);
    let subject = number.ok_or_else(|| unproven("the user has no number"))?.to_string();
    let emails = serde_json::from_slice(&ask(outbound, &format!("{api}/user/emails"), &token).await?);
    let emails: Vec<Value> = emails.map_err(|_| unproven("the addresses are not a JSON list"))?;
    Ok(profile::upstream(subject, &claims(&user, &emails), &party.settings.claims))
}

async fn redeem(party: &Party<'_>, outbound: &Outbound, (code, begun): (&str, &Begun)) -> Result<Secret, Refusal> {
    let secret = party.secret.as_ref().map(Secret::expose).unwrap_or_default();
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("client_id", &party.settings.client_id)
        .append_pair("client_secret", secret)
        .append_pair("code", code)
        .append_pair("redirect_uri", &party.redirect_uri)
        .append_pair("code_verifier", &begun.verifier)
        .finish();
    let request = http::Request::post(format!("{}/login/oauth/access_token", base(party)))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form.into_bytes());
    let answer = outbound.send(request.map_err(|error| unproven(error.to_string()))?).await.map_err(unreachable)?;
    // It says 200 to a bad code, too.
    let answer = strict_object(answer.body()).map_err(|_| unproven("the token endpoint answers no JSON object"))?;
    match answer.get("access_token").and_then(Value::as_str) {
        Some(token) if !token.is_empty() => Ok(Secret::new(token)),
        _ => {
            let why = answer.get("error").and_then(Value::as_str).unwrap_or("no access token").to_owned();
            Err(unproven(format!("the code is refused: {why}")))
        }
    }
}

async fn ask(outbound: &Outbound, url: &str, token: &Secret) -> Result<Vec<u8>, Refusal> {
    let request = http::Request::get(url)
        .header("authorization", format!("Bearer {}", token.expose()))
        .header("accept", "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28")
        .body(Vec::new());
    let answer = outbound.send(request.map_err(|error| unproven(error.to_string()))?).await.map_err(unreachable)?;
    match answer.status() {
        http::StatusCode::OK => Ok(answer.into_body()),
        status => Err(unreachable(FetchError::Status(status.as_u16()))),
    }
}

/// GitHub's members as standard claims. The address is the primary one; that of `/user` is whichever the person shows
/// to the public, and says nothing about who has it.
fn claims(user: &Map<String, Value>, emails: &[Value]) -> Map<String, Value> {
    let primary = emails.iter().take(MOST).find(|email| email.get("primary") == Some(&Value::Bool(true)));
    let of = |name: &str| primary.and_then(|email| email.get(name)).cloned().unwrap_or_default();
    let told = |name: &str| user.get(name).cloned().unwrap_or_default();
    let claims = json!({
        "email": of("email"),
        "email_verified": of("verified"),
        "name": told("name"),
        "preferred_username": told("login"),
        "picture": told("avatar_url"),
    });
    claims.as_object().cloned().unwrap_or_default()
}

fn base<'a>(party: &Party<'a>) -> &'a str {
    party.settings.issuer.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w037_only_the_primary_address_counts_and_only_as_verified_as_it_is() {
        let user = json!({ "id": 7, "login": "ada", "email": "public@corp.test", "avatar_url": "https://a.test/7" });
        let user = user.as_object().unwrap();
        let read = |emails: Value| claims(user, emails.as_array().unwrap());
        let found = read(json!([
            { "email": "old@corp.test", "primary": false, "verified": true },
            { "email": "ada@corp.test", "primary": true, "verified": false },
        ]));
        assert_eq!((&found["email"], &found["email_verified"]), (&json!("ada@corp.test"), &json!(false)));
        assert_eq!(read(json!([]))["email"], Value::Null);
        assert_eq!(read(json!([{ "email": "x@corp.test", "verified": true }]))["email_verified"], Value::Null);
    }
}
