//! Files of tenants that are not whole, not for here, or not for this reader: refused by name, and nothing of them stays.

use std::path::{Path, PathBuf};

use chancery::base::{Actor, Seconds, Secret};
use chancery::jobs;
use chancery::moving::Importing;
use chancery::store::tenants::{self, Settings, Tenant};

use super::support::furnished::{Furnished, PASSPHRASE, why, with_callbacks};
use super::support::receiver::Receiver;
use super::support::{TestApp, World};

/// A tenant's file, and where it was written.
async fn written() -> (Furnished, PathBuf) {
    let here = Furnished::within(TestApp::embedded(with_callbacks).await, &Receiver::start().await).await;
    let world = here.world();
    let large = "a long line of text\n".repeat(10_000);
    world.archivist("grace@demo.test").await.bring("large.txt", "text/plain", large).await;
    let (file, _) = world.app.exported(&world.tenant).await;
    (here, file)
}

fn changed(file: &Path, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = std::fs::read(file).unwrap();
    change(&mut bytes);
    let other = file.with_extension("changed");
    std::fs::write(&other, bytes).unwrap();
    other
}

#[tokio::test]
async fn a_wrong_passphrase_a_cut_and_an_altered_file_are_told_apart_and_leave_nothing() {
    let (here, file) = written().await;
    let (to, id) = (TestApp::start().await, &here.world().tenant.id);
    let wrong = Secret::new("sand dunes at high tide");
    let refused = to.app.moving.import(&file, &wrong, Importing::default(), &Actor::operator()).await;
    assert!(why(refused).contains("the passphrase is another one"));
    let length = std::fs::read(&file).unwrap().len();
    assert!(length > 140_000, "more than a piece: {length}");
    for cut in [length - 1, length / 2, 300] {
        let cut = changed(&file, |bytes| bytes.truncate(cut));
        assert!(why(to.imported(&cut, Importing::default()).await).contains("cut off"));
    }
    let altered = changed(&file, |bytes| bytes[40_000] ^= 1);
    assert!(why(to.imported(&altered, Importing::default()).await).contains("altered"));
    let other = changed(&file, |bytes| bytes.splice(.., b"PK\x03\x04".iter().copied()).for_each(drop));
    assert!(why(to.imported(&other, Importing::default()).await).contains("no file of a tenant"));
    let nowhere = why(to.imported(Path::new("/nowhere/at-all"), Importing::default()).await);
    assert!(nowhere.contains("cannot be read"), "{nowhere}");
    assert!(to.rows_of(id).await.is_empty() && to.lying() == 0);
    assert!(to.imported(&file, Importing::default()).await.is_ok(), "the file itself is good");
}

#[tokio::test]
async fn what_is_taken_here_is_named_before_anything_is_written() {
    let (here, _) = written().await;
    let (app, tenant) = (&here.world().app, &here.world().tenant);
    let now = app.clock.now();
    tenants::add_domain(&app.app.db, &tenant.id, "id.demo.test", Some(now), now).await.unwrap();
    let (file, _) = app.exported(tenant).await;
    let both = why(app.imported(&file, Importing::default()).await);
    assert!(both.contains("of the id") && both.contains("of the slug demo"), "{both}");
    let dry = why(app.imported(&file, Importing { dry_run: true, slug: None }).await);
    assert_eq!(dry, both);

    let to = TestApp::start().await;
    let acme = to.tenant("demo", Settings::default()).await;
    tenants::add_domain(&to.app.db, &acme.id, "id.demo.test", Some(now), now).await.unwrap();
    let elsewhere = why(to.imported(&file, Importing::default()).await);
    assert!(elsewhere.contains("slug demo") && elsewhere.contains("domain id.demo.test"), "{elsewhere}");
    assert!(!elsewhere.contains("of the id"), "{elsewhere}");
    let other = Importing { slug: Some("other".parse().unwrap()), dry_run: false };
    assert!(why(to.imported(&file, other).await).contains("domain id.demo.test"));
    assert!(to.rows_of(&tenant.id).await.is_empty() && to.lying() == 0);
}

#[tokio::test]
async fn an_import_that_fails_on_its_way_leaves_nothing_behind() {
    let (here, file) = written().await;
    let (to, id) = (TestApp::start().await, &here.world().tenant.id);
    let dry = Importing { dry_run: true, slug: None };
    assert!(to.imported(&file, dry.clone()).await.is_ok());
    // The last of its tables is missing: by then most of the tenant is there.
    to.by_hand("DROP TABLE webhook_cursors".to_owned()).await.unwrap();
    let failed = why(to.imported(&file, Importing::default()).await);
    assert!(failed.contains("webhook_cursors"), "{failed}");
    assert!(to.rows_of(id).await.is_empty(), "{:?}", to.rows_of(id).await);
    assert_eq!(to.lying(), 0);
    assert!(to.app.tenants.any(id.as_str()).await.is_err() && to.app.tenants.any("demo").await.is_err());
}

#[tokio::test]
async fn what_a_process_left_that_died_while_a_tenant_arrived_is_removed_by_the_rounds() {
    let (here, file) = written().await;
    let (to, id) = (TestApp::start().await, &here.world().tenant.id);
    to.imported(&file, Importing::default()).await.unwrap();
    // As it is in the middle of an arrival.
    let at = to.clock.now().plus(Seconds(86_400)).0;
    let hidden = format!(
        "UPDATE tenants SET slug = 'arriving-xyz', status = 'deleted', deleted_at = {at}, purge_at = {at} WHERE id = '{id}'"
    );
    to.by_hand(hidden).await.unwrap();
    assert_eq!(to.get("/t/demo/.well-known/openid-configuration").await.status, 404, "it is nobody");
    let again = why(to.imported(&file, Importing::default()).await);
    assert!(again.contains("removed after"), "{again}");
    to.clock.advance(Seconds(86_401));
    jobs::round(&to.app, "one").await.unwrap();
    assert!(to.rows_of(id).await.is_empty() && to.lying() == 0);
    assert!(to.imported(&file, Importing::default()).await.is_ok());
}

#[tokio::test]
async fn the_operators_own_tenant_a_deleted_one_and_a_short_passphrase_are_refused() {
    let world = World::new().await;
    let (app, by) = (&world.app.app, Actor::operator());
    let system = world.app.tenant("system", Settings::default()).await;
    let export = async |tenant: &Tenant, passphrase: &str| {
        why(app.moving.export(tenant, Vec::<u8>::new(), &Secret::new(passphrase), &by).await)
    };
    assert!(export(&system, PASSPHRASE).await.contains("belongs to its server"));
    assert!(export(&world.tenant, "too short").await.contains("12 characters"));
    let deleted = app.tenants.delete(world.tenant.clone(), &by).await.unwrap();
    assert!(export(&deleted, PASSPHRASE).await.contains("deleted"));
}

#[tokio::test]
async fn w130_a_trail_that_was_changed_stays_one_that_does_not_fit() {
    let here = Furnished::within(TestApp::embedded(with_callbacks).await, &Receiver::start().await).await;
    let (app, tenant) = (&here.world().app, &here.world().tenant);
    app.verified(&tenant.id).await;
    app.unguard().await;
    app.by_hand(format!("UPDATE audit_events SET actor = 'nobody' WHERE tenant_id = '{}' AND seq = 2", tenant.id))
        .await
        .unwrap();
    let (file, told) = app.exported(tenant).await;
    assert!(!told.head.trail && told.misfit.is_some_and(|misfit| misfit.seq == 2));
    let to = TestApp::start().await;
    let arrived = to.imported(&file, Importing::default()).await.unwrap();
    assert!(!arrived.trail && !to.verified(&tenant.id).await.ok, "no server signs what did not fit");
}
