//! The archive: `{T}/api/v1/archive`. Files by upload, tus and signed link; what is said of them; their bytes.

mod content;
mod file;
mod files;
mod governing;
mod incoming;
mod sign_upload;
mod uploads;

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;
use crate::base::{Code, Refusal, Result};
use crate::files::Match;
use crate::http::routes::{
    ARCHIVE_CONTENT, ARCHIVE_FILE, ARCHIVE_FILES, ARCHIVE_RULES, ARCHIVE_SIGN_UPLOAD, ARCHIVE_UPLOAD, ARCHIVE_UPLOADS,
    ARCHIVE_USAGE, mounted,
};
use crate::store::files::File;

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(ARCHIVE_SIGN_UPLOAD), post(sign_upload::post))
        .route(&mounted(ARCHIVE_FILE), get(file::get).post(file::post).patch(file::patch).delete(file::delete))
        .route(&mounted(ARCHIVE_USAGE), get(governing::usage))
        .route(&mounted(ARCHIVE_RULES), get(governing::rules).put(governing::set_rules))
        .merge(carrying_files(app))
}

/// What carries their bytes.
fn carrying_files(app: &App) -> Router<App> {
    let tus = Router::new()
        .route(&mounted(ARCHIVE_UPLOADS), post(uploads::create).options(uploads::options))
        .route(
            &mounted(ARCHIVE_UPLOAD),
            axum::routing::head(uploads::head).patch(uploads::patch).delete(uploads::delete).options(uploads::options),
        )
        .layer(from_fn_with_state(app.clone(), uploads::versioned));
    Router::new()
        .route(&mounted(ARCHIVE_FILES), get(files::get).post(files::post))
        .route(&mounted(ARCHIVE_CONTENT), get(content::get).put(content::put))
        .merge(tus)
}

/// The revision of a file as its `ETag`.
fn tagged(file: &File, mut response: Response) -> Result<Response> {
    response.headers_mut().insert("etag", HeaderValue::from_str(&format!("\"{}\"", file.rev))?);
    Ok(response)
}

/// Over which revision something is to be changed: `If-Match` (RFC 9110 §13.1.1).
fn over(headers: &axum::http::HeaderMap) -> Result<Match> {
    let Some(given) = headers.get("if-match") else { return Ok(Match::Any) };
    let malformed = || Refusal::new(Code::InvalidRequest, "If-Match is a list of entity tags, or *");
    let text = given.to_str().map_err(|_| malformed())?;
    if text.trim() == "*" {
        return Ok(Match::Any);
    }
    let rev = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse::<i64>().ok();
    // A tag that is no revision of ours matches nothing.
    Ok(Match::Revisions(text.split(',').filter_map(rev).collect()))
}
