//! What ends at once while something goes on: of a person's sessions, grants and what was issued from them, mailed links
//! (W-014), what was for one organization (W-071); and all that was begun in a tenant, when it is suspended, deleted or
//! brought back (R15).

use super::db::{Run, Tx};
use super::grants::{self, Revocation, RevocationKind};
use super::one_time::Kind;
use super::sql::sql;
use crate::base::{GrantId, OrganizationId, Seconds, SessionId, TenantId, Timestamp, UserId};

/// What goes on.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// This session.
    pub session: Option<SessionId>,
    /// This grant, with its refresh tokens.
    pub grant: Option<GrantId>,
}

sql! {
    tenant SESSIONS(4) = "UPDATE sessions SET ended_at = $3
        WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND id <> $4";
    tenant REVOCATIONS(4) = "INSERT INTO revocations (tenant_id, kind, id, revoked_at, expires_at)
        SELECT tenant_id, 'grant', id, $3, expires_at FROM grants
        WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3 AND id <> $4
        ON CONFLICT (tenant_id, kind, id) DO UPDATE SET revoked_at = excluded.revoked_at";
    tenant GRANTS(4) = "UPDATE grants SET revoked_at = $3
        WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND id <> $4";
    // An empty person is all of them.
    tenant ORGANIZATION_REVOCATIONS(4) = "INSERT INTO revocations (tenant_id, kind, id, revoked_at, expires_at)
        SELECT tenant_id, 'grant', id, $4, expires_at FROM grants
        WHERE tenant_id = $1 AND organization_id = $2 AND (user_id = $3 OR $3 = '') AND revoked_at IS NULL
            AND expires_at > $4
        ON CONFLICT (tenant_id, kind, id) DO UPDATE SET revoked_at = excluded.revoked_at";
    tenant ORGANIZATION_GRANTS(4) = "UPDATE grants SET revoked_at = $4
        WHERE tenant_id = $1 AND organization_id = $2 AND (user_id = $3 OR $3 = '') AND revoked_at IS NULL";
    tenant TENANT_SESSIONS(2) = "UPDATE sessions SET ended_at = $2
        WHERE tenant_id = $1 AND ended_at IS NULL AND expires_at > $2";
    tenant TENANT_GRANTS(2) = "UPDATE grants SET revoked_at = $2
        WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at > $2";
    tenant LINKS(5) = "UPDATE one_time_secrets SET used_at = $3
        WHERE tenant_id = $1 AND subject = $2 AND used_at IS NULL AND kind <> $4 AND kind <> $5";
}

/// Ends a person's sessions and grants, but for what is kept.
///
/// # Errors
/// The database failed.
pub async fn others(tx: &mut Tx, tenant: &TenantId, user: &UserId, kept: &Kept, now: Timestamp) -> sqlx::Result<()> {
    let session = kept.session.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
    let grant = kept.grant.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
    tx.execute(SESSIONS, (tenant.clone(), user.clone(), now, session)).await?;
    tx.execute(REVOCATIONS, (tenant.clone(), user.clone(), now, grant.clone())).await?;
    tx.execute(GRANTS, (tenant.clone(), user.clone(), now, grant)).await.map(drop)
}

/// Ends every grant that is for an organization, or those of one of its members.
///
/// # Errors
/// The database failed.
pub async fn of_organization(
    tx: &mut Tx,
    (tenant, organization): (&TenantId, &OrganizationId),
    user: Option<&UserId>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let user = user.map_or_else(String::new, ToString::to_string);
    for sql in [ORGANIZATION_REVOCATIONS, ORGANIZATION_GRANTS] {
        tx.execute(sql, (tenant.clone(), organization.clone(), user.clone(), now)).await?;
    }
    Ok(())
}

/// Ends every session and grant of a tenant, and every access token that was issued until `until`: those of nobody's grant,
/// too. Answers how many sessions and grants that were.
///
/// # Errors
/// The database failed.
pub async fn of_tenant(
    tx: &mut Tx,
    tenant: &TenantId,
    (until, now): (Timestamp, Timestamp),
    longest: Seconds,
) -> sqlx::Result<(u64, u64)> {
    let sessions = tx.execute(TENANT_SESSIONS, (tenant.clone(), now)).await?;
    let grants = tx.execute(TENANT_GRANTS, (tenant.clone(), now)).await?;
    let mark = Revocation {
        tenant_id: tenant.clone(),
        kind: RevocationKind::Tenant,
        id: tenant.to_string(),
        revoked_at: until,
        expires_at: now.plus(longest),
    };
    grants::revoke(tx, &mark).await?;
    Ok((sessions, grants))
}

/// Withdraws every link and code that a person has been sent. What undoes a change of the address stays: it was sent to
/// somebody who may be the only one that the account belongs to (W-016).
///
/// # Errors
/// The database failed.
pub async fn links(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<u64> {
    run.execute(LINKS, (tenant.clone(), user.clone(), now, Kind::UndoEmail, Kind::Invitation)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::store::Json;
    use crate::store::one_time::{self, OneTime};
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn r15_all_of_a_tenant_ends_and_nothing_of_another() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let mut tx = db.begin().await.unwrap();
            of_tenant(&mut tx, &one, (Timestamp(7), Timestamp(8)), Seconds(100)).await.unwrap();
            // Again, later: whatever came about in between ends, too.
            let (sessions, grants) =
                of_tenant(&mut tx, &one, (Timestamp(19), Timestamp(20)), Seconds(100)).await.unwrap();
            assert_eq!((sessions, grants), (0, 0));
            tx.commit().await.unwrap();
            let of = async |tenant: &TenantId, now| {
                let found = grants::revoked(&db, tenant, grants::Names::default(), Timestamp(now)).await.unwrap();
                found.into_iter().map(|mark| (mark.kind, mark.revoked_at)).collect::<Vec<_>>()
            };
            assert_eq!(of(&one, 119).await, [(RevocationKind::Tenant, Timestamp(19))]);
            assert!(of(&one, 120).await.is_empty() && of(&two, 21).await.is_empty());
        }
    }

    #[tokio::test]
    async fn w014_w016_links_end_but_not_the_one_that_undoes() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let user = UserId::generate();
            let link = |tenant: &TenantId, kind, user: &UserId, text: &str| OneTime {
                tenant_id: tenant.clone(),
                kind,
                digest: Digest::of(text.as_bytes()),
                subject: user.to_string(),
                browser: None,
                data: Json(serde_json::Value::Null),
                attempts: 0,
                created_at: Timestamp(1),
                expires_at: Timestamp(100),
                used_at: None,
            };
            for (tenant, kind, text) in [
                (&one, Kind::ResetPassword, "a"),
                (&one, Kind::ConfirmEmail, "b"),
                (&one, Kind::UndoEmail, "c"),
                (&two, Kind::ResetPassword, "d"),
            ] {
                one_time::insert(&db, &link(tenant, kind, &user, text)).await.unwrap();
            }
            one_time::insert(&db, &link(&one, Kind::ResetPassword, &UserId::generate(), "e")).await.unwrap();
            assert_eq!(links(&db, &one, &user, Timestamp(5)).await.unwrap(), 2);
            assert_eq!(links(&db, &one, &user, Timestamp(5)).await.unwrap(), 0);
        }
    }
}
