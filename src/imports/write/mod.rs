//! What was planned, written: some hundred records in a transaction of their own with their audit rows. Whatever ends it early,
//! what is written stays, and a second import finds it.

mod documents;
mod files;
mod organizations;
mod people;

use serde_json::json;

use super::plan::Plan;
use super::record::why;
use super::report::{Counts, Kind, Named, Outcome, Report};
use crate::accounts::Giver;
use crate::app::App;
use crate::base::{Actor, Fault, Result, Secret, Stop};
use crate::store::audit::{self, Event};
use crate::store::client_secrets;
use crate::store::clients::{self, Client};
use crate::store::tenants::{self, Tenant};
use crate::store::users::Role;
use crate::store::webhooks::Scheme;
use crate::tenants::{Counted, give_plan_in, make_room};
use crate::webhooks::NewEndpoint;

/// Writes what was planned for one tenant.
///
/// # Errors
/// The database failed, or the dump is damaged.
pub async fn tenant(app: &App, plan: Plan, report: &mut Report) -> Result<()> {
    let by = Giver { actor: Actor::operator(), highest: Role::Owner, name: None };
    let before = report.counts.clone();
    if plan.is_new {
        make(app, &plan, &by.actor).await?;
    }
    let tenant = tenants::by_id(&app.db, &plan.tenant.id).await?;
    let tenant = tenant.ok_or_else(|| Fault::new("a tenant is gone while it is filled"))?;
    let Plan { called, people, providers, clients, organizations, collections, files, webhook, .. } = plan;
    let place = Place { app, tenant: &tenant, called: &called, by: &by };
    people::write(place, people, &providers, report).await?;
    for client in clients {
        place.client(client, report).await?;
    }
    for (organization, slug) in organizations {
        organizations::write(place, organization, slug, report).await?;
    }
    for collection in &collections {
        documents::write(place, collection, report).await?;
    }
    for file in &files {
        files::write(place, file, report).await?;
    }
    if let Some(webhook) = webhook {
        let scheme = Scheme::Aegis;
        let secret = Some(webhook.secret.expose().to_owned());
        let (url, events) = (webhook.url.clone(), vec!["*".to_owned()]);
        let new = NewEndpoint { url, description: String::new(), events, scheme, secret };
        if let Err(Stop::Refused(refusal)) = app.webhooks.create(&tenant, new, &by.actor).await {
            report.review(&called, &webhook.url, format!("the webhook is not taken: {}", refusal.description));
        }
    }
    place.record(&before, report).await
}

/// Where something is written, and as whom.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) app: &'a App,
    pub(super) tenant: &'a Tenant,
    pub(super) called: &'a str,
    pub(super) by: &'a Giver,
}

/// Makes a tenant that was planned.
async fn make(app: &App, plan: &Plan, by: &Actor) -> Result<()> {
    let mut tx = app.db.begin().await?;
    app.tenants.create_in(&mut tx, &plan.tenant, by).await?;
    if let Some(key) = &plan.key {
        give_plan_in(&mut tx, &app.clock, (&plan.tenant.id, Some(key.as_str())), by).await?;
    }
    Ok(tx.commit().await?)
}

impl Place<'_> {
    /// Says why something that was planned is not here after all.
    pub(super) fn refuse(
        &self,
        (kind, name, old_id): (Kind, &str, &str),
        stop: Stop,
        report: &mut Report,
    ) -> Result<()> {
        let Stop::Refused(_) = stop else { return Err(stop) };
        let named = Named { tenant: self.called, kind, name, old_id };
        report.leave_out(named, Outcome::Refused, why(&stop));
        Ok(())
    }

    async fn client(&self, (client, secret): (Client, Option<Secret>), report: &mut Report) -> Result<()> {
        let (name, id) = (client.name.clone(), client.id.to_string());
        match self.make_client(&client, secret).await {
            Ok(true) => report.count(Kind::Client, Outcome::Created, 1),
            Ok(false) => report.count(Kind::Client, Outcome::Exists, 1),
            Err(stop) => self.refuse((Kind::Client, &name, &id), stop, report)?,
        }
        Ok(())
    }

    async fn make_client(&self, client: &Client, secret: Option<Secret>) -> Result<bool> {
        let (id, now) = (&self.tenant.id, self.app.clock.now());
        let mut tx = self.app.db.begin().await?;
        make_room(&mut tx, self.tenant, Counted::Clients, now).await?;
        if !clients::insert(&mut tx, client).await? {
            return Ok(false);
        }
        if let Some(secret) = &secret {
            client_secrets::add_foreign(&mut tx, id, &client.id, secret, now).await?;
        }
        let event = Event::new(id, now, "client.created").by(&self.by.actor.id).on(client.id.as_str());
        let detail = json!({ "type": client.kind, "scope": client.metadata.scope, "imported": true });
        audit::record(&mut tx, event.detail(detail)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Tells in the trail of the tenant what came, and from where, if anything did.
    async fn record(&self, before: &std::collections::BTreeMap<Kind, Counts>, report: &Report) -> Result<()> {
        let mut came = serde_json::Map::new();
        for (kind, counts) in &report.counts {
            let new = counts.created - before.get(kind).map_or(0, |before| before.created);
            if new > 0 {
                came.insert(serde_json::to_value(kind)?.as_str().unwrap_or_default().to_owned(), new.into());
            }
        }
        if came.is_empty() {
            return Ok(());
        }
        let event = Event::new(&self.tenant.id, self.app.clock.now(), "tenant.imported").by(&self.by.actor.id);
        let detail = json!({ "system": report.system, "created": came });
        Ok(audit::record(&self.app.db, event.on(self.tenant.id.as_str()).detail(detail)).await?)
    }
}
