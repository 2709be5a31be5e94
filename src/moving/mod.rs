//! Tenants that move: into a file, out of one, and as a copy of another. A file holds everything that a tenant is, under a
//! passphrase, and is the same whichever database it comes from and goes to.

mod arriving;
mod copy;
mod edits;
mod envelope;
mod export;
mod import;
mod item;
mod leaving;
mod lines;
mod seals;
mod tables;
#[cfg(test)]
mod tests;

use crate::audit::Audit;
use crate::base::{Clock, Code, Result, Slug, Stop, TenantId};
use crate::blobs::Blobs;
use crate::keys::Keys;
use crate::store::tenants::{Tenant, TenantStatus};
use crate::store::{Db, DocumentDb, document_purge, tenant_directory, tenant_purge, tenant_tables};
use crate::tenants::{Tenants, check_whole};

pub use copy::{Copied, Copying};
pub use export::Exported;
pub use import::{Imported, Importing};
pub use item::Carried;
pub use lines::Head;

use arriving::Arriving;
use edits::Wanted;

/// The service. Cloning shares everything.
#[derive(Clone, Debug)]
pub struct Moving {
    db: Db,
    documents: DocumentDb,
    clock: Clock,
    blobs: Blobs,
    keys: Keys,
    audit: Audit,
    tenants: Tenants,
}

impl Moving {
    /// Over these databases, this store of bytes and these services.
    #[must_use]
    pub fn new(
        (db, documents): (Db, DocumentDb),
        clock: Clock,
        blobs: Blobs,
        (keys, audit): (Keys, Audit),
        tenants: Tenants,
    ) -> Self {
        Self { db, documents, clock, blobs, keys, audit, tenants }
    }

    /// What stands against a tenant of this id and slug, with these proven domains; nothing, where it can be.
    async fn collisions(&self, id: &TenantId, slug: &Slug, domains: &[String]) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for (named, what) in [(id.as_str(), "id"), (slug.as_str(), "slug")] {
            let Some(tenant) = tenant_directory::any(&self.db, named).await? else { continue };
            let until = tenant.life.purge_at.map(|at| format!("; it is deleted, and removed after {}", at.rfc3339()));
            found.push(format!("there is a tenant of the {what} {named}{}", until.unwrap_or_default()));
        }
        for domain in domains {
            let holder = crate::store::tenant_domains::holder(&self.db, domain).await?;
            if holder.is_some_and(|holder| holder.tenant_id != *id) {
                found.push(format!("another tenant has the domain {domain}"));
            }
        }
        Ok(found)
    }

    /// Looks once more at what has arrived, and lets it be somebody.
    async fn land(
        &self,
        mut arrived: Arriving<'_>,
        wanted: &Wanted,
        event: crate::store::audit::Event,
    ) -> Result<Tenant> {
        arrived.flush().await?;
        let none = || Stop::refuse(Code::Unprocessable, "the file has no tenant in it");
        let found = tenant_directory::any(&self.db, wanted.id.as_str()).await?.ok_or_else(none)?;
        check_whole(&found)?;
        let mut tx = self.db.begin().await?;
        if !tenant_tables::land(&mut tx, &wanted.id, &wanted.slug, &arrived.status).await? {
            return Err(Stop::refuse(Code::Conflict, "meanwhile somebody took the slug, or removed what had arrived"));
        }
        if arrived.has_webhooks && matches!(wanted.how, edits::How::Copied { .. }) {
            crate::store::webhook_cursors::begin(&mut tx, &wanted.id, 0).await?;
        }
        crate::store::audit::record(&mut tx, event).await?;
        tx.commit().await?;
        self.tenants.any(wanted.id.as_str()).await
    }

    /// Removes what did not arrive as a whole. What cannot be removed now, the round of deleted tenants removes.
    async fn sweep(&self, tenant: &TenantId) {
        let swept: Result<()> = async {
            let found = tenant_directory::any(&self.db, tenant.as_str()).await?;
            // Whoever does not know whether it landed has to look.
            if found.is_none_or(|found| found.status != TenantStatus::Deleted) {
                return Ok(());
            }
            self.blobs.clear(tenant).await?;
            document_purge::purge(&self.documents, tenant).await?;
            tenant_purge::rows(&self.db, tenant).await?;
            tenant_tables::strand(&self.db, tenant, self.clock.now()).await?;
            tenant_directory::erase(&self.db, tenant, self.clock.now()).await?;
            Ok(())
        }
        .await;
        if swept.is_err() {
            tracing::warn!(tenant = tenant.as_str(), "a tenant that did not arrive waits to be removed");
        }
    }
}

/// Whether a tenant is one that can go.
fn must_be_there(tenant: &Tenant) -> Result<()> {
    if tenant.slug.as_str() == Slug::SYSTEM {
        return Err(Stop::refuse(Code::Forbidden, "the operators' own tenant belongs to its server"));
    }
    if tenant.status == TenantStatus::Deleted {
        return Err(Stop::refuse(Code::Conflict, "this tenant is deleted; it can be restored"));
    }
    Ok(())
}
