//! How far tenants are from the files that the configuration names for them.

use super::plan::{Options, compare};
use super::source::Source;
use crate::app::App;
use crate::base::{Code, Result, Stop};
use crate::config::Declared;

/// How many things of a tenant are not as its file says; with [`Declared::prune`], also those that it does not name.
///
/// # Errors
/// The file cannot be read, what it says cannot be, or there is no such tenant.
pub async fn differences(app: &App, slug: &str, declared: &Declared) -> Result<usize> {
    let slug = slug.parse().map_err(|why: String| Stop::refuse(Code::Unprocessable, why))?;
    let source = Source::read(&declared.file)?;
    let options = Options { prune: declared.prune, ..Options::default() };
    Ok(compare(app, &slug, &source, options).await?.changes.len())
}
