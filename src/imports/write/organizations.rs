//! Organizations, written: each with its members.

use serde_json::json;

use super::Place;
use crate::base::{Result, Slug};
use crate::imports::record::Organization;
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::store::audit::Event;
use crate::store::organizations::{self, OrganizationSettings};
use crate::store::{Flag, Json, organization_events, organization_members, users};
use crate::tenants::{Counted, make_room};

/// Writes one organization.
///
/// # Errors
/// The database failed.
pub(super) async fn write(place: Place<'_>, found: Organization, slug: Slug, report: &mut Report) -> Result<()> {
    let (name, old_id) = (found.name.clone(), found.id.to_string());
    match make(place, found, slug, report).await {
        Ok(true) => report.count(Kind::Organization, Outcome::Created, 1),
        Ok(false) => {
            let named = Named { tenant: place.called, kind: Kind::Organization, name: &name, old_id: &old_id };
            report.leave_out(named, Outcome::Collision, "another organization has its slug meanwhile");
        }
        Err(stop) => place.refuse((Kind::Organization, &name, &old_id), stop, report)?,
    }
    Ok(())
}

async fn make(place: Place<'_>, found: Organization, slug: Slug, report: &mut Report) -> Result<bool> {
    let (tenant, now) = (&place.tenant.id, place.app.clock.now());
    let created_at = found.created_at.filter(|at| *at <= now && at.0 >= 0).unwrap_or(now);
    let new = organizations::Organization {
        tenant_id: tenant.clone(),
        id: found.id,
        slug,
        name: found.name.trim().to_owned(),
        status: found.status,
        settings: Json(OrganizationSettings { domains: Vec::new(), second_factor: found.second_factor }),
        metadata: Json(found.metadata),
        protected: Flag(false),
        version: 1,
        created_at,
        updated_at: created_at,
    };
    let mut tx = place.app.db.begin().await?;
    make_room(&mut tx, place.tenant, Counted::Organizations, now).await?;
    if !organizations::insert(&mut tx, &new).await? {
        return Ok(false);
    }
    let mut joined = 0;
    for (user, role, since) in found.members {
        if users::by_id(&mut tx, tenant, &user).await?.is_some() {
            let since = since.filter(|at| *at <= now).unwrap_or(now);
            joined += u64::from(organization_members::add(&mut tx, (tenant, &new.id), &user, &role, since).await?);
        }
    }
    let event = Event::new(tenant, now, "organization.created").by(&place.by.actor.id).on(new.id.as_str());
    let detail = json!({ "name": new.name, "members": joined, "imported": true });
    organization_events::record(&mut tx, &new.id, event.detail(detail)).await?;
    tx.commit().await?;
    report.count(Kind::Member, Outcome::Created, joined);
    Ok(true)
}
