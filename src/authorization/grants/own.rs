//! Tokens for somebody who signed in at the tenant's own sign-in API: for one of the tenant's own applications, with
//! everything that it is registered for and the person's role allows.

use super::issue::{Given, How};
use super::{Grants, TokenForm, TokenRequest, TokenResponse, audience};
use crate::base::{AuthorizationDetails, Code, Fault, GrantId, Origin, Result, Scope, Stop};
use crate::clients::{KnownClient, scopes};
use crate::sessions::SignedIn;
use crate::store::Json;
use crate::store::grants::{Context, Grant};
use crate::tenants::TenantContext;

impl Grants {
    /// Issues them, bound to the session: what ends that, ends them.
    ///
    /// # Errors
    /// `InvalidScope`: the client is registered for nothing of it.
    pub async fn for_person(
        &self,
        (tenant, client): (&TenantContext, &KnownClient),
        who: &SignedIn,
        scope: Option<&str>,
        origin: &Origin,
    ) -> Result<TokenResponse> {
        let ask = TokenRequest { tenant, client, form: TokenForm { scope, ..TokenForm::default() }, origin };
        let registered = scopes::of_client(client);
        let scope = match scope {
            Some(text) => scopes::covered(&text.parse::<Scope>()?, &registered),
            None => registered,
        };
        let scope = scopes::within_role(&scope, who.user.role);
        if scope.is_empty() {
            return Err(Stop::refuse(Code::InvalidScope, "none of the scope can be granted"));
        }
        let now = self.clock.now();
        let grant = Grant {
            tenant_id: tenant.id.clone(),
            id: GrantId::generate(),
            client_id: client.id.clone(),
            user_id: Some(who.user.id.clone()),
            session_id: Some(who.session.id.clone()),
            scope,
            context: Json(Context {
                auth_time: Some(who.session.auth_time),
                acr: Some(who.session.acr.clone()),
                amr: who.session.amr.0.clone(),
                ..Context::default()
            }),
            created_at: now,
            expires_at: now.plus(tenant.settings.lifetimes.refresh_absolute),
            revoked_at: None,
            organization_id: None,
        };
        let given = Given {
            grant: Some(&grant),
            role: Some(who.user.role),
            scope: grant.scope.clone(),
            audience: audience::of(&ask, &[])?,
            details: AuthorizationDetails::default(),
            with_refresh: client.allows_grant("refresh_token"),
            how: How::New,
        };
        let issued = self.issue(&ask, given).await?;
        Ok(issued.ok_or_else(|| Fault::new("a grant was not stored"))?)
    }
}
