//! An answer to a client, carried by the person's browser: a redirect, or a form that posts itself. Redirects are
//! 303, so that no browser repeats a form with a password elsewhere (RFC 9700 §4.12).

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::errors::PageError;
use super::page::{Page, brand_of};
use crate::authorization::{Answer, ResponseMode};
use crate::frame::FormPostPage;
use crate::tenants::TenantContext;

/// Sends the answer on its way.
///
/// # Errors
/// The redirect URI cannot stand in a header; registration allows no such URI.
pub fn respond(tenant: &TenantContext, answer: Answer) -> Result<Response, PageError> {
    match answer.mode {
        ResponseMode::Query => see_other(&answer.location()),
        ResponseMode::FormPost => {
            let Answer { redirect_uri, parameters: fields, .. } = answer;
            let page = FormPostPage { brand: brand_of(tenant), target: redirect_uri.clone(), fields };
            Ok(Page::new(page).leading_to(&redirect_uri).into_response())
        }
    }
}

/// 303 See Other.
///
/// # Errors
/// The address cannot stand in a header.
pub fn see_other(location: &str) -> Result<Response, PageError> {
    Ok((StatusCode::SEE_OTHER, [(LOCATION, HeaderValue::from_str(location)?)]).into_response())
}
