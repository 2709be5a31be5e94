//! Who runs the platform: an API key of the operators' own tenant with `platform:*`, or a token of it for one of its
//! owners. Nobody of any other tenant is an operator, whatever a token says (U7, C4).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::bearer::{Principal, Unproven, demand, given, prove, reaches};
use super::context::origin;
use crate::app::App;
use crate::base::{Actor, Fault, Slug};
use crate::tenants::{Hint, TenantContext};

/// What operators hold.
pub const PLATFORM: &str = "platform:*";

/// Extractor: an operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The operators' own tenant.
    pub system: Arc<TenantContext>,
    /// The caller.
    pub principal: Principal,
}

impl FromRequestParts<App> for Operator {
    type Rejection = Unproven;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Unproven> {
        let slug: Slug = Slug::SYSTEM.parse().map_err(Fault::new)?;
        let system = app.tenants.serve(&Hint::Slug(slug)).await?;
        let given = given(&parts.headers, parts.uri.query(), &system)?;
        let principal = prove(app, &system, given).await?;
        demand(&system, principal.scope(), Some(PLATFORM))?;
        reaches(app, &system, &principal, Some(PLATFORM)).await?;
        Ok(Self { system, principal })
    }
}

impl Operator {
    /// As the audit trail names the caller.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.principal.subject().to_owned(), origin: origin() }
    }
}
