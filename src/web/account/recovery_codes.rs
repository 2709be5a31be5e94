//! New recovery codes, shown this once.

use axum::response::{IntoResponse as _, Response};

use crate::base::Secret;
use crate::http::page::{brand_of, here};
use crate::http::{Page, Tenant};
use crate::web::second_factor::RecoveryCodesPage;

/// The page with the codes, which goes on to `next`.
#[must_use]
pub fn shown_once(tenant: &Tenant, codes: &[Secret], next: &str) -> Response {
    let codes = codes.iter().map(|code| code.expose().to_owned()).collect();
    Page::new(RecoveryCodesPage { brand: brand_of(tenant), codes, next: here(tenant, next) }).into_response()
}
