//! The way back: an answer counts once, in the browser that asked, from the provider that was asked (RFC 9207, RFC
//! 9700 §4.4, §4.7).

use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{OAuth2TokenResponse as _, TokenResponse as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::oidc::{self, Expected, Metadata, Party};
use super::{Federation, Task, Upstream, github, profile, unproven};
use crate::base::{Code, Params, Refusal, Result, Secret, Stop, Timestamp, strict_object};
use crate::outbound::FetchError;
use crate::store::one_time::{self, Kind};
use crate::store::providers::{IdentityProvider, ProviderKind};
use crate::tenants::TenantContext;

/// What waits for an answer. It is sealed while it waits: whoever reads the database cannot finish a sign-in.
#[derive(Serialize, Deserialize)]
pub(super) struct Begun {
    /// What the ID token has to repeat.
    pub(super) nonce: String,
    /// What the challenge was made of.
    pub(super) verifier: String,
    /// When the browser was sent there.
    pub(super) asked_at: Timestamp,
    /// What it is for.
    pub(super) task: Task,
}

/// Somebody who is back.
#[derive(Debug)]
pub struct Returned {
    /// From where.
    pub provider: IdentityProvider,
    /// What it was for.
    pub task: Task,
    /// Who it is, or why that is not proven.
    pub outcome: Result<Upstream, Refusal>,
}

impl Federation {
    /// Reads an answer.
    ///
    /// # Errors
    /// Nobody asked for it in this browser: it is another browser's, another provider's, late, or repeated. That is
    /// told without going on to anything.
    pub async fn finish(
        &self,
        tenant: &TenantContext,
        provider: IdentityProvider,
        browser: &str,
        params: &Params,
    ) -> Result<Returned> {
        let begun = self.take(tenant, &provider, browser, params).await?;
        let outcome = match self.prove(tenant, &provider, &begun, params).await {
            Ok(upstream) => Ok(upstream),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(fault) => return Err(fault),
        };
        Ok(Returned { provider, task: begun.task, outcome })
    }

    async fn take(
        &self,
        tenant: &TenantContext,
        provider: &IdentityProvider,
        browser: &str,
        params: &Params,
    ) -> Result<Begun> {
        let state = Secret::new(params.get("state").unwrap_or_default()).digest();
        let now = self.clock.now();
        let found = one_time::find(&self.db, &tenant.id, Kind::Federation, &state, now).await?;
        let is_ours = |found: &one_time::OneTime| {
            found.subject == provider.id.as_str() && found.browser.as_deref() == Some(browser)
        };
        if !found.is_some_and(|found| is_ours(&found)) {
            return Err(unasked());
        }
        let taken = one_time::take(&self.db, &tenant.id, Kind::Federation, &state, now).await?.ok_or_else(unasked)?;
        self.open(&tenant.id, taken.data.as_str().unwrap_or_default())
    }

    async fn prove(
        &self,
        tenant: &TenantContext,
        provider: &IdentityProvider,
        begun: &Begun,
        params: &Params,
    ) -> Result<Upstream> {
        let party = self.party(tenant, provider)?;
        match provider.kind {
            ProviderKind::Oidc => self.prove_by_id_token(&party, begun, params).await,
            ProviderKind::Github => {
                check_issuer(&github::issuer(&party), false, params)?;
                Ok(github::person(&party, &self.outbound, (code(params)?, begun)).await?)
            }
        }
    }

    async fn prove_by_id_token(&self, party: &Party<'_>, begun: &Begun, params: &Params) -> Result<Upstream> {
        let settings = party.settings;
        let metadata = oidc::metadata(&self.outbound, &settings.issuer).await?;
        let announced = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        check_issuer(&settings.issuer, announced, params)?;
        let code = code(params)?;
        let tokens = oidc::redeem(party, (&self.outbound, metadata.clone()), (code, begun)).await?;
        let expected = Expected { settings, begun, now: self.clock.now() };
        let token = tokens.id_token().map(ToString::to_string).ok_or_else(|| unproven("there is no ID token"))?;
        let checked = match oidc::check(&expected, &tokens, self.key_set(&metadata, false).await?) {
            // Perhaps the provider has new keys.
            Err(_) => oidc::check(&expected, &tokens, self.key_set(&metadata, true).await?),
            checked => checked,
        };
        let checked = checked.map_err(unproven)?;
        let mut claims = payload(&token)?;
        if !claims.contains_key(&settings.claims.email) {
            let told = self.userinfo(&metadata, tokens.access_token().secret(), checked.subject().as_str()).await?;
            // What is signed counts more than what is only told.
            claims = told.into_iter().chain(claims).collect();
        }
        let mut upstream = profile::upstream(checked.subject().as_str().to_owned(), &claims, &settings.claims);
        upstream.hint = Some(Secret::new(token));
        Ok(upstream)
    }

    async fn key_set(&self, metadata: &Metadata, again: bool) -> Result<CoreJsonWebKeySet, Refusal> {
        let url = metadata.jwks_uri().as_str();
        let fetched = if again { self.outbound.key_set_again(url).await } else { self.outbound.key_set(url).await };
        serde_json::from_slice(&fetched.map_err(super::unreachable)?).map_err(|error| unproven(error.to_string()))
    }

    /// What the userinfo endpoint tells of the same person (OIDC Core §5.3.2, §5.3.4).
    async fn userinfo(&self, metadata: &Metadata, token: &str, subject: &str) -> Result<Map<String, Value>, Refusal> {
        let Some(url) = metadata.userinfo_endpoint() else { return Ok(Map::new()) };
        let request = http::Request::get(url.as_str()).header("authorization", format!("Bearer {token}"));
        let request = request.header("accept", "application/json").body(Vec::new());
        let answer = self.outbound.send(request.map_err(|error| unproven(error.to_string()))?).await;
        let answer = answer.map_err(super::unreachable)?;
        if answer.status() != http::StatusCode::OK {
            return Err(super::unreachable(FetchError::Status(answer.status().as_u16())));
        }
        let claims = strict_object(answer.body()).map_err(|_| unproven("the userinfo answer is not a JSON object"))?;
        if claims.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(unproven("the userinfo answer is about somebody else"));
        }
        Ok(claims)
    }
}

/// Against mix-up: the answer has to name the provider that was asked, where it names one or has announced to
/// (RFC 9207 §2.4).
fn check_issuer(issuer: &str, announced: bool, params: &Params) -> Result<(), Refusal> {
    match params.get("iss") {
        Some(named) if named != issuer => Err(unproven(format!("the answer is from {named}, not {issuer}"))),
        None if announced => Err(unproven("the answer does not say who gives it (iss)")),
        _ => Ok(()),
    }
}

/// The code of an answer that says yes. Whatever else the provider says is for the log: it is not ours to show.
fn code(params: &Params) -> Result<&str, Refusal> {
    match params.get("error") {
        Some(error @ ("access_denied" | "consent_required" | "interaction_required" | "login_required")) => {
            Err(Refusal::new(Code::AccessDenied, "the sign-in with the other provider was cancelled").hint(error))
        }
        Some(error) => Err(unproven(error)),
        None => params.get("code").ok_or_else(|| unproven("there is no code in the answer")),
    }
}

/// The claims of a token that has been checked.
fn payload(token: &str) -> Result<Map<String, Value>, Refusal> {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
    let bytes = bytes.map_err(|_| unproven("the ID token is not base64url"))?;
    strict_object(&bytes).map_err(|_| unproven("the ID token names a claim twice"))
}

fn unasked() -> Stop {
    Stop::refuse(
        Code::InvalidRequest,
        "this sign-in was finished or took too long, or it was begun in another browser; go back to the application and start again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn w037_an_answer_of_another_provider_is_not_taken_for_the_one_that_was_asked() {
        let issuer = "https://one.test";
        check_issuer(issuer, true, &params("iss=https%3A%2F%2Fone.test")).unwrap();
        check_issuer(issuer, false, &params("code=x")).unwrap();
        for (announced, bad) in [
            (true, "code=x"),
            (true, "iss="),
            (false, "iss=https%3A%2F%2Ftwo.test"),
            (false, "iss=https%3A%2F%2Fone.test%2F"),
        ] {
            assert!(check_issuer(issuer, announced, &params(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_provider_says_besides_its_code_is_not_repeated() {
        let refused = code(&params("error=access_denied&error_description=call+0900")).unwrap_err();
        assert_eq!(refused.description, "the sign-in with the other provider was cancelled");
        let refused = code(&params("error=%3Cscript%3E&code=x")).unwrap_err();
        assert!(!refused.description.contains("script"));
        assert!(code(&params("state=x")).is_err());
        assert_eq!(code(&params("code=x")).unwrap(), "x");
    }
}
