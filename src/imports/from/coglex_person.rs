//! A person of Coglex: a document with a key that is an address or a name, a password, and whatever else an application
//! put there.

use serde_json::{Map, Value};

use crate::base::{Email, Secret};
use crate::imports::System;
use crate::imports::record::{Person, id_of};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::people::Travelling;
use crate::store::users::{Role, UserStatus};

/// Reads somebody; `None`: they cannot be brought along.
pub(super) fn person(
    mut document: Map<String, Value>,
    (role, collection): (Role, &str),
    tenant: &str,
    report: &mut Report,
) -> Option<Person> {
    let mut take = |name: &str| document.shift_remove(name).unwrap_or_default();
    let (id, key, password) = (take("_id"), take("_key"), take("_password"));
    let (inserted, _) = (take("_inserted"), take("_patched"));
    let old_id = id.as_str().unwrap_or_default();
    let called = key.as_str().unwrap_or_default();
    let named = Named { tenant, kind: Kind::Person, name: called, old_id };
    let mut account = Travelling::of(&id_here(old_id, (collection, called)));
    if let Err(why) = name(called, &mut account) {
        report.leave_out(named, Outcome::Refused, why);
        return None;
    }
    account.role = role;
    account.created_at = inserted.as_str().map(str::to_owned);
    if ["active", "is_active"].iter().any(|name| document.get(*name) == Some(&Value::Bool(false))) {
        account.status = UserStatus::Suspended;
    }
    if let Some(said) = document.get("role").and_then(Value::as_str).filter(|said| *said != role.as_str()) {
        let why = format!(
            "has the role `{said}` in a document that is now `user_metadata`; here the role is {}",
            role.as_str()
        );
        report.review(tenant, called, why);
    }
    account.user_metadata = document;
    let mut person = Person::new(called, old_id, account);
    prove(&mut person, &password, (tenant, called), report);
    Some(person)
}

/// Their ids are kept, so that documents that name them still do.
fn id_here(old_id: &str, (collection, key): (&str, &str)) -> String {
    let plain = old_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain && (1..=64).contains(&old_id.len()) {
        old_id.to_owned()
    } else {
        id_of(System::Coglex, &[collection, old_id, key])
    }
}

fn name(key: &str, account: &mut Travelling) -> Result<(), String> {
    if let Ok(email) = key.parse::<Email>() {
        account.email = Some(email);
        return Ok(());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !(1..=64).contains(&key.len()) || !key.bytes().all(plain) {
        return Err("its `_key` is neither an e-mail address nor a user name of a-z, 0-9, . _ and -".to_owned());
    }
    account.username = Some(key.to_owned());
    Ok(())
}

/// Some passwords were stored as they were typed.
fn prove(person: &mut Person, password: &Value, (tenant, called): (&str, &str), report: &mut Report) {
    match password {
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(hash) if is_bcrypt(hash) => person.account.password_hash = Some(hash.clone()),
        Value::String(clear) => {
            let by_hand = if person.account.email.is_some() {
                "its owner has to choose another by `forgotten password`"
            } else {
                "its owner, who has no address, needs a link from you (`chancery user reset-link`)"
            };
            report.review(
                tenant,
                called,
                format!("the password was stored in the clear and is worth nothing by itself: {by_hand}"),
            );
            person.clear = Some(Secret::new(clear.as_str()));
        }
        _ => report.review(tenant, called, "the password is no text, and is not taken: its owner has to choose one"),
    }
}

fn is_bcrypt(text: &str) -> bool {
    text.len() == 60 && ["$2a$", "$2b$", "$2y$"].iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(document: Value) -> (Option<Person>, Report) {
        let mut report = Report::new(System::Coglex, false);
        let Value::Object(document) = document else { panic!("not an object") };
        (person(document, (Role::User, "_USERS"), "shop", &mut report), report)
    }

    const BCRYPT: &str = "$2b$04$C/VWWVoKza94ef5JP553I.lDjmDWndQ.sqVmSE9l40OjfXT0SbbE2";

    #[test]
    fn the_key_is_an_address_or_a_user_name_and_the_rest_is_metadata() {
        let (ada, _) = read(json!({ "_id": "66a0", "_key": "Ada@shop.test", "_password": BCRYPT, "age": 36 }));
        let ada = ada.unwrap();
        assert_eq!(ada.account.id.as_deref(), Some("66a0"));
        assert_eq!(ada.account.email.unwrap().as_str(), "Ada@shop.test");
        assert_eq!((ada.account.password_hash.as_deref(), ada.clear.is_some()), (Some(BCRYPT), false));
        assert_eq!(Value::Object(ada.account.user_metadata), json!({ "age": 36 }));
        let (bob, _) = read(json!({ "_id": "x/1", "_key": "bob.b", "_password": null, "active": false }));
        let bob = bob.unwrap();
        assert_eq!((bob.account.username.as_deref(), bob.account.status), (Some("bob.b"), UserStatus::Suspended));
        assert!(bob.account.id.unwrap().len() == 36 && bob.account.password_hash.is_none());
        for bad in [json!({}), json!({ "_key": "" }), json!({ "_key": { "$ne": null } }), json!({ "_key": "a b" })] {
            let (nobody, report) = read(bad);
            assert!(nobody.is_none() && !report.is_whole());
        }
    }

    #[test]
    fn w005_a_password_in_the_clear_is_told_without_being_told() {
        let (grace, report) = read(json!({ "_key": "grace@shop.test", "_password": "cobol-forever" }));
        let grace = grace.unwrap();
        assert_eq!(grace.clear.as_ref().map(Secret::expose), Some("cobol-forever"));
        assert!(grace.account.password_hash.is_none());
        let told = serde_json::to_string(&report).unwrap();
        assert!(told.contains("stored in the clear") && !told.contains("cobol-forever"));
        assert!(!format!("{grace:?}").contains("cobol-forever"));
        let (odd, report) = read(json!({ "_key": "odd@shop.test", "_password": 7 }));
        assert!(odd.unwrap().clear.is_none() && report.review.len() == 1);
    }
}
