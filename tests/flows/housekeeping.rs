//! Recurring work.

use chancery::base::{Digest, Seconds};
use chancery::jobs;
use chancery::store::sessions::{BrowserData, load_browser, save_browser};
use chancery::store::tenants::Settings;

use crate::support::TestApp;

#[tokio::test]
async fn w125_one_of_many_processes_removes_what_has_expired() {
    let app = TestApp::start().await;
    let tenant = app.tenant("demo", Settings::default()).await;
    let (digest, end) = (Digest::of(b"browser"), app.clock.now().plus(Seconds(10)));
    save_browser(&app.app.db, &tenant.id, &digest, BrowserData::new(), end).await.unwrap();
    let early = jobs::round(&app.app, "one").await.unwrap();
    assert!(early.elected && early.removed == 0);
    app.clock.advance(Seconds(11));
    assert!(!jobs::round(&app.app, "two").await.unwrap().elected, "the lease is the other's");
    assert_eq!(jobs::round(&app.app, "one").await.unwrap().removed, 1);
    app.clock.advance(Seconds(151));
    assert!(jobs::round(&app.app, "two").await.unwrap().elected, "who died is replaced");
    assert!(load_browser(&app.app.db, &tenant.id, &digest, end.minus(Seconds(1))).await.unwrap().is_none());
}

#[tokio::test]
async fn signing_keys_are_rotated_by_schedule() {
    let app = TestApp::start().await;
    let tenant = app.tenant("demo", Settings::default()).await;
    app.app.keys.jwks(&tenant.id).await.unwrap();
    assert_eq!(jobs::round(&app.app, "one").await.unwrap().rotated, 0);
    app.clock.advance(Seconds(91 * 86_400));
    assert_eq!(jobs::round(&app.app, "one").await.unwrap().rotated, 3, "RS256, ES256, EdDSA");
}
