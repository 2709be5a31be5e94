//! Roles: nobody gives or takes one above their own, and a tenant keeps somebody who rules it (W-055, W-070).

use serde_json::json;

use super::standing::keep_an_owner;
use super::{Accounts, Giver, nobody};
use crate::base::{Actor, Code, Result, Stop, UserId};
use crate::store::audit::{self, Event};
use crate::store::people;
use crate::store::tenants::Tenant;
use crate::store::users::{self as store, Role, User};

impl Accounts {
    /// Gives another role, for operators.
    ///
    /// # Errors
    /// There is no such person, or it is the tenant's last owner.
    pub async fn set_role(&self, tenant: &Tenant, user: &UserId, role: Role, by: &Actor) -> Result<()> {
        let operator = Giver { actor: by.clone(), highest: Role::Owner, name: None };
        self.change_role(tenant, (user, role), &operator, false).await.map(drop)
    }

    /// Gives another role within what the giver has at this moment: of two who take each other's role at the same
    /// time, the second has none to take it with.
    ///
    /// # Errors
    /// `Forbidden`: the role, or the one that the person has, is above the giver's own. `NotFound`: there is no such
    /// person. `UserIsSoleOwner`: nobody else rules the tenant.
    pub async fn give_role(&self, tenant: &Tenant, user: &UserId, role: Role, by: &Giver) -> Result<User> {
        self.change_role(tenant, (user, role), by, true).await
    }

    async fn change_role(&self, tenant: &Tenant, (id, role): (&UserId, Role), by: &Giver, again: bool) -> Result<User> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        // Everybody who could do the same waits here.
        people::rulers(&mut tx, &tenant.id).await?;
        let mut highest = by.highest;
        if again && let Some(giver) = store::by_id(&mut tx, &tenant.id, &UserId::from(by.actor.id.as_str())).await? {
            highest = if giver.role.rank() < highest.rank() { giver.role } else { highest };
        }
        let mut user = store::by_id(&mut tx, &tenant.id, id).await?.ok_or_else(nobody)?;
        if user.role.rank().max(role.rank()) > highest.rank() {
            return Err(Stop::refuse(Code::Forbidden, "nobody gives or takes a role above their own"));
        }
        if user.role == role {
            return Ok(user);
        }
        if role.rank() < user.role.rank() {
            keep_an_owner(&mut tx, tenant, id).await?;
        }
        store::set_role(&mut tx, &tenant.id, id, role, now).await?;
        let event = Event::new(&tenant.id, now, "user.role_changed").by(&by.actor.id).on(id.as_str());
        let detail = json!({ "role": role.as_str(), "before": user.role.as_str() });
        audit::record(&mut tx, event.from(&by.actor.origin).detail(detail)).await?;
        tx.commit().await?;
        (user.role, user.updated_at) = (role, now);
        Ok(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::NewUser;
    use crate::accounts::tests::{Place, ada, places};

    const ROLES: [Role; 4] = [Role::User, Role::Support, Role::Admin, Role::Owner];

    impl Place {
        async fn of_role(&self, name: &str, role: Role) -> UserId {
            let email = Some(format!("{name}@demo.test").parse().unwrap());
            self.create(NewUser { email, username: None, password: None, role, ..ada() }).await.unwrap().id
        }

        async fn give(&self, by: (&UserId, Role), to: &UserId, role: Role) -> Result<Role, Code> {
            let actor = Actor { id: by.0.to_string(), ..Actor::operator() };
            let giver = Giver { actor, highest: by.1, name: None };
            match self.accounts.give_role(&self.tenant, to, role, &giver).await {
                Ok(user) => Ok(user.role),
                Err(Stop::Refused(refusal)) => Err(refusal.code),
                Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
            }
        }
    }

    #[tokio::test]
    async fn w070_u7_over_all_pairs_of_roles_nobody_gives_or_takes_above_their_own() {
        for place in places().await {
            place.of_role("keeper", Role::Owner).await;
            for giver in ROLES {
                let by = place.of_role(&format!("giver-{}", giver.as_str()), giver).await;
                for (before, after) in ROLES.into_iter().flat_map(|role| ROLES.map(|after| (role, after))) {
                    let name = format!("{}-{}-{}", giver.as_str(), before.as_str(), after.as_str());
                    let whom = place.of_role(&name, before).await;
                    let reaches = giver.rank() >= before.rank() && giver.rank() >= after.rank();
                    let expected = if reaches { Ok(after) } else { Err(Code::Forbidden) };
                    assert_eq!(place.give((&by, giver), &whom, after).await, expected, "{name}");
                    let found = store::by_id(&place.db, &place.tenant.id, &whom).await.unwrap().unwrap();
                    assert_eq!(found.role, if reaches { after } else { before }, "{name}");
                }
            }
        }
    }

    #[tokio::test]
    async fn w071_what_a_giver_had_a_moment_ago_counts_for_nothing() {
        for place in places().await {
            let (one, two) = (place.of_role("one", Role::Owner).await, place.of_role("two", Role::Owner).await);
            assert_eq!(place.give((&one, Role::Owner), &two, Role::Support).await, Ok(Role::Support));
            // The request was let in while two was an owner still.
            assert_eq!(place.give((&two, Role::Owner), &one, Role::User).await, Err(Code::Forbidden));
            assert_eq!(place.give((&one, Role::Owner), &one, Role::Admin).await, Err(Code::UserIsSoleOwner));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn w070_of_two_who_take_each_others_role_at_once_one_stays() {
        for place in places().await {
            let (one, two) = (place.of_role("one", Role::Owner).await, place.of_role("two", Role::Owner).await);
            let both = tokio::join!(
                place.give((&one, Role::Owner), &two, Role::Admin),
                place.give((&two, Role::Owner), &one, Role::Admin)
            );
            assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
        }
    }

    #[tokio::test]
    async fn w070_without_an_owner_the_last_administrator_stays() {
        for place in places().await {
            let (one, two) = (place.of_role("one", Role::Admin).await, place.of_role("two", Role::Admin).await);
            assert_eq!(place.give((&one, Role::Admin), &two, Role::User).await, Ok(Role::User));
            assert_eq!(place.give((&one, Role::Admin), &one, Role::User).await, Err(Code::UserIsSoleOwner));
        }
    }
}
