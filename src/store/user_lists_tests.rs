//! Every list shows everybody it is of, once and in its order, however small its pages are.

use super::*;
use crate::store::testing::{databases, tenant};
use crate::store::users::{self, Profile, User};
use crate::store::{Db, Json};

async fn add(db: &Db, tenant: &TenantId, n: i64, change: impl FnOnce(&mut User)) -> UserId {
    let mut user = User {
        tenant_id: tenant.clone(),
        id: UserId::from(format!("u{n:03}")),
        email: Some(format!("person{n}@one.test").parse().unwrap()),
        email_verified: Flag(true),
        username: None,
        status: UserStatus::Active,
        role: Role::User,
        profile: Json(Profile::default()),
        created_at: Timestamp(1_000 + n / 2),
        updated_at: Timestamp(1_000),
        last_login_at: None,
    };
    change(&mut user);
    assert!(users::insert(db, &user).await.unwrap());
    user.id
}

async fn all_newest(db: &Db, tenant: &TenantId, filter: Filter) -> Vec<UserId> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = newest(db, tenant, filter, before, 2).await.unwrap();
        let Some(last) = page.last() else { return all };
        before = Some((last.user.created_at, last.user.id.clone()));
        all.extend(page.into_iter().map(|person| person.user.id));
    }
}

async fn all_called(db: &Db, tenant: &TenantId, beginning: &str, filter: Filter) -> Vec<(String, UserId)> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = called(db, tenant, (beginning, after), filter, 2).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some((last.word.clone(), last.person.user.id.clone()));
        all.extend(page.into_iter().map(|found| (found.word, found.person.user.id)));
    }
}

fn ids(names: &[&str]) -> Vec<UserId> {
    names.iter().map(|name| UserId::from(*name)).collect()
}

#[tokio::test]
async fn the_newest_come_first_and_each_filter_takes_its_own() {
    for db in databases().await {
        let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
        add(&db, &two, 9, |_| {}).await;
        add(&db, &one, 0, |user| user.role = Role::Owner).await;
        add(&db, &one, 1, |user| user.role = Role::Admin).await;
        add(&db, &one, 2, |user| user.status = UserStatus::Suspended).await;
        add(&db, &one, 3, |user| user.email_verified = Flag(false)).await;
        let gone = add(&db, &one, 4, |user| user.role = Role::Admin).await;
        users::set_status(&db, &one, &gone, UserStatus::Deleted, Timestamp(9)).await.unwrap();
        let filter = Filter::default();
        assert_eq!(all_newest(&db, &one, filter).await, ids(&["u003", "u002", "u001", "u000"]));
        for (filter, expected) in [
            (Filter { role: Some(Role::Admin), ..filter }, &["u001"][..]),
            (Filter { role: Some(Role::User), ..filter }, &["u003", "u002"]),
            (Filter { role: Some(Role::User), verified: Some(false), ..filter }, &["u003"]),
            (Filter { status: Some(UserStatus::Suspended), ..filter }, &["u002"]),
            (Filter { status: Some(UserStatus::Deleted), ..filter }, &["u004"]),
            (Filter { status: Some(UserStatus::Active), ..filter }, &["u003", "u001", "u000"]),
            (Filter { verified: Some(false), ..filter }, &["u003"]),
            (Filter { verified: Some(true), ..filter }, &["u002", "u001", "u000"]),
            (Filter { created_after: Some(Timestamp(1_000)), ..filter }, &["u003", "u002"]),
        ] {
            assert_eq!(all_newest(&db, &one, filter).await, ids(expected), "{filter:?}");
        }
    }
}

#[tokio::test]
async fn somebody_is_found_once_by_the_beginning_of_any_name() {
    for db in databases().await {
        let one = tenant(&db, "one").await;
        let named = |name: &str| Json(Profile { name: Some(name.to_owned()), ..Profile::default() });
        add(&db, &one, 1, |user| {
            (user.email, user.username) = (Some("Ada@one.test".parse().unwrap()), Some("ada".to_owned()));
            user.profile = named("Ada Lovelace");
        })
        .await;
        add(&db, &one, 2, |user| user.profile = named("Zoë Adams")).await;
        add(&db, &one, 3, |user| (user.email, user.username) = (None, Some("adalbert".to_owned()))).await;
        add(&db, &one, 4, |user| user.profile = named("Grace Hopper")).await;
        let found = all_called(&db, &one, "aDa", Filter::default()).await;
        let expected = [("ada", "u001"), ("adalbert", "u003"), ("adams", "u002")];
        assert_eq!(found, expected.map(|(word, id)| (word.to_owned(), UserId::from(id))));
        let by = async |beginning: &str| {
            let found = all_called(&db, &one, beginning, Filter::default()).await;
            found.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        assert_eq!(by("ada lov").await, ids(&["u001"]));
        assert_eq!(by("ZOË").await, ids(&["u002"]));
        assert_eq!(by("person").await, ids(&["u002", "u004"]));
        assert_eq!(by("hopper").await, ids(&["u004"]));
        for nobody in ["%", "_da", "adb", "o'; --"] {
            assert!(by(nobody).await.is_empty(), "{nobody}");
        }
        let admins = Filter { role: Some(Role::Admin), ..Filter::default() };
        assert!(all_called(&db, &one, "ada", admins).await.is_empty());
        let both = super::named(&db, &one, (Some("ADA@one.test"), Some("Adalbert"))).await.unwrap();
        assert_eq!(both.into_iter().map(|person| person.user.id).collect::<Vec<_>>(), ids(&["u001", "u003"]));
    }
}
