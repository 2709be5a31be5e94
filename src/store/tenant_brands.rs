//! Brands of tenants: a draft, what is published, and what was published before.

use super::db::{Run, Tx};
use super::sql::sql;
use super::tenants::Tenant;
use crate::base::{TenantId, Timestamp};
use crate::frame::{Accent, Contract, Dress, Link};

/// A draft: nobody sees it but those who write it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Draft {
    /// The contract, as JSON.
    pub brand: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Published {
    /// Its number.
    pub version: i64,
    /// The contract, as JSON.
    pub brand: String,
    /// When.
    pub published_at: Timestamp,
    /// By whom.
    pub published_by: String,
}

sql! {
    tenant DRAFT(1) = "SELECT brand, version, updated_at FROM tenant_brand_drafts WHERE tenant_id = $1";
    tenant BEGIN(3) = "INSERT INTO tenant_brand_drafts (tenant_id, brand, version, updated_at) VALUES ($1, $2, 1, $3)
        ON CONFLICT (tenant_id) DO NOTHING";
    tenant CHANGE(4) = "UPDATE tenant_brand_drafts SET brand = $2, version = version + 1, updated_at = $3
        WHERE tenant_id = $1 AND version = $4";
    tenant DISCARD(2) = "DELETE FROM tenant_brand_drafts WHERE tenant_id = $1 AND version = $2";
    tenant NEWEST(1) = "SELECT version, brand, published_at, published_by FROM tenant_brands WHERE tenant_id = $1
        ORDER BY version DESC LIMIT 1";
    tenant VERSION(2) = "SELECT version, brand, published_at, published_by FROM tenant_brands
        WHERE tenant_id = $1 AND version = $2";
    tenant VERSIONS(3) = "SELECT version, brand, published_at, published_by FROM tenant_brands
        WHERE tenant_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
    // Two who publish at once get two numbers, or one of them none.
    tenant PUBLISH(4) = "INSERT INTO tenant_brands (tenant_id, version, brand, published_at, published_by)
        SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4 FROM tenant_brands WHERE tenant_id = $1
        RETURNING version, brand, published_at, published_by"
        | "INSERT INTO tenant_brands (tenant_id, version, brand, published_at, published_by)
        SELECT $1, COALESCE(MAX(version), 0) + 1, $2, CAST($3 AS BIGINT), $4 FROM tenant_brands WHERE tenant_id = $1
        RETURNING version, brand, published_at, published_by";
    global SHOW(3) = "UPDATE tenants SET brand = $2, version = version + 1, updated_at = $3 WHERE id = $1";
    tenant FORGET(2) = "DELETE FROM tenant_brands WHERE tenant_id = $1 AND version <= $2";
}

/// How many published brands are kept to go back to.
const KEPT: i64 = 50;

impl Tenant {
    /// How its pages and mails look and speak: as its published brand says, and where that is silent, as its settings
    /// say.
    #[must_use]
    pub fn dress(&self) -> Dress {
        let mut dress = self.held.brand.as_deref().map(Contract::stored).unwrap_or_default().dress();
        let settings = &self.settings.branding;
        dress.logo = dress.logo.or_else(|| settings.logo_uri.as_deref().and_then(Link::parse));
        dress.accent.0 = dress.accent.0.or_else(|| settings.color.as_deref().and_then(|c| c.parse::<Accent>().ok()));
        dress
    }
}

/// The draft of a tenant, if there is one.
///
/// # Errors
/// The database failed.
pub async fn draft(run: impl Run, tenant: &TenantId) -> sqlx::Result<Option<Draft>> {
    run.one(DRAFT, (tenant.clone(),)).await
}

/// Stores a draft over the version that was read; `None`: there was none. `false`: there is another one by now.
///
/// # Errors
/// The database failed.
pub async fn store_draft(
    run: impl Run,
    tenant: &TenantId,
    (brand, over): (&str, Option<i64>),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let changed = match over {
        None => run.execute(BEGIN, (tenant.clone(), brand.to_owned(), now)).await?,
        Some(version) => run.execute(CHANGE, (tenant.clone(), brand.to_owned(), now, version)).await?,
    };
    Ok(changed == 1)
}

/// Throws the draft away that was read. `false`: there is another one by now.
///
/// # Errors
/// The database failed.
pub async fn discard(run: impl Run, tenant: &TenantId, version: i64) -> sqlx::Result<bool> {
    Ok(run.execute(DISCARD, (tenant.clone(), version)).await? == 1)
}

/// What is published.
///
/// # Errors
/// The database failed.
pub async fn newest(run: impl Run, tenant: &TenantId) -> sqlx::Result<Option<Published>> {
    run.one(NEWEST, (tenant.clone(),)).await
}

/// What was published under this number.
///
/// # Errors
/// The database failed.
pub async fn version(run: impl Run, tenant: &TenantId, version: i64) -> sqlx::Result<Option<Published>> {
    run.one(VERSION, (tenant.clone(), version)).await
}

/// Up to `limit` that were published before this one, newest first.
///
/// # Errors
/// The database failed.
pub async fn versions(run: impl Run, tenant: &TenantId, before: i64, limit: i64) -> sqlx::Result<Vec<Published>> {
    run.all(VERSIONS, (tenant.clone(), before, limit)).await
}

/// Publishes a brand under the next number. What was published long ago is forgotten. `None`: somebody else published
/// one at the same moment.
///
/// # Errors
/// The database failed.
pub async fn publish(
    tx: &mut Tx,
    tenant: &TenantId,
    (brand, by): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<Option<Published>> {
    let values = (tenant.clone(), brand.to_owned(), now, by.to_owned());
    let made: Option<Published> = match tx.one(PUBLISH, values).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Ok(None),
        made => made?,
    };
    if let Some(made) = &made {
        tx.execute(SHOW, (tenant.clone(), brand.to_owned(), now)).await?;
        tx.execute(FORGET, (tenant.clone(), made.version - KEPT)).await?;
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tenants;
    use crate::store::testing::{databases, tenant};

    const NOW: Timestamp = Timestamp(5);

    #[tokio::test]
    async fn a_draft_is_changed_over_what_was_read_and_belongs_to_its_tenant() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            assert!(store_draft(&db, &one, ("a", None), NOW).await.unwrap());
            assert!(!store_draft(&db, &one, ("b", None), NOW).await.unwrap());
            assert!(store_draft(&db, &one, ("b", Some(1)), NOW).await.unwrap());
            assert!(!store_draft(&db, &one, ("c", Some(1)), NOW).await.unwrap());
            assert_eq!(draft(&db, &two).await.unwrap(), None, "X2: another tenant's");
            assert!(!discard(&db, &two, 2).await.unwrap() && !discard(&db, &one, 1).await.unwrap());
            assert_eq!(draft(&db, &one).await.unwrap().unwrap().brand, "b");
            assert!(discard(&db, &one, 2).await.unwrap());
        }
    }

    #[tokio::test]
    async fn what_is_published_is_shown_and_what_was_can_be_found_again() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            for (number, brand) in [(1, "{}"), (2, r##"{"colors":{"accent":"#123456"}}"##)] {
                let mut tx = db.begin().await.unwrap();
                let made = publish(&mut tx, &one, (brand, "ada"), NOW).await.unwrap().unwrap();
                assert_eq!(made.version, number);
                tx.commit().await.unwrap();
            }
            let shown = tenants::by_id(&db, &one).await.unwrap().unwrap();
            assert_eq!(shown.dress().accent.0.map(|accent| accent.to_string()).as_deref(), Some("#123456"));
            assert_eq!(newest(&db, &one).await.unwrap().unwrap().version, 2);
            assert_eq!(version(&db, &one, 1).await.unwrap().unwrap().brand, "{}");
            assert_eq!(versions(&db, &one, 2, 9).await.unwrap().len(), 1);
            assert!(version(&db, &two, 1).await.unwrap().is_none(), "X2: another tenant's");
        }
    }
}
