//! A stranger's program, in a process of its own, signs people in: `examples/relying_party`, which is built on the
//! `openidconnect` crate.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Outcome, Server};

/// The example, which `cargo test` builds beside the program.
pub fn relying_party() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_chancery")).with_file_name("examples").join("relying_party");
    if !program.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--example", "relying_party"]).status();
        assert!(built.unwrap().success());
    }
    program
}

#[tokio::test]
async fn w128_a_relying_party_built_on_openidconnect_signs_in_refreshes_and_revokes() {
    let server = Server::new().await;
    let dev = server.place.data_dir.join("dev.json");
    for (tenant, client) in
        [("demo", "confidential"), ("acme", "confidential2"), ("acme", "public"), ("demo", "native")]
    {
        let mut command = Command::new(relying_party());
        command.arg(&dev).args([tenant, client]);
        let run = Outcome::of(command, "");
        println!("{tenant} {client}\n{}", run.out);
        assert_eq!(run.code, Some(0), "{client} at {tenant}: {}{}", run.out, run.err);
        assert_eq!(run.out.lines().count(), 7, "{}", run.out);
    }
    server.done().await;
}

#[tokio::test]
async fn the_relying_party_says_which_step_did_not_hold() {
    let server = Server::new().await;
    let file = server.place.data_dir.join("wrong.json");
    let mut dev = server.place.dev();
    dev["tenants"]["demo"]["clients"]["confidential"]["client_secret"] = "another".into();
    std::fs::write(&file, dev.to_string()).unwrap();
    let mut command = Command::new(relying_party());
    command.arg(&file).arg("demo");
    let run = Outcome::of(command, "");
    assert_eq!(run.code, Some(1), "{}", run.out);
    assert!(run.out.contains("FAILED") && run.out.contains("signed in as"), "{}", run.out);
    server.done().await;
}
