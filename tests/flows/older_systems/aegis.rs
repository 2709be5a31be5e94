//! Coming from `ByteForge` Aegis.

use chancery::base::Slug;
use chancery::imports::report::{Counts, Kind};
use chancery::imports::{Choices, System};
use chancery::store::people;
use chancery::store::users::{self, Role};

use super::{comes_in, import, log_in, noted, reason, tenant};
use crate::support::{PASSWORD, TestApp};

const ADA: &str = "01890a5e-0000-7000-8000-000000000001";

fn applied() -> Choices {
    Choices { apply: true, ..Choices::default() }
}

#[tokio::test]
async fn sites_become_tenants_and_people_come_in_with_their_ids_passwords_and_states() {
    let app = TestApp::start().await;
    let report = import(&app, System::Aegis, &applied()).await;
    assert_eq!(report.of(Kind::Tenant), Counts { created: 3, ..Counts::default() });
    assert_eq!(report.of(Kind::Person), Counts { created: 7, collisions: 2, ..Counts::default() });
    let store = tenant(&app, "acme-store").await;
    assert_eq!(store.id.as_str(), "01890a5d-ac96-774b-bcce-b302099a8001");
    assert_eq!(store.created_at.rfc3339(), "2025-01-01T00:00:00Z");
    assert_eq!(store.settings.mail.from_name.as_deref(), Some("Acme's Store"));
    assert_eq!(store.settings.verification_redirect_url.as_deref(), Some("https://welcome.acme.test/hello"));
    assert!(store.settings.self_registration && !store.settings.unverified_sign_in);
    let other = tenant(&app, "two-acme-test").await;
    assert_eq!(other.name, "Acme Store", "another site of the same name is named by its domain");

    let told = comes_in(&app, "acme-store", "ada@ACME.test").await;
    assert_eq!(told.json()["data"]["user_id"], ADA);
    comes_in(&app, "two-acme-test", "ada@acme.test").await;
    let ada = users::by_id(&app.app.db, &store.id, &ADA.into()).await.unwrap().unwrap();
    assert_eq!((ada.role, ada.created_at.rfc3339().as_str()), (Role::Admin, "2025-01-01T00:00:10Z"));

    let waits = log_in(&app, "acme-store", "unproven@acme.test", PASSWORD).await;
    assert_eq!(waits.status, 403, "W-020: {}", waits.body);
    assert_eq!(log_in(&app, "acme-store", "unproven@acme.test", "wrong words here").await.status, 401);
    assert_eq!(log_in(&app, "acme-store", "invited@acme.test", PASSWORD).await.status, 401);
    let long = "0123456789".repeat(8);
    assert_eq!(log_in(&app, "acme-store", "long@acme.test", &long).await.status, 200, "W-028");
}

#[tokio::test]
async fn what_was_protected_there_is_protected_here() {
    let app = TestApp::start().await;
    let report = import(&app, System::Aegis, &applied()).await;
    let vault = tenant(&app, "vault").await;
    assert!(vault.life.deletion_protected.0 && !vault.settings.self_registration);
    assert!(noted(&report, "frontend_url")[0].contains("https"), "an http front end is not taken");
    let protected = async |slug: &str, email: &str| {
        let tenant = tenant(&app, slug).await;
        let user = users::by_email(&app.app.db, &tenant.id, email).await.unwrap().unwrap();
        people::by_id(&app.app.db, &tenant.id, &user.id).await.unwrap().unwrap().deletion_protected.0
    };
    assert!(protected("vault", "vera@vault.test").await && protected("acme-store", "keeper@acme.test").await);
    assert!(!protected("acme-store", "ada@acme.test").await);
}

#[tokio::test]
async fn w011_of_two_accounts_of_one_address_neither_is_taken_until_somebody_picks_one() {
    let app = TestApp::start().await;
    let report = import(&app, System::Aegis, &applied()).await;
    assert!(!report.is_whole());
    let (one, two) = ("01890a5e-0000-7000-8000-000000000004", "01890a5e-0000-7000-8000-000000000005");
    assert!(reason(&report, "Victim@acme.test").contains(two) && reason(&report, "victim@acme.test").contains(one));
    for password in ["the first victim", "the second victim"] {
        assert_eq!(log_in(&app, "acme-store", "victim@acme.test", password).await.status, 401);
    }
    let picked = Choices { picked: [one.to_owned()].into(), ..applied() };
    let report = import(&app, System::Aegis, &picked).await;
    assert_eq!((report.of(Kind::Person).created, report.of(Kind::Person).collisions), (1, 1));
    assert_eq!(log_in(&app, "acme-store", "victim@acme.test", "the second victim").await.status, 401);
    assert_eq!(log_in(&app, "acme-store", "victim@acme.test", "the first victim").await.status, 200);
    let both = Choices { picked: [one.to_owned(), two.to_owned()].into(), ..applied() };
    assert_eq!(import(&app, System::Aegis, &both).await.of(Kind::Person).created, 0);
}

#[tokio::test]
async fn receivers_of_webhooks_are_told_as_before() {
    let app = TestApp::start().await;
    let report = import(&app, System::Aegis, &applied()).await;
    let store = tenant(&app, "acme-store").await;
    let all = app.app.webhooks.page(&store, "", 99).await.unwrap();
    assert_eq!(all.len(), 1, "{:?}", report.review);
    assert_eq!((all[0].url.as_str(), all[0].scheme.as_str()), ("https://hooks.acme.test/aegis", "aegis-v1"));
}

#[tokio::test]
async fn a_slug_that_is_anothers_is_a_collision_and_another_can_be_given() {
    let app = TestApp::start().await;
    app.tenant("vault", chancery::store::tenants::Settings::default()).await;
    let report = import(&app, System::Aegis, &applied()).await;
    assert_eq!(report.of(Kind::Tenant).collisions, 1);
    assert!(reason(&report, "Vault").contains("--slug vault.test=SLUG"));
    let slugs = [("vault.test".to_owned(), "safe".parse::<Slug>().unwrap())].into();
    let report = import(&app, System::Aegis, &Choices { slugs, ..applied() }).await;
    assert_eq!((report.of(Kind::Tenant).created, report.of(Kind::Tenant).exists), (1, 2));
    comes_in(&app, "safe", "vera@vault.test").await;
}
