//! A tenant becomes a file.

use serde::Serialize;
use tokio::io::AsyncWrite;

use super::envelope::Writer;
use super::item::Carried;
use super::lines::{Head, IntoFile};
use super::tables::Part;
use super::{Moving, must_be_there};
use crate::audit::Misfit;
use crate::base::{Actor, Result, Secret};
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;
use crate::store::{migrations, tenant_domains};

/// What is in the file.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    /// What it says of itself.
    pub head: Head,
    /// Where its audit trail does not fit, if it does not.
    pub misfit: Option<Misfit>,
    /// How much is in it.
    pub carried: Carried,
    /// How long it is, in bytes.
    pub length: u64,
}

impl Moving {
    /// Writes everything of a tenant, under this passphrase. Who did that is in its audit trail, in the file too.
    ///
    /// # Errors
    /// The tenant is deleted or the operators' own, the passphrase is short, or somewhere bytes are not what they were.
    pub async fn export<W>(&self, tenant: &Tenant, out: W, passphrase: &Secret, by: &Actor) -> Result<Exported>
    where
        W: AsyncWrite + Unpin + Send,
    {
        must_be_there(tenant)?;
        let writer = Writer::begin(out, passphrase).await?;
        let now = self.clock.now();
        let event = Event::new(&tenant.id, now, "tenant.exported").by(&by.id).on(tenant.id.as_str()).from(&by.origin);
        audit::record(&self.db, event).await?;
        self.audit.seal().await?;
        let verdict = self.audit.verify(&tenant.id).await?;
        let domains = tenant_domains::list(&self.db, &tenant.id).await?;
        let head = Head {
            schema: migrations::newest(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            written_at: now.rfc3339(),
            id: tenant.id.clone(),
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            issuer: self.tenants.context(tenant.clone()).issuer,
            domains: domains.into_iter().filter(|one| one.verified_at.is_some()).map(|one| one.domain).collect(),
            trail: verdict.ok,
        };
        let mut file = IntoFile::begin(writer, head.clone()).await?;
        self.send(&tenant.id, Part::Whole, &mut file).await?;
        let (carried, length, _) = file.finish().await?;
        Ok(Exported { head, misfit: verdict.misfit, carried, length })
    }
}
