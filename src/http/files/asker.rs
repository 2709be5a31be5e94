//! Who asks for files: a caller with a token or key, a person in a browser, or whoever holds a signed link.

use crate::app::App;
use crate::base::{Actor, Proven, Result, TenantId};
use crate::entitlements::Entitled;
use crate::files::Asker;
use crate::files::links::Bring;
use crate::http::bearer::Unproven;
use crate::http::context::origin;
use crate::http::resource::{Action, Archive, Caller};
use crate::organizations::Belonging;
use crate::query::Variables;
use crate::sessions::SignedIn;
use crate::store::archive_usage::Ceiling;
use crate::tenants::TenantContext;

/// The caller of the API.
///
/// # Errors
/// The person behind the token may not act any more, or the database failed.
pub async fn asker_of(app: &App, caller: &Caller<Archive>) -> Result<Asker, Unproven> {
    let role = caller.role(app).await?;
    let entitled = app.entitlements.of(&caller.tenant.id, caller.subject()).await?;
    let mut asker = asker(&caller.tenant, caller.subject(), &entitled, caller.actor());
    let place = caller.belonging(app).await?;
    let there = place.as_ref().map(Belonging::named_role);
    let roles: Vec<String> = role.iter().map(|role| role.as_str().to_owned()).chain(there).collect();
    asker.variables = asker.variables.with("$$auth.roles", roles).with("$$auth.scopes", caller.scope().tokens());
    if let Some(place) = place {
        let known = asker.variables.with("$$auth.organization", place.id.as_str());
        asker.variables = known.with("$$auth.permissions", place.permissions);
    }
    if let Some(client) = caller.client_id() {
        asker.variables = asker.variables.with("$$auth.client_id", client);
    }
    asker.proven = caller.proven();
    asker.key = caller.key().cloned();
    asker.admin = caller.is(Action::Admin);
    Ok(asker)
}

/// Somebody in a browser, with their own files.
///
/// # Errors
/// The database failed.
pub async fn asker_of_person(app: &App, tenant: &TenantContext, who: &SignedIn) -> Result<Asker> {
    let id = who.user.id.as_str();
    let entitled = app.entitlements.of(&tenant.id, id).await?;
    let mut asker = asker(tenant, id, &entitled, Actor { id: id.to_owned(), origin: origin() });
    asker.variables = asker.variables.with("$$auth.roles", vec![who.user.role.as_str()]);
    asker.proven = Some(Proven { level: who.level(), at: Some(who.session.auth_time) });
    Ok(asker)
}

/// Whoever holds a link to bring a file: it will be its maker's, who was allowed to when the link was made.
///
/// # Errors
/// The database failed.
pub async fn asker_of_link(app: &App, tenant: &TenantContext, bring: &Bring) -> Result<Asker> {
    let entitled = app.entitlements.of(&tenant.id, &bring.owner).await?;
    let mut asker = asker(tenant, &bring.owner, &entitled, Actor { id: "link".to_owned(), origin: origin() });
    asker.admin = true;
    if let Some(kind) = &bring.kind {
        asker.settings.types = vec![kind.clone()];
    }
    Ok(asker)
}

fn asker(tenant: &TenantContext, subject: &str, entitled: &Entitled, by: Actor) -> Asker {
    let variables = Variables::default()
        .with("$$auth.sub", subject)
        .with("$$auth.tenant", tenant.id.as_str())
        .with("$$auth.features", entitled.features.clone());
    let (plan, quotas) = (entitled.plans.first(), tenant.quotas());
    Asker {
        tenant: TenantId::clone(&tenant.id),
        settings: tenant.settings.archive.clone(),
        subject: subject.to_owned(),
        proven: None,
        key: None,
        admin: false,
        variables: plan.map_or(variables.clone(), |plan| variables.with("$$auth.plan", plan.as_str())),
        of_tenant: Ceiling { files: quotas.files, bytes: quotas.file_bytes },
        own: Ceiling { files: entitled.quotas.files, bytes: entitled.quotas.file_bytes },
        plans: entitled.plans.clone(),
        by,
    }
}
