//! Signing out here and there (OIDC RP-Initiated Logout §2), where the tenant wants it.

use url::Url;

use super::{Federation, oidc};
use crate::base::{Result, SessionId, Stop};
use crate::store::identities;
use crate::store::providers::{self, ProviderKind};
use crate::tenants::TenantContext;

impl Federation {
    /// Where the browser has to go to end the sign-in that this one rests on; it comes back to [`signed_out_uri`]. None
    /// when there is nothing to end there, or the provider does not answer: signing out here never fails for it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sign_out_there(&self, tenant: &TenantContext, session: &SessionId) -> Result<Option<String>> {
        let Some(upstream) = identities::rests_on(&self.db, &tenant.id, session).await? else { return Ok(None) };
        let provider = providers::by_id(&self.db, &tenant.id, &upstream.provider_id).await?;
        let wanted = provider.filter(|found| found.settings.sign_out && found.kind == ProviderKind::Oidc);
        let Some(provider) = wanted else { return Ok(None) };
        let metadata = match oidc::metadata(&self.outbound, &provider.settings.issuer).await {
            Ok(metadata) => metadata,
            Err(refusal) => {
                tracing::warn!(provider = provider.slug, hint = refusal.hint.as_deref(), "no sign-out there");
                return Ok(None);
            }
        };
        let endpoint = metadata.additional_metadata().end_session_endpoint.as_deref();
        let Some(mut url) =
            endpoint.filter(|url| crate::frame::Link::parse(url).is_some()).map(Url::parse).transpose()?
        else {
            return Ok(None);
        };
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &provider.settings.client_id);
            query.append_pair("post_logout_redirect_uri", &signed_out_uri(&tenant.issuer, &provider.slug));
            if let Some(sealed) = &upstream.hint {
                query.append_pair("id_token_hint", &self.open::<String>(&tenant.id, sealed)?);
            }
        }
        Ok::<_, Stop>(Some(url.into()))
    }
}

/// What has to be registered at the provider as the way back from a sign-out.
#[must_use]
pub fn signed_out_uri(issuer: &str, slug: &str) -> String {
    format!("{issuer}/login/{slug}/signed-out")
}
