//! Whether a person may do anything: suspended, deleted, brought back. A tenant always keeps an owner (W-070).

use super::protection::must_be_free;
use super::{Accounts, nobody};
use crate::base::{Actor, Code, Refusal, Result, Stop, Timestamp, UserId};
use crate::mail::{Letter, Recipient};
use crate::store::audit::{self, Event};
use crate::store::people::{self, Raised};
use crate::store::tenants::Tenant;
use crate::store::users::{self as store, User, UserStatus};
use crate::store::{Tx, one_time, organization_members};
use crate::tenants::{Counted, TenantContext, make_room};

/// Most people purged in one round.
const BATCH: i64 = 200;

impl Accounts {
    /// Suspends, activates or deletes; unless activated, every session and token of the person ends (W-025).
    ///
    /// # Errors
    /// There is no such person, it is the tenant's last owner, or it is protected from being deleted.
    pub async fn set_status(&self, tenant: &Tenant, user: &UserId, status: UserStatus, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let person = store::by_id(&mut tx, &tenant.id, user).await?.ok_or_else(nobody)?;
        if status != UserStatus::Active {
            keep_an_owner(&mut tx, tenant, user).await?;
        } else if person.status == UserStatus::Suspended {
            make_room(&mut tx, tenant, Counted::Users, now).await?;
        }
        if status == UserStatus::Deleted {
            keep_owners_of_organizations(&mut tx, tenant, user).await?;
        }
        let (action, done) = match status {
            UserStatus::Active => {
                ("user.unsuspended", store::set_status(&mut tx, &tenant.id, user, status, now).await?)
            }
            UserStatus::Suspended => {
                ("user.suspended", store::set_status(&mut tx, &tenant.id, user, status, now).await?)
            }
            UserStatus::Deleted => {
                must_be_free(&mut tx, tenant, user).await?;
                ("user.deleted", people::bury(&mut tx, &tenant.id, user, now, purge_at(tenant, now)).await?)
            }
        };
        if !done {
            return Err(nobody());
        }
        if status != UserStatus::Active {
            self.end_everything(&mut tx, tenant, user).await?;
            one_time::withdraw_all(&mut tx, &tenant.id, user.as_str(), now).await?;
        }
        match status {
            UserStatus::Active => {}
            UserStatus::Suspended => self.notify(&mut tx, tenant, &person, &Letter::AccountSuspended).await?,
            UserStatus::Deleted => {
                let letter = Letter::AccountDeleted { until: purge_at(tenant, now) };
                self.notify(&mut tx, tenant, &person, &letter).await?;
            }
        }
        self.record(&mut tx, tenant, action, user, by).await?;
        Ok(tx.commit().await?)
    }

    /// Lets a suspended person in again, who is told so.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn activate(&self, tenant: &TenantContext, user: &UserId, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let person = store::by_id(&mut tx, &tenant.id, user).await?.ok_or_else(nobody)?;
        if person.status == UserStatus::Suspended {
            make_room(&mut tx, tenant, Counted::Users, self.clock.now()).await?;
        }
        if !store::set_status(&mut tx, &tenant.id, user, UserStatus::Active, self.clock.now()).await? {
            return Err(nobody());
        }
        if person.status == UserStatus::Suspended {
            let letter = Letter::AccountRestored { sign_in: format!("{}/login", tenant.issuer) };
            self.notify(&mut tx, tenant, &person, &letter).await?;
        }
        self.record(&mut tx, tenant, "user.unsuspended", user, by).await?;
        Ok(tx.commit().await?)
    }

    /// Brings a deleted person back, as they were but signed out everywhere.
    ///
    /// # Errors
    /// Nobody of this id was deleted lately, or the address or user name is somebody else's now.
    pub async fn restore(&self, tenant: &TenantContext, user: &UserId, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        make_room(&mut tx, tenant, Counted::Users, self.clock.now()).await?;
        match people::raise(&mut tx, &tenant.id, user, self.clock.now()).await? {
            Raised::Back => {}
            Raised::Nobody => return Err(nobody()),
            Raised::Taken => {
                let taken = "the e-mail address or user name belongs to another account by now";
                return Err(Stop::refuse(Code::Conflict, taken));
            }
        }
        if let Some(person) = store::by_id(&mut tx, &tenant.id, user).await? {
            let letter = Letter::AccountRestored { sign_in: format!("{}/login", tenant.issuer) };
            self.notify(&mut tx, tenant, &person, &letter).await?;
        }
        self.record(&mut tx, tenant, "user.restored", user, by).await?;
        Ok(tx.commit().await?)
    }

    /// Tells a person what became of their account. It became so also when the tenant has sent all its mails today.
    pub(super) async fn notify(&self, tx: &mut Tx, tenant: &Tenant, person: &User, letter: &Letter) -> Result<()> {
        let Some(recipient) = Recipient::of(person) else { return Ok(()) };
        match self.mail.send(tx, tenant, &recipient, letter).await {
            Err(Stop::Refused(_)) => Ok(()),
            sent => sent,
        }
    }

    /// Removes for good whoever was deleted long enough ago; answers how many.
    ///
    /// # Errors
    /// The database failed; who was removed before stays removed.
    pub async fn purge_due(&self) -> Result<u64> {
        let now = self.clock.now();
        let mut purged = 0;
        for (tenant, user) in people::due(&self.db, now, BATCH).await? {
            let mut tx = self.db.begin().await?;
            if people::erase(&mut tx, &tenant, &user).await? {
                audit::record(&mut tx, Event::new(&tenant, now, "user.purged").on(user.as_str())).await?;
                tx.commit().await?;
                purged += 1;
            }
        }
        Ok(purged)
    }
}

/// When a person deleted now is purged.
#[must_use]
pub fn purge_at(tenant: &Tenant, now: Timestamp) -> Timestamp {
    now.plus(tenant.settings.lifetimes.deletion_grace)
}

/// Refuses to let the last active owner of a tenant cease to be one, or the last administrator where there is no
/// owner. Of two who try at the same time one stays.
pub(super) async fn keep_an_owner(tx: &mut Tx, tenant: &Tenant, leaving: &UserId) -> Result<()> {
    match people::rulers(tx, &tenant.id).await?.as_slice() {
        [last] if last == leaving => {
            Err(Stop::refuse(Code::UserIsSoleOwner, "this is the only owner; make somebody else an owner first"))
        }
        _ => Ok(()),
    }
}

/// Refuses to delete somebody without whom an organization has no owner who may act.
async fn keep_owners_of_organizations(tx: &mut Tx, tenant: &Tenant, leaving: &UserId) -> Result<()> {
    let owned = organization_members::owned_alone(tx, &tenant.id, leaving).await?;
    if owned.is_empty() {
        return Ok(());
    }
    let told: Vec<_> =
        owned.iter().map(|one| serde_json::json!({ "id": one.id, "slug": one.slug, "name": one.name })).collect();
    let why = "organizations have no other owner; transfer or delete them first";
    Err(Refusal::new(Code::UserIsSoleOwner, why).member("organizations", told).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::NewUser;
    use crate::accounts::tests::{Place, RIGHT, ada, places};
    use crate::base::{Origin, Seconds};
    use crate::store::users::Role;

    impl Place {
        async fn owner(&self, email: &str) -> UserId {
            let new = NewUser { email: Some(email.parse().unwrap()), username: None, role: Role::Owner, ..ada() };
            self.create(new).await.unwrap().id
        }

        async fn set(&self, user: &UserId, status: UserStatus) -> Result<(), Code> {
            code(self.accounts.set_status(&self.tenant, user, status, &Actor::operator()).await)
        }

        async fn demote(&self, user: &UserId) -> Result<(), Code> {
            code(self.accounts.set_role(&self.tenant, user, Role::Admin, &Actor::operator()).await)
        }

        async fn restore(&self, user: &UserId) -> Result<(), Code> {
            let tenant = TenantContext::new(self.tenant.clone(), "https://id.test/t/one".to_owned());
            code(self.accounts.restore(&tenant, user, &Actor::operator()).await)
        }
    }

    fn code(done: Result<()>) -> Result<(), Code> {
        done.map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal.code,
            Stop::Failed(fault) => panic!("{}", fault.chain()),
        })
    }

    #[tokio::test]
    async fn w070_a_tenant_keeps_its_last_owner() {
        for place in places().await {
            let (one, two) = (place.owner("one@demo.test").await, place.owner("two@demo.test").await);
            place.demote(&one).await.unwrap();
            for status in [UserStatus::Suspended, UserStatus::Deleted] {
                assert_eq!(place.set(&two, status).await, Err(Code::UserIsSoleOwner));
            }
            assert_eq!(place.demote(&two).await, Err(Code::UserIsSoleOwner));
            let three = place.owner("three@demo.test").await;
            place.set(&three, UserStatus::Suspended).await.unwrap();
            assert_eq!(
                place.set(&two, UserStatus::Deleted).await,
                Err(Code::UserIsSoleOwner),
                "who is suspended rules not"
            );
            place.set(&three, UserStatus::Active).await.unwrap();
            place.set(&two, UserStatus::Deleted).await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn w070_of_two_owners_who_leave_at_once_one_stays() {
        for place in places().await {
            for round in 0..5 {
                let (one, two) = (
                    place.owner(&format!("one{round}@demo.test")).await,
                    place.owner(&format!("two{round}@demo.test")).await,
                );
                let left = tokio::join!(place.set(&one, UserStatus::Deleted), place.set(&two, UserStatus::Deleted));
                assert!(left.0.is_ok() != left.1.is_ok(), "{left:?}");
                let rest = if left.0.is_ok() { &two } else { &one };
                let next = place.owner(&format!("next{round}@demo.test")).await;
                place.set(rest, UserStatus::Deleted).await.unwrap();
                assert_eq!(place.demote(&next).await, Err(Code::UserIsSoleOwner));
                make_room(&place, &next).await;
            }
        }
    }

    /// Makes room for the next round: the rule holds for services, not for the table.
    async fn make_room(place: &Place, user: &UserId) {
        store::set_role(&place.db, &place.tenant.id, user, Role::User, place.clock.now()).await.unwrap();
    }

    #[tokio::test]
    async fn a_deleted_person_can_be_restored_until_the_purge_which_leaves_nothing_that_tells_who_it_was() {
        for place in places().await {
            let user = place.create(ada()).await.unwrap();
            let origin = Origin { ip: Some("192.0.2.1".to_owned()), ..Origin::default() };
            let wrong = crate::base::Secret::new("wrong");
            let typed = "ada@example.test";
            place.accounts.authenticate(&place.tenant, typed, &wrong, &origin).await.unwrap_err();
            place.set(&user.id, UserStatus::Deleted).await.unwrap();
            assert!(place.sign_in("ada", RIGHT).await.is_err());
            place.restore(&user.id).await.unwrap();
            place.sign_in("ada", RIGHT).await.unwrap();
            place.set(&user.id, UserStatus::Deleted).await.unwrap();
            let clock = &place.clock;
            clock.advance(Seconds(place.tenant.settings.lifetimes.deletion_grace.0 - 1));
            assert_eq!(place.accounts.purge_due().await.unwrap(), 0);
            clock.advance(Seconds(1));
            assert_eq!(place.restore(&user.id).await, Err(Code::NotFound), "too late, though nobody purged yet");
            assert_eq!(place.accounts.purge_due().await.unwrap(), 1);
            assert_eq!(place.accounts.purge_due().await.unwrap(), 0);
            let rows = audit::page(&place.db, &place.tenant.id, "", 99).await.unwrap();
            assert_eq!(rows.last().unwrap().action, "user.purged");
            assert!(rows.iter().any(|row| row.action == "user.login_failed"));
            for row in rows {
                assert!(row.ip.is_none() && !row.detail.0.to_string().contains("ada@example"), "{row:?}");
            }
        }
    }
}
