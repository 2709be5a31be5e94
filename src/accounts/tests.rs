//! Accounts on every database.

mod devices;

use super::engine::{Entrance, Outcome};
use super::*;
use crate::base::{Origin, Proof, TenantId, Timestamp};
use crate::config::{Config, Overrides};
use crate::keys::{Keys, MasterKey, Schedule};
use crate::limits::tests::limits;
use crate::store::testing::{databases, tenant as new_tenant};
use crate::store::users::credentials;
use crate::store::{audit, passwords, tenants};
use crate::tenants::TenantContext;

pub(super) const RIGHT: &str = "correct horse";

pub(super) struct Place {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) accounts: Accounts,
    factors: Factors,
    pub(super) tenant: Tenant,
}

pub(super) async fn places() -> Vec<Place> {
    let passwords = Passwords::start().unwrap();
    let mut places = Vec::new();
    for db in databases().await {
        let id = new_tenant(&db, "one").await;
        let tenant = tenants::by_id(&db, &id).await.unwrap().unwrap();
        let clock = Clock::fixed(Timestamp(1_000_000));
        let limits = limits(&db, &clock, false);
        let accounts = Accounts::new(db.clone(), clock.clone(), passwords.clone(), limits, mail(&db, &clock));
        let keys = Keys::new(
            db.clone(),
            MasterKey::parse(&MasterKey::generate()).unwrap(),
            clock.clone(),
            Schedule::default(),
        )
        .unwrap();
        let factors = Factors::new(db.clone(), clock.clone(), keys, accounts.clone(), mail(&db, &clock));
        places.push(Place { db, clock, accounts, factors, tenant });
    }
    places
}

fn mail(db: &Db, clock: &Clock) -> Mail {
    let master = MasterKey::parse(&MasterKey::generate()).unwrap();
    let keys = Keys::new(db.clone(), master, clock.clone(), Schedule::default()).unwrap();
    Mail::new(&Config::load(&Overrides::default()).unwrap(), clock.clone(), db.clone(), keys)
}

pub(super) fn ada() -> NewUser {
    NewUser {
        email: Some("Ada@Example.test".parse().unwrap()),
        email_verified: true,
        username: Some("ada".to_owned()),
        password: Some(Secret::new(RIGHT)),
        role: Role::User,
        profile: Profile::default(),
    }
}

impl Place {
    pub(super) async fn create(&self, new: NewUser) -> Result<User> {
        self.accounts.create(&self.tenant, new, &Actor::operator()).await
    }

    pub(super) async fn sign_in(&self, identifier: &str, password: &str) -> Result<User> {
        let origin = Origin::default();
        let first = self.accounts.authenticate(&self.tenant, identifier, &Secret::new(password), &origin).await?;
        let user = first.user.id.clone();
        let context = TenantContext::new(self.tenant.clone(), "http://localhost/t/one".to_owned());
        match self.factors.after_first_factor(&Entrance::new(&context, &origin), first).await? {
            Outcome::SignedIn(proof) => assert_eq!(proof, Proof::password(&user)),
            other => panic!("{other:?}"),
        }
        Ok(self.accounts.find(&self.tenant, &user).await?.unwrap())
    }

    async fn refusal(&self, identifier: &str, password: &str) -> (Code, String) {
        match self.sign_in(identifier, password).await {
            Err(Stop::Refused(refusal)) => (refusal.code, refusal.description.into_owned()),
            other => panic!("{identifier}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_person_signs_in_by_address_or_user_name_in_any_case() {
    for place in places().await {
        let ada = place.create(ada()).await.unwrap();
        for identifier in ["ada@example.test", " ADA@EXAMPLE.TEST ", "ada", "Ada"] {
            let user = place.sign_in(identifier, RIGHT).await.unwrap();
            assert_eq!((user.id, user.last_login_at), (ada.id.clone(), Some(Timestamp(1_000_000))));
        }
        let events = audit::page(&place.db, &place.tenant.id, "", 9).await.unwrap();
        let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["user.created", "user.login", "user.login", "user.login", "user.login"]);
    }
}

#[tokio::test]
async fn w001_w009_unknown_wrong_empty_and_passwordless_get_one_answer_and_a_row() {
    for place in places().await {
        place.create(ada()).await.unwrap();
        let bare = NewUser { email: Some("bare@example.test".parse().unwrap()), username: None, ..ada() };
        place.create(NewUser { password: None, ..bare }).await.unwrap();
        let expected = place.refusal("nobody@example.test", RIGHT).await;
        assert_eq!(expected.0, Code::InvalidGrant);
        let tries = [("ada", "wrong"), ("ada", ""), ("bare@example.test", ""), ("bare@example.test", RIGHT), ("", "")];
        for (identifier, password) in tries {
            assert_eq!(place.refusal(identifier, password).await, expected, "{identifier} {password}");
        }
        let events = audit::page(&place.db, &place.tenant.id, "", 20).await.unwrap();
        let failed: Vec<_> = events.iter().filter(|event| event.action == "user.login_failed").collect();
        assert_eq!(failed.len(), 6, "W-130: failed sign-ins are in the audit trail");
        assert!(failed.iter().all(|event| event.actor.is_none() && event.result == "invalid_grant"));
        assert!(!format!("{events:?}").contains(RIGHT), "W-116");
    }
}

#[tokio::test]
async fn w008_w020_the_state_of_an_account_is_told_only_after_the_right_password() {
    for mut place in places().await {
        let ada = place.create(ada()).await.unwrap();
        let new = NewUser { email: Some("new@example.test".parse().unwrap()), username: None, ..self::ada() };
        place.create(NewUser { email_verified: false, ..new }).await.unwrap();
        let (operator, suspended) = (Actor::operator(), UserStatus::Suspended);
        place.accounts.set_status(&place.tenant, &ada.id, suspended, &operator).await.unwrap();
        for identifier in ["ada", "new@example.test"] {
            assert_eq!(place.refusal(identifier, "wrong").await.0, Code::InvalidGrant);
            assert_eq!(place.refusal(identifier, RIGHT).await.0, Code::Forbidden);
        }
        place.tenant.settings.0.unverified_sign_in = true;
        assert!(place.sign_in("new@example.test", RIGHT).await.is_ok());
        place.accounts.set_status(&place.tenant, &ada.id, UserStatus::Active, &operator).await.unwrap();
        assert!(place.sign_in("ada", RIGHT).await.is_ok());
    }
}

#[tokio::test]
async fn w011_w012_of_many_parallel_registrations_of_one_address_one_is_made_and_can_sign_in() {
    for place in places().await {
        let mut all = tokio::task::JoinSet::new();
        for number in 0..50 {
            let (accounts, tenant) = (place.accounts.clone(), place.tenant.clone());
            let address = if number % 2 == 0 { "Ada@Example.test" } else { "ada@example.TEST" };
            let password = Secret::new(format!("few words {number}"));
            all.spawn(async move {
                let new = NewUser { email: Some(address.parse().unwrap()), password: Some(password), ..ada() };
                accounts.create(&tenant, new, &Actor::operator()).await.map(|_| number)
            });
        }
        let outcomes = all.join_all().await;
        let made: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(made.len(), 1, "{outcomes:?}");
        assert!(place.sign_in("ada@example.test", &format!("few words {}", made[0])).await.is_ok());
    }
}

#[tokio::test]
async fn w024_a_deleted_account_frees_its_address() {
    for place in places().await {
        let first = place.create(ada()).await.unwrap();
        place.accounts.set_status(&place.tenant, &first.id, UserStatus::Deleted, &Actor::operator()).await.unwrap();
        assert_eq!(place.refusal("ada", RIGHT).await.0, Code::InvalidGrant);
        let second = place.create(ada()).await.unwrap();
        assert_eq!(place.sign_in("ada", RIGHT).await.unwrap().id, second.id);
        let again = place.accounts.set_status(&place.tenant, &first.id, UserStatus::Active, &Actor::operator()).await;
        assert!(again.is_err(), "a deleted account came back");
    }
}

#[tokio::test]
async fn w005_w013_w014_a_new_password_follows_the_policy_is_hashed_and_ends_what_was_open() {
    for place in places().await {
        let (ada, operator) = (place.create(ada()).await.unwrap(), Actor::operator());
        let set = async |password: &str| {
            place.accounts.set_password(&place.tenant, &ada.id, &Secret::new(password), &operator).await
        };
        assert!(set("short").await.is_err());
        assert!(set(&"x".repeat(1025)).await.is_err());
        set("another password").await.unwrap();
        assert_eq!(place.refusal("ada", RIGHT).await.0, Code::InvalidGrant);
        assert!(place.sign_in("ada", "another password").await.is_ok());
        let hash = credentials(&place.db, &place.tenant.id, "ada").await.unwrap().unwrap().hash.unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("another"));
        let now = place.clock.now();
        let revoked = grants::revoked_since(&place.db, now, now).await.unwrap();
        assert_eq!(revoked[0].id, ada.id.as_str());
    }
}

#[tokio::test]
async fn w028_who_brought_a_hash_along_signs_in_with_it_once_and_is_hashed_as_everybody_afterwards() {
    for place in places().await {
        let ada = place.create(ada()).await.unwrap();
        let foreign = bcrypt::hash("brought along", 4).unwrap();
        let foreign = Passwords::accept_foreign(&foreign).unwrap();
        let now = place.clock.now();
        store::set_password(&place.db, &place.tenant.id, &ada.id, foreign.as_str(), now).await.unwrap();
        let stored = async || credentials(&place.db, &place.tenant.id, "ada").await.unwrap().unwrap().hash.unwrap();
        assert!(place.sign_in("ada", "wrong").await.is_err());
        assert_eq!(stored().await, foreign.as_str(), "a wrong password replaced it");
        for _ in 0..2 {
            assert!(place.sign_in("ada", "brought along").await.is_ok());
            assert!(stored().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        }
        assert_eq!(place.refusal("ada", "wrong").await.0, Code::InvalidGrant);
        let meanwhile = (foreign.as_str(), "a hash of the past");
        assert!(!passwords::replace(&place.db, &place.tenant.id, &ada.id, meanwhile).await.unwrap());
    }
}

#[tokio::test]
async fn u2_guessing_in_parallel_gains_nothing() {
    for place in places().await {
        place.create(ada()).await.unwrap();
        let mut guesses = tokio::task::JoinSet::new();
        for number in 0..30 {
            let (accounts, tenant) = (place.accounts.clone(), place.tenant.clone());
            guesses.spawn(async move {
                let guess = Secret::new(format!("guess {number}"));
                accounts.authenticate(&tenant, "ada", &guess, &Origin::default()).await.map(drop)
            });
        }
        let code = |outcome: &Result<()>| match outcome {
            Err(Stop::Refused(refusal)) => refusal.code,
            other => panic!("{other:?}"),
        };
        let outcomes = guesses.join_all().await;
        let answered = outcomes.iter().filter(|outcome| code(outcome) == Code::InvalidGrant).count();
        assert!((10..13).contains(&answered), "{answered} guesses were answered");
        assert_eq!(place.refusal("ada", RIGHT).await.0, Code::TooManyRequests);
        assert_eq!(place.refusal("nobody", RIGHT).await.0, Code::InvalidGrant, "W-009: the limit tells nothing");
        place.clock.advance(Seconds(901));
        assert!(place.sign_in("ada", RIGHT).await.is_ok());
    }
}

#[tokio::test]
async fn x2_a_person_of_one_tenant_is_nobody_in_another() {
    for place in places().await {
        let ada = place.create(ada()).await.unwrap();
        let other: TenantId = new_tenant(&place.db, "two").await;
        let other = tenants::by_id(&place.db, &other).await.unwrap().unwrap();
        let outcome = place.accounts.authenticate(&other, "ada", &Secret::new(RIGHT), &Origin::default()).await;
        assert!(outcome.is_err());
        assert!(place.accounts.find(&other, &ada.id).await.unwrap().is_none());
        assert!(place.accounts.set_status(&other, &ada.id, UserStatus::Suspended, &Actor::operator()).await.is_err());
        assert!(place.accounts.create(&other, self::ada(), &Actor::operator()).await.is_ok());
    }
}

#[tokio::test]
async fn u3_a_user_name_cannot_look_like_an_address_or_another_name() {
    let place = places().await.remove(0);
    for bad in ["", "ada@example.test", "a da", "аda", "a\0", &"x".repeat(65)] {
        assert!(place.create(NewUser { username: Some(bad.to_owned()), ..ada() }).await.is_err(), "{bad}");
    }
    assert!(place.create(NewUser { username: None, email: None, ..ada() }).await.is_err());
}
