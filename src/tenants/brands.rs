//! What a tenant's administrators do with its brand: write a draft, look what is wrong with it, publish it, go back.
//! Each change and its audit row are one transaction.

use serde::Serialize;
use serde_json::json;
use url::Url;

use super::{TenantContext, Tenants, place};
use crate::base::{Actor, Clock, Code, Refusal, Result, Stop, Timestamp};
use crate::frame::{Contract, Finding, Link};
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::tenant_brands::{self as store, Published};

/// A draft as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownDraft {
    /// Grows with every change; the `ETag`.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: String,
    /// The contract.
    pub brand: Contract,
}

/// A published brand as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownBrand {
    /// Its number.
    pub version: i64,
    /// When it was published.
    pub published_at: String,
    /// By whom.
    pub published_by: String,
    /// The contract.
    pub brand: Contract,
}

impl ShownBrand {
    fn of(published: Published) -> Self {
        Self {
            version: published.version,
            published_at: published.published_at.rfc3339(),
            published_by: published.published_by,
            brand: Contract::stored(&published.brand),
        }
    }
}

/// A tenant's brand: what is seen, and what is being written.
#[derive(Clone, Debug, Serialize)]
pub struct Branding {
    /// What pages and mails show.
    pub published: Option<ShownBrand>,
    /// What they will, once it is published.
    pub draft: Option<ShownDraft>,
}

impl Branding {
    /// The number of the draft; 0 without one.
    #[must_use]
    pub fn draft_version(&self) -> i64 {
        self.draft.as_ref().map_or(0, |draft| draft.version)
    }

    /// What is being written, or where that would begin.
    #[must_use]
    pub fn contract(&self) -> Contract {
        let draft = self.draft.as_ref().map(|draft| &draft.brand);
        draft.or(self.published.as_ref().map(|published| &published.brand)).cloned().unwrap_or_default()
    }
}

/// Everything that is wrong with a brand of this tenant.
#[must_use]
pub fn lint(tenant: &TenantContext, brand: &Contract) -> Vec<Finding> {
    brand.lint(|picture| is_own(tenant, picture) || place(&tenant.settings, &picture.to_string()).is_some())
}

/// Whether a picture is among the tenant's own files.
fn is_own(tenant: &TenantContext, picture: &Link) -> bool {
    let files = format!("{}/api/v1/archive/files/", tenant.issuer);
    Url::parse(&files).is_ok_and(|files| picture.to_string().starts_with(files.as_str()))
}

impl Tenants {
    /// A tenant's brand.
    ///
    /// # Errors
    /// The database failed.
    pub async fn branding(&self, tenant: &TenantContext) -> Result<Branding> {
        let published = store::newest(&self.db, &tenant.id).await?;
        let draft = store::draft(&self.db, &tenant.id).await?;
        Ok(Branding {
            published: published.map(ShownBrand::of),
            draft: draft.map(|draft| ShownDraft {
                version: draft.version,
                updated_at: draft.updated_at.rfc3339(),
                brand: Contract::stored(&draft.brand),
            }),
        })
    }

    /// Stores a draft over the version that was read, 0 for none.
    ///
    /// # Errors
    /// Something is wrong with it, or somebody else changed it meanwhile.
    pub async fn draft_brand(
        &self,
        clock: &Clock,
        tenant: &TenantContext,
        (brand, over): (&Contract, i64),
        by: &Actor,
    ) -> Result<Branding> {
        must_be_sound(tenant, brand)?;
        let (text, over) = (serde_json::to_string(brand)?, Some(over).filter(|over| *over > 0));
        let mut tx = self.db.begin().await?;
        if !store::store_draft(&mut tx, &tenant.id, (&text, over), clock.now()).await? {
            return Err(changed());
        }
        note(&mut tx, tenant, (clock.now(), "branding.drafted", None), by).await?;
        tx.commit().await?;
        self.branding(tenant).await
    }

    /// Throws the draft away that was read.
    ///
    /// # Errors
    /// There is none, or another one by now.
    pub async fn discard_brand(&self, clock: &Clock, tenant: &TenantContext, over: i64, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !store::discard(&mut tx, &tenant.id, over).await? {
            return Err(changed());
        }
        note(&mut tx, tenant, (clock.now(), "branding.discarded", None), by).await?;
        Ok(tx.commit().await?)
    }

    /// Publishes the draft that was read.
    ///
    /// # Errors
    /// There is none, or another one by now, or something is wrong with it by now.
    pub async fn publish_brand(
        &self,
        clock: &Clock,
        tenant: &TenantContext,
        over: i64,
        by: &Actor,
    ) -> Result<ShownBrand> {
        let found = store::draft(&self.db, &tenant.id).await?;
        let draft = found.filter(|draft| draft.version == over).ok_or_else(changed)?;
        must_be_sound(tenant, &Contract::stored(&draft.brand))?;
        let mut tx = self.db.begin().await?;
        if !store::discard(&mut tx, &tenant.id, over).await? {
            return Err(changed());
        }
        self.show(tx, (clock, tenant), (&draft.brand, "branding.published"), by).await
    }

    /// Publishes again what was published under this number. The draft stays.
    ///
    /// # Errors
    /// There is none of this number, or something is wrong with it by now.
    pub async fn roll_back_brand(
        &self,
        clock: &Clock,
        tenant: &TenantContext,
        version: i64,
        by: &Actor,
    ) -> Result<ShownBrand> {
        let found = store::version(&self.db, &tenant.id, version).await?;
        let before = found.ok_or_else(|| Stop::refuse(Code::NotFound, "no brand was published under this number"))?;
        must_be_sound(tenant, &Contract::stored(&before.brand))?;
        let tx = self.db.begin().await?;
        self.show(tx, (clock, tenant), (&before.brand, "branding.rolled_back"), by).await
    }

    /// Up to `limit` brands that were published before this one, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn brands(&self, tenant: &TenantContext, before: i64, limit: i64) -> Result<Vec<ShownBrand>> {
        let found = store::versions(&self.db, &tenant.id, before, limit).await?;
        Ok(found.into_iter().map(ShownBrand::of).collect())
    }

    async fn show(
        &self,
        mut tx: Tx,
        (clock, tenant): (&Clock, &TenantContext),
        (brand, action): (&str, &str),
        by: &Actor,
    ) -> Result<ShownBrand> {
        let made = publish(&mut tx, (tenant, brand), (action, clock.now()), by).await?;
        tx.commit().await?;
        self.known.invalidate_all();
        Ok(ShownBrand::of(made))
    }
}

/// Publishes a brand that was never a draft, within the caller's transaction; [`Tenants::forget`] is asked after.
///
/// # Errors
/// Something is wrong with it, or somebody else publishes one at the same moment.
pub async fn publish_in(
    tx: &mut Tx,
    tenant: &TenantContext,
    (brand, now): (&Contract, Timestamp),
    by: &Actor,
) -> Result<()> {
    must_be_sound(tenant, brand)?;
    let text = serde_json::to_string(brand)?;
    publish(tx, (tenant, &text), ("branding.published", now), by).await.map(drop)
}

async fn publish(
    tx: &mut Tx,
    (tenant, brand): (&TenantContext, &str),
    (action, now): (&str, Timestamp),
    by: &Actor,
) -> Result<Published> {
    let made = store::publish(&mut *tx, &tenant.id, (brand, by.id.as_str()), now).await?.ok_or_else(changed)?;
    note(tx, tenant, (now, action, Some(made.version)), by).await?;
    Ok(made)
}

fn must_be_sound(tenant: &TenantContext, brand: &Contract) -> Result<()> {
    let errors: Vec<Finding> = lint(tenant, brand).into_iter().filter(|finding| !finding.is_minor()).collect();
    if errors.is_empty() {
        return Ok(());
    }
    let refusal = Refusal::new(Code::Unprocessable, "something is wrong with this brand");
    Err(refusal.member("errors", json!(errors)).into())
}

async fn note(
    tx: &mut Tx,
    tenant: &TenantContext,
    (now, action, version): (Timestamp, &str, Option<i64>),
    by: &Actor,
) -> Result<()> {
    let event = Event::new(&tenant.id, now, action).by(&by.id).on(tenant.id.as_str()).from(&by.origin);
    Ok(audit::record(tx, event.detail(json!({ "version": version }))).await?)
}

fn changed() -> Stop {
    Stop::refuse(Code::PreconditionFailed, "there is another draft by now, or none")
}
