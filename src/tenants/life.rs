//! The life of a tenant, as its operators decide it: suspended and activated, protected, deleted, brought back, and
//! removed for good.

use serde_json::json;

use super::Tenants;
use super::manage::check_whole;
use super::settings::stale;
use crate::base::{Actor, Code, Fault, Result, Seconds, Slug, Stop, TenantId, Timestamp};
use crate::keys::LONGEST_TOKEN;
use crate::store::audit::{self, Event};
use crate::store::tenant_directory::{self as directory, Count, Wanted};
use crate::store::tenants::{self as store, Life, Tenant, TenantStatus};
use crate::store::{Tx, endings};

/// Most tenants that a round ends or removes.
const BATCH: i64 = 20;

impl Tenants {
    /// The tenant of this id or slug, from the database, deleted ones included.
    ///
    /// # Errors
    /// There is none.
    pub async fn any(&self, named: &str) -> Result<Tenant> {
        let found = directory::any(&self.db, named).await?;
        found.ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such tenant"))
    }

    /// Some tenants, in the order of their slugs.
    pub async fn list(&self, wanted: Wanted) -> Result<Vec<Tenant>> {
        Ok(directory::list(&self.db, wanted).await?)
    }

    /// What tenants are called: id, slug, and name for people.
    pub async fn called(&self, ids: &[TenantId]) -> Result<Vec<(TenantId, Slug, String)>> {
        Ok(directory::named(&self.db, ids).await?)
    }

    /// How many there are of each status.
    pub async fn counts(&self) -> Result<Vec<Count>> {
        Ok(directory::counts(&self.db).await?)
    }

    /// Up to `limit` tenants that want to be found by strangers, after this slug.
    pub async fn discoverable(&self, after: &str, limit: i64) -> Result<Vec<Tenant>> {
        Ok(directory::discoverable(&self.db, after, self.clock.now(), limit).await?)
    }

    /// Lets a tenant answer nobody until it is activated; its tokens are refused from now on.
    ///
    /// # Errors
    /// It is the operators' own, or deleted.
    pub async fn suspend(&self, tenant: Tenant, by: &Actor) -> Result<Tenant> {
        self.turn(tenant, TenantStatus::Suspended, by).await
    }

    /// Lets a suspended tenant answer again.
    ///
    /// # Errors
    /// It is deleted.
    pub async fn activate(&self, tenant: Tenant, by: &Actor) -> Result<Tenant> {
        self.turn(tenant, TenantStatus::Active, by).await
    }

    async fn turn(&self, tenant: Tenant, status: TenantStatus, by: &Actor) -> Result<Tenant> {
        must_not_be_ours(&tenant)?;
        if tenant.status == TenantStatus::Deleted {
            return Err(Stop::refuse(Code::Conflict, "this tenant is deleted; it can be restored"));
        }
        if tenant.status == status {
            return Ok(tenant);
        }
        let action = if status == TenantStatus::Active { "tenant.activated" } else { "tenant.suspended" };
        self.become_so(Tenant { status, ..tenant }, action, by).await
    }

    /// Deletes a tenant: from now on it is nobody, and after some days everything that it had is removed. Deleting it
    /// again changes nothing.
    ///
    /// # Errors
    /// It is the operators' own, or protected.
    pub async fn delete(&self, tenant: Tenant, by: &Actor) -> Result<Tenant> {
        must_not_be_ours(&tenant)?;
        if tenant.life.deletion_protected.0 {
            let why = "this tenant is protected from deletion; take the protection back first";
            return Err(Stop::refuse(Code::DeletionProtected, why));
        }
        if tenant.status == TenantStatus::Deleted {
            return Ok(tenant);
        }
        let now = self.clock.now();
        let life = Life { deleted_at: Some(now), purge_at: Some(now.plus(self.kept)), ..tenant.life };
        self.become_so(Tenant { status: TenantStatus::Deleted, life, ..tenant }, "tenant.deleted", by).await
    }

    /// Brings a deleted tenant back, as it was; it lives without end, should it have had one.
    ///
    /// # Errors
    /// It is not deleted, or it is too late.
    pub async fn restore(&self, tenant: Tenant, by: &Actor) -> Result<Tenant> {
        if tenant.status != TenantStatus::Deleted {
            return Err(Stop::refuse(Code::Conflict, "this tenant is not deleted"));
        }
        if tenant.life.purge_at.is_some_and(|at| at <= self.clock.now()) {
            return Err(Stop::refuse(Code::Conflict, "it is too late: what this tenant had is being removed"));
        }
        let life = Life { deletion_protected: tenant.life.deletion_protected, ..Life::default() };
        self.become_so(Tenant { status: TenantStatus::Active, life, ..tenant }, "tenant.restored", by).await
    }

    /// Whatever it becomes, all that was begun in it is over (R15): who comes back signs in anew, and no token that was
    /// out comes to life with the tenant. What somebody is known by stays: passwords, client secrets, API keys.
    async fn become_so(&self, tenant: Tenant, action: &str, by: &Actor) -> Result<Tenant> {
        check_whole(&tenant)?;
        let now = self.clock.now();
        // What another node issued before it heard of the end is over, too; what is issued from now on is not.
        let until = if tenant.status == TenantStatus::Active { now.minus(Seconds(1)) } else { now };
        let mut tx = self.db.begin().await?;
        let until = until.max(tenant.updated_at.min(now));
        let (sessions, grants) = endings::of_tenant(&mut tx, &tenant.id, (until, now), LONGEST_TOKEN).await?;
        let detail = json!({ "ended": { "sessions": sessions, "grants": grants } });
        self.change_in(&mut tx, &tenant, (action, detail, now), by).await?;
        tx.commit().await?;
        self.forget();
        self.any(tenant.id.as_str()).await
    }

    /// Forgets what is remembered of tenants: something that leads to one has changed.
    pub fn forget(&self) {
        self.known.invalidate_all();
    }

    /// Somebody else has changed tenants here, in a transaction of theirs that is stored by now.
    pub fn changed(&self) {
        self.forget();
    }

    /// Brings the issuer of a tenant that has lost this domain back to the platform.
    pub(super) async fn leave_domain(&self, tx: &mut Tx, id: &TenantId, domain: &str) -> Result<()> {
        let Some(mut tenant) = directory::any(&mut *tx, id.as_str()).await? else { return Ok(()) };
        if tenant.settings.domain.as_deref() != Some(domain) {
            return Ok(());
        }
        tenant.settings.0.domain = None;
        if store::update(tx, &tenant, self.clock.now()).await? { Ok(()) } else { Err(stale()) }
    }

    /// Deletes the tenants whose time has ended; answers how many.
    ///
    /// # Errors
    /// The database failed; what was deleted before stays so.
    pub async fn expire(&self) -> Result<u64> {
        directory::keep_proven(&self.db, self.clock.now()).await?;
        let (mut ended, by) = (0, Actor::operator());
        for tenant in directory::expired(&self.db, self.clock.now(), BATCH).await? {
            self.delete(tenant, &by).await?;
            ended += 1;
        }
        Ok(ended)
    }

    /// The deleted tenants that nobody can bring back any more: everything of theirs is to be removed, by the caller.
    pub async fn due(&self) -> Result<Vec<Tenant>> {
        let now = self.clock.now();
        let mut due = Vec::new();
        for tenant in directory::due(&self.db, now, BATCH).await? {
            if directory::claim(&self.db, &tenant, now).await? {
                due.push(tenant);
            }
        }
        Ok(due)
    }

    /// Removes the last trace of a tenant, of which nothing else is left; its operators' trail tells of it.
    ///
    /// # Errors
    /// Something of it is left.
    pub async fn erase(&self, tenant: &Tenant) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !directory::erase(&mut tx, &tenant.id, now).await? {
            return Ok(false);
        }
        if let Some(event) = self.for_operators(&mut tx, tenant, ("tenant.purged", now)).await? {
            audit::record(&mut tx, event).await?;
        }
        tx.commit().await?;
        self.known.invalidate_all();
        Ok(true)
    }

    /// What the operators' own trail tells of a tenant whose trail goes with it.
    pub(super) async fn for_operators(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (action, now): (&str, Timestamp),
    ) -> Result<Option<Event>> {
        let slug: Slug = Slug::SYSTEM.parse().map_err(Fault::new)?;
        let Some(system) = store::by_slug(tx, &slug).await? else { return Ok(None) };
        let detail = json!({ "slug": tenant.slug, "name": tenant.name });
        Ok(Some(Event::new(&system.id, now, action).on(tenant.id.as_str()).detail(detail)))
    }
}

/// Without their own tenant, operators could not come in again.
fn must_not_be_ours(tenant: &Tenant) -> Result<()> {
    if tenant.slug.as_str() == Slug::SYSTEM {
        return Err(Stop::refuse(Code::Forbidden, "the operators' own tenant cannot be suspended or deleted"));
    }
    Ok(())
}
