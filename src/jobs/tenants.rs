//! Tenants whose time has ended, and the removal of everything that deleted ones had.

use crate::app::App;
use crate::base::Result;
use crate::store::tenant_purge;
use crate::store::tenants::Tenant;

/// Ends what is over, removes what nobody can bring back; answers how many tenants are gone for good.
///
/// # Errors
/// The database failed; what was done before stays done.
pub async fn round(app: &App) -> Result<u64> {
    app.tenants.expire().await?;
    let mut gone = 0;
    for tenant in app.tenants.due().await? {
        gone += u64::from(remove(app, &tenant).await?);
    }
    app.domains.look_again().await?;
    Ok(gone)
}

/// Removes all that a tenant had: bytes first, rows last, so that a round which is cut off finds the rest again.
async fn remove(app: &App, tenant: &Tenant) -> Result<bool> {
    if app.files.clear(&tenant.id).await.is_err() {
        tracing::warn!(tenant = tenant.id.as_str(), "a deleted tenant waits: the store of files does not answer");
        return Ok(false);
    }
    app.documents.clear(&tenant.id).await?;
    tenant_purge::rows(&app.db, &tenant.id).await?;
    app.tenants.erase(tenant).await
}
