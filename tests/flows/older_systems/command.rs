//! `chancery import`, as an operator uses it.

use serde_json::json;

use super::dumps;
use crate::support::Instance;

#[tokio::test]
async fn the_command_tries_does_and_tells_by_its_exit_code_whether_somebody_has_to_decide() {
    let place = Instance::new().await;
    assert_eq!(place.run("migrate up").code, 0);
    let aegis = format!("import aegis {}", dumps("aegis/dump.sql").display());
    let trial = place.run(&aegis);
    assert_eq!(trial.code, 3, "{trial:?}");
    assert!(
        trial.out.contains("collision: shop.acme.test Victim@acme.test") && trial.out.contains("Say --apply"),
        "{}",
        trial.out
    );
    assert!(place.run("tenant list --json").json().as_array().unwrap().is_empty());
    let done = place.run(&format!("{aegis} --apply --json --pick 01890a5e-0000-7000-8000-000000000004"));
    let report: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((done.code, &report["applied"], &report["counts"]["person"]["created"]), (3, &json!(true), &json!(8)));
    let shown = place.run("user show --tenant acme-store ada@acme.test --json").json();
    assert_eq!(shown["role"], "admin");
    assert_eq!(place.run("audit verify").code, 0);

    let authy2 = format!("import authy2 --tenant one {} --apply", dumps("authy2/dump.sql").display());
    let whole = place.run(&authy2);
    assert_eq!(whole.code, 0, "{whole:?}");
    let nowhere = place.run("import coglex --tenant two /nowhere");
    assert_eq!(nowhere.code, 1);
    assert!(nowhere.err.contains("/nowhere"), "{nowhere:?}");
    let system = place.run(&format!("import coglex --tenant system {}", dumps("coglex/dump").display()));
    assert!(system.code == 3 && system.out.contains("operators"), "{system:?}");
    let coglex = format!("import coglex --tenant two {}", dumps("coglex/dump").display());
    assert_eq!(place.run(&coglex).code, 3);
    for (line, code) in [
        (format!("{aegis} --slug vault.test=x"), 2),
        (format!("import coglex {}", dumps("coglex/dump").display()), 2),
        ("import aegis".to_owned(), 2),
        ("import aegis /nowhere/dump.sql".to_owned(), 1),
        (format!("{aegis} --pick 01890a5e-0000-7000-8000-00000000000f"), 1),
        (format!("{aegis} --slug vualt.test=safe"), 1),
        (format!("import aegis {}", dumps("authy2/dump.sql").display()), 1),
        ("import authy2 --tenant one --database-url postgres://127.0.0.1:1/nothing".to_owned(), 1),
    ] {
        let ran = place.run(&line);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{line}: {ran:?}");
    }
}
