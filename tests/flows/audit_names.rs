//! One catalogue of names for the audit trail, the guide, the filters and the webhooks: what the source emits stands in
//! it, and what stands in it is emitted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chancery::audit::names::{self, NAMES, RENAMED};
use chancery::store::audit::{Event, record};
use chancery::webhooks::EVENTS;
use serde_json::Value;

use super::support::World;

/// The catalogue that was promised, shortened where all of a noun is meant by one of its verbs.
const PROMISED: &str = "
    tenant.created tenant.updated tenant.suspended tenant.deleted
    user.created user.updated user.verified user.login user.login_failed user.logout user.password_changed
    user.password_reset user.email_changed user.suspended user.unsuspended user.deleted user.restored user.purged
    user.mfa_enrolled user.mfa_removed session.created session.revoked token.reuse_detected client.created
    key.created key.revoked key.rotated organization.created organization.updated organization.deleted
    organization.member_added organization.member_removed organization.member_role_changed
    organization.ownership_transferred invitation.created invitation.resent invitation.accepted invitation.cancelled
    invitation.expired document.created file.uploaded file.downloaded file.deleted file.quarantined
    checkout.completed subscription.created subscription.updated subscription.cancelled invoice.paid
    invoice.payment_failed webhook.exhausted";

/// Texts of this shape that are no names of ours.
const OTHERS: [&str; 1] = ["checkout.session"];

fn sources(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            if !name.contains("test") {
                found.insert(name, code);
            }
        }
    }
}

/// The texts in quotes of the shape `noun.verb`, but for those in the catalogues themselves and where rows are put into
/// words.
fn texts() -> BTreeSet<String> {
    let mut found = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let of_catalogue = ["audit/names.rs", "webhooks/catalogue.rs", "account/activity.rs"];
    found.retain(|name, _| !of_catalogue.iter().any(|own| name.ends_with(own)));
    assert!(found.len() > 300, "the walk has lost its way");
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let texts = found.values().flat_map(|code| code.split('"'));
    let shaped = texts.filter(|text| text.split_once('.').is_some_and(|(noun, verb)| is_word(noun) && is_word(verb)));
    shaped.map(str::to_owned).collect()
}

#[test]
fn what_is_emitted_stands_in_the_catalogue_and_the_other_way_round() {
    let (emitted, names): (_, BTreeSet<String>) = (texts(), names::all().collect());
    let nouns: BTreeSet<&str> = NAMES.iter().map(|(noun, _)| *noun).collect();
    let unknown: Vec<_> = emitted
        .iter()
        .filter(|text| nouns.contains(text.split('.').next().unwrap()) && !OTHERS.contains(&text.as_str()))
        .filter(|text| !names.contains(*text))
        .collect();
    assert!(unknown.is_empty(), "emitted and not in the catalogue: {unknown:?}");
    let never: Vec<_> = names.iter().filter(|name| !emitted.contains(*name)).collect();
    assert!(never.is_empty(), "in the catalogue and never emitted: {never:?}");
}

#[test]
fn every_event_that_is_written_has_a_noun_of_the_catalogue() {
    let mut found = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let names: BTreeSet<String> = names::all().collect();
    let mut seen = 0;
    for (file, code) in &found {
        for call in code.split("Event::new(").skip(1) {
            // The name is the last of three, and the end of the call where it is written out.
            let Some((_, rest)) =
                call.split_once('"').filter(|(before, _)| !before.contains([')', ';']) || before.ends_with("now(), "))
            else {
                continue;
            };
            let name = rest.split('"').next().unwrap_or_default();
            assert!(names.contains(name), "{file} writes {name}");
            seen += 1;
        }
    }
    assert!(seen > 40, "the walk has lost its way: {seen}");
}

#[test]
fn what_was_promised_is_there_and_others_are_told_only_of_what_there_is() {
    let names: BTreeSet<String> = names::all().collect();
    for name in PROMISED.split_whitespace() {
        assert!(names.contains(name), "{name} was promised");
        let told = EVENTS.iter().any(|(told, _)| *told == name);
        assert!(told, "{name} cannot be subscribed to");
    }
    for (name, _) in EVENTS {
        assert!(names.contains(*name), "one can subscribe to {name}, of which nothing tells");
    }
}

#[test]
fn the_guide_names_them_all() {
    let guide = include_str!("../../docs/guides/audit.md");
    let (_, table) = guide.split_once("## All names").unwrap();
    for (noun, verbs) in NAMES {
        let line = table.lines().find(|line| line.starts_with(&format!("| `{noun}` |"))).unwrap_or_default();
        let told: BTreeSet<&str> = line.split('`').skip(3).step_by(2).collect();
        assert_eq!(told, verbs.split_whitespace().collect(), "{noun} in docs/guides/audit.md");
    }
    for (old, _) in RENAMED {
        assert!(table.contains(&format!("`{old}`")), "{old} was a name once: docs/guides/audit.md says what it is now");
    }
}

#[tokio::test]
async fn rows_of_an_earlier_version_are_found_by_both_names_and_shown_as_they_were_written() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "audit:read").await;
    for (actor, action) in [("old", "session.ended"), ("new", "user.logout"), ("other", "user.login")] {
        let event = Event::new(&world.tenant.id, world.app.clock.now(), action).by(actor);
        record(&world.app.app.db, event).await.unwrap();
    }
    for asked in ["user.logout", "session.ended", "session.all_ended"] {
        let told = world.ask(&key, "GET", &format!("/audit-events?action={asked}"), None).await.1;
        let mut found: Vec<_> = told.as_array().unwrap().iter().map(|row| (&row["actor"], &row["action"])).collect();
        found.sort_by_key(|(actor, _)| actor.to_string());
        let (old, new) = (Value::from("session.ended"), Value::from("user.logout"));
        assert_eq!(found, [(&Value::from("new"), &new), (&Value::from("old"), &old)], "{asked}");
    }
    let told = world.ask(&key, "GET", "/audit-events?action=session.*&actor=old", None).await.1;
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
}
