//! The operators' tenant, its first operator, and the API key that opens the platform.

use crate::accounts::NewUser;
use crate::api_keys::NewKey;
use crate::app::App;
use crate::base::{Actor, Code, Email, Fault, Result, Scope, Secret, Slug, Stop};
use crate::store::tenants::{Settings, Tenant};
use crate::store::users::{Profile, Role};

use super::ensure;

/// The one-time bootstrap: answers the API key, which is shown this once. The key is made last, so that an attempt
/// that was cut off can be repeated.
///
/// # Errors
/// It was done before.
pub async fn initialise(app: &App, email: &Email, password: &Secret) -> Result<Secret> {
    let system = tenant(app).await?;
    if !app.api_keys.page(&system.id, "", 1).await?.is_empty() {
        return Err(Stop::refuse(Code::Conflict, "this instance was initialised before"));
    }
    operator(app, &system, email, password).await?;
    key(app, &system).await
}

/// The operators' tenant.
pub(super) async fn tenant(app: &App) -> Result<Tenant> {
    let slug = Slug::SYSTEM.parse().map_err(Fault::new)?;
    ensure::tenant(app, slug, "Operators", Settings::default()).await
}

/// A new API key for everything.
pub(super) async fn key(app: &App, system: &Tenant) -> Result<Secret> {
    let new = NewKey { name: "operator".to_owned(), scope: Scope::of(["platform:*"]), expires_at: None };
    Ok(app.api_keys.create(system, new, &Actor::operator()).await?.1)
}

/// The operator, with this password.
pub(super) async fn operator(app: &App, system: &Tenant, email: &Email, password: &Secret) -> Result<()> {
    let by = Actor::operator();
    if let Some(found) = ensure::found(app.accounts.look_up(system, email.as_str()).await)? {
        return app.accounts.set_password(system, &found.id, password, &by).await;
    }
    let new = NewUser { password: Some(password.clone()), ..person(email) };
    app.accounts.create(system, new, &by).await.map(drop)
}

/// An operator, without a password yet.
pub(super) fn person(email: &Email) -> NewUser {
    NewUser {
        email: Some(email.clone()),
        email_verified: true,
        username: None,
        password: None,
        role: Role::Owner,
        profile: Profile { name: Some("Operator".to_owned()), ..Profile::default() },
    }
}
