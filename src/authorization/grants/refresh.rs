//! Refreshing (RFC 6749 §6, RFC 9700 §4.14.2): a refresh token is replaced at each use, all of a grant's are one
//! family, and one that comes back after it was replaced ends the family.

use oxide_auth::code_grant::refresh::{Input, Output, Refresh};
use oxide_auth::primitives::grant::{Extensions, Grant as MachineGrant};
use url::Url;

use super::code::told;
use super::issue::{Given, How, idle_end};
use super::machine::{Proven, machine_grant, refreshed, refused};
use super::{Grants, TokenRequest, TokenResponse, audience, check_standing, details, effective, invalid_grant};
use crate::base::{Digest, Fault, Result, Scope, Seconds, Secret};
use crate::store::grants::{self, RefreshRow};
use crate::store::writer::{Spend, SpendKind};

/// An unrotated token's end is moved only when it is worth a write.
const WORTH_EXTENDING: Seconds = Seconds(60);

/// What the machine wants next, owned, so that it can be fetched while the machine waits.
enum Wanted {
    Authentication,
    Grant(String),
    Token(Scope),
    Nothing,
}

/// What it gets.
enum Fetched {
    Nothing,
    Authenticated,
    Grant(Box<MachineGrant>),
    Token,
}

fn advance(machine: &mut Refresh, fetched: Fetched, scope: Option<&str>) -> Result<Wanted> {
    let scope = scope.map(Into::into);
    let input = match fetched {
        Fetched::Nothing => Input::None,
        Fetched::Authenticated => Input::Authenticated { scope },
        Fetched::Grant(grant) => Input::Recovered { scope, grant: Some(grant) },
        Fetched::Token => Input::Refreshed(refreshed()),
    };
    match machine.advance(input) {
        Output::Unauthenticated { .. } => Ok(Wanted::Authentication),
        Output::RecoverRefresh { token } => Ok(Wanted::Grant(token.to_owned())),
        Output::Refresh { grant, .. } => Ok(Wanted::Token(grant.scope.into())),
        Output::Ok(_) => Ok(Wanted::Nothing),
        Output::Err(mut error) => Err(refused(error.description())),
    }
}

impl Grants {
    /// Trades a refresh token for an access token and the next refresh token.
    pub(super) async fn refresh(&self, ask: &TokenRequest<'_>) -> Result<TokenResponse> {
        let mut machine = Refresh::new(&Proven { client: ask.client.id.as_str(), form: &ask.form });
        let mut fetched = Fetched::Nothing;
        let (mut row, mut response) = (None, None);
        loop {
            fetched = match advance(&mut machine, fetched, ask.form.scope)? {
                Wanted::Authentication => Fetched::Authenticated,
                Wanted::Grant(token) => {
                    let found = row.insert(self.find_refresh(ask, &token).await?);
                    // The machine carries a redirect URI that it does not look at here.
                    let unused = Url::parse(&ask.tenant.issuer)?;
                    Fetched::Grant(Box::new(machine_grant(&found.grant, unused, Extensions::new())))
                }
                Wanted::Token(scope) => {
                    let row = row.as_ref().ok_or_else(|| Fault::new("tokens are wanted for no refresh token"))?;
                    response = Some(self.renew(ask, row, &scope).await?);
                    Fetched::Token
                }
                Wanted::Nothing => return Ok(response.ok_or_else(|| Fault::new("a refresh gave nothing"))?),
            };
        }
    }

    /// The token's row, if it can be used now.
    async fn find_refresh(&self, ask: &TokenRequest<'_>, token: &str) -> Result<RefreshRow> {
        let now = self.clock.now();
        let digest = Secret::new(token).digest();
        let refuse =
            |sentence, why: String| Err(invalid_grant(sentence).because("refresh_token", why, told(&digest)).into());
        let Some(row) = self.reader.refresh_token(&ask.tenant.id, &digest).await? else {
            return refuse("the refresh token is not known", "no such token".to_owned());
        };
        if row.grant.client_id != ask.client.id {
            return refuse("the refresh token was issued to another client", row.grant.client_id.to_string());
        }
        if let Some(used_at) = row.used_at {
            // Within the grace it may be a client that did not get the answer, or asked twice at once: it learns
            // nothing and gets nothing, but keeps what it has.
            if now.since(used_at) >= ask.tenant.settings.lifetimes.refresh_grace {
                self.end_reused(ask, &row.grant, "refresh_token").await?;
            }
            let replaced = format!("replaced at {}", used_at.rfc3339());
            return refuse("the refresh token was replaced by another", replaced);
        }
        if now >= row.token_expires_at.min(row.grant.expires_at) || row.grant.revoked_at.is_some() {
            let until = row.token_expires_at.min(row.grant.expires_at);
            let revoked = row.grant.revoked_at.map(|at| format!("revoked at {}", at.rfc3339()));
            let why = revoked.unwrap_or_else(|| format!("until {}", until.rfc3339()));
            return refuse("the refresh token is over", why);
        }
        check_standing(&row.grant, &row.standing)?;
        Ok(row)
    }

    async fn renew(&self, ask: &TokenRequest<'_>, row: &RefreshRow, scope: &Scope) -> Result<TokenResponse> {
        let token = ask.form.refresh_token.unwrap_or_default();
        let digest = Secret::new(token).digest();
        let rotates = ask.client.policy.refresh_rotation || !ask.client.is_confidential();
        let (tenant_id, now) = (ask.tenant.id.clone(), self.clock.now());
        if !rotates {
            self.keep_alive(ask, row, &digest).await?;
        }
        let spend = rotates.then_some(Spend { kind: SpendKind::Refresh, tenant_id, digest, now });
        let given = Given {
            grant: Some(&row.grant),
            role: row.standing.user_role,
            scope: effective(ask, scope, &row.standing),
            audience: audience::of(ask, &row.grant.context.resource)?,
            details: details(ask, &row.grant.context.details)?,
            with_refresh: rotates,
            how: How::Refresh(spend),
        };
        match self.issue(ask, given).await? {
            Some(response) => Ok(response),
            // Somebody was faster with the same token: looking again judges it as used.
            None => self.find_refresh(ask, token).await.and(Err(invalid_grant("the refresh token is over").into())),
        }
    }

    async fn keep_alive(&self, ask: &TokenRequest<'_>, row: &RefreshRow, digest: &Digest) -> Result<()> {
        let until = idle_end(ask, &row.grant, self.clock.now());
        if until.since(row.token_expires_at) >= WORTH_EXTENDING {
            grants::extend_refresh(&self.db, &ask.tenant.id, digest, until).await?;
        }
        Ok(())
    }
}
