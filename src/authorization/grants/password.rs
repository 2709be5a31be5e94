//! The password grant (RFC 6749 §4.3), an aid for migrations: off unless the tenant and the client say otherwise
//! (RFC 9700 §2.4 says: better not), never for public clients.

use serde_json::json;

use super::issue::{Given, How};
use super::{Grants, TokenRequest, TokenResponse, audience, details};
use crate::accounts::engine::{Entrance, Outcome};
use crate::accounts::second::Shown;
use crate::base::{AuthorizationDetails, Code, Fault, GrantId, Proof, Refusal, Result, Scope, Secret, Stop};
use crate::clients::scopes;
use crate::store::Json;
use crate::store::grants::{Context, Grant};
use crate::store::users::User;

impl Grants {
    /// Trades a person's name and password for tokens.
    pub(super) async fn password(&self, ask: &TokenRequest<'_>) -> Result<TokenResponse> {
        if !ask.client.is_confidential() {
            return Err(Stop::refuse(Code::UnauthorizedClient, "a public client cannot use passwords"));
        }
        let scope = asked_scope(ask)?;
        let (user, proof) = match &ask.form.mfa_token {
            Some(token) => self.by_second_factor(ask, token).await?,
            None => self.by_password(ask).await?,
        };
        let grant = self.grant_of(ask, proof, scope);
        let given = Given {
            grant: Some(&grant),
            role: Some(user.role),
            scope: scopes::within_role(&grant.scope, user.role),
            audience: audience::of(ask, &[])?,
            details: details(ask, &AuthorizationDetails::default())?,
            with_refresh: ask.client.allows_grant("refresh_token"),
            how: How::New,
        };
        let issued = self.issue(ask, given).await?;
        Ok(issued.ok_or_else(|| Fault::new("a grant was not stored"))?)
    }

    async fn by_password(&self, ask: &TokenRequest<'_>) -> Result<(User, Proof)> {
        let username = ask.form.username.ok_or_else(|| missing("username"))?;
        let password = ask.form.password.as_ref().ok_or_else(|| missing("password"))?;
        let first = self.factors.by_password(ask.tenant, (username, password), ask.origin).await.map_err(as_grant)?;
        let user = first.user.clone();
        match self.factors.after_first_factor(&entrance(ask), first).await.map_err(as_grant)? {
            Outcome::SignedIn(proof) => Ok((user, proof)),
            Outcome::SecondFactorDue(due) | Outcome::EnrolmentDue(due) => Err(due.refusal().into()),
        }
    }

    /// The same request again, with what `mfa_required` told and a second factor in place of name and password.
    async fn by_second_factor(&self, ask: &TokenRequest<'_>, token: &Secret) -> Result<(User, Proof)> {
        let shown = match (ask.form.otp, ask.form.recovery_code) {
            (Some(code), _) => Shown::Totp(code),
            (None, Some(code)) => Shown::RecoveryCode(code),
            (None, None) => return Err(missing("otp").into()),
        };
        let at = entrance(ask);
        let passed = self.factors.after_second_factor(&at, &token.digest(), shown).await.map_err(as_grant)?;
        if passed.context != at.context {
            return Err(Stop::refuse(Code::InvalidGrant, "the mfa_token is another client's"));
        }
        Ok((passed.user, passed.proof))
    }

    fn grant_of(&self, ask: &TokenRequest<'_>, proof: Proof, scope: Scope) -> Grant {
        let now = self.clock.now();
        let context = Context {
            auth_time: Some(now),
            acr: Some(proof.acr),
            amr: proof.amr,
            resource: ask.form.resources.iter().map(ToString::to_string).collect(),
            ..Context::default()
        };
        Grant {
            tenant_id: ask.tenant.id.clone(),
            id: GrantId::generate(),
            client_id: ask.client.id.clone(),
            user_id: Some(proof.user),
            session_id: None,
            scope,
            context: Json(context),
            created_at: now,
            expires_at: now.plus(ask.tenant.settings.lifetimes.refresh_absolute),
            revoked_at: None,
            organization_id: None,
        }
    }
}

fn entrance<'a>(ask: &'a TokenRequest<'_>) -> Entrance<'a> {
    let context = json!({ "granted_to": ask.client.id });
    Entrance { client: Some(&ask.client.policy), context, ..Entrance::new(ask.tenant, ask.origin) }
}

fn missing(name: &str) -> Refusal {
    Refusal::new(Code::InvalidRequest, format!("{name} is missing"))
}

fn asked_scope(ask: &TokenRequest<'_>) -> Result<Scope> {
    let registered = &scopes::of_client(ask.client);
    let Some(text) = ask.form.scope else { return Ok(registered.without("openid").without("offline_access")) };
    let granted = scopes::covered(&text.parse::<Scope>()?, registered);
    if granted.is_empty() {
        return Err(Stop::refuse(Code::InvalidScope, "the client is registered for nothing of this scope"));
    }
    Ok(granted)
}

/// A right password of an account that may not come in is still no grant (RFC 6749 §5.2).
fn as_grant(stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) if refusal.code == Code::Forbidden => {
            Stop::Refused(Refusal { code: Code::InvalidGrant, ..refusal })
        }
        other => other,
    }
}
