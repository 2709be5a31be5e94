//! Nobody changes what happened: the audit trail is a chain, and whoever touches it is found (W-130).

use chancery::base::{Actor, Seconds, UserId};
use chancery::jobs;
use chancery::store::audit_chain::{head, sealed_after};
use chancery::store::tenants::Settings;

use crate::support::{Instance, TestApp, World};

#[tokio::test]
async fn w130_every_event_gets_a_place_without_gaps_and_the_chain_fits() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant.id);
    world.happen(1_203).await;
    let verdict = app.verified(tenant).await;
    assert!(verdict.ok, "{verdict:?}");
    let rows = sealed_after(&app.app.db, tenant, 0, 2_000).await.unwrap();
    let places: Vec<_> = rows.iter().map(|row| row.seq.unwrap()).collect();
    let last = i64::try_from(rows.len()).unwrap();
    assert_eq!(places, (1..=last).collect::<Vec<_>>());
    assert!(rows.windows(2).all(|pair| pair[0].event.id < pair[1].event.id), "in the order of what happened");
    assert_eq!((verdict.rows, verdict.seq, verdict.waiting), (rows.len() as u64, last, 0));
    world.happen(1).await;
    let verdict = app.app.audit.verify(tenant).await.unwrap();
    assert_eq!((verdict.ok, verdict.waiting), (true, 1), "what has no place yet is no misfit");
}

#[tokio::test]
async fn w130_processes_that_seal_at_the_same_time_make_one_chain() {
    let world = World::new().await;
    let other = world.app.tenant("acme", Settings::default()).await;
    let (app, audit) = (&world.app, &world.app.app.audit);
    for _ in 0..6 {
        world.happen(40).await;
        app.app
            .tenants
            .change(&app.clock, &app.app.tenants.look_up("acme").await.unwrap(), "tenant.updated", &Actor::operator())
            .await
            .unwrap();
        let (one, two, three) = tokio::join!(audit.seal(), audit.seal(), audit.seal());
        assert!(one.is_ok() && two.is_ok() && three.is_ok());
    }
    for tenant in [&world.tenant.id, &other.id] {
        let verdict = app.verified(tenant).await;
        assert!(verdict.ok, "{verdict:?}");
    }
    assert_eq!(app.verified(&other.id).await.seq, 6);
}

/// A statement that changes something, with the tenant for `{t}`; the place that is named; what is said of it.
const TAMPERED: &[(&str, i64, &str)] = &[
    ("UPDATE audit_events SET actor = 'somebody else' WHERE tenant_id = '{t}' AND seq = 7", 7, "changed"),
    ("UPDATE audit_events SET at = at - 60 WHERE tenant_id = '{t}' AND seq = 7", 7, "changed"),
    ("UPDATE audit_events SET result = 'denied' WHERE tenant_id = '{t}' AND seq = 7", 7, "changed"),
    ("UPDATE audit_events SET ip = '198.51.100.1' WHERE tenant_id = '{t}' AND seq = 7", 7, "changed"),
    ("UPDATE audit_events SET detail = '{\"a\":1}', salt = NULL WHERE tenant_id = '{t}' AND seq = 7", 7, "changed"),
    ("DELETE FROM audit_events WHERE tenant_id = '{t}' AND seq = 7", 7, "removed"),
    ("DELETE FROM audit_events WHERE tenant_id = '{t}' AND seq > 7", 8, "removed"),
    ("DELETE FROM audit_events WHERE tenant_id = '{t}' AND seq = 1", 1, "removed"),
    (
        "INSERT INTO audit_events (tenant_id, id, at, action, result, detail, seq, salt, personal, hash)
            SELECT tenant_id, 'made-up', at, action, result, detail, seq + 1, salt, personal, hash
            FROM audit_events WHERE tenant_id = '{t}' AND seq = 20",
        21,
        "inserted",
    ),
    ("UPDATE audit_chains SET seq = 7, hash = (SELECT hash FROM audit_events WHERE tenant_id = '{t}' AND seq = 7)
        WHERE tenant_id = '{t}'", 7, "signed"),
    ("UPDATE audit_chains SET cut_seq = 7, cut_hash = (SELECT hash FROM audit_events WHERE tenant_id = '{t}' AND seq = 7)
        WHERE tenant_id = '{t}'", 20, "signed"),
];

#[tokio::test]
async fn w130_whoever_changes_removes_or_inserts_a_row_in_the_database_is_found() {
    for (statement, place, what) in TAMPERED {
        let app = TestApp::start().await;
        let world = World { tenant: app.tenant("demo", Settings::default()).await, app };
        let (app, tenant) = (&world.app, &world.tenant.id);
        world.happen(20).await;
        assert!(app.verified(tenant).await.ok);
        app.unguard().await;
        assert!(app.by_hand(statement.replace("{t}", tenant.as_str())).await.unwrap() > 0);
        let verdict = app.verified(tenant).await;
        let misfit = verdict.misfit.unwrap_or_else(|| panic!("{statement} was not found"));
        assert_eq!(misfit.seq, *place, "{statement}: {misfit:?}");
        assert!(misfit.what.contains(what), "{statement}: {misfit:?}");
    }
}

#[tokio::test]
async fn w130_the_database_itself_refuses_to_change_or_remove_a_row() {
    let world = World::new().await;
    world.happen(3).await;
    world.app.verified(&world.tenant.id).await;
    for statement in [
        "UPDATE audit_events SET actor = 'somebody else'",
        "UPDATE audit_events SET hash = 'x'",
        "UPDATE audit_events SET detail = '7'",
        "UPDATE audit_events SET seq = seq + 100",
        "DELETE FROM audit_events",
    ] {
        let refused = world.app.by_hand(statement.to_owned()).await.unwrap_err().to_string();
        assert!(refused.contains("rows of the audit trail stay"), "{statement}: {refused}");
    }
    assert!(world.app.verified(&world.tenant.id).await.ok);
}

#[tokio::test]
async fn a_person_who_is_erased_leaves_a_chain_that_still_fits() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    world.session("ada@demo.test", "curl/8").await;
    let ada = UserId::from(world.sub("ada@demo.test").await);
    app.verified(&tenant.id).await;
    let personal = async || {
        let rows = sealed_after(&app.app.db, &tenant.id, 0, 99).await.unwrap();
        rows.iter().filter(|row| row.event.ip.as_deref() == Some("192.0.2.7")).count()
    };
    assert_eq!(personal().await, 1);
    let key = app.api_key(tenant, "users:write").await;
    assert_eq!(world.ask(&key, "DELETE", &format!("/users/{ada}"), None).await.0, 200);
    app.clock.advance(Seconds(40 * 86_400));
    assert_eq!(jobs::round(&app.app, "one").await.unwrap().purged, 1);
    let verdict = app.verified(&tenant.id).await;
    assert!(verdict.ok && verdict.erased >= 2, "{verdict:?}");
    assert_eq!(personal().await, 0);
}

#[tokio::test]
async fn w125_what_was_kept_long_enough_is_removed_and_the_rest_still_fits() {
    let app = TestApp::start().await;
    let settings = Settings { audit_retention_days: Some(30), ..Settings::default() };
    let world = World { tenant: app.tenant("demo", settings).await, app };
    let keeps = world.app.tenant("acme", Settings::default()).await;
    let (app, tenant) = (&world.app, &world.tenant.id);
    world.happen(1_500).await;
    app.app.tenants.change(&app.clock, &keeps, "tenant.updated", &Actor::operator()).await.unwrap();
    let before = app.verified(tenant).await;
    app.clock.advance(Seconds(20 * 86_400));
    world.happen(10).await;
    app.app.audit.seal().await.unwrap();
    assert_eq!(app.app.audit.retire().await.unwrap(), 0, "nothing is old enough");
    app.clock.advance(Seconds(11 * 86_400));
    jobs::round(&app.app, "one").await.unwrap();
    let verdict = app.verified(tenant).await;
    assert!(verdict.ok, "{verdict:?}");
    assert_eq!((verdict.removed_up_to, verdict.rows), (1_500, 12), "ten are left, and two tell of the removal");
    assert_eq!(app.app.audit.hash_at(tenant, 1_500).await.unwrap(), Some(before.hash));
    let told = sealed_after(&app.app.db, tenant, 1_510, 9).await.unwrap();
    assert_eq!((told[0].event.action.as_str(), &told[0].event.detail["removed"]), ("audit.retired", &1_000.into()));
    assert_eq!(app.verified(&keeps.id).await.rows, 1, "who says nothing keeps everything");
    world.happen(3).await;
    assert!(app.verified(tenant).await.ok, "the chain goes on");
}

#[tokio::test]
async fn c4_neighbours_have_chains_of_their_own_and_one_is_forgotten_as_a_whole() {
    let world = World::new().await;
    let other = world.app.tenant("acme", Settings::default()).await;
    let app = &world.app;
    world.happen(5).await;
    app.app.tenants.change(&app.clock, &other, "tenant.updated", &Actor::operator()).await.unwrap();
    app.app.audit.seal().await.unwrap();
    let mut tx = app.app.db.begin().await.unwrap();
    chancery::store::audit_chain::forget(&mut tx, &world.tenant.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(head(&app.app.db, &world.tenant.id).await.unwrap().is_none());
    assert_eq!(app.verified(&other.id).await.rows, 1);
}

#[tokio::test]
async fn an_operator_verifies_every_trail_and_the_exit_code_tells() {
    let place = Instance::new().await;
    assert_eq!(place.run("migrate up").code, 0);
    for slug in ["acme", "demo"] {
        place.run(&format!("tenant create --slug {slug} --json")).json();
        place.run(&format!("client create --tenant {slug} --name x --redirect-uri https://a.test/cb --json")).json();
    }
    let db = chancery::store::Db::open(&place.database, 1).await.unwrap();
    let all = place.run("audit verify --json").json();
    assert_eq!((&all[0]["ok"], &all[1]["rows"], &all[1]["tenant"]), (&true.into(), &2.into(), &"demo".into()));
    let kept = format!("{}:{}", all[1]["seq"], all[1]["hash"].as_str().unwrap());
    assert_eq!(place.run(&format!("audit verify --tenant demo --expect {kept}")).code, 0);
    assert_eq!(place.run("audit verify --tenant demo --expect 2:another").code, 1);
    for text in [
        "DROP TRIGGER audit_events_stay",
        "UPDATE audit_events SET actor = 'somebody else' WHERE action = 'client.created'
            AND tenant_id = (SELECT id FROM tenants WHERE slug = 'demo')",
    ] {
        match &db {
            chancery::store::Db::Sqlite { write, .. } => {
                sqlx::query(text).execute(write).await.unwrap();
            }
            chancery::store::Db::Postgres(pool) => {
                let text = text.replace("audit_events_stay", "audit_events_stay ON audit_events");
                sqlx::query(sqlx::AssertSqlSafe(text)).execute(pool).await.unwrap();
            }
        }
    }
    let found = place.run("audit verify");
    assert_eq!(found.code, 1, "{found:?}");
    assert!(found.out.contains("2 (") && found.out.contains("this row was changed or inserted"), "{found:?}");
    assert_eq!(place.run("audit verify --tenant acme").code, 0);
}
