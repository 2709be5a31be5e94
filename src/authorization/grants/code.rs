//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.6): a code works once, for its client, at its redirect
//! URI, with its verifier. What a code that comes a second time has given is taken back (RFC 6749 §4.1.2).

use oxide_auth::code_grant::accesstoken::{AccessToken, Input, Output};
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::primitives::grant::{Extensions, Grant as MachineGrant};

use super::issue::{Given, How};
use super::machine::{Proven, issued, machine_grant, refused};
use super::{Grants, TokenRequest, TokenResponse, audience, check_standing, details, effective, invalid_grant};
use crate::base::{Code, Digest, Fault, Result, Secret};
use crate::store::audit::{self, Event};
use crate::store::grants::CodeRow;
use crate::store::writer::{Spend, SpendKind};

/// What the machine wants next, owned, so that it can be fetched while the machine waits.
enum Wanted {
    Authentication,
    Grant(String),
    Extensions(Extensions),
    Token,
    Nothing,
}

/// What it gets.
enum Fetched {
    Nothing,
    Authenticated,
    Grant(Box<MachineGrant>),
    Extensions(Extensions),
    Token,
}

impl Fetched {
    fn into_input(self) -> Input<'static> {
        match self {
            Self::Nothing => Input::None,
            Self::Authenticated => Input::Authenticated,
            Self::Grant(grant) => Input::Recovered(Some(grant)),
            Self::Extensions(access_extensions) => Input::Extended { access_extensions },
            Self::Token => Input::Issued(issued()),
        }
    }
}

fn advance(machine: &mut AccessToken, fetched: Fetched) -> Result<Wanted> {
    match machine.advance(fetched.into_input()) {
        Output::Authenticate { .. } => Ok(Wanted::Authentication),
        Output::Recover { code } => Ok(Wanted::Grant(code.to_owned())),
        Output::Extend { extensions } => Ok(Wanted::Extensions(std::mem::take(extensions))),
        Output::Issue { .. } => Ok(Wanted::Token),
        Output::Ok(_) => Ok(Wanted::Nothing),
        Output::Err(mut error) => Err(refused(error.description())),
    }
}

impl Grants {
    /// Trades a code for tokens.
    pub(super) async fn redeem(&self, ask: &TokenRequest<'_>) -> Result<TokenResponse> {
        let mut machine = AccessToken::new(&Proven { client: ask.client.id.as_str(), form: &ask.form });
        let mut fetched = Fetched::Nothing;
        let (mut row, mut response) = (None, None);
        loop {
            fetched = match advance(&mut machine, fetched)? {
                Wanted::Authentication => Fetched::Authenticated,
                Wanted::Grant(code) => {
                    let found = row.insert(self.find_code(ask, &code).await?);
                    let redirect_uri = found.request.redirect_uri.parse()?;
                    let extensions = pkce_extension(found)?;
                    Fetched::Grant(Box::new(machine_grant(&found.grant, redirect_uri, extensions)))
                }
                Wanted::Extensions(extensions) => {
                    let registered = row.as_ref().and_then(|row: &CodeRow| row.request.code_challenge.as_deref());
                    verify_pkce(ask, extensions, registered)?;
                    Fetched::Extensions(Extensions::new())
                }
                Wanted::Token => {
                    let row = row.as_ref().ok_or_else(|| Fault::new("tokens are wanted for no code"))?;
                    response = Some(self.issue_for(ask, row).await?);
                    Fetched::Token
                }
                Wanted::Nothing => return Ok(response.ok_or_else(|| Fault::new("a code gave nothing"))?),
            };
        }
    }

    /// The code's row, if it can be redeemed by this request as far as time and place go.
    async fn find_code(&self, ask: &TokenRequest<'_>, code: &str) -> Result<CodeRow> {
        let digest = Secret::new(code).digest();
        let Some(row) = self.reader.code(&ask.tenant.id, &digest).await? else {
            self.record_unknown(ask).await?;
            return Err(invalid_grant("the code is not known").because("code", None, told(&digest)).into());
        };
        if row.grant.client_id != ask.client.id {
            let (theirs, ours) = (row.grant.client_id.to_string(), ask.client.id.to_string());
            return Err(invalid_grant("the code was issued to another client").because("code", theirs, ours).into());
        }
        if let Some(used_at) = row.used_at {
            self.end_reused(ask, &row.grant, "code").await?;
            let used = format!("used at {}", used_at.rfc3339());
            return Err(invalid_grant("the code was used before").because("code", used, told(&digest)).into());
        }
        if row.code_expires_at <= self.clock.now() || row.grant.revoked_at.is_some() {
            let ended = format!("until {}", row.code_expires_at.rfc3339());
            return Err(invalid_grant("the code is over").because("code", ended, told(&digest)).into());
        }
        if ask.form.redirect_uri != Some(&row.request.redirect_uri) {
            let refusal = invalid_grant("the redirect_uri is not that of the authorization request");
            let (was, is) = (row.request.redirect_uri.clone(), ask.form.redirect_uri.map(str::to_owned));
            return Err(refusal.because("redirect_uri", was, is).into());
        }
        check_standing(&row.grant, &row.standing)?;
        Ok(row)
    }

    async fn issue_for(&self, ask: &TokenRequest<'_>, row: &CodeRow) -> Result<TokenResponse> {
        let code = ask.form.code.unwrap_or_default();
        let spend = Spend {
            kind: SpendKind::Code,
            tenant_id: ask.tenant.id.clone(),
            digest: Secret::new(code).digest(),
            now: self.clock.now(),
        };
        let given = Given {
            grant: Some(&row.grant),
            role: row.standing.user_role,
            scope: effective(ask, &row.grant.scope, &row.standing),
            audience: audience::of(ask, &row.grant.context.resource)?,
            details: details(ask, &row.grant.context.details)?,
            with_refresh: ask.client.allows_grant("refresh_token"),
            how: How::Code(spend),
        };
        match self.issue(ask, given).await? {
            Some(response) => Ok(response),
            // Somebody was faster with the same code: looking again finds it used, and ends what it gave.
            None => self.find_code(ask, code).await.and(Err(invalid_grant("the code was used before").into())),
        }
    }

    /// A code that this tenant never gave, from a client that has proven itself: worth a row (W-058).
    async fn record_unknown(&self, ask: &TokenRequest<'_>) -> Result<()> {
        if !ask.client.is_confidential() {
            return Ok(());
        }
        let event = Event::new(&ask.tenant.id, self.clock.now(), "token.unknown_code").by(ask.client.id.as_str());
        let event = event.result(Code::InvalidGrant.as_str()).from(ask.origin);
        Ok(audit::record(&self.db, event).await?)
    }
}

fn pkce_extension(row: &CodeRow) -> Result<Extensions> {
    let mut extensions = Extensions::new();
    if let Some(challenge) = &row.request.code_challenge {
        let pkce = Pkce::required();
        let value = pkce.challenge(Some("S256".into()), Some(challenge.into()));
        let value = value.ok().flatten().ok_or_else(|| Fault::new("a stored code_challenge is not usable"))?;
        extensions.set(&pkce, value);
    }
    Ok(extensions)
}

/// RFC 7636 §4.6. A verifier without a challenge is refused too: it tells of a downgrade (RFC 9700 §4.8.2).
fn verify_pkce(ask: &TokenRequest<'_>, mut extensions: Extensions, registered: Option<&str>) -> Result<()> {
    let required = ask.client.policy.require_pkce || !ask.client.is_confidential();
    let pkce = if required { Pkce::required() } else { Pkce::optional() };
    let challenge = extensions.remove(&pkce);
    let verifier = ask.form.code_verifier;
    // Of the verifier, which is a secret, its S256 alone is told.
    let came = verifier.map(|verifier| format!("S256 {}", Secret::new(verifier).digest().as_str()));
    if challenge.is_none() && verifier.is_some() {
        let refusal = invalid_grant("there is a code_verifier, but there was no code_challenge");
        return Err(refusal.because("pkce", None, came).into());
    }
    let refused = || {
        let refusal = invalid_grant("the code_verifier is not that of the code_challenge");
        refusal.because("pkce", registered.map(str::to_owned), came.clone())
    };
    if verifier.is_some_and(|verifier| !is_verifier(verifier)) {
        return Err(refused().into());
    }
    let outcome = pkce.verify(challenge, verifier.map(Into::into));
    outcome.map_err(|()| refused().into())
}

/// A code, or a token, as it may be told.
pub(super) fn told(digest: &Digest) -> String {
    format!("SHA-256 {}", digest.as_str())
}

/// RFC 7636 §4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
