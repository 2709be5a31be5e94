//! Messages as `ByteForge` Aegis writes them, for receivers that were written for it: one flat object about a user.

use serde_json::json;

use super::payload::{About, Objects};
use crate::base::Timestamp;
use crate::store::audit::Event;
use crate::store::tenants::Tenant;
use crate::store::users::Role;

/// The body of an event.
pub(super) fn body(tenant: &Tenant, event: &Event, kind: &str, objects: &Objects) -> String {
    written(tenant, (event.id.as_str(), kind, event.at), objects.person.as_ref())
}

/// The body of a message about this person, or about nobody.
pub(super) fn written(tenant: &Tenant, (id, kind, at): (&str, &str, Timestamp), person: Option<&About>) -> String {
    let role = person.map(|person| if person.role.rank() >= Role::Admin.rank() { "admin" } else { "user" });
    json!({
        "event_id": id,
        "event_type": kind,
        "site_uuid": tenant.id,
        "user_uuid": person.map(|person| &person.id),
        "email": person.and_then(|person| person.email.as_ref()),
        "aegis_role": role,
        "timestamp": at.0,
    })
    .to_string()
}
