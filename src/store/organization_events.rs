//! What happened in an organization: which rows of the audit trail are about it.

use serde_json::Value;

use super::db::{Run, Tx};
use super::sql::sql;
use super::values::Json;
use crate::base::{AuditId, OrganizationId, TenantId, Timestamp};
use crate::store::audit::{self, Event};

/// A row of the audit trail, as an organization's people may see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Told {
    /// Its id; ids sort by time.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: String,
    /// Who.
    pub actor: Option<String>,
    /// To whom or what.
    pub target: Option<String>,
    /// `success`, or why not.
    pub result: String,
    /// Changed fields and circumstances.
    pub detail: Json<Value>,
}

sql! {
    tenant LINK(3) = "INSERT INTO organization_events (tenant_id, organization_id, event_id) VALUES ($1, $2, $3)";
    tenant PAGE(5) = "SELECT e.id, e.at, e.action, e.actor, e.target, e.result, e.detail
        FROM organization_events l JOIN audit_events e ON e.tenant_id = l.tenant_id AND e.id = l.event_id
        WHERE l.tenant_id = $1 AND l.organization_id = $2 AND l.event_id < $3 AND (e.action = $4 OR $4 = '')
        ORDER BY l.event_id DESC LIMIT $5";
}

/// Adds a row to the audit trail that is about an organization, and says so in its circumstances too.
///
/// # Errors
/// The database failed.
pub async fn record(tx: &mut Tx, organization: &OrganizationId, mut event: Event) -> sqlx::Result<()> {
    let (tenant, id) = (event.tenant_id.clone(), event.id.clone());
    match &mut event.detail.0 {
        Value::Object(members) => drop(members.insert("organization".to_owned(), organization.as_str().into())),
        other => *other = serde_json::json!({ "organization": organization }),
    }
    audit::record(&mut *tx, event).await?;
    tx.execute(LINK, (tenant, organization.clone(), id)).await.map(drop)
}

/// Up to `limit` rows before this id, newest first; with an action, those alone.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    (tenant, organization): (&TenantId, &OrganizationId),
    action: &str,
    (before, limit): (&str, i64),
) -> sqlx::Result<Vec<Told>> {
    run.all(PAGE, (tenant.clone(), organization.clone(), before.to_owned(), action.to_owned(), limit)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn x2_what_happened_in_an_organization_is_told_there_and_nowhere_else() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let (acme, zeta) = (OrganizationId::from("acme"), OrganizationId::from("zeta"));
            for (organization, action) in [(&acme, "a.first"), (&zeta, "a.second"), (&acme, "a.third")] {
                let mut tx = db.begin().await.unwrap();
                record(&mut tx, organization, Event::new(&one, Timestamp(1), action)).await.unwrap();
                tx.commit().await.unwrap();
            }
            let told = async |tenant: &TenantId, action: &str| -> Vec<String> {
                let found = page(&db, (tenant, &acme), action, ("z", 9)).await.unwrap();
                found.into_iter().map(|told| told.action).collect()
            };
            assert_eq!(told(&one, "").await, ["a.third", "a.first"]);
            assert_eq!(told(&one, "a.first").await, ["a.first"]);
            assert!(told(&two, "").await.is_empty());
            let found = page(&db, (&one, &acme), "", ("z", 1)).await.unwrap();
            assert_eq!(found[0].detail.0["organization"], "acme");
        }
    }
}
