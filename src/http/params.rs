//! Where request parameters come from: the query string, or a form body.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;

use super::errors::Rejected;
use crate::app::App;
pub use crate::base::Params;
use crate::base::{Code, Refusal};

/// Extractor: the query string's parameters.
#[derive(Clone, Debug)]
pub struct Query(pub Params);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejected> {
        Ok(Self(Params::parse(parts.uri.query().unwrap_or_default().as_bytes())?))
    }
}

/// Extractor: the parameters of a form body. Any other content type is refused.
#[derive(Clone, Debug)]
pub struct Form(pub Params);

impl FromRequest<App> for Form {
    type Rejection = Rejected;

    async fn from_request(request: Request, app: &App) -> Result<Self, Rejected> {
        Ok(Self(Params::parse(&body(request, app).await?)?))
    }
}

/// As [`Form`], where `scope` is a row of check boxes, each of its own value.
#[derive(Clone, Debug)]
pub struct TickedForm(pub Params);

impl FromRequest<App> for TickedForm {
    type Rejection = Rejected;

    async fn from_request(request: Request, app: &App) -> Result<Self, Rejected> {
        Ok(Self(Params::parse_with_lists(&body(request, app).await?, &["scope"])?))
    }
}

async fn body(request: Request, app: &App) -> Result<Bytes, Refusal> {
    if !is_form(request.headers()) {
        let sentence = "the body has to be application/x-www-form-urlencoded";
        return Err(Refusal::new(Code::UnsupportedMediaType, sentence));
    }
    let body = to_bytes(request.into_body(), app.config.http.body_limit).await;
    body.map_err(|_| Refusal::new(Code::BodyTooLarge, "the body is too large or was cut off"))
}

/// Whether the body is a form, whatever parameters its content type has.
#[must_use]
pub fn is_form(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
