//! Invitations that nobody accepted in time, each of which is noted once.

use super::db::Run;
use super::sql::sql;
use crate::base::{OrganizationId, TenantId, Timestamp};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Expired {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: String,
    /// Into which organization; empty: into the tenant alone.
    pub organization_id: OrganizationId,
}

sql! {
    // Open ones of before this column was made were renewed by nobody since.
    global NOTE(2) = "UPDATE invitations SET expiry_noted = $1
        WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM invitations
            WHERE expires_at <= $1 AND accepted_at IS NULL AND cancelled_at IS NULL AND expiry_noted IS NULL
            ORDER BY expires_at LIMIT $2)
        RETURNING tenant_id, id, organization_id";
}

/// Notes up to `limit` that are over by now, of all tenants.
///
/// # Errors
/// The database failed.
pub async fn note(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<Expired>> {
    run.all(NOTE, (now, limit)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::invitations::{self, Invitation};
    use crate::store::testing::{databases, tenant};
    use crate::store::users::Role;

    #[tokio::test]
    async fn an_invitation_is_over_once_and_again_after_it_was_sent_again() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            for id in ["1", "2", "3"] {
                let new = Invitation {
                    tenant_id: one.clone(),
                    id: id.to_owned(),
                    email: format!("person{id}@x.test").parse().unwrap(),
                    role: Role::User,
                    invited_by: "admin".to_owned(),
                    created_at: Timestamp(1),
                    sent_at: Timestamp(1),
                    expires_at: Timestamp(100),
                    accepted_at: None,
                    accepted_by: None,
                    cancelled_at: None,
                    organization_id: OrganizationId::from(""),
                    organization_role: String::new(),
                };
                invitations::offer(&db, &new).await.unwrap();
            }
            assert!(invitations::cancel(&db, &one, "3", Timestamp(5)).await.unwrap());
            assert!(note(&db, Timestamp(99), 9).await.unwrap().is_empty());
            let mut ids: Vec<_> = Vec::new();
            for _ in 0..3 {
                ids.extend(note(&db, Timestamp(100), 1).await.unwrap().into_iter().map(|over| over.id));
            }
            ids.sort();
            assert_eq!(ids, ["1", "2"], "each once, and none that was taken back");
            assert!(invitations::sent(&db, &one, "1", Timestamp(150), Timestamp(200)).await.unwrap());
            assert!(note(&db, Timestamp(199), 9).await.unwrap().is_empty());
            assert_eq!(note(&db, Timestamp(200), 9).await.unwrap().len(), 1);
        }
    }
}
