//! A person hears of what somebody else did to their account.

use crate::support::Instance;

#[tokio::test]
async fn whoever_did_not_ask_for_a_new_password_or_an_open_account_is_told_by_mail() {
    let place = Instance::new().await;
    assert_eq!(place.run("migrate up").code, 0);
    place.run("tenant create --slug acme --name Acme --json").json();
    let create = "user create --tenant acme --email ada@acme.test --password-stdin --verified";
    assert_eq!(place.run_with(create, "correct horse battery").code, 0);
    let kinds = || {
        let listed = place.run("mail list --tenant acme --json").json();
        let kinds = listed.as_array().unwrap().iter().map(|mail| mail["kind"].as_str().unwrap().to_owned());
        let mut kinds: Vec<_> = kinds.collect();
        kinds.sort();
        kinds
    };
    assert!(kinds().is_empty());
    let set = "user set-password --tenant acme ada@acme.test --password-stdin";
    assert_eq!(place.run_with(set, "another few words").code, 0);
    assert_eq!(kinds(), ["password-changed"]);
    assert_eq!(place.run("user activate --tenant acme ada@acme.test").code, 0);
    assert_eq!(kinds(), ["password-changed"], "nothing was to be told");
    assert_eq!(place.run("user suspend --tenant acme ada@acme.test").code, 0);
    assert_eq!(place.run("user activate --tenant acme ada@acme.test").code, 0);
    assert_eq!(kinds(), ["account-restored", "account-suspended", "password-changed"]);
}
