//! The stylesheet, script and pictures of the pages.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::base::Code;
use crate::frame::assets;
use crate::http::errors::PageError;

/// A name with the right hash in it always means the same bytes; a bare name means those of the running version.
pub async fn get(Path(path): Path<String>) -> Result<Response, PageError> {
    let asset =
        assets::find(&path).ok_or_else(|| crate::base::Refusal::new(Code::NotFound, "there is no such file"))?;
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    Ok(([(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, cache)], asset.bytes).into_response())
}
