//! What an application has to know of a tenant before anybody signs in: no sender, no limits, nothing about people
//! (W-067). Who may look at its settings is told more.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::AUTHORIZATION;
use serde::Serialize;
use serde_json::{Value, json};

use super::stats::{limits, told};
use crate::api::identity_providers::TenantRead;
use crate::app::App;
use crate::base::{Method, Slug, TenantId};
use crate::http::bearer::{Anybody, Unproven};
use crate::http::{Bearer, Data, Tenant};
use crate::store::tenants::Branding;
use crate::tenants::TenantContext;

/// By what people can sign in, in the order of preference.
const WAYS: [Method; 4] = [Method::Passkey, Method::Password, Method::EmailCode, Method::MagicLink];

/// What everybody may know.
#[derive(Debug, Serialize)]
pub struct Public {
    id: TenantId,
    slug: Slug,
    name: String,
    issuer: String,
    frontend_url: Option<String>,
    language: Option<String>,
    branding: Branding,
    self_registration: bool,
    login_methods: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    more: Option<Value>,
}

impl Public {
    /// Of this tenant.
    #[must_use]
    pub fn of(tenant: &TenantContext) -> Self {
        let settings = &tenant.settings;
        let ways = WAYS.into_iter().filter(|way| settings.sign_in.allows(*way));
        Self {
            id: tenant.id.clone(),
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            issuer: tenant.issuer.clone(),
            frontend_url: settings.frontend_url.clone(),
            language: settings.language.clone(),
            branding: shown(tenant),
            self_registration: settings.self_registration,
            login_methods: ways.map(Method::as_str).collect(),
            more: None,
        }
    }
}

/// The brand that pages show, as far as an application shows it, too.
fn shown(tenant: &TenantContext) -> Branding {
    let dress = tenant.dress();
    Branding {
        logo_uri: dress.logo.as_ref().map(ToString::to_string),
        color: dress.accent.0.map(|accent| accent.to_string()),
    }
}

/// `GET` and `POST {T}/api/v1/tenant`.
pub async fn get(State(app): State<App>, tenant: Tenant, request: Request) -> Result<Data<Public>, Unproven> {
    let shown = Public::of(&tenant);
    let (mut parts, _) = request.into_parts();
    if !parts.headers.contains_key(AUTHORIZATION) && !parts.headers.contains_key("x-api-key") {
        return Ok(Data::new(shown));
    }
    Bearer::<Anybody>::from_request_parts(&mut parts, &app).await?;
    let Ok(caller) = Bearer::<TenantRead>::from_request_parts(&mut parts, &app).await else {
        return Ok(Data::new(shown));
    };
    let told = told(&app, &caller.tenant).await?;
    Ok(Data::new(Public {
        more: Some(json!({ "plan": tenant.held.plan, "limits": limits(&tenant)?, "usage": told })),
        ..shown
    }))
}
