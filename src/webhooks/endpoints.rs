//! Endpoints, as administrators manage them. Each change and its audit row are one transaction.

use serde_json::{Value, json};

use super::wishes::{Changes, NewEndpoint, Rotation, check, secret_of, unprocessable};
use super::{Webhooks, none, signature};
use crate::base::{Actor, Code, Result, Seconds, Secret, Stop, TenantId, Timestamp};
use crate::keys::Purpose;
use crate::store::audit::{self, Event};
use crate::store::document_counters::last_change;
use crate::store::tenants::Tenant;
use crate::store::webhooks::{self as store, Endpoint, EndpointStatus, SealedSecret};
use crate::store::{Json, Tx, webhook_cursors, webhook_log};

/// Most endpoints of a tenant.
const MOST: i64 = 20;
/// How long the secret before signs besides, unless asked otherwise, and at most.
const OVERLAP: Seconds = Seconds(86_400);
const LONGEST_OVERLAP: Seconds = Seconds(7 * 86_400);
/// Most secrets that sign at the same time.
const MOST_SECRETS: usize = 3;

impl Webhooks {
    /// The endpoint of this id.
    ///
    /// # Errors
    /// There is none.
    pub async fn look_up(&self, tenant: &Tenant, id: &str) -> Result<Endpoint> {
        store::by_id(&self.db, &tenant.id, id).await?.ok_or_else(none)
    }

    /// Up to `limit` endpoints after this id, in the order in which they were made.
    ///
    /// # Errors
    /// The database failed.
    pub async fn page(&self, tenant: &Tenant, after: &str, limit: i64) -> Result<Vec<Endpoint>> {
        Ok(store::page(&self.db, &tenant.id, after, limit).await?)
    }

    /// Makes an endpoint, and gives its secret: the one time that it is shown.
    ///
    /// # Errors
    /// Something of it cannot be, or the tenant has enough.
    pub async fn create(&self, tenant: &Tenant, new: NewEndpoint, by: &Actor) -> Result<(Endpoint, Secret)> {
        let (endpoint, secret) = self.made(tenant, new)?;
        let last = self.last_change(tenant).await?;
        let mut tx = self.db.begin().await?;
        self.create_in(&mut tx, (tenant, &endpoint), last, by).await?;
        tx.commit().await?;
        Ok((endpoint, secret))
    }

    /// The number of the last change of a document, which who is told of documents begins after.
    ///
    /// # Errors
    /// The database failed.
    pub async fn last_change(&self, tenant: &Tenant) -> Result<i64> {
        Ok(last_change(&self.documents, &tenant.id).await?)
    }

    /// The endpoint that a wish becomes, and its secret.
    ///
    /// # Errors
    /// Something of it cannot be.
    pub fn made(&self, tenant: &Tenant, new: NewEndpoint) -> Result<(Endpoint, Secret)> {
        let now = self.clock.now();
        let secret = secret_of(&new)?;
        let endpoint = Endpoint {
            tenant_id: tenant.id.clone(),
            id: uuid::Uuid::now_v7().to_string(),
            url: new.url,
            description: new.description,
            status: EndpointStatus::Enabled,
            disabled_because: None,
            events: Json(new.events),
            scheme: new.scheme,
            sealed_secrets: Json(vec![self.sealed(&tenant.id, &secret)?]),
            failing_since: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        check(&endpoint, &self.outbound)?;
        Ok((endpoint, secret))
    }

    /// Stores an endpoint that was [made](Webhooks::made), within the caller's transaction; `last` was asked before it.
    ///
    /// # Errors
    /// The tenant has enough.
    pub async fn create_in(
        &self,
        tx: &mut Tx,
        (tenant, endpoint): (&Tenant, &Endpoint),
        last: i64,
        by: &Actor,
    ) -> Result<()> {
        // Who begins is behind nobody else: the place is taken before endpoints are counted.
        self.begin(tx, tenant).await?;
        if store::count(&mut *tx, &tenant.id).await? >= MOST {
            return Err(unprocessable("a tenant has 20 webhooks at most"));
        }
        store::insert(&mut *tx, endpoint).await?;
        self.follow_documents(tx, endpoint, last).await?;
        self.record(tx, (endpoint, "webhook.created"), Value::Null, by).await
    }

    /// Changes an endpoint. `expected` is the version that the caller has read, if that matters.
    ///
    /// # Errors
    /// There is none, it is another version, or something of it cannot be.
    pub async fn change(
        &self,
        tenant: &Tenant,
        (id, expected): (&str, Option<i64>),
        changes: Changes,
        by: &Actor,
    ) -> Result<Endpoint> {
        let before = self.at_version(tenant, id, expected).await?;
        let last = self.last_change(tenant).await?;
        let mut tx = self.db.begin().await?;
        let stored = self.change_in(&mut tx, (&before, last), changes, by).await?;
        tx.commit().await?;
        self.written.notify_one();
        Ok(stored)
    }

    /// Changes the endpoint that was read, within the caller's transaction; `last` was asked before it.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile, or something of it cannot be.
    pub async fn change_in(
        &self,
        tx: &mut Tx,
        (before, last): (&Endpoint, i64),
        changes: Changes,
        by: &Actor,
    ) -> Result<Endpoint> {
        let (after, changed) = changes.applied(before);
        check(&after, &self.outbound)?;
        self.follow_documents(tx, &after, last).await?;
        self.store(tx, after, (before, json!({ "changed": changed })), by).await
    }

    /// Gives an endpoint another secret; the one before signs besides for a while, so that receivers can change over.
    ///
    /// # Errors
    /// There is none, it is another version, or the time is too long.
    pub async fn rotate(
        &self,
        tenant: &Tenant,
        (id, expected): (&str, Option<i64>),
        rotation: &Rotation,
        by: &Actor,
    ) -> Result<(Endpoint, Secret)> {
        let overlap = Seconds(rotation.overlap_seconds.unwrap_or(OVERLAP.0));
        if !(0..=LONGEST_OVERLAP.0).contains(&overlap.0) {
            return Err(unprocessable("overlap_seconds is from 0 to 604800"));
        }
        let before = self.at_version(tenant, id, expected).await?;
        let secret = signature::new_secret();
        let mut tx = self.db.begin().await?;
        let stored = self.rotate_in(&mut tx, &before, (&secret, overlap), by).await?;
        tx.commit().await?;
        Ok((stored, secret))
    }

    /// Gives the endpoint that was read this secret, within the caller's transaction.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile.
    pub async fn rotate_in(
        &self,
        tx: &mut Tx,
        before: &Endpoint,
        (secret, overlap): (&Secret, Seconds),
        by: &Actor,
    ) -> Result<Endpoint> {
        let now = self.clock.now();
        let mut secrets = vec![self.sealed(&before.tenant_id, secret)?];
        let until = now.plus(overlap);
        let older = before.sealed_secrets.iter().map(|old| SealedSecret {
            sealed: old.sealed.clone(),
            until: Some(old.until.map_or(until, |earlier| earlier.min(until))),
        });
        secrets.extend(older.filter(|old| old.until.is_some_and(|until| until > now)).take(MOST_SECRETS - 1));
        let after = Endpoint { sealed_secrets: Json(secrets), ..before.clone() };
        self.store(tx, after, (before, json!({ "changed": ["secret"] })), by).await
    }

    /// Removes an endpoint, with everything that was on its way to it.
    ///
    /// # Errors
    /// There is none, or it is another version.
    pub async fn remove(&self, tenant: &Tenant, (id, expected): (&str, Option<i64>), by: &Actor) -> Result<()> {
        let endpoint = self.at_version(tenant, id, expected).await?;
        let mut tx = self.db.begin().await?;
        self.remove_in(&mut tx, &endpoint, by).await?;
        Ok(tx.commit().await?)
    }

    /// As [`Webhooks::remove`], within the caller's transaction.
    ///
    /// # Errors
    /// There is none.
    pub async fn remove_in(&self, tx: &mut Tx, endpoint: &Endpoint, by: &Actor) -> Result<()> {
        let tenant = &endpoint.tenant_id;
        if !store::remove(&mut *tx, tenant, &endpoint.id).await? {
            return Err(none());
        }
        webhook_cursors::end(&mut *tx, tenant).await?;
        webhook_log::remove(&mut *tx, tenant, &endpoint.id).await?;
        self.record(tx, (endpoint, "webhook.deleted"), Value::Null, by).await
    }

    async fn at_version(&self, tenant: &Tenant, id: &str, expected: Option<i64>) -> Result<Endpoint> {
        let found = self.look_up(tenant, id).await?;
        if expected.is_some_and(|expected| expected != found.version) {
            return Err(changed_meanwhile());
        }
        Ok(found)
    }

    async fn store(
        &self,
        tx: &mut Tx,
        after: Endpoint,
        (before, detail): (&Endpoint, Value),
        by: &Actor,
    ) -> Result<Endpoint> {
        let (now, own) = (self.clock.now(), &after.tenant_id);
        if !store::update(&mut *tx, &after, now).await? {
            return Err(changed_meanwhile());
        }
        match (before.status, after.status) {
            (EndpointStatus::Enabled, EndpointStatus::Disabled) => webhook_log::hold(&mut *tx, own, &after.id).await?,
            (EndpointStatus::Disabled, EndpointStatus::Enabled) => {
                webhook_log::release(&mut *tx, own, &after.id, now).await?;
            }
            _ => {}
        }
        let action =
            if after.sealed_secrets == before.sealed_secrets { "webhook.updated" } else { "webhook.secret_rotated" };
        self.record(tx, (&after, action), detail, by).await?;
        Ok(Endpoint { version: after.version + 1, updated_at: now, ..after })
    }

    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        (endpoint, action): (&Endpoint, &str),
        detail: Value,
        by: &Actor,
    ) -> Result<()> {
        let event = Event::new(&endpoint.tenant_id, self.clock.now(), action).by(&by.id).on(&endpoint.id);
        Ok(audit::record(tx, event.detail(detail).from(&by.origin)).await?)
    }

    fn sealed(&self, tenant: &TenantId, secret: &Secret) -> Result<SealedSecret> {
        let sealed = self.keys.seal(Purpose::WebhookSecret, tenant, secret.expose().as_bytes())?;
        Ok(SealedSecret { sealed, until: None::<Timestamp> })
    }
}

fn changed_meanwhile() -> Stop {
    Stop::refuse(Code::PreconditionFailed, "the webhook was changed by somebody else meanwhile")
}
