//! How many people, organizations and clients a tenant has. Triggers count, in the transaction of what they count; a
//! limit is held by locking the count first, so that of many who come at once exactly as many pass as there is room for.

use std::collections::BTreeMap;

use super::Db;
use super::db::{Run, Tx};
use super::sql::sql;
use super::values::words;
use crate::base::{TenantId, Timestamp};

words! {
    /// What is counted.
    Counted {
        /// People who are not suspended; with them count, while limits are held, open invitations.
        Users = "users",
        /// Organizations.
        Organizations = "organizations",
        /// Clients, besides the built-in one.
        Clients = "clients",
    }
}

sql! {
    tenant HOLD(2) = "SELECT used FROM tenant_usage WHERE tenant_id = $1 AND kind = $2"
        | "SELECT used FROM tenant_usage WHERE tenant_id = $1 AND kind = $2 FOR UPDATE";
    tenant OPEN(2) = "INSERT INTO tenant_usage (tenant_id, kind, used) VALUES ($1, $2, 0)
        ON CONFLICT (tenant_id, kind) DO NOTHING";
    tenant OF_TENANT(1) = "SELECT kind, used FROM tenant_usage WHERE tenant_id = $1";
    tenant INVITED(2) = "SELECT COUNT(*) FROM invitations
        WHERE tenant_id = $1 AND organization_id = '' AND accepted_at IS NULL AND cancelled_at IS NULL
            AND expires_at > $2";
    tenant WRONG(0) = "SELECT u.tenant_id, u.kind, u.used, COALESCE(c.counted, 0) AS counted FROM tenant_usage u LEFT JOIN
            (SELECT tenant_id, 'users' AS kind, COUNT(*) AS counted FROM users WHERE status = 'active'
                GROUP BY tenant_id
            UNION ALL SELECT tenant_id, 'clients', COUNT(*) FROM clients WHERE id <> 'account' GROUP BY tenant_id
            UNION ALL SELECT tenant_id, 'organizations', COUNT(*) FROM organizations GROUP BY tenant_id) c
            ON c.tenant_id = u.tenant_id AND c.kind = u.kind
        WHERE u.used <> COALESCE(c.counted, 0) ORDER BY u.tenant_id, u.kind";
    tenant CORRECT_USERS(1) = "UPDATE tenant_usage SET used =
            (SELECT COUNT(*) FROM users WHERE users.tenant_id = $1 AND users.status = 'active')
        WHERE tenant_id = $1 AND kind = 'users'";
    tenant CORRECT_CLIENTS(1) = "UPDATE tenant_usage SET used =
            (SELECT COUNT(*) FROM clients WHERE clients.tenant_id = $1 AND clients.id <> 'account')
        WHERE tenant_id = $1 AND kind = 'clients'";
    tenant CORRECT_ORGANIZATIONS(1) = "UPDATE tenant_usage SET used =
            (SELECT COUNT(*) FROM organizations WHERE organizations.tenant_id = $1)
        WHERE tenant_id = $1 AND kind = 'organizations'";
}

/// A count that is not what there is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Wrong {
    /// Whose.
    pub tenant_id: TenantId,
    /// Of what.
    pub kind: String,
    /// The count.
    pub used: i64,
    /// What there is.
    pub counted: i64,
}

/// How many there are, and nobody else adds one until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn hold(tx: &mut Tx, tenant: &TenantId, what: Counted, now: Timestamp) -> sqlx::Result<i64> {
    let mut used = held(tx, tenant, what).await?;
    if used.is_none() {
        tx.execute(OPEN, (tenant.clone(), what.as_str().to_owned())).await?;
        used = held(tx, tenant, what).await?;
    }
    let invited = if what == Counted::Users { invited(tx, tenant, now).await? } else { 0 };
    Ok(used.unwrap_or_default() + invited)
}

async fn held(tx: &mut Tx, tenant: &TenantId, what: Counted) -> sqlx::Result<Option<i64>> {
    let found: Option<(i64,)> = tx.one(HOLD, (tenant.clone(), what.as_str().to_owned())).await?;
    Ok(found.map(|(used,)| used))
}

async fn invited(run: impl Run, tenant: &TenantId, now: Timestamp) -> sqlx::Result<i64> {
    let found: Option<(i64,)> = run.one(INVITED, (tenant.clone(), now)).await?;
    Ok(found.map_or(0, |(open,)| open))
}

/// How many of everything a tenant has, as its limits count.
///
/// # Errors
/// The database failed.
pub async fn of_tenant(db: &Db, tenant: &TenantId, now: Timestamp) -> sqlx::Result<BTreeMap<&'static str, i64>> {
    let rows: Vec<(String, i64)> = db.all(OF_TENANT, (tenant.clone(),)).await?;
    let rows: BTreeMap<String, i64> = rows.into_iter().collect();
    let used = |what: Counted| (what.as_str(), rows.get(what.as_str()).copied().unwrap_or_default());
    let mut all = BTreeMap::from([Counted::Users, Counted::Organizations, Counted::Clients].map(used));
    *all.entry(Counted::Users.as_str()).or_default() += invited(db, tenant, now).await?;
    Ok(all)
}

/// Counts of any tenant that are not what there is: somebody changed rows with the triggers off.
///
/// # Errors
/// The database failed.
pub async fn wrong(run: impl Run) -> sqlx::Result<Vec<Wrong>> {
    run.all(WRONG, ()).await
}

/// Counts a tenant's rows anew, while nobody adds one.
///
/// # Errors
/// The database failed.
pub async fn correct(db: &Db, tenant: &TenantId) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    for what in [Counted::Users, Counted::Clients, Counted::Organizations] {
        hold(&mut tx, tenant, what, Timestamp(0)).await?;
    }
    for sql in [CORRECT_USERS, CORRECT_CLIENTS, CORRECT_ORGANIZATIONS] {
        tx.execute(sql, (tenant.clone(),)).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{OrganizationId, UserId};
    use crate::store::invitations::{self, Invitation};
    use crate::store::testing::{databases, tenant};
    use crate::store::users::{self, Profile, Role, User, UserStatus};
    use crate::store::{Flag, Json, people};

    const NOW: Timestamp = Timestamp(1_000);
    const LATER: Timestamp = Timestamp(2_000);

    fn user(tenant: &TenantId, number: usize) -> User {
        User {
            tenant_id: tenant.clone(),
            id: UserId::generate(),
            email: Some(format!("person{number}@one.test").parse().unwrap()),
            email_verified: Flag(true),
            username: None,
            status: UserStatus::Active,
            role: Role::User,
            profile: Json(Profile::default()),
            created_at: NOW,
            updated_at: NOW,
            last_login_at: None,
        }
    }

    async fn users_of(db: &Db, tenant: &TenantId) -> i64 {
        of_tenant(db, tenant, NOW).await.unwrap()["users"]
    }

    #[tokio::test]
    async fn people_count_while_they_may_act_whatever_becomes_of_them() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let (ada, eve) = (user(&one, 1), user(&one, 2));
            assert!(users::insert(&db, &ada).await.unwrap() && users::insert(&db, &eve).await.unwrap());
            assert!(!users::insert(&db, &user(&one, 1)).await.unwrap(), "the address is taken");
            assert_eq!(users_of(&db, &one).await, 2);
            users::set_status(&db, &one, &eve.id, UserStatus::Suspended, NOW).await.unwrap();
            assert_eq!(users_of(&db, &one).await, 1);
            users::set_status(&db, &one, &eve.id, UserStatus::Suspended, NOW).await.unwrap();
            users::set_status(&db, &one, &eve.id, UserStatus::Active, NOW).await.unwrap();
            assert_eq!(users_of(&db, &one).await, 2);
            assert!(people::bury(&db, &one, &ada.id, NOW, LATER).await.unwrap());
            assert_eq!(users_of(&db, &one).await, 1);
            let mut tx = db.begin().await.unwrap();
            people::raise(&mut tx, &one, &ada.id, NOW).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(users_of(&db, &one).await, 2);
            people::bury(&db, &one, &ada.id, NOW, LATER).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            assert!(people::erase(&mut tx, &one, &ada.id).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!((users_of(&db, &one).await, users_of(&db, &two).await), (1, 0));
            assert_eq!(wrong(&db).await.unwrap(), []);
        }
    }

    #[tokio::test]
    async fn an_open_invitation_holds_a_place_until_it_ends() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let invitation = Invitation {
                tenant_id: one.clone(),
                id: "1".to_owned(),
                email: "ada@one.test".parse().unwrap(),
                role: Role::User,
                invited_by: "admin".to_owned(),
                created_at: NOW,
                sent_at: NOW,
                expires_at: LATER,
                accepted_at: None,
                accepted_by: None,
                cancelled_at: None,
                organization_id: OrganizationId::from(""),
                organization_role: String::new(),
            };
            let into =
                Invitation { id: "2".to_owned(), organization_id: OrganizationId::from("acme"), ..invitation.clone() };
            invitations::offer(&db, &into).await.unwrap();
            invitations::offer(&db, &invitation).await.unwrap();
            let held = async |now| {
                let mut tx = db.begin().await.unwrap();
                hold(&mut tx, &one, Counted::Users, now).await.unwrap()
            };
            assert_eq!((held(NOW).await, held(LATER).await), (1, 0));
            invitations::cancel(&db, &one, "1", NOW).await.unwrap();
            assert_eq!(held(NOW).await, 0);
        }
    }

    #[tokio::test]
    async fn of_many_at_once_exactly_as_many_pass_as_there_is_room_for() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let mut all = tokio::task::JoinSet::new();
            for number in 0..50 {
                let (db, user) = (db.clone(), user(&one, number));
                all.spawn(async move {
                    let mut tx = db.begin().await.unwrap();
                    let room = hold(&mut tx, &user.tenant_id, Counted::Users, NOW).await.unwrap() < 17;
                    if room {
                        assert!(users::insert(&mut tx, &user).await.unwrap());
                        tx.commit().await.unwrap();
                    }
                    room
                });
            }
            assert_eq!(all.join_all().await.into_iter().filter(|passed| *passed).count(), 17);
            assert_eq!(users_of(&db, &one).await, 17);
        }
    }

    #[tokio::test]
    async fn a_count_that_went_wrong_is_found_and_corrected() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            assert!(users::insert(&db, &user(&one, 1)).await.unwrap());
            db.execute(SPOIL, (one.clone(),)).await.unwrap();
            let found = wrong(&db).await.unwrap();
            let expected = Wrong { tenant_id: one.clone(), kind: "users".to_owned(), used: 6, counted: 1 };
            assert_eq!(found, [expected]);
            correct(&db, &one).await.unwrap();
            assert_eq!(wrong(&db).await.unwrap(), []);
        }
    }

    const SPOIL: crate::store::sql::Sql<1> = crate::store::sql::Sql::tenant(
        "UPDATE tenant_usage SET used = used + 5 WHERE tenant_id = $1",
        "UPDATE tenant_usage SET used = used + 5 WHERE tenant_id = $1",
    );
}
