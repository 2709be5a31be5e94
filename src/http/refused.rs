//! Remembering why a request was refused, for whoever asks with its id later.

use super::context::origin;
use super::routes::{AUTHORIZE, INTROSPECT, REVOKE, TOKEN};
use crate::app::App;
use crate::audit::Met;
use crate::base::{Refusal, Stop};
use crate::tenants::TenantContext;

/// Notes why this request, of whom it says it is of, was refused at the endpoint of this path.
pub fn note(app: &App, tenant: &TenantContext, (path, client): (&str, Option<&str>), refusal: &Refusal) {
    let endpoint = match path {
        AUTHORIZE => "authorize",
        TOKEN => "token",
        INTROSPECT => "introspect",
        REVOKE => "revoke",
        _ => "other",
    };
    app.refusals.note(Met { tenant: &tenant.id, endpoint, client, refusal, origin: origin() });
}

/// As [`note`], of whatever stopped the work: faults are no refusals.
pub fn note_stop(app: &App, tenant: &TenantContext, about: (&str, Option<&str>), stop: &Stop) {
    if let Stop::Refused(refusal) = stop {
        note(app, tenant, about, refusal);
    }
}
