//! Invitations: a place in the tenant, or in one of its organizations, offered to an address.

use super::db::Run;
use super::sql::sql;
use super::users::Role;
use crate::base::{Email, OrganizationId, TenantId, Timestamp, UserId};

/// One invitation.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Invitation {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; the link in the mail is another secret.
    pub id: String,
    /// Whom it is for.
    pub email: Email,
    /// What the person will be able to do.
    pub role: Role,
    /// Who invites: a user, client or key id.
    pub invited_by: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When the newest mail was sent.
    pub sent_at: Timestamp,
    /// Until when the newest link works.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// By which account.
    pub accepted_by: Option<UserId>,
    /// When it was taken back.
    pub cancelled_at: Option<Timestamp>,
    /// Into which organization; empty: into the tenant alone.
    pub organization_id: OrganizationId,
    /// As what there.
    pub organization_role: String,
}

impl Invitation {
    /// The organization it is into, where there is one.
    #[must_use]
    pub fn organization(&self) -> Option<&OrganizationId> {
        Some(&self.organization_id).filter(|id| !id.as_str().is_empty())
    }

    /// What became of it.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self {
            Self { accepted_at: Some(_), .. } => "accepted",
            Self { cancelled_at: Some(_), .. } => "cancelled",
            Self { expires_at, .. } if *expires_at <= now => "expired",
            _ => "pending",
        }
    }

    /// Whether nobody has accepted it or taken it back.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.accepted_at.is_none() && self.cancelled_at.is_none()
    }
}

sql! {
    tenant OFFER(10) = "INSERT INTO invitations (tenant_id, id, email, email_key, role, invited_by, created_at, sent_at,
            expires_at, organization_id, organization_role)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)
        ON CONFLICT (tenant_id, organization_id, email_key) WHERE accepted_at IS NULL AND cancelled_at IS NULL
        DO UPDATE SET role = excluded.role, invited_by = excluded.invited_by, sent_at = excluded.sent_at,
            expires_at = excluded.expires_at, organization_role = excluded.organization_role, expiry_noted = NULL
        RETURNING tenant_id, id, email, role, invited_by, created_at, sent_at, expires_at, accepted_at, accepted_by,
            cancelled_at, organization_id, organization_role";
    tenant IS_OPEN(3) = "SELECT id FROM invitations WHERE tenant_id = $1 AND email_key = $2 AND organization_id = ''
        AND accepted_at IS NULL AND cancelled_at IS NULL AND expires_at > $3";
    tenant BY_ID(2) = "SELECT tenant_id, id, email, role, invited_by, created_at, sent_at, expires_at, accepted_at,
            accepted_by, cancelled_at, organization_id, organization_role
        FROM invitations WHERE tenant_id = $1 AND id = $2";
    tenant PAGE(4) = "SELECT tenant_id, id, email, role, invited_by, created_at, sent_at, expires_at, accepted_at,
            accepted_by, cancelled_at, organization_id, organization_role
        FROM invitations WHERE tenant_id = $1 AND organization_id = $2 AND id > $3 ORDER BY id LIMIT $4";
    tenant OPEN_FOR(4) = "SELECT tenant_id, id, email, role, invited_by, created_at, sent_at, expires_at, accepted_at,
            accepted_by, cancelled_at, organization_id, organization_role
        FROM invitations WHERE tenant_id = $1 AND email_key = $2 AND accepted_at IS NULL AND cancelled_at IS NULL
            AND expires_at > $3 AND organization_id <> '' ORDER BY id LIMIT $4";
    tenant CANCEL_OF(4) = "UPDATE invitations SET cancelled_at = $4
        WHERE tenant_id = $1 AND organization_id = $2 AND invited_by = $3 AND accepted_at IS NULL
            AND cancelled_at IS NULL";
    tenant CANCEL_OF_ROLE(4) = "UPDATE invitations SET cancelled_at = $4
        WHERE tenant_id = $1 AND organization_id = $2 AND accepted_at IS NULL AND cancelled_at IS NULL
            AND invited_by IN (SELECT user_id FROM organization_members
                WHERE tenant_id = $1 AND organization_id = $2 AND role = $3)";
    tenant SENT(4) = "UPDATE invitations SET sent_at = $3, expires_at = $4, expiry_noted = NULL
        WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND cancelled_at IS NULL";
    tenant CANCEL(3) = "UPDATE invitations SET cancelled_at = $3
        WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND cancelled_at IS NULL";
    tenant ACCEPT(4) = "UPDATE invitations SET accepted_at = $3, accepted_by = $4
        WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND cancelled_at IS NULL AND expires_at > $3";
}

/// Stores an invitation; one that is open for the address already is renewed instead (W-023). What there is then.
///
/// # Errors
/// The database failed.
pub async fn offer(run: impl Run, new: &Invitation) -> sqlx::Result<Invitation> {
    let n = new.clone();
    let key = n.email.key();
    let place = (n.organization_id, n.organization_role);
    let values = (n.tenant_id, n.id, n.email, key, n.role, n.invited_by, n.created_at, n.expires_at, place.0, place.1);
    run.one(OFFER, values).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Whether the address has an invitation that it can accept.
///
/// # Errors
/// The database failed.
pub async fn is_open(run: impl Run, tenant: &TenantId, email: &Email, now: Timestamp) -> sqlx::Result<bool> {
    let found: Option<(String,)> = run.one(IS_OPEN, (tenant.clone(), email.key(), now)).await?;
    Ok(found.is_some())
}

/// The invitation of this id, whatever became of it.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Option<Invitation>> {
    run.one(BY_ID, (tenant.clone(), id.to_owned())).await
}

/// Up to `limit` invitations after this id, oldest first: those into an organization, or into the tenant alone.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    tenant: &TenantId,
    organization: Option<&OrganizationId>,
    (after, limit): (&str, i64),
) -> sqlx::Result<Vec<Invitation>> {
    let place = organization.map_or_else(String::new, ToString::to_string);
    run.all(PAGE, (tenant.clone(), place, after.to_owned(), limit)).await
}

/// Up to `limit` invitations into organizations that wait for this address, oldest first.
///
/// # Errors
/// The database failed.
pub async fn open_for(
    run: impl Run,
    tenant: &TenantId,
    email: &Email,
    now: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<Invitation>> {
    run.all(OPEN_FOR, (tenant.clone(), email.key(), now, limit)).await
}

/// Takes back whatever somebody offered in an organization and nobody has accepted.
///
/// # Errors
/// The database failed.
pub async fn cancel_of(
    run: impl Run,
    (tenant, organization): (&TenantId, &OrganizationId),
    inviter: &UserId,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(CANCEL_OF, (tenant.clone(), organization.clone(), inviter.clone(), now)).await.map(drop)
}

/// Takes back whatever those who have a role in an organization offered there and nobody has accepted.
///
/// # Errors
/// The database failed.
pub async fn cancel_of_role(
    run: impl Run,
    (tenant, organization): (&TenantId, &OrganizationId),
    role: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(CANCEL_OF_ROLE, (tenant.clone(), organization.clone(), role.to_owned(), now)).await.map(drop)
}

/// Remembers that it was sent again. `false`: it is not open.
///
/// # Errors
/// The database failed.
pub async fn sent(run: impl Run, tenant: &TenantId, id: &str, now: Timestamp, until: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(SENT, (tenant.clone(), id.to_owned(), now, until)).await? == 1)
}

/// Takes it back. `false`: it is not open.
///
/// # Errors
/// The database failed.
pub async fn cancel(run: impl Run, tenant: &TenantId, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(CANCEL, (tenant.clone(), id.to_owned(), now)).await? == 1)
}

/// Remembers who accepted it. `false`: it is not open any more.
///
/// # Errors
/// The database failed.
pub async fn accept(run: impl Run, tenant: &TenantId, id: &str, now: Timestamp, by: &UserId) -> sqlx::Result<bool> {
    Ok(run.execute(ACCEPT, (tenant.clone(), id.to_owned(), now, by.clone())).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn new(tenant: &TenantId, id: &str, email: &str) -> Invitation {
        Invitation {
            tenant_id: tenant.clone(),
            id: id.to_owned(),
            email: email.parse().unwrap(),
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
        }
    }

    #[tokio::test]
    async fn w023_asking_again_renews_and_an_ended_one_blocks_nobody() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let first = offer(&db, &new(&one, "1", "ada@x.test")).await.unwrap();
            let again = Invitation { expires_at: Timestamp(300), role: Role::Admin, ..new(&one, "2", "ADA@x.test") };
            let renewed = offer(&db, &again).await.unwrap();
            assert_eq!((renewed.id.as_str(), renewed.expires_at, renewed.role), ("1", Timestamp(300), Role::Admin));
            assert_eq!(offer(&db, &new(&two, "3", "ada@x.test")).await.unwrap().id, "3", "X2: another tenant's");
            assert!(!cancel(&db, &two, "1", Timestamp(5)).await.unwrap(), "X2: cancelled by another tenant");
            assert!(cancel(&db, &one, &first.id, Timestamp(5)).await.unwrap());
            assert!(!accept(&db, &one, "1", Timestamp(6), &UserId::generate()).await.unwrap());
            assert_eq!(offer(&db, &new(&one, "4", "ada@x.test")).await.unwrap().id, "4");
            assert_eq!(page(&db, &one, None, ("1", 9)).await.unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn w018_it_is_accepted_once_and_in_time() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let ada = UserId::generate();
            offer(&db, &new(&one, "1", "ada@x.test")).await.unwrap();
            assert!(!accept(&db, &one, "1", Timestamp(100), &ada).await.unwrap(), "too late");
            assert!(sent(&db, &one, "1", Timestamp(100), Timestamp(200)).await.unwrap());
            assert!(accept(&db, &one, "1", Timestamp(101), &ada).await.unwrap());
            assert!(!accept(&db, &one, "1", Timestamp(102), &ada).await.unwrap());
            assert!(!sent(&db, &one, "1", Timestamp(103), Timestamp(300)).await.unwrap());
            assert_eq!(by_id(&db, &one, "1").await.unwrap().unwrap().accepted_by, Some(ada));
        }
    }

    #[tokio::test]
    async fn x2_an_invitation_into_an_organization_is_another_than_one_into_the_tenant() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let acme = OrganizationId::from("acme");
            let into = Invitation {
                organization_id: acme.clone(),
                organization_role: "guest".to_owned(),
                ..new(&one, "2", "ada@x.test")
            };
            offer(&db, &new(&one, "1", "ada@x.test")).await.unwrap();
            assert_eq!(offer(&db, &into).await.unwrap().id, "2");
            let again = Invitation { organization_role: "admin".to_owned(), id: "3".to_owned(), ..into };
            let renewed = offer(&db, &again).await.unwrap();
            assert_eq!((renewed.id.as_str(), renewed.organization_role.as_str()), ("2", "admin"));
            assert_eq!(page(&db, &one, None, ("", 9)).await.unwrap()[0].id, "1");
            assert_eq!(page(&db, &one, Some(&acme), ("", 9)).await.unwrap(), std::slice::from_ref(&renewed));
            let ada: Email = "ADA@x.test".parse().unwrap();
            assert_eq!(open_for(&db, &one, &ada, Timestamp(99), 9).await.unwrap(), [renewed]);
            assert!(open_for(&db, &one, &ada, Timestamp(100), 9).await.unwrap().is_empty(), "too late");
            cancel_of(&db, (&one, &acme), &UserId::from("somebody"), Timestamp(5)).await.unwrap();
            assert!(by_id(&db, &one, "2").await.unwrap().unwrap().is_open());
            cancel_of(&db, (&one, &acme), &UserId::from("admin"), Timestamp(5)).await.unwrap();
            assert!(!by_id(&db, &one, "2").await.unwrap().unwrap().is_open());
            assert!(by_id(&db, &one, "1").await.unwrap().unwrap().is_open());
        }
    }
}
