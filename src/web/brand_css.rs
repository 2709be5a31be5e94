//! A tenant's colours as a stylesheet, because the policy of the pages forbids inline style.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::frame::Accent;
use crate::http::{Query, Tenant};

/// Empty for a tenant without a colour. Pages name the tenant's version in the query, so a new colour shows at once.
/// Previews name the colours of their draft, six hexadecimal digits each, which nothing but such a colour comes of.
pub async fn get(tenant: Tenant, Query(query): Query) -> impl IntoResponse {
    let asked = |name| query.get(name).and_then(|digits| format!("#{digits}").parse::<Accent>().ok());
    let (accent, on_dark) = match asked("accent") {
        Some(accent) => (Some(accent), asked("accent_dark")),
        None => tenant.dress().accent,
    };
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, accent.map(|accent| accent.stylesheet(on_dark)).unwrap_or_default())
}
