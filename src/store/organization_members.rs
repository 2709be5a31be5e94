//! Who belongs to an organization, and as what.

use super::db::{Run, Tx};
use super::organizations::{Organization, pattern};
use super::sql::sql;
use super::users::{Profile, UserStatus};
use super::values::Json;
use crate::base::{Email, OrganizationId, TenantId, Timestamp, UserId};

/// The role that can do everything. An organization keeps one who has it.
pub const OWNER: &str = "owner";
/// The roles that every organization has.
pub const BUILT_IN_ROLES: [&str; 4] = [OWNER, "admin", "member", "guest"];

/// What somebody is in an organization.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Membership {
    /// The organization, suspended ones included.
    #[sqlx(flatten)]
    pub organization: Organization,
    /// As what: a built-in role or one of the organization's own.
    pub role: String,
    /// Since when.
    pub joined_at: Timestamp,
    /// What a role of the organization's own may do; absent for built-in ones.
    pub permissions: Option<Json<Vec<String>>>,
}

/// Somebody in the list of an organization's members.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: String,
    /// Since when.
    pub joined_at: Timestamp,
    /// The person's name and picture, among others.
    pub profile: Json<Profile>,
    /// The person's address.
    pub email: Option<Email>,
    /// Whether the person may do anything in the tenant.
    pub status: UserStatus,
}

sql! {
    tenant OF(3) = "SELECT o.tenant_id, o.id, o.slug, o.name, o.status, o.settings, o.metadata, o.protected, o.version,
            o.created_at, o.updated_at, m.role, m.joined_at, r.permissions
        FROM organization_members m JOIN organizations o ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
            LEFT JOIN organization_roles r ON r.tenant_id = m.tenant_id AND r.organization_id = m.organization_id
                AND r.name = m.role
        WHERE m.tenant_id = $1 AND m.user_id = $2 AND (o.id = $3 OR o.slug = $3)";
    tenant OF_USER(5) = "SELECT o.tenant_id, o.id, o.slug, o.name, o.status, o.settings, o.metadata, o.protected,
            o.version, o.created_at, o.updated_at, m.role, m.joined_at, r.permissions
        FROM organization_members m JOIN organizations o ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
            LEFT JOIN organization_roles r ON r.tenant_id = m.tenant_id AND r.organization_id = m.organization_id
                AND r.name = m.role
        WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.organization_id > $3
            AND (o.name_key LIKE $4 ESCAPE '!' OR o.slug LIKE $4 ESCAPE '!')
        ORDER BY m.organization_id LIMIT $5";
    tenant PAGE(4) = "SELECT m.user_id, m.role, m.joined_at, u.profile, u.email, u.status
        FROM organization_members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
        WHERE m.tenant_id = $1 AND m.organization_id = $2 AND m.user_id > $3 AND u.status <> 'deleted'
        ORDER BY m.user_id LIMIT $4";
    tenant ONE(3) = "SELECT m.user_id, m.role, m.joined_at, u.profile, u.email, u.status
        FROM organization_members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
        WHERE m.tenant_id = $1 AND m.organization_id = $2 AND m.user_id = $3 AND u.status <> 'deleted'";
    tenant ADD(5) = "INSERT INTO organization_members (tenant_id, organization_id, user_id, role, joined_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, organization_id, user_id) DO NOTHING";
    tenant SET_ROLE(4) = "UPDATE organization_members SET role = $4
        WHERE tenant_id = $1 AND organization_id = $2 AND user_id = $3";
    tenant REMOVE(3) = "DELETE FROM organization_members
        WHERE tenant_id = $1 AND organization_id = $2 AND user_id = $3";
    tenant OWNERS(2) = "SELECT m.user_id
        FROM organization_members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
        WHERE m.tenant_id = $1 AND m.organization_id = $2 AND m.role = 'owner' AND u.status = 'active'";
    tenant HOLD_OWNED(2) = "SELECT o.id FROM organizations o
            JOIN organization_members m ON m.tenant_id = o.tenant_id AND m.organization_id = o.id
        WHERE o.tenant_id = $1 AND m.user_id = $2 AND m.role = 'owner' ORDER BY o.id"
        | "SELECT o.id FROM organizations o
            JOIN organization_members m ON m.tenant_id = o.tenant_id AND m.organization_id = o.id
        WHERE o.tenant_id = $1 AND m.user_id = $2 AND m.role = 'owner' ORDER BY o.id FOR UPDATE OF o";
    tenant OWNED_ALONE(2) = "SELECT o.tenant_id, o.id, o.slug, o.name, o.status, o.settings, o.metadata, o.protected,
            o.version, o.created_at, o.updated_at
        FROM organizations o JOIN organization_members m ON m.tenant_id = o.tenant_id AND m.organization_id = o.id
        WHERE o.tenant_id = $1 AND m.user_id = $2 AND m.role = 'owner' AND NOT EXISTS (
            SELECT 1 FROM organization_members n JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.user_id
            WHERE n.tenant_id = m.tenant_id AND n.organization_id = m.organization_id AND n.role = 'owner'
                AND n.user_id <> m.user_id AND u.status = 'active')
        ORDER BY o.id";
    tenant COUNT_OWNED(2) = "SELECT CAST(COUNT(*) AS BIGINT) FROM organization_members
        WHERE tenant_id = $1 AND user_id = $2 AND role = 'owner'";
    tenant JOINABLE(4) = "SELECT o.tenant_id, o.id, o.slug, o.name, o.status, o.settings, o.metadata, o.protected,
            o.version, o.created_at, o.updated_at
        FROM organization_domains d JOIN organizations o ON o.tenant_id = d.tenant_id AND o.id = d.organization_id
        WHERE d.tenant_id = $1 AND d.domain = $3 AND o.status = 'active'
            AND NOT EXISTS (SELECT 1 FROM organization_members m WHERE m.tenant_id = o.tenant_id
                AND m.organization_id = o.id AND m.user_id = $2)
        ORDER BY o.id LIMIT $4";
}

/// What somebody is in the organization of this id or slug. `None`: nothing, or there is no such organization.
///
/// # Errors
/// The database failed.
pub async fn of(run: impl Run, tenant: &TenantId, user: &UserId, named: &str) -> sqlx::Result<Option<Membership>> {
    run.one(OF, (tenant.clone(), user.clone(), named.to_owned())).await
}

/// Up to `limit` memberships of somebody after this organization, in organizations whose name or slug holds `text`.
///
/// # Errors
/// The database failed.
pub async fn of_user(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    text: &str,
    (after, limit): (&str, i64),
) -> sqlx::Result<Vec<Membership>> {
    run.all(OF_USER, (tenant.clone(), user.clone(), after.to_owned(), pattern(text), limit)).await
}

/// Up to `limit` members after this person; whoever was deleted is not told.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    tenant: &TenantId,
    organization: &OrganizationId,
    (after, limit): (&str, i64),
) -> sqlx::Result<Vec<Member>> {
    run.all(PAGE, (tenant.clone(), organization.clone(), after.to_owned(), limit)).await
}

/// One member.
///
/// # Errors
/// The database failed.
pub async fn one(
    run: impl Run,
    tenant: &TenantId,
    organization: &OrganizationId,
    user: &UserId,
) -> sqlx::Result<Option<Member>> {
    run.one(ONE, (tenant.clone(), organization.clone(), user.clone())).await
}

/// Adds somebody. `false`: they are a member already, and stay what they are.
///
/// # Errors
/// The database failed.
pub async fn add(
    run: impl Run,
    (tenant, organization): (&TenantId, &OrganizationId),
    user: &UserId,
    role: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), organization.clone(), user.clone(), role.to_owned(), now);
    Ok(run.execute(ADD, values).await? == 1)
}

/// Gives a member another role. `false`: they are none.
///
/// # Errors
/// The database failed.
pub async fn set_role(
    run: impl Run,
    (tenant, organization): (&TenantId, &OrganizationId),
    user: &UserId,
    role: &str,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), organization.clone(), user.clone(), role.to_owned());
    Ok(run.execute(SET_ROLE, values).await? == 1)
}

/// Removes a member. `false`: they are none.
///
/// # Errors
/// The database failed.
pub async fn remove(
    run: impl Run,
    (tenant, organization): (&TenantId, &OrganizationId),
    user: &UserId,
) -> sqlx::Result<bool> {
    Ok(run.execute(REMOVE, (tenant.clone(), organization.clone(), user.clone())).await? == 1)
}

/// The owners who may act. Exact while the organization is held.
///
/// # Errors
/// The database failed.
pub async fn owners(run: impl Run, tenant: &TenantId, organization: &OrganizationId) -> sqlx::Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = run.all(OWNERS, (tenant.clone(), organization.clone())).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The organizations that have no other owner who may act; none of them loses one until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn owned_alone(tx: &mut Tx, tenant: &TenantId, user: &UserId) -> sqlx::Result<Vec<Organization>> {
    let held: Vec<(OrganizationId,)> = tx.all(HOLD_OWNED, (tenant.clone(), user.clone())).await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    // Asked anew, so that whoever left while we waited is seen to be gone.
    tx.all(OWNED_ALONE, (tenant.clone(), user.clone())).await
}

/// How many organizations somebody owns.
///
/// # Errors
/// The database failed.
pub async fn count_owned(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<i64> {
    let row: Option<(i64,)> = run.one(COUNT_OWNED, (tenant.clone(), user.clone())).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Up to `limit` active organizations that take members of this domain by themselves, and in which this person is
/// none yet.
///
/// # Errors
/// The database failed.
pub async fn joinable(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    domain: &str,
    limit: i64,
) -> sqlx::Result<Vec<Organization>> {
    run.all(JOINABLE, (tenant.clone(), user.clone(), domain.to_owned(), limit)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::store::organizations::tests::organization;
    use crate::store::organizations::{self, OrganizationSettings};
    use crate::store::testing::{databases, tenant};
    use crate::store::users::{self, Role, User};
    use crate::store::{Db, Flag, people};

    const NOW: Timestamp = Timestamp(1_000);

    async fn person(db: &Db, tenant: &TenantId, email: &str) -> UserId {
        let user = User {
            tenant_id: tenant.clone(),
            id: UserId::generate(),
            email: Some(email.parse().unwrap()),
            email_verified: Flag(true),
            username: None,
            status: UserStatus::Active,
            role: Role::User,
            profile: Json::default(),
            created_at: NOW,
            updated_at: NOW,
            last_login_at: None,
        };
        assert!(users::insert(db, &user).await.unwrap());
        user.id
    }

    #[tokio::test]
    async fn x2_a_member_is_one_of_one_organization_of_one_tenant() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let (acme, zeta) = (organization(&db, &one, "acme").await.id, organization(&db, &one, "zeta").await.id);
            let ada = person(&db, &one, "ada@one.test").await;
            assert!(add(&db, (&one, &acme), &ada, "guest", NOW).await.unwrap());
            assert!(!add(&db, (&one, &acme), &ada, OWNER, NOW).await.unwrap(), "once, and as before");
            assert_eq!(of(&db, &one, &ada, "acme").await.unwrap().unwrap().role, "guest");
            assert!(of(&db, &one, &ada, zeta.as_str()).await.unwrap().is_none());
            assert!(of(&db, &two, &ada, "acme").await.unwrap().is_none());
            assert_eq!(of_user(&db, &one, &ada, "acm", ("", 9)).await.unwrap().len(), 1);
            assert!(of_user(&db, &one, &ada, "zet", ("", 9)).await.unwrap().is_empty());
            assert!(one_of(&db, &one, &acme, &ada).await && !one_of(&db, &two, &acme, &ada).await);
            assert!(!set_role(&db, (&one, &zeta), &ada, OWNER).await.unwrap());
            assert!(!remove(&db, (&two, &acme), &ada).await.unwrap());
            assert!(remove(&db, (&one, &acme), &ada).await.unwrap());
            assert!(page(&db, &one, &acme, ("", 9)).await.unwrap().is_empty());
            assert!(add(&db, (&one, &acme), &ada, OWNER, NOW).await.unwrap(), "W-072: and again");
            assert_eq!(count_owned(&db, &one, &ada).await.unwrap(), 1);
        }
    }

    async fn one_of(db: &Db, tenant: &TenantId, organization: &OrganizationId, user: &UserId) -> bool {
        one(db, tenant, organization, user).await.unwrap().is_some()
    }

    #[tokio::test]
    async fn who_was_deleted_neither_owns_nor_is_listed() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let acme = organization(&db, &one, "acme").await.id;
            let (ada, bob) = (person(&db, &one, "ada@one.test").await, person(&db, &one, "bob@one.test").await);
            for owner in [&ada, &bob] {
                add(&db, (&one, &acme), owner, OWNER, NOW).await.unwrap();
            }
            let mut tx = db.begin().await.unwrap();
            assert!(owned_alone(&mut tx, &one, &ada).await.unwrap().is_empty());
            assert!(people::bury(&mut tx, &one, &bob, NOW, NOW.plus(Seconds(9))).await.unwrap());
            assert_eq!(owned_alone(&mut tx, &one, &ada).await.unwrap().len(), 1);
            assert_eq!(owners(&mut tx, &one, &acme).await.unwrap(), std::slice::from_ref(&ada));
            tx.commit().await.unwrap();
            assert_eq!(page(&db, &one, &acme, ("", 9)).await.unwrap().len(), 1);
            let mut tx = db.begin().await.unwrap();
            assert!(people::erase(&mut tx, &one, &bob).await.unwrap());
            tx.commit().await.unwrap();
            assert!(of(&db, &one, &bob, "acme").await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn who_has_an_address_of_a_domain_finds_the_organizations_that_take_it() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let acme = organization(&db, &one, "acme").await;
            let ada = person(&db, &one, "ada@acme.test").await;
            let domains = vec!["acme.test".to_owned(), "acme.example".to_owned()];
            for domains in [domains, vec!["acme.test".to_owned()]] {
                let mut tx = db.begin().await.unwrap();
                let settings = Json(OrganizationSettings { domains, second_factor: false });
                let changed = organizations::Organization { settings, ..acme.clone() };
                assert!(organizations::update(&mut tx, &changed).await.unwrap());
                tx.commit().await.unwrap();
            }
            let found = async |domain: &str| joinable(&db, &one, &ada, domain, 9).await.unwrap().len();
            assert_eq!((found("acme.test").await, found("acme.example").await, found("me.test").await), (1, 0, 0));
            add(&db, (&one, &acme.id), &ada, "member", NOW).await.unwrap();
            assert_eq!(found("acme.test").await, 0);
        }
    }
}
