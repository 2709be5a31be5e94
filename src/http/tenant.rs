//! Which tenant a request is about. It may be named by the path `/t/{slug}`, by a verified domain, and on the
//! platform's own host by `X-Tenant-Slug` or `X-Tenant-ID`; every spelling is brought to the path before routing.
//! Hints that disagree, and hints at nobody, are refused: there is no falling through (W-065).

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};

use super::context;
use super::errors::Rejected;
use crate::app::App;
use crate::base::{Code, Refusal, Result, Slug, TenantId};
use crate::frame::Language;
use crate::tenants::{Hint, TenantContext};

/// Extractor: the active tenant of the path.
#[derive(Clone, Debug)]
pub struct Tenant(pub Arc<TenantContext>);

impl std::ops::Deref for Tenant {
    type Target = TenantContext;

    fn deref(&self) -> &TenantContext {
        &self.0
    }
}

impl FromRequestParts<App> for Tenant {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejected> {
        let unknown = || Refusal::new(Code::NotFound, "there is no such tenant");
        let path = RawPathParams::from_request_parts(parts, app).await.map_err(|_| unknown())?;
        let slug = path.iter().find(|(name, _)| *name == "tenant").map(|(_, slug)| slug);
        let slug: Slug = slug.and_then(|slug| slug.parse().ok()).ok_or_else(unknown)?;
        let tenant = app.tenants.serve(&Hint::Slug(slug)).await?;
        let language = tenant.settings.language.as_deref().and_then(Language::of_tag);
        context::learn(|preferences| preferences.tenant = language);
        Ok(Self(tenant))
    }
}

/// Brings the request's path to the form that the routers know.
///
/// # Errors
/// Hints disagree or name nobody.
pub(super) async fn rewrite(app: &App, mut request: Request) -> Result<Request> {
    let path = without_trailing_slash(request.uri().path());
    let path = well_known(path).unwrap_or_else(|| path.to_owned());
    let by_path = path.strip_prefix("/t/").map(|rest| rest.split('/').next().unwrap_or_default().to_owned());
    let by_header = slug_of_headers(app, request.headers()).await?;
    let by_host = slug_of_host(app, host_of(&request)?).await?;
    let api = path.starts_with("/oauth/") || path.starts_with("/api/v1/");
    let slug = match (by_path, by_header.filter(|_| api || path.starts_with("/t/")), by_host) {
        (Some(path), header, host) => {
            agree(Some(&path), header.as_deref())?;
            agree(Some(&path), host.as_deref())?;
            None
        }
        (None, header, host) => {
            agree(header.as_deref(), host.as_deref())?;
            header.or(host).or_else(|| at_root(app, &path))
        }
    };
    let wanted = match slug {
        Some(slug) if !is_platform(&path) => format!("/t/{slug}{}", if path == "/" { "" } else { &path }),
        _ => path,
    };
    if wanted != request.uri().path() {
        set_path(&mut request, &wanted);
    }
    Ok(request)
}

/// The tenant that answers at the root of the public URL, if one is configured.
fn at_root(app: &App, path: &str) -> Option<String> {
    let named = !app.config.default_tenant.is_empty() && path != "/";
    named.then(|| app.config.default_tenant.clone())
}

/// Paths that belong to the server, whatever host they are asked at.
fn is_platform(path: &str) -> bool {
    ["/healthz", "/readyz", "/metrics", "/api/health", "/api/v1/health"].contains(&path)
        || ["/static/", "/dev/"].iter().any(|folder| path.starts_with(folder))
}

/// `/.well-known/{name}/t/{slug}{rest}` (RFC 8414 §3.1, RFC 9728 §3.1) as the tenant's own path.
fn well_known(path: &str) -> Option<String> {
    let (name, rest) = path.strip_prefix("/.well-known/")?.split_once("/t/")?;
    let (slug, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(format!("/t/{slug}/.well-known/{name}{below}"))
}

fn without_trailing_slash(path: &str) -> &str {
    if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path }
}

fn agree(one: Option<&str>, other: Option<&str>) -> Result<(), Refusal> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => {
            Err(Refusal::new(Code::InvalidRequest, "the request names two tenants").hint(format!("{one}, {other}")))
        }
        _ => Ok(()),
    }
}

async fn slug_of_headers(app: &App, headers: &HeaderMap) -> Result<Option<String>> {
    let mut found: Option<String> = None;
    for (header, by_id) in [("x-tenant-slug", false), ("x-tenant-id", true)] {
        let mut values = headers.get_all(header).iter();
        let Some(value) = values.next() else { continue };
        let unknown = || Refusal::new(Code::NotFound, "there is no such tenant");
        if values.next().is_some() {
            return Err(Refusal::new(Code::InvalidRequest, "a tenant header is repeated").into());
        }
        let value = value.to_str().map_err(|_| unknown())?;
        let hint =
            if by_id { Hint::Id(TenantId::from(value)) } else { Hint::Slug(value.parse().map_err(|_| unknown())?) };
        let tenant = app.tenants.find(&hint).await?.ok_or_else(unknown)?;
        agree(found.as_deref(), Some(tenant.slug.as_str()))?;
        found = Some(tenant.slug.to_string());
    }
    Ok(found)
}

/// The tenant whose verified domain the request was sent to. The platform's own host, and hosts that nobody has
/// verified, name no tenant.
async fn slug_of_host(app: &App, host: Option<String>) -> Result<Option<String>> {
    let Some(host) = host else { return Ok(None) };
    if app.config.public_url.host_str().is_some_and(|own| own == host) || host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(None);
    }
    let found = app.tenants.find(&Hint::Domain(host)).await?;
    Ok(found.map(|tenant| tenant.slug.to_string()))
}

/// The host that a request is sent to, which its address and `Host` may name, once and alike (RFC 9112 §3.2, S8).
fn host_of(request: &Request) -> Result<Option<String>, Refusal> {
    let header = request.headers().get_all(HOST).iter().map(|value| value.to_str().unwrap_or_default());
    let mut named = header.chain(request.uri().host()).map(normal_host);
    let host = named.next();
    if request.headers().get_all(HOST).iter().count() > 1 || named.any(|other| Some(&other) != host.as_ref()) {
        return Err(Refusal::new(Code::InvalidRequest, "the request names two hosts"));
    }
    Ok(host)
}

/// A host without port, final dot and capitals.
fn normal_host(host: &str) -> String {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

fn set_path(request: &mut Request, path: &str) {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = Uri::builder().path_and_query(format!("{path}{query}")).build() {
        *request.uri_mut() = uri;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_paths_are_found_in_both_styles() {
        let metadata = well_known("/.well-known/oauth-authorization-server/t/demo");
        assert_eq!(metadata.as_deref(), Some("/t/demo/.well-known/oauth-authorization-server"));
        let resource = well_known("/.well-known/oauth-protected-resource/t/demo/api/v1");
        assert_eq!(resource.as_deref(), Some("/t/demo/.well-known/oauth-protected-resource/api/v1"));
        assert_eq!(well_known("/.well-known/openid-configuration"), None);
    }

    #[test]
    fn hosts_are_normalised() {
        assert_eq!(normal_host("Acme.Example.:8443"), "acme.example");
        assert_eq!(normal_host("[::1]:80"), "::1");
    }
}
