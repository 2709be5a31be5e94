//! Coming from Backend Framework.

use chancery::base::Slug;
use chancery::imports::report::Kind;
use chancery::imports::{Choices, System};
use chancery::store::people;
use chancery::store::tenant_plans::{self, Terms};
use chancery::store::users::{Role, UserStatus};
use serde_json::json;

use super::{comes_in, import, log_in, noted, reason, tenant};
use crate::support::{PASSWORD, TestApp};

fn applied() -> Choices {
    Choices { apply: true, ..Choices::default() }
}

#[tokio::test]
async fn w028_werkzeugs_hashes_are_good_once_more_and_numbers_are_kept() {
    let app = TestApp::start().await;
    let report = import(&app, System::BackendFramework, &applied()).await;
    comes_in(&app, "acme", "founder").await;
    comes_in(&app, "acme", "climber@acme.test").await;
    comes_in(&app, "acme", "bob@acme.test").await;
    let acme = tenant(&app, "acme").await;
    let described = async |email: &str| {
        let user = app.app.accounts.look_up(&acme, email).await.unwrap();
        people::by_id(&app.app.db, &acme.id, &user.id).await.unwrap().unwrap()
    };
    let founder = described("founder@acme.test").await;
    assert_eq!((founder.user.role, &founder.app_metadata["legacy_id"]), (Role::Owner, &json!(1)));
    assert!(uuid::Uuid::parse_str(founder.user.id.as_str()).is_ok(), "W-129: no number is an id");
    assert_eq!(founder.user.created_at.rfc3339(), "2025-11-03T10:15:00Z");
    let bob = described("bob@acme.test").await.user;
    assert_eq!((bob.username, bob.email_verified.0), (None, false));
    assert!(noted(&report, "bob@acme.test")[0].contains("Bob O'Brien"));
    assert_eq!(described("gone@acme.test").await.user.status, UserStatus::Suspended);
    assert_eq!(log_in(&app, "acme", "gone@acme.test", PASSWORD).await.status, 403);
    assert!(reason(&report, "not an address").contains("e-mail"));
}

#[tokio::test]
async fn w063_who_made_themselves_an_owner_is_a_user_until_somebody_decides() {
    let app = TestApp::start().await;
    let report = import(&app, System::BackendFramework, &applied()).await;
    let acme = tenant(&app, "acme").await;
    let role = async |name: &str| app.app.accounts.look_up(&acme, name).await.unwrap().role;
    assert_eq!(
        (role("founder").await, role("climber").await, role("helper").await),
        (Role::Owner, Role::User, Role::Admin)
    );
    assert!(noted(&report, "climber@acme.test")[0].contains("owner beside the first"));
    assert!(noted(&report, "helper@acme.test")[0].contains("administrator"));
}

#[tokio::test]
async fn clients_keep_their_ids_and_secrets_and_nothing_of_them_is_kept_in_the_clear() {
    let app = TestApp::start().await;
    let report = import(&app, System::BackendFramework, &applied()).await;
    let acme = tenant(&app, "acme").await;
    assert!(acme.settings.scopes.iter().any(|scope| scope == "read"));
    let ask = async |secret: &str| {
        let form = [("grant_type", "client_credentials"), ("client_id", "robot-of-acme"), ("client_secret", secret)];
        app.post("/t/acme/oauth/token", &[&form[..], &[("scope", "read")]].concat(), &[]).await
    };
    let token = ask("another-secret").await;
    assert_eq!((token.status.as_u16(), &token.json()["scope"]), (200, &"read".into()), "{}", token.body);
    assert_eq!(ask("another-secre").await.status, 401);
    let web = app.app.clients.look_up(&acme, &"web-of-acme".into()).await.unwrap();
    assert_eq!(web.metadata.redirect_uris, ["https://app.acme.test/cb"]);
    assert!(web.policy.require_pkce && web.allows_grant("password") && !acme.settings.password_grant);
    let secrets = app.app.clients.secrets(&acme, &web.id).await.unwrap();
    assert_eq!((secrets.len(), secrets[0].prefix.as_str()), (1, ""), "W-056");
    assert!(noted(&report, "web-of-acme").iter().any(|text| text.contains("password_grant")));
    assert!(noted(&report, "web-of-acme").iter().any(|text| text.contains("http://app.acme.test/cb")));
    assert!(reason(&report, "Broken\nname").contains("text"), "a name of two lines is none");
    assert!(!app.app.clients.look_up(&acme, &"spa".into()).await.unwrap().is_confidential());
}

#[tokio::test]
async fn tenants_keep_slug_state_and_a_plan_that_is_known_here() {
    let app = TestApp::start().await;
    let terms = Terms { name: "Enterprise".to_owned(), ..Terms::default() };
    assert!(tenant_plans::insert(&app.app.db, "enterprise", &terms, app.clock.now()).await.unwrap());
    let report = import(&app, System::BackendFramework, &applied()).await;
    assert_eq!(tenant(&app, "acme").await.held.plan.as_deref(), Some("enterprise"));
    assert_eq!(tenant(&app, "sleeping").await.held.plan, None);
    assert!(noted(&report, "plan").iter().any(|text| text.contains("`free`")), "W-068");
    let asleep = log_in(&app, "sleeping", "sleeper", PASSWORD).await;
    assert_eq!((asleep.status.as_u16(), &asleep.json()["code"]), (403, &"tenant_suspended".into()));
    assert!(reason(&report, "Too Short").contains("3 to 63"));
    let slugs = [("ab".to_owned(), "abc".parse::<Slug>().unwrap())].into();
    let report = import(&app, System::BackendFramework, &Choices { slugs, ..applied() }).await;
    assert_eq!((report.of(Kind::Tenant).created, report.of(Kind::Tenant).exists), (1, 2));
    comes_in(&app, "abc", "short@ab.test").await;
}
