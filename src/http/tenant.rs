//! Which tenant a request is about. It may be named by the path `/t/{slug}`, by a verified domain, and on the
//! platform's own host by `X-Tenant-Slug` or `X-Tenant-ID`; every spelling is brought to the path before routing.
//! Hints that disagree, and hints at nobody, are refused: there is no falling through (W-065).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Uri, Version};

use super::context;
use super::errors::Rejected;
use super::routes::{BRAND_CSS, CONSOLE, JWKS, is_of_platform};
use crate::app::App;
use crate::base::{Code, Refusal, Result, Slug, TenantId};
use crate::frame::Language;
use crate::tenants::{Hint, TenantContext};

const SLUG_HEADER: HeaderName = HeaderName::from_static("x-tenant-slug");
const ID_HEADER: HeaderName = HeaderName::from_static("x-tenant-id");

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
        if let Some(found) = parts.extensions.get::<Self>() {
            return Ok(found.clone());
        }
        let unknown = || Refusal::new(Code::NotFound, "there is no such tenant");
        let path = RawPathParams::from_request_parts(parts, app).await.map_err(|_| unknown())?;
        let slug = path.iter().find(|(name, _)| *name == "tenant").map(|(_, slug)| slug);
        let slug: Slug = slug.and_then(|slug| slug.parse().ok()).ok_or_else(unknown)?;
        let tenant = app.tenants.serve(&Hint::Slug(slug)).await?;
        if let Some(language) = tenant.settings.language.as_deref() {
            context::learn(|preferences| preferences.tenant = Language::of_tag(language));
        }
        if let Some(most) = tenant.held.requests_per_minute()
            && counts(parts.uri.path())
            && context::first_look()
        {
            // Boxed, because it is rare and large.
            Box::pin(app.limits.request(&tenant.id, most)).await?;
        }
        Ok(Self(tenant))
    }
}

/// Whether a request counts to its tenant's plan. What others need to check the tenant's tokens is always there.
fn counts(path: &str) -> bool {
    !(path.contains("/.well-known/") || path.ends_with(JWKS) || path.ends_with(BRAND_CSS))
}

/// What brings the request's path to the form that the routers know, where it is not in it yet.
///
/// # Errors
/// The request names no host, or two.
pub(super) fn rewriting<'a>(
    app: &'a App,
    request: &'a mut Request,
) -> Result<Option<impl Future<Output = Result<()>> + use<'a>>, Refusal> {
    let host = foreign_host(app, request)?;
    let hinted = [SLUG_HEADER, ID_HEADER].iter().any(|name| request.headers().contains_key(name));
    let needed = host.is_some() || hinted || !is_in_form(request.uri().path());
    Ok(needed.then(|| rewrite(app, request, host)))
}

async fn rewrite(app: &App, request: &mut Request, host: Option<String>) -> Result<()> {
    let path = without_trailing_slash(request.uri().path());
    let path = well_known(path).unwrap_or_else(|| path.to_owned());
    let by_path = path.strip_prefix("/t/").map(|rest| rest.split('/').next().unwrap_or_default().to_owned());
    let by_header = slug_of_headers(app, request.headers()).await?;
    let by_host = slug_of_host(app, host).await?;
    let by_own_host = by_host.is_some();
    let api = path.starts_with("/oauth/") || path.starts_with("/api/v1/");
    if is_of_platform(&path) {
        // The platform's API is nobody's but the operators'.
        agree(Some(Slug::SYSTEM), by_header.as_deref())?;
        agree(Some(Slug::SYSTEM), by_host.as_deref())?;
    }
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
        Some(slug) if !is_platform(&path) && (by_own_host || !is_operators(&path)) => {
            format!("/t/{slug}{}", if path == "/" { "" } else { &path })
        }
        _ => path,
    };
    if wanted != request.uri().path() {
        set_path(request, &wanted);
    }
    Ok(())
}

/// Most requests name their tenant by the path, and have nothing to be rewritten.
fn is_in_form(path: &str) -> bool {
    path.starts_with("/t/") && !path.ends_with('/')
}

/// The tenant that answers at the root of the public URL, if one is configured.
fn at_root(app: &App, path: &str) -> Option<String> {
    let named = !app.config.default_tenant.is_empty() && path != "/";
    named.then(|| app.config.default_tenant.clone())
}

/// Paths that belong to the server, whatever host they are asked at.
fn is_platform(path: &str) -> bool {
    ["/healthz", "/readyz", "/metrics", "/api/health", "/api/v1/health"].contains(&path)
        || is_of_platform(path)
        || ["/static/", "/dev/"].iter().any(|folder| path.starts_with(folder))
}

/// `/.well-known/{name}/t/{slug}{rest}` (RFC 8414 §3.1, RFC 9728 §3.1) as the tenant's own path.
fn well_known(path: &str) -> Option<String> {
    let (name, rest) = path.strip_prefix("/.well-known/")?.split_once("/t/")?;
    let (slug, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(format!("/t/{slug}/.well-known/{name}{below}"))
}

/// The operators' console is at the platform's own host; at the host of a tenant it is that tenant's.
fn is_operators(path: &str) -> bool {
    path == CONSOLE || path.strip_prefix(CONSOLE).is_some_and(|rest| rest.starts_with('/'))
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
    for (header, by_id) in [(SLUG_HEADER, false), (ID_HEADER, true)] {
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

/// The tenant whose verified domain the request was sent to. Hosts that nobody has verified name no tenant.
async fn slug_of_host(app: &App, host: Option<String>) -> Result<Option<String>> {
    let Some(host) = host else { return Ok(None) };
    let found = app.tenants.find(&Hint::Domain(host)).await?;
    Ok(found.map(|tenant| tenant.slug.to_string()))
}

/// The host that a request is sent to, unless it is the platform's own or an address. Its address and `Host` may name
/// it, once and alike, and HTTP/1.1 has to (RFC 9112 §3.2, S8).
fn foreign_host(app: &App, request: &Request) -> Result<Option<String>, Refusal> {
    let mut headers = request.headers().get_all(HOST).iter();
    let (header, another) = (headers.next(), headers.next());
    if header.is_none() && request.version() == Version::HTTP_11 {
        return Err(Refusal::new(Code::InvalidRequest, "the request names no host"));
    }
    let unreadable = |_| Refusal::new(Code::InvalidRequest, "the request's host cannot be read");
    let header = header.map(|value| value.to_str().map_err(unreadable)).transpose()?;
    let host = match (header, request.uri().host()) {
        (Some(header), None) => header,
        (None, Some(authority)) => authority,
        (None, None) => return Ok(None),
        (Some(header), Some(authority)) if normal_host(header) == normal_host(authority) => header,
        (Some(_), Some(_)) => return Err(two_hosts()),
    };
    if another.is_some() {
        return Err(two_hosts());
    }
    if app.config.public_url.host_str() == Some(host) || names_address(host) {
        return Ok(None);
    }
    let host = normal_host(host);
    Ok(Some(host).filter(|host| app.config.public_url.host_str() != Some(host) && !names_address(host)))
}

fn two_hosts() -> Refusal {
    Refusal::new(Code::InvalidRequest, "the request names two hosts")
}

/// Whether a host is an IP address, with or without port.
fn names_address(host: &str) -> bool {
    let numeric = host.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '[' | ':')) || host.contains("::");
    numeric && (host.parse::<SocketAddr>().is_ok() || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
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
