//! Plans: what a payment opens, and how much of everything somebody may keep.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::db::Run;
use super::sql::sql;
use super::values::Json;
use crate::base::{Scope, TenantId, Timestamp};

/// A plan.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Plan {
    /// Whose.
    pub tenant_id: TenantId,
    /// Its name in URLs, tokens and quota problems.
    pub key: String,
    /// What it is.
    pub definition: Json<Definition>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a plan opens, and by what it is bought. Absent members have the defaults below.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Definition {
    /// Its name for people.
    pub name: String,
    /// Prices, by id or `lookup_key`, whoever pays one of which has the plan. The first is the one that a checkout asks for.
    pub prices: Vec<String>,
    /// Products whose every price gives the plan.
    pub products: Vec<String>,
    /// Scopes that only those get who have a plan with them.
    pub scopes: Scope,
    /// What applications ask for by name.
    pub features: Vec<String>,
    /// Further claims of tokens with the scope `entitlements`.
    pub claims: Map<String, Value>,
    /// How much of everything somebody with this plan may keep.
    pub quotas: Quotas,
    /// Which of several plans is the one that tokens name: the highest.
    pub rank: i64,
    /// Whether everybody has it without paying.
    pub free: bool,
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            name: String::new(),
            prices: Vec::new(),
            products: Vec::new(),
            scopes: Scope::empty(),
            features: Vec::new(),
            claims: Map::new(),
            quotas: Quotas::default(),
            rank: 0,
            free: false,
        }
    }
}

/// How much of everything may be kept. What is absent has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quotas {
    /// Documents.
    pub documents: Option<u64>,
    /// Bytes of all documents.
    pub document_bytes: Option<u64>,
    /// Files.
    pub files: Option<u64>,
    /// Bytes of all files.
    pub file_bytes: Option<u64>,
}

impl Quotas {
    /// The stricter of two, member by member: what both allow is allowed.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let less = |one: Option<u64>, two: Option<u64>| one.into_iter().chain(two).min();
        Self {
            documents: less(self.documents, other.documents),
            document_bytes: less(self.document_bytes, other.document_bytes),
            files: less(self.files, other.files),
            file_bytes: less(self.file_bytes, other.file_bytes),
        }
    }

    /// The more generous of two, member by member: what one of several plans allows is allowed.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let more = |one: Option<u64>, two: Option<u64>| one.zip(two).map(|(one, two)| one.max(two));
        Self {
            documents: more(self.documents, other.documents),
            document_bytes: more(self.document_bytes, other.document_bytes),
            files: more(self.files, other.files),
            file_bytes: more(self.file_bytes, other.file_bytes),
        }
    }
}

sql! {
    tenant ALL(1) = "SELECT tenant_id, key, definition, version, created_at, updated_at
        FROM plans WHERE tenant_id = $1 ORDER BY key";
    tenant BY_KEY(2) = "SELECT tenant_id, key, definition, version, created_at, updated_at
        FROM plans WHERE tenant_id = $1 AND key = $2";
    tenant PUT(4) = "INSERT INTO plans (tenant_id, key, definition, version, created_at, updated_at)
        VALUES ($1, $2, $3, 1, $4, $4)
        ON CONFLICT (tenant_id, key) DO UPDATE SET definition = excluded.definition, version = plans.version + 1,
            updated_at = excluded.updated_at";
    tenant DELETE(2) = "DELETE FROM plans WHERE tenant_id = $1 AND key = $2";
}

/// All of a tenant, in the order of their keys.
///
/// # Errors
/// The database failed.
pub async fn all(run: impl Run, tenant: &TenantId) -> sqlx::Result<Vec<Plan>> {
    run.all(ALL, (tenant.clone(),)).await
}

/// The plan of this key.
///
/// # Errors
/// The database failed.
pub async fn by_key(run: impl Run, tenant: &TenantId, key: &str) -> sqlx::Result<Option<Plan>> {
    run.one(BY_KEY, (tenant.clone(), key.to_owned())).await
}

/// Makes a plan, or makes another of the one of this key.
///
/// # Errors
/// The database failed.
pub async fn put(
    run: impl Run,
    tenant: &TenantId,
    key: &str,
    definition: &Definition,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(PUT, (tenant.clone(), key.to_owned(), Json(definition.clone()), now)).await.map(drop)
}

/// Removes a plan. `false`: there was none.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, tenant: &TenantId, key: &str) -> sqlx::Result<bool> {
    Ok(run.execute(DELETE, (tenant.clone(), key.to_owned())).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_plan_is_kept_per_tenant() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let mut definition = Definition { scopes: Scope::of(["reports:read"]), rank: 2, ..Definition::default() };
            put(&db, &one, "pro", &definition, Timestamp(1)).await.unwrap();
            definition.quotas.documents = Some(9);
            put(&db, &one, "pro", &definition, Timestamp(2)).await.unwrap();
            let found = by_key(&db, &one, "pro").await.unwrap().unwrap();
            assert_eq!((found.version, found.created_at, found.updated_at), (2, Timestamp(1), Timestamp(2)));
            assert_eq!((found.definition.0, all(&db, &one).await.unwrap().len()), (definition, 1));
            assert!(by_key(&db, &two, "pro").await.unwrap().is_none() && all(&db, &two).await.unwrap().is_empty());
            assert!(!delete(&db, &two, "pro").await.unwrap());
            assert!(delete(&db, &one, "pro").await.unwrap());
        }
    }

    #[test]
    fn of_plans_the_most_generous_quota_counts_and_of_masters_the_strictest() {
        let small = Quotas { documents: Some(10), files: Some(5), ..Quotas::default() };
        let large = Quotas { documents: Some(20), file_bytes: Some(1), ..Quotas::default() };
        assert_eq!(small.or(large), Quotas { documents: Some(20), ..Quotas::default() });
        let both = Quotas { documents: Some(10), files: Some(5), file_bytes: Some(1), ..Quotas::default() };
        assert_eq!(small.and(large), both);
    }
}
