//! The way to a provider: what is sent along is kept here under the digest of `state`, for this browser and this
//! provider alone (RFC 9700 §4.7).

use super::callback::Begun;
use super::oidc::{self, Party};
use super::{Federation, Task, github};
use crate::base::{Result, Seconds, Secret};
use crate::store::Json;
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::providers::{IdentityProvider, ProviderKind};
use crate::tenants::TenantContext;

/// How long a person may be away.
const AWAY: Seconds = Seconds(1_800);

impl Federation {
    /// Where to send a browser to sign in with this provider.
    ///
    /// # Errors
    /// The provider does not answer, or its metadata is another's.
    pub async fn begin(
        &self,
        tenant: &TenantContext,
        provider: &IdentityProvider,
        browser: &str,
        task: Task,
    ) -> Result<String> {
        let now = self.clock.now();
        let secret = || Secret::generate().expose().to_owned();
        let (state, begun) = (Secret::generate(), Begun { nonce: secret(), verifier: secret(), asked_at: now, task });
        let party = self.party(tenant, provider)?;
        let url = match provider.kind {
            ProviderKind::Oidc => {
                let metadata = oidc::metadata(&self.outbound, &provider.settings.issuer).await?;
                oidc::request(&party, metadata, &state, &begun)?
            }
            ProviderKind::Github => github::request(&party, &state, &begun)?,
        };
        let waiting = OneTime {
            tenant_id: tenant.id.clone(),
            kind: Kind::Federation,
            digest: state.digest(),
            subject: provider.id.to_string(),
            browser: Some(browser.to_owned()),
            data: Json(self.seal(&tenant.id, &begun)?.into()),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(AWAY),
            used_at: None,
        };
        one_time::insert(&self.db, &waiting).await?;
        Ok(url)
    }

    /// We, as this provider's client. Each provider has a way back of its own, so that what one answers is never taken
    /// for another's answer (RFC 9700 §4.4.2.1).
    pub(super) fn party<'a>(&self, tenant: &TenantContext, provider: &'a IdentityProvider) -> Result<Party<'a>> {
        let redirect_uri = redirect_uri(&tenant.issuer, &provider.slug);
        Ok(Party { settings: &provider.settings, secret: self.secret_of(provider)?, redirect_uri })
    }
}

/// What has to be registered at the provider.
#[must_use]
pub fn redirect_uri(issuer: &str, slug: &str) -> String {
    format!("{issuer}/login/{slug}/callback")
}
