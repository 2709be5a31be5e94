//! Whose console a request is at, and who comes in there: a tenant's people at the tenant's, the people of the tenant
//! `system` at the operators'.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::Url;

use super::desk::Halt;
use crate::app::App;
use crate::base::{Code, Fault, Result, Slug, Stop};
use crate::frame::Brand;
use crate::http::page::{brand_of, here, platform};
use crate::http::routes::{CONSOLE_CALLBACK, CONSOLE_SIGNED_OUT};
use crate::http::{Tenant, page};
use crate::tenants::{Hint, TenantContext};

/// A console.
#[derive(Clone, Debug)]
pub struct Home {
    /// Whose people come in.
    pub tenant: Arc<TenantContext>,
    /// Whether it is the operators'.
    pub of_operators: bool,
    /// The platform's address.
    base: String,
}

impl FromRequestParts<App> for Home {
    type Rejection = Halt;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Halt> {
        let of_operators = !parts.uri.path().starts_with("/t/");
        let tenant = if of_operators { operators(app).await? } else { Tenant::from_request_parts(parts, app).await?.0 };
        Ok(Self { tenant, of_operators, base: app.config.base().to_owned() })
    }
}

async fn operators(app: &App) -> Result<Arc<TenantContext>> {
    let none = || Stop::refuse(Code::NotFound, "this server has no operators yet; `chancery init` makes the first");
    let slug = Slug::SYSTEM.parse().map_err(Fault::new)?;
    app.tenants.find(&Hint::Slug(slug)).await?.ok_or_else(none)
}

impl Home {
    /// A path below `/console` as links have it, without host.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        if self.of_operators {
            let base = Url::parse(&self.base);
            let prefix = base.as_ref().map(|base| base.path().trim_end_matches('/')).unwrap_or_default();
            return format!("{prefix}{below}");
        }
        here(&self.tenant, below)
    }

    /// Where the browser comes back to, after a sign-in and after a sign-out.
    #[must_use]
    pub fn back(&self) -> [String; 2] {
        let base = if self.of_operators { &self.base } else { &self.tenant.issuer };
        [CONSOLE_CALLBACK, CONSOLE_SIGNED_OUT].map(|path| format!("{base}{path}"))
    }

    /// How it looks.
    #[must_use]
    pub fn brand(&self) -> Brand {
        if !self.of_operators {
            return brand_of(&self.tenant);
        }
        Brand { words: page::words_for(&self.tenant), ..platform() }
    }
}
