//! A tenant's colours as a stylesheet, because the policy of the pages forbids inline style.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::frame::Accent;
use crate::http::Tenant;

/// Empty for a tenant without a colour. Pages name the tenant's version in the query, so a new colour shows at once.
pub async fn get(tenant: Tenant) -> impl IntoResponse {
    let accent = tenant.settings.branding.color.as_deref().and_then(|color| color.parse::<Accent>().ok());
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, accent.map(Accent::stylesheet).unwrap_or_default())
}
