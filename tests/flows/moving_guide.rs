//! The commands of the guide to moving tenants, run as they are written, on two servers.

use crate::support::Instance;

#[tokio::test]
async fn what_the_guide_to_moving_a_tenant_shows_works() {
    let (old, new) = (Instance::new().await, Instance::new().await);
    for place in [&old, &new] {
        place.run("migrate up --json").json();
    }
    old.run("tenant create --slug acme --json").json();
    let person = "user create --tenant acme --email ada@acme.test --password-stdin --verified";
    assert_eq!(old.run_with(person, "correct horse battery").code, 0);
    let secure = old.data_dir.join("secure");
    std::fs::create_dir(&secure).unwrap();
    std::fs::write(secure.join("passphrase"), "sand dunes at low tide\n").unwrap();

    let guide = include_str!("../../docs/guides/moving-a-tenant.md");
    let blocks: Vec<_> = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n")).collect();
    let mut told = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        let place = if number == 0 { &old } else { &new };
        for line in block.lines().filter_map(|line| line.strip_prefix("chancery ")) {
            let done = place.run(&line.replace("/secure", secure.to_str().unwrap()));
            assert_eq!(done.code, 0, "{line}: {done:?}");
            told.push(done.out);
        }
    }
    assert_eq!(told.len(), 7);
    assert!(told[1].contains("as it was written") && told[2].contains("dry run"), "{told:#?}");
    assert!(told[3].contains("suspended") && told[3].contains("good until they expire"), "{told:#?}");
    let people = new.run("user list --tenant acme --json").json();
    assert_eq!(people[0]["email"], "ada@acme.test");
    assert_eq!(new.run("user list --tenant acme-preview --json").json()[0]["email"], "ada@acme.test");
    assert_eq!(new.run("user list --tenant acme-empty --json").json(), serde_json::json!([]));
    assert!(new.run("tenant show acme-preview --json").json()["expires_at"].is_string());
    assert_eq!(new.run("audit verify --tenant acme --json").code, 0);

    let file = secure.join("acme.tenant");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "only its owner reads it");
    let again = old.run_with(&format!("tenant export --tenant acme --out {} --passphrase-stdin", file.display()), "x");
    assert!(again.code == 1 && again.err.contains("is there already"), "{again:?}");
    let wrong =
        new.run_with(&format!("tenant import {} --slug other --passphrase-stdin", file.display()), "another one!");
    assert!(wrong.code == 1 && wrong.err.contains("passphrase is another"), "{wrong:?}");
    let twice = format!("tenant import {} --passphrase-file {}/passphrase", file.display(), secure.display());
    let twice = new.run(&twice);
    assert!(twice.code == 1 && twice.err.contains("slug acme"), "{twice:?}");
}
