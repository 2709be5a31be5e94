//! What every grant ends with: tokens are made, what has to be stored is stored in one write, and then they are shown.

use super::{Grants, TokenRequest, TokenResponse, invalid_grant};
use crate::base::{AuthorizationDetails, Code, Result, Scope, Secret, Stop, Timestamp};
use crate::entitlements::Entitled;
use crate::organizations::Belonging;
use crate::store::grants::Grant;
use crate::store::users::{Role, User};
use crate::store::writer::{NewRefresh, Spend, Write};
use crate::tokens::{Issuance, REFRESH_PREFIX, asks_about_person};

/// What tokens are to be issued.
#[derive(Debug)]
pub(super) struct Given<'a> {
    /// What the person allowed; absent when the client acts for itself.
    pub(super) grant: Option<&'a Grant>,
    /// The person's role.
    pub(super) role: Option<Role>,
    /// What the access token allows.
    pub(super) scope: Scope,
    /// Whom it is for.
    pub(super) audience: Vec<String>,
    /// What its scope is narrowed to.
    pub(super) details: AuthorizationDetails,
    /// Whether a new refresh token goes with it.
    pub(super) with_refresh: bool,
    /// What happened before.
    pub(super) how: How,
}

/// Where the grant comes from.
#[derive(Debug)]
pub(super) enum How {
    /// It was stored before, with the code that is spent now.
    Code(Spend),
    /// It was stored before, and is renewed; a token that does not rotate is not spent.
    Refresh(Option<Spend>),
    /// It is new, and stored with what is issued from it.
    New,
}

impl Grants {
    /// Issues the tokens. `None`: the one-time token was spent by somebody else meanwhile, and nothing was issued.
    pub(super) async fn issue(&self, ask: &TokenRequest<'_>, given: Given<'_>) -> Result<Option<TokenResponse>> {
        let subject = given.grant.and_then(|grant| grant.user_id.as_ref());
        let subject = subject.map_or(ask.client.id.as_str(), |user| user.as_str());
        let entitled = self.tokens.entitled(&ask.tenant.id, subject).await?;
        let allowed = paid(&entitled, &given.scope)?;
        let scope = at_audience(ask, &allowed, &given.audience)?;
        let organization = self.belonging(ask, given.grant).await?;
        let about = Issuance {
            tenant: ask.tenant,
            issuer: &ask.tenant.issuer,
            client: ask.client,
            grant: given.grant,
            role: given.role,
            scope: &scope,
            audience: &given.audience,
            organization: organization.as_ref(),
            entitled: &entitled,
            details: &given.details,
        };
        let mut access = self.tokens.issue_access(&about).await?;
        let refreshed = matches!(given.how, How::Refresh(_));
        let id_token = match given.grant.filter(|grant| grant.user_id.is_some() && allowed.contains("openid")) {
            Some(grant) => {
                let user = self.person_asked_about(grant).await?;
                Some(self.tokens.issue_id(&about, grant, (user.as_ref(), refreshed), &access).await?)
            }
            None => None,
        };
        let refresh = given.grant.filter(|_| given.with_refresh).map(|grant| self.new_refresh(ask, grant));
        let (grant, spend) = match given.how {
            How::Code(spend) => (None, Some(spend)),
            How::Refresh(spend) => (None, spend),
            How::New => {
                (given.grant.map(|grant| Grant { scope: entitled.within(&grant.scope), ..grant.clone() }), None)
            }
        };
        let (token, row) = refresh.map_or((None, None), |(token, row)| (Some(token), Some(row)));
        let write = Write { spend, grant, code: None, refresh: row, access: access.row.take() };
        let empty = write.spend.is_none() && write.grant.is_none() && write.refresh.is_none() && write.access.is_none();
        if !empty && !self.writer.write(write).await? {
            return Ok(None);
        }
        Ok(Some(TokenResponse {
            access_token: access.token.expose().to_owned(),
            token_type: "Bearer",
            expires_in: access.expires_in,
            refresh_token: token.map(|token| token.expose().to_owned()),
            scope,
            details: given.details,
            id_token,
        }))
    }

    /// What the person is at this moment in the organization that a grant is for.
    ///
    /// # Errors
    /// `invalid_grant`: nothing any more (W-071).
    async fn belonging(&self, ask: &TokenRequest<'_>, grant: Option<&Grant>) -> Result<Option<Belonging>> {
        let place = grant.and_then(|grant| grant.organization_id.as_ref().zip(grant.user_id.as_ref()));
        let Some((organization, user)) = place else { return Ok(None) };
        let found = Belonging::find(&self.db, ask.tenant, user, organization.as_str()).await?;
        let none = || invalid_grant("the person does not belong to the organization any more");
        Ok(Some(found.ok_or_else(none)?))
    }

    /// The person, only when the ID token has to tell more than who it is.
    async fn person_asked_about(&self, grant: &Grant) -> Result<Option<User>> {
        match grant.user_id.as_ref().filter(|_| asks_about_person(grant)) {
            Some(user) => Ok(self.reader.user(&grant.tenant_id, user).await?),
            None => Ok(None),
        }
    }

    fn new_refresh(&self, ask: &TokenRequest<'_>, grant: &Grant) -> (Secret, NewRefresh) {
        let token = Secret::generate_with_prefix(REFRESH_PREFIX);
        let now = self.clock.now();
        let row = NewRefresh {
            tenant_id: grant.tenant_id.clone(),
            digest: token.digest().as_str().to_owned(),
            grant_id: grant.id.clone(),
            created_at: now,
            expires_at: idle_end(ask, grant, now),
        };
        (token, row)
    }
}

/// What of a scope is left for somebody who has paid for this much (RFC 6749 §3.3).
fn paid(entitled: &Entitled, scope: &Scope) -> Result<Scope> {
    let left = entitled.within(scope);
    if left.is_empty() && !scope.is_empty() {
        return Err(Stop::refuse(Code::InvalidScope, "all of the scope has to be paid for first"));
    }
    Ok(left)
}

/// What of a scope an access token for this audience allows: each resource server is told of its own scopes only. Who
/// signs in as well gets a token that allows nothing there, if there is nothing.
fn at_audience(ask: &TokenRequest<'_>, scope: &Scope, audience: &[String]) -> Result<Scope> {
    let left = ask.tenant.settings.within_audience(scope, audience);
    if left.is_empty() && !scope.is_empty() && !scope.contains("openid") {
        return Err(Stop::refuse(Code::InvalidScope, "nothing of the scope is one of this resource"));
    }
    Ok(left)
}

/// When a refresh token dies if nobody uses it; the family's own end comes first (W-048).
pub(super) fn idle_end(ask: &TokenRequest<'_>, grant: &Grant, now: Timestamp) -> Timestamp {
    let idle = ask.client.policy.refresh_token_lifetime.unwrap_or(ask.tenant.settings.lifetimes.refresh_idle);
    now.plus(idle).min(grant.expires_at)
}
