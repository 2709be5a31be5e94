//! Every account page, rendered by itself.

use super::overview::AccountPage;
use super::shell::{Shell, Tab, When};
use super::*;
use crate::frame::Brand;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

fn shell() -> Shell {
    let tab = |(text, here): (&str, bool)| Tab { href: "/t/demo/account".to_owned(), text: text.to_owned(), here };
    let tabs = [
        ("Overview", true),
        ("Profile", false),
        ("Security", false),
        ("Devices", false),
        ("Applications", false),
        ("Organizations", false),
        ("Activity", false),
        ("Files", false),
        ("Your data", false),
    ];
    Shell { tabs: tabs.map(tab).to_vec(), sign_out_href: "/t/demo/logout".to_owned() }
}

fn when() -> When {
    When { exact: "2026-11-21T10:40:12Z".to_owned(), text: "5 minutes ago".to_owned() }
}

#[test]
fn the_account_page_says_who_is_signed_in() {
    let page = AccountPage {
        brand: brand(),
        shell: shell(),
        initial: "A".to_owned(),
        name: "Ada Lovelace".to_owned(),
        account: "ada@demo.test".to_owned(),
        since: when(),
        tiles: vec![("/t/demo/account/profile".to_owned(), "Profile".to_owned(), "Name and picture".to_owned())],
    };
    let html = save("account", &page);
    assert_hooks(&html, &[r#"<body data-page="account">"#, r#"id="sign-out""#, r#"<span id="account-name""#]);
}

#[test]
fn w043_no_field_escapes_its_place() {
    let hostile = || HOSTILE.to_owned();
    let bad_when = || When { exact: hostile(), text: hostile() };
    let bad_shell =
        || Shell { tabs: vec![Tab { href: hostile(), text: hostile(), here: false }], sign_out_href: hostile() };
    let bad_brand = || Brand { name: hostile(), ..brand() };
    assert_harmless(&AccountPage {
        brand: bad_brand(),
        shell: bad_shell(),
        initial: hostile(),
        name: hostile(),
        account: hostile(),
        since: bad_when(),
        tiles: vec![(hostile(), hostile(), hostile())],
    });
    assert_harmless(&profile::ProfilePage {
        brand: bad_brand(),
        shell: bad_shell(),
        action: hostile(),
        csrf: hostile(),
        name: hostile(),
        picture: hostile(),
        languages: vec![(hostile(), hostile(), true)],
        metadata: Some(hostile()),
        saved: true,
        wrong: Some(("picture", hostile())),
    });
    assert_harmless(&sessions::SessionsPage {
        brand: bad_brand(),
        shell: bad_shell(),
        action: hostile(),
        csrf: hostile(),
        sessions: vec![sessions::Row {
            id: hostile(),
            current: false,
            device: hostile(),
            ip: Some(hostile()),
            seen: bad_when(),
            since: bad_when(),
        }],
    });
    assert_harmless(&applications::ApplicationsPage {
        brand: bad_brand(),
        shell: bad_shell(),
        action: hostile(),
        csrf: hostile(),
        applications: vec![applications::Row {
            id: hostile(),
            name: hostile(),
            logo: None,
            may: vec![hostile()],
            since: hostile(),
        }],
    });
    assert_harmless(&activity::ActivityPage {
        brand: bad_brand(),
        shell: bad_shell(),
        rows: vec![activity::Row { what: hostile(), who: hostile(), failed: true, at: bad_when() }],
        older: Some(hostile()),
    });
    let row = || organizations::Row { id: hostile(), name: hostile(), role: hostile(), suspended: true };
    assert_harmless(&organizations::OrganizationsPage {
        brand: bad_brand(),
        shell: bad_shell(),
        action: hostile(),
        csrf: hostile(),
        error: Some(hostile()),
        organizations: vec![row()],
        waiting: vec![row()],
        joinable: vec![row()],
    });
    assert_harmless(&files::FilesPage {
        brand: bad_brand(),
        shell: bad_shell(),
        action: hostile(),
        csrf: hostile(),
        files: vec![files::Kept { id: hostile(), name: hostile(), about: hostile(), held: None }],
        used: hostile(),
        link: Some(hostile()),
        error: Some(hostile()),
    });
    assert_harmless(&delete::DeletePage {
        brand: bad_brand(),
        shell: bad_shell(),
        action: hostile(),
        csrf: hostile(),
        back: hostile(),
        grace: hostile(),
        error: Some(hostile()),
    });
}
