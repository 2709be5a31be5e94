//! A plan comes true: everything that is kept with identity in one transaction, then collections one by one, which on
//! SQLite have a database of their own. What is cut off in between is finished by doing the same again.

use super::kinds::{Kind, Record};
use super::plan::{Change, Plan};
use super::secrets::State;
use super::things::collections;
use crate::app::App;
use crate::base::{Actor, Code, Refusal, Result, Seconds, Secret};
use crate::store::Tx;
use crate::store::tenants::Tenant;

/// How long the secret before works besides one that is set.
pub(super) const OVERLAP: Seconds = Seconds(86_400);

/// A plan that is coming true.
#[derive(Debug)]
pub(super) struct Applying<'a> {
    /// The services.
    pub(super) app: &'a App,
    /// The one transaction.
    pub(super) tx: Tx,
    /// The tenant as it is by now.
    pub(super) tenant: Tenant,
    /// Who does it.
    pub(super) by: Actor,
    /// The number of the last change of a document before it began.
    pub(super) last_change: i64,
    /// Whether what people have paid for has to be looked at again.
    pub(super) plans_changed: bool,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Done {
    /// How many things became others.
    pub things: usize,
    /// Secrets that were made, by what they are of. They are shown this once.
    pub made: Vec<(String, Secret)>,
}

/// Brings a plan about.
///
/// # Errors
/// A secret is needed and not to be found, or somebody else changed something meanwhile; then nothing of what is kept
/// with identity is changed.
pub async fn apply(app: &App, plan: &Plan, by: &Actor) -> Result<Done> {
    must_be_whole(plan)?;
    let (collections, rows): (Vec<&Change>, Vec<&Change>) =
        plan.changes.iter().partition(|change| change.kind == Kind::Collection);
    let mut tenant = plan.tenant.clone();
    if !rows.is_empty() {
        tenant = Box::pin(in_one_transaction(app, (plan, &rows), by)).await?;
    }
    for change in collections {
        let from_to = (change.before.as_ref(), change.after.as_ref());
        collections::apply(app, (&tenant, by), &change.key, from_to).await?;
    }
    let wants = plan.changes.iter().filter_map(|change| Some((change, change.after.as_ref()?)));
    let made = wants.flat_map(|(change, after)| {
        after.wants.iter().filter_map(|want| match &want.state {
            State::Made(secret) => Some((format!("{}.{}", change.name(), want.member.join(".")), secret.clone())),
            _ => None,
        })
    });
    Ok(Done { things: plan.changes.len(), made: made.collect() })
}

async fn in_one_transaction(app: &App, (plan, rows): (&Plan, &[&Change]), by: &Actor) -> Result<Tenant> {
    let last_change = app.webhooks.last_change(&plan.tenant).await?;
    let (tx, tenant) = (app.db.begin().await?, plan.tenant.clone());
    let mut applying = Applying { app, tx, tenant, by: by.clone(), last_change, plans_changed: false };
    for change in rows {
        let from_to = (change.before.as_ref(), change.after.as_ref());
        if plan.makes && change.kind == Kind::Tenant {
            applying.make(change).await?;
            continue;
        }
        applying.thing((change.kind, &change.key), from_to).await?;
    }
    let Applying { tx, tenant, plans_changed, .. } = applying;
    tx.commit().await?;
    app.tenants.forget();
    for change in rows.iter().filter(|change| change.kind == Kind::Client) {
        app.clients.forget(&tenant.id, &change.key.as_str().into()).await;
    }
    if plans_changed {
        app.payments.plans_changed(&tenant).await?;
    }
    Ok(tenant)
}

impl Applying<'_> {
    async fn make(&mut self, change: &Change) -> Result<()> {
        if let Some(Record::Name(name)) = change.after.as_ref().map(|after| &after.record) {
            self.tenant.name.clone_from(name);
        }
        self.app.tenants.create_in(&mut self.tx, &self.tenant, &self.by).await
    }

    /// Stores the tenant's name and settings as they are by now.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile, or has its domain.
    pub(super) async fn store_tenant(&mut self, (action, detail): (&str, serde_json::Value)) -> Result<()> {
        let Self { app, tx, tenant, by, .. } = self;
        app.tenants.change_in(tx, tenant, (action, detail, app.clock.now()), by).await?;
        tenant.version += 1;
        Ok(())
    }
}

/// Refuses a plan that needs a secret which is not to be found.
fn must_be_whole(plan: &Plan) -> Result<()> {
    let missing = plan.changes.iter().flat_map(|change| {
        let wants = change.after.iter().flat_map(|after| &after.wants);
        wants.filter(|want| matches!(want.state, State::Missing)).map(|want| {
            let place = want.reference.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            format!("{}.{} ({place})", change.name(), want.member.join("."))
        })
    });
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    let sentence = format!("a new thing needs its secret, and it is not to be found: {}", missing.join(", "));
    let hint = "with --generate-secrets those of clients and webhooks are made and shown once";
    Err(Refusal::new(Code::Unprocessable, sentence).hint(hint).into())
}
