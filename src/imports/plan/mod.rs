//! What an import would do: every rule is asked here, and what is here already is looked at, so that a trial and the
//! import that follows it tell the same. Nothing is written.

mod documents;
mod organizations;
mod people;

use super::Choices;
use super::dump::Collection;
use super::record::{self, File, Organization, Person, Webhook, why};
use super::report::{Kind, Named, Outcome, Report};
use crate::app::App;
use crate::base::{Code, Result, Secret, Slug, Stop, TenantId};
use crate::clients::Registration;
use crate::store::clients::{self, Client, ClientStatus};
use crate::store::providers::{self, IdentityProvider};
use crate::store::tenants::{Tenant, TenantStatus};
use crate::store::{Flag, tenant_plans};
use crate::tenants::{Counted, check_whole};

pub use documents::{ready, refuse};

/// What is to be written in one tenant.
#[derive(Debug)]
pub struct Plan {
    /// What it is called in the report.
    pub called: String,
    /// The tenant, as it is or will be.
    pub tenant: Tenant,
    /// Whether it has to be made.
    pub is_new: bool,
    /// The key of its plan.
    pub key: Option<String>,
    /// New people.
    pub people: Vec<Person>,
    /// Those who sign people in here.
    pub providers: Vec<IdentityProvider>,
    /// New clients, each with the secret it has.
    pub clients: Vec<(Client, Option<Secret>)>,
    /// New organizations, with those of their members who are here.
    pub organizations: Vec<(Organization, Slug)>,
    /// Documents.
    pub collections: Vec<Collection>,
    /// Files.
    pub files: Vec<File>,
    /// Who is told what happens.
    pub webhook: Option<Webhook>,
}

/// Plans one tenant; `None`: nothing of it can be taken.
///
/// # Errors
/// The database failed, or the dump is damaged.
pub async fn tenant(app: &App, found: record::Tenant, choices: &Choices, report: &mut Report) -> Result<Option<Plan>> {
    let Some((tenant, is_new)) = whose(app, &found, choices, report).await? else { return Ok(None) };
    let key = plan_of(app, &found, is_new, report).await?;
    let providers = providers::all(&app.db, &tenant.id).await?;
    let mut plan = Plan {
        called: found.called,
        tenant,
        is_new,
        key,
        people: Vec::new(),
        providers,
        clients: Vec::new(),
        organizations: Vec::new(),
        collections: found.collections,
        files: found.files,
        webhook: found.webhook.filter(|_| is_new),
    };
    people::plan(app, &mut plan, found.people, (choices, &mut *report)).await?;
    for client in found.clients {
        plan.client(app, client, report).await?;
    }
    for organization in found.organizations {
        organizations::plan(app, &mut plan, organization, report).await?;
    }
    plan.look_at_room(app, report).await?;
    Ok(Some(plan))
}

/// Which tenant it is, and whether it has to be made.
async fn whose(
    app: &App,
    found: &record::Tenant,
    choices: &Choices,
    report: &mut Report,
) -> Result<Option<(Tenant, bool)>> {
    let called = found.called.as_str();
    let old_id = found.id.as_ref().map_or("", TenantId::as_str);
    let named = Named { tenant: called, kind: Kind::Tenant, name: &found.name, old_id };
    let chosen = choices.slugs.get(called).map_or(found.slug.as_str(), Slug::as_str);
    let other = format!("give it another: --slug {called}=SLUG");
    let slug = match chosen.parse::<Slug>() {
        Ok(slug) => slug,
        Err(why) => {
            report.leave_out(named, Outcome::Refused, format!("`{chosen}` cannot be its slug: {why}; {other}"));
            return Ok(None);
        }
    };
    if slug.as_str() == Slug::SYSTEM {
        let why = format!("`{slug}` is the operators' own, and nobody becomes one of them by being imported; {other}");
        report.leave_out(named, Outcome::Refused, why);
        return Ok(None);
    }
    let by_id = match &found.id {
        Some(id) => any(app, id.as_str()).await?,
        None => None,
    };
    let by_slug = any(app, slug.as_str()).await?;
    match (by_id, by_slug) {
        (Some(tenant), _) => Ok(exists(tenant, named, report)),
        (None, Some(tenant)) if found.id.is_none() => Ok(exists(tenant, named, report)),
        (None, Some(_)) => {
            report.leave_out(named, Outcome::Collision, format!("another tenant has the slug `{slug}`; {other}"));
            Ok(None)
        }
        (None, None) => {
            let tenant = made(app, found, slug);
            if let Err(stop) = check_whole(&tenant) {
                report.leave_out(named, Outcome::Refused, why(&stop));
                return Ok(None);
            }
            report.count(Kind::Tenant, Outcome::Created, 1);
            Ok(Some((tenant, true)))
        }
    }
}

/// The tenant of this id or slug, deleted ones included.
async fn any(app: &App, named: &str) -> Result<Option<Tenant>> {
    match app.tenants.any(named).await {
        Ok(tenant) => Ok(Some(tenant)),
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => Ok(None),
        Err(stop) => Err(stop),
    }
}

fn exists(tenant: Tenant, named: Named<'_>, report: &mut Report) -> Option<(Tenant, bool)> {
    if tenant.status == TenantStatus::Deleted {
        report.leave_out(
            named,
            Outcome::Refused,
            "it is here and was deleted: restore it first (`chancery tenant restore`)",
        );
        return None;
    }
    report.count(Kind::Tenant, Outcome::Exists, 1);
    Some((tenant, false))
}

fn made(app: &App, found: &record::Tenant, slug: Slug) -> Tenant {
    let now = app.clock.now();
    let mut tenant = Tenant::new(slug, found.name.trim(), found.settings.clone(), now);
    tenant.id = found.id.clone().unwrap_or(tenant.id);
    tenant.created_at = found.created_at.filter(|at| *at <= now && at.0 >= 0).unwrap_or(now);
    tenant.status = if found.active { TenantStatus::Active } else { TenantStatus::Suspended };
    tenant.life.deletion_protected = Flag(found.protected);
    tenant
}

/// The plan that a new tenant had there, if there is one of this key here.
async fn plan_of(app: &App, found: &record::Tenant, is_new: bool, report: &mut Report) -> Result<Option<String>> {
    let Some(key) = found.plan.as_deref().filter(|_| is_new) else { return Ok(None) };
    if tenant_plans::by_key(&app.db, key).await?.is_some() {
        return Ok(Some(key.to_owned()));
    }
    report.warn(&found.called, "plan", format!("there is no plan `{key}` here: it has the one that all others have"));
    Ok(None)
}

impl Plan {
    async fn client(&mut self, app: &App, was: record::Client, report: &mut Report) -> Result<()> {
        let Registration { id, name, .. } = &was.wish;
        let (id, name) = (id.clone(), name.clone().unwrap_or_default());
        let called = self.called.clone();
        let old_id = id.as_ref().map(ToString::to_string).unwrap_or_default();
        let named = Named { tenant: &called, kind: Kind::Client, name: &name, old_id: &old_id };
        let mut client = match was.wish.into_client(&self.tenant, app.config.is_loopback(), app.clock.now()) {
            Ok(client) => client,
            Err(stop) => {
                report.leave_out(named, Outcome::Refused, why(&stop));
                return Ok(());
            }
        };
        if clients::by_id(&app.db, &self.tenant.id, &client.id).await?.is_some() {
            report.count(Kind::Client, Outcome::Exists, 1);
            return Ok(());
        }
        if !was.active {
            client.status = ClientStatus::Disabled;
        }
        self.clients.push((client, was.secret));
        Ok(())
    }

    /// Warns of a plan that has no room for all of them; who comes last is refused then.
    async fn look_at_room(&self, app: &App, report: &mut Report) -> Result<()> {
        let key = self.key.as_deref().or_else(|| self.is_new.then_some("default"));
        let limits = match key {
            Some(key) => tenant_plans::by_key(&app.db, key).await?.map(|plan| plan.terms.limits).unwrap_or_default(),
            None => self.tenant.held.allowance(),
        };
        let used = crate::store::tenant_usage::of_tenant(&app.db, &self.tenant.id, app.clock.now()).await?;
        for (what, more) in [
            (Counted::Users, self.people.len()),
            (Counted::Clients, self.clients.len()),
            (Counted::Organizations, self.organizations.len()),
        ] {
            let used = used.get(what.as_str()).copied().unwrap_or_default();
            let all = u64::try_from(used).unwrap_or_default() + more as u64;
            if limits.of(what).is_some_and(|limit| all > limit) {
                let text = format!("its plan has no room for all {}: those that come last are refused", what.as_str());
                report.warn(&self.called, "plan", text);
            }
        }
        Ok(())
    }

    /// Counts what a trial leaves undone.
    ///
    /// # Errors
    /// The dump is damaged, or the database failed.
    pub async fn count(&self, app: &App, report: &mut Report) -> Result<()> {
        let links = self.people.iter().map(|person| person.identities.len()).sum::<usize>();
        let members = self.organizations.iter().map(|(organization, _)| organization.members.len()).sum::<usize>();
        for (kind, many) in [
            (Kind::Person, self.people.len()),
            (Kind::Identity, links),
            (Kind::Client, self.clients.len()),
            (Kind::Organization, self.organizations.len()),
            (Kind::Member, members),
        ] {
            report.count(kind, Outcome::Created, many as u64);
        }
        documents::count(app, self, report).await
    }
}
