//! The file and the commands of the guide to configuration as code, run as they are written.

use std::process::Stdio;

use super::support::Instance;

/// The blocks of a guide of this language.
fn blocks<'a>(guide: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    guide.split("```").skip(1).step_by(2).filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

#[tokio::test]
async fn what_the_guide_to_configuration_as_code_shows_works() {
    let guide = include_str!("../../docs/guides/config-as-code.md");
    let place = Instance::new().await;
    place.run("migrate up --json").json();
    let file = blocks(guide, "toml").next().unwrap();
    std::fs::write(place.data_dir.join("acme.toml"), file).unwrap();
    std::fs::write(place.data_dir.join("robot.secret"), "a-secret-that-the-robot-has-already-4711\n").unwrap();
    let (mut variables, mut digest, mut run) = (Vec::new(), String::new(), 0);
    for line in blocks(guide, "sh").flat_map(str::lines).filter(|line| !line.is_empty()) {
        if let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
            variables.push((name, value));
            continue;
        }
        let (words, ends) = line.split_once('#').unwrap_or((line, "ends with 0"));
        let words = words.strip_prefix("chancery ").unwrap().replace("DIGEST", &digest);
        let mut command = place.command(&words);
        command.current_dir(&place.data_dir).envs(variables.clone()).stdin(Stdio::null());
        let ended = command.output().unwrap();
        let (out, err) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
        let expected: i32 = ends.trim().strip_prefix("ends with ").unwrap().parse().unwrap();
        assert_eq!(ended.status.code(), Some(expected), "{line}: {out}{err}");
        if words.contains("--json") {
            let plan: serde_json::Value = serde_json::from_str(&out).unwrap();
            plan["digest"].as_str().unwrap().clone_into(&mut digest);
        }
        for (_, secret) in &variables {
            assert!(!out.contains(secret) && !err.contains(secret), "W-005: {line}: {out}{err}");
        }
        run += 1;
    }
    assert_eq!(run, 7);
    let exported = std::fs::read_to_string(place.data_dir.join("exported.toml")).unwrap();
    for word in ["[clients.robot]", "client_secret = \"env:ACME_CLIENT_ROBOT_SECRET\"", "[collections.orders]"] {
        assert!(exported.contains(word), "{word} is not in {exported}");
    }
    let other = place.run("config apply --tenant acme - --yes --expect another");
    assert_eq!((other.code, other.out.as_str()), (1, ""), "{other:?}");
    assert!(other.err.contains("another plan by now"), "{other:?}");
    let asked = place.run_with("config apply --tenant acme -", "[settings]\nlanguage = 'fr'\n");
    assert!(asked.code == 1 && asked.err.contains("--yes"), "{asked:?}");
    assert_eq!(place.run("tenant show acme --json").json()["settings"]["language"], "de");
}
