//! Coming from Authy2.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chancery::base::{ProviderId, Scope, Seconds};
use chancery::imports::report::Kind;
use chancery::imports::{self, Choices, Source, System};
use chancery::store::organizations::OrganizationStatus;
use chancery::store::providers::{self, IdentityProvider, ProviderKind, ProviderSettings};
use chancery::store::tenants::Settings;
use chancery::store::{Flag, Json, identities, organization_members, organizations};
use serde_json::json;

use super::{choices, comes_in, dumps, import, log_in, noted, reason, tenant};
use crate::support::{PASSWORD, TestApp};

const ADA: &str = "1f8b7c1e-3c6b-4d2a-9f5e-000000000001";
const DAN: &str = "1f8b7c1e-3c6b-4d2a-9f5e-000000000005";
const ACME: &str = "2f8b7c1e-3c6b-4d2a-9f5e-000000000001";

/// A tenant `old` whose people sign in with GitHub as well.
async fn with_github(app: &TestApp) -> ProviderId {
    let tenant = app.tenant("old", Settings { unverified_sign_in: true, ..Settings::default() }).await;
    let settings = json!({ "issuer": "https://github.com", "client_id": "c", "scope": Scope::of(["user:email"]) });
    let settings: ProviderSettings = serde_json::from_value(settings).unwrap();
    let provider = IdentityProvider {
        tenant_id: tenant.id,
        id: ProviderId::generate(),
        slug: "github".to_owned(),
        name: "GitHub".to_owned(),
        kind: ProviderKind::Github,
        enabled: Flag(true),
        settings: Json(settings),
        sealed_secret: None,
        version: 1,
        created_at: app.clock.now(),
        updated_at: app.clock.now(),
    };
    assert!(providers::insert(&app.app.db, &provider).await.unwrap());
    provider.id
}

#[tokio::test]
async fn people_come_in_with_password_and_authenticator_app_and_who_was_deleted_stays_away() {
    let app = TestApp::start().await;
    with_github(&app).await;
    let report = import(&app, System::Authy2, &choices(true)).await;
    assert_eq!((report.of(Kind::Person).created, report.of(Kind::Person).skipped), (4, 1));
    let halfway = comes_in(&app, "old", "ada@one.test").await.json();
    assert_eq!(halfway["data"]["mfa_required"], true, "W-034: {halfway}");
    let seed = totp_rs::Secret::try_from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
    let shown = totp_rs::Builder::new().with_secret(seed).build_noncompliant();
    let code = shown.generate(app.clock.now().0.unsigned_abs()).to_string();
    let mut proof = json!({ "mfa_token": halfway["data"]["mfa_token"], "method": "totp", "code": "000000" });
    assert_eq!(app.tell("/t/old/api/v1/auth/mfa/verify", &proof).await.status, 401);
    proof["code"] = code.into();
    let inside = app.tell("/t/old/api/v1/auth/mfa/verify", &proof).await;
    assert_eq!((inside.status.as_u16(), &inside.json()["data"]["user_id"]), (200, &ADA.into()), "{}", inside.body);
    for suspended in ["bob@one.test", "carol@one.test"] {
        assert_eq!(log_in(&app, "old", suspended, PASSWORD).await.status, 403, "{suspended}");
    }
    assert!(noted(&report, "carol@one.test")[0].contains("overdue"));
    assert_eq!(log_in(&app, "old", "eve@one.test", PASSWORD).await.status, 401);
    assert_eq!(reason(&report, "eve@one.test"), "was deleted there");
    // An app that had never shown its first code is nobody's factor.
    assert!(comes_in(&app, "old", "dan@one.test").await.json()["data"]["access_token"].is_string());
}

#[tokio::test]
async fn w037_accounts_elsewhere_sign_in_if_their_address_was_proven_and_passkeys_are_made_anew() {
    let app = TestApp::start().await;
    let github = with_github(&app).await;
    let report = import(&app, System::Authy2, &choices(true)).await;
    let old = tenant(&app, "old").await;
    let link = identities::by_subject(&app.app.db, &old.id, &github, "4711").await.unwrap().unwrap();
    assert_eq!(link.user_id.as_str(), ADA);
    assert!(identities::of_user(&app.app.db, &old.id, &DAN.into()).await.unwrap().is_empty());
    assert!(reason(&report, "dan@one.test: google").contains("nobody had proven"));
    assert!(noted(&report, "dan@one.test")[0].contains("really theirs"));
    assert!(reason(&report, "dan@one.test: webauthn").contains("never verified"), "W-029");
    let elsewhere = TestApp::start().await;
    let report = import(&elsewhere, System::Authy2, &choices(true)).await;
    assert!(reason(&report, "ada@one.test: github").contains("add it before"));
}

#[tokio::test]
async fn w071_organizations_keep_ids_and_roles_and_who_was_removed_stays_removed() {
    let app = TestApp::start().await;
    let report = import(&app, System::Authy2, &choices(true)).await;
    let old = tenant(&app, "old").await;
    let acme = organizations::find(&app.app.db, &old.id, "acme").await.unwrap().unwrap();
    assert_eq!((acme.id.as_str(), acme.settings.second_factor), (ACME, true));
    assert_eq!(
        (&acme.metadata["description"], &acme.metadata["settings"]["color"]),
        (&"All kinds of things".into(), &"red".into())
    );
    let members = organization_members::page(&app.app.db, &old.id, &acme.id, ("", 99)).await.unwrap();
    let roles: Vec<_> =
        members.iter().map(|member| (member.email.as_ref().unwrap().as_str(), member.role.as_str())).collect();
    assert_eq!(roles, [("ada@one.test", "owner"), ("bob@one.test", "admin")]);
    assert_eq!(members[1].joined_at.rfc3339(), "2025-06-01T08:00:00Z");
    assert_eq!(reason(&report, &format!("Acme Inc.: {DAN}")), "was removed there");
    let odd = organizations::find(&app.app.db, &old.id, "odd-one").await.unwrap().unwrap();
    assert_eq!(odd.status, OrganizationStatus::Suspended);
    assert!(noted(&report, "Odd").iter().any(|text| text.contains("no owner")));
    assert!(organizations::find(&app.app.db, &old.id, "gone").await.unwrap().is_none());
    assert_eq!(report.of(Kind::Organization).skipped, 1);
}

#[tokio::test]
async fn clients_are_registered_and_wait_for_another_secret() {
    let app = TestApp::start().await;
    let report = import(&app, System::Authy2, &choices(true)).await;
    let old = tenant(&app, "old").await;
    let web = app.app.clients.look_up(&old, &"acme-web".into()).await.unwrap();
    assert_eq!(web.policy.access_token_lifetime, Some(Seconds(900)));
    assert!(app.app.clients.secrets(&old, &web.id).await.unwrap().is_empty());
    assert!(noted(&report, "acme-web")[0].contains("rotate-secret"));
    let phone = app.app.clients.look_up(&old, &"acme-phone".into()).await.unwrap();
    assert_eq!(phone.status.as_str(), "disabled");
    assert_eq!(phone.metadata.redirect_uris, ["com.acme.app:/cb"]);
    assert!(app.app.clients.look_up(&old, &"acme-old".into()).await.is_err());
    assert_eq!(report.of(Kind::Client).skipped, 1);
}

#[tokio::test]
async fn the_database_itself_tells_the_same_as_its_dump() {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    let Ok(url) = std::env::var("TEST_POSTGRES") else { return };
    let schema = format!("older{}", uuid::Uuid::now_v7().simple());
    let text = std::fs::read_to_string(dumps("authy2/dump.sql")).unwrap();
    let script = format!("CREATE SCHEMA {schema};\n{}", text.replace("public.", &format!("{schema}.")));
    let mut psql = Command::new("psql");
    psql.args(["-q", "-v", "ON_ERROR_STOP=1", &url]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut psql = psql.spawn().unwrap();
    psql.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(psql.wait().unwrap().success());
    let app = TestApp::start().await;
    let database = Source::Database(format!("{url}?options=-csearch_path%3D{schema}"));
    let told = Box::pin(imports::run(&app.app, System::Authy2, &database, &choices(false))).await.unwrap();
    let dump = import(&app, System::Authy2, &choices(false)).await;
    assert_eq!(serde_json::to_value(&told).unwrap(), serde_json::to_value(&dump).unwrap());
    let other = Box::pin(imports::run(&app.app, System::Aegis, &database, &Choices::default())).await;
    assert!(format!("{:?}", other.unwrap_err()).contains("no table `sites`"));
}
