//! The roles of an organization: those that are built in, and its own.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::shown::ShownRole;
use super::{over, tagged};
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::participant::{OrgsRead, OrgsWrite};
use crate::http::{Body, Data, Participant, Segments};
use crate::organizations::{NewRole, Permissions, RoleWish};
use crate::store::organization_members::BUILT_IN_ROLES;

/// All roles; `meta.permissions` is what there is to be allowed.
pub(super) async fn list(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Segments([id]): Segments<1>,
) -> Result<Data<Vec<ShownRole>>, Unproven> {
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    let catalogue = &caller.tenant.settings.organizations.permissions;
    let built_in = BUILT_IN_ROLES.iter().map(|name| {
        let permissions = Permissions::of_role(name, None, catalogue);
        ShownRole::built_in(name, permissions.names())
    });
    let own = app.organizations.roles(&caller.tenant, &inside).await?;
    let all = built_in.chain(own.iter().map(ShownRole::of)).collect();
    Ok(Data::new(all).meta(json!({ "permissions": Permissions::all(catalogue).names() })))
}

/// Defines one.
pub(super) async fn define(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id]): Segments<1>,
    Body(new): Body<NewRole>,
) -> Result<Response, Unproven> {
    let role = app.organizations.define((&caller.tenant, &caller.who), &id, new).await?;
    Ok(tagged(role.version, Data::created(ShownRole::of(&role))))
}

/// One of the organization's own.
pub(super) async fn show(
    State(app): State<App>,
    caller: Participant<OrgsRead>,
    Segments([id, name]): Segments<2>,
) -> Result<Response, Unproven> {
    let inside = app.organizations.enter(&caller.tenant, &caller.who, &id).await?;
    let role = app.organizations.role(&caller.tenant, &inside, &name).await?;
    Ok(tagged(role.version, Data::new(ShownRole::of(&role))))
}

/// Changes one, for all who have it.
pub(super) async fn change(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id, name]): Segments<2>,
    headers: HeaderMap,
    Body(wish): Body<RoleWish>,
) -> Result<Response, Unproven> {
    let (over, place) = (over(&headers)?, (&**caller.tenant, &caller.who));
    let role = app.organizations.redefine(place, (&id, &name), wish, over.as_deref()).await?;
    Ok(tagged(role.version, Data::new(ShownRole::of(&role))))
}

/// Removes one that nobody has.
pub(super) async fn remove(
    State(app): State<App>,
    caller: Participant<OrgsWrite>,
    Segments([id, name]): Segments<2>,
    headers: HeaderMap,
) -> Result<StatusCode, Unproven> {
    let (over, place) = (over(&headers)?, (&**caller.tenant, &caller.who));
    app.organizations.undefine(place, (&id, &name), over.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
