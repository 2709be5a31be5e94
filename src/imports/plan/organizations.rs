//! Organizations that come, and who of their members is here.

use std::collections::HashSet;

use super::Plan;
use crate::app::App;
use crate::base::{Result, Slug, UserId};
use crate::imports::record::{Organization, slug_of};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::organizations::{check_metadata, checked_name};
use crate::store::organization_members::BUILT_IN_ROLES;
use crate::store::{organizations, users};

/// Plans one organization.
///
/// # Errors
/// The database failed.
pub(super) async fn plan(app: &App, plan: &mut Plan, mut found: Organization, report: &mut Report) -> Result<()> {
    let (called, name, old_id) = (plan.called.clone(), found.name.clone(), found.id.to_string());
    let named = Named { tenant: &called, kind: Kind::Organization, name: &name, old_id: &old_id };
    let fits = checked_name(&found.name).and_then(|_| check_metadata(&found.metadata));
    if let Err(refusal) = fits {
        report.leave_out(named, Outcome::Refused, refusal.description);
        return Ok(());
    }
    let Some(slug) = slug(&found, plan, report) else {
        report.leave_out(named, Outcome::Refused, "neither its slug nor its name can be a slug here");
        return Ok(());
    };
    let tenant = &plan.tenant.id;
    if organizations::find(&app.db, tenant, found.id.as_str()).await?.is_some() {
        report.count(Kind::Organization, Outcome::Exists, 1);
        return Ok(());
    }
    let planned = plan.organizations.iter().any(|(_, known)| *known == slug);
    if planned || organizations::find(&app.db, tenant, slug.as_str()).await?.is_some() {
        report.leave_out(named, Outcome::Collision, format!("another organization has the slug `{slug}`"));
        return Ok(());
    }
    found.members = members(app, plan, &found, report).await?;
    plan.organizations.push((found, slug));
    Ok(())
}

/// The slug that it had, or one made of it.
fn slug(found: &Organization, plan: &Plan, report: &mut Report) -> Option<Slug> {
    if let Ok(slug) = found.slug.parse() {
        return Some(slug);
    }
    let slug = [&found.slug, &found.name].into_iter().find_map(|text| slug_of(text).parse::<Slug>().ok())?;
    report.warn(&plan.called, &found.name, format!("has the slug `{slug}` here: `{}` cannot be one", found.slug));
    Some(slug)
}

async fn members(
    app: &App,
    plan: &Plan,
    found: &Organization,
    report: &mut Report,
) -> Result<Vec<(UserId, String, Option<crate::base::Timestamp>)>> {
    let planned: HashSet<&str> = plan.people.iter().filter_map(|person| person.account.id.as_deref()).collect();
    let mut kept = Vec::new();
    for (user, role, since) in &found.members {
        let here = planned.contains(user.as_str()) || users::by_id(&app.db, &plan.tenant.id, user).await?.is_some();
        let name = format!("{}: {user}", found.name);
        let named = Named { tenant: &plan.called, kind: Kind::Member, name: &name, old_id: user.as_str() };
        if !here {
            report.leave_out(named, Outcome::Skipped, "the person was left out");
            continue;
        }
        let known = BUILT_IN_ROLES.contains(&role.as_str());
        if !known {
            report.warn(&plan.called, &name, format!("is a member here: there is no role `{role}`"));
        }
        let role = if known { role.as_str() } else { "member" };
        kept.push((user.clone(), role.to_owned(), *since));
    }
    Ok(kept)
}
