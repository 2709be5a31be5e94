//! How a page is sent: HTML under the strict policy, which may name where its forms lead besides here.

use askama::Template;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use url::{Host, Url};

use super::context;
use super::entry::PAGE_POLICY;
use super::errors::Rendered;
use super::routes::BRAND_CSS;
use crate::frame::{Brand, Dress, Language, Preferences, Words};
use crate::tenants::TenantContext;

/// How a tenant looks.
#[must_use]
pub fn brand_of(tenant: &TenantContext) -> Brand {
    let coloured = tenant.dress().accent.0.is_some();
    let stylesheet = coloured.then(|| format!("{}?v={}", here(tenant, BRAND_CSS), tenant.version));
    dressed(&tenant.name, tenant.dress(), stylesheet, words_for(tenant))
}

/// What pages show of a brand.
#[must_use]
pub fn dressed(name: &str, dress: &Dress, stylesheet: Option<String>, words: Words) -> Brand {
    Brand {
        name: name.to_owned(),
        logo: dress.logo.clone(),
        favicon: dress.favicon.clone(),
        terms: dress.terms.clone(),
        privacy: dress.privacy.clone(),
        support: dress.support.clone(),
        stylesheet,
        words,
    }
}

/// The words for whoever sent the request at hand to this tenant.
#[must_use]
pub fn words_for(tenant: &TenantContext) -> Words {
    let language = tenant.settings.language.as_deref().and_then(Language::of_tag);
    let words = Preferences { tenant: language, ..context::preferences() }.words();
    words.in_own(tenant.dress().own(words.language()))
}

/// The platform's own look, in the language of the person.
#[must_use]
pub fn platform() -> Brand {
    Brand { words: context::preferences().words(), ..Brand::platform() }
}

/// A path of the tenant as its pages link to it, without host: it is the one that the tenant's issuer has.
#[must_use]
pub fn here(tenant: &TenantContext, path: &str) -> String {
    let issuer = Url::parse(&tenant.issuer);
    let prefix = issuer.as_ref().map(|issuer| issuer.path().trim_end_matches('/')).unwrap_or_default();
    format!("{prefix}{path}")
}

/// A page as an answer.
#[derive(Debug)]
pub struct Page<T> {
    template: T,
    status: StatusCode,
    leads_to: Vec<String>,
}

impl<T: Template> Page<T> {
    /// A page whose forms stay here.
    #[must_use]
    pub const fn new(template: T) -> Self {
        Self { template, status: StatusCode::OK, leads_to: Vec::new() }
    }

    /// With another status than 200.
    #[must_use]
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A page whose forms end, by redirects, at this proven redirect URI, or pass by there. Browsers hold the policy
    /// against every hop, and the application may have hops of its own behind the redirect URI.
    #[must_use]
    pub fn leading_to(mut self, redirect_uri: &str) -> Self {
        self.leads_to.extend(form_action(redirect_uri).filter(|kind| !self.leads_to.contains(kind)));
        self
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let Ok(html) = self.template.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        // Not `no-referrer`: that makes browsers send `Origin: null` with the page's own forms.
        let mut response = (self.status, [(REFERRER_POLICY, "same-origin")], Html(html)).into_response();
        response.extensions_mut().insert(Rendered);
        if let Some(policy) = policy(&self.leads_to.join(" ")).filter(|_| !self.leads_to.is_empty()) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

fn policy(target: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&PAGE_POLICY.replace("form-action 'self'", &format!("form-action 'self' {target}"))).ok()
}

/// What `form-action` has to allow for this redirect URI.
fn form_action(redirect_uri: &str) -> Option<String> {
    let url = Url::parse(redirect_uri).ok()?;
    Some(match (url.scheme(), url.host()) {
        ("https", _) => "https:".to_owned(),
        ("http", Some(Host::Ipv6(_))) => "http:".to_owned(),
        ("http", _) => "http://localhost:* http://127.0.0.1:*".to_owned(),
        (scheme, _) => format!("{scheme}:"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_may_lead_to_the_kind_of_place_that_was_registered() {
        for (uri, allowed) in [
            ("https://app.example/cb", "https:"),
            ("http://127.0.0.1:4000/cb", "http://localhost:* http://127.0.0.1:*"),
            ("http://[::1]:4000/cb", "http:"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(form_action(uri).as_deref(), Some(allowed));
            let policy = policy(allowed).unwrap().to_str().unwrap().to_owned();
            assert!(policy.contains(&format!("form-action 'self' {allowed};")), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
        }
    }
}
