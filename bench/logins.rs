//! Sign-ins: how many a second, held against Argon2 alone on the same core; and what a flood of wrong passwords at one
//! tenant does to the sign-ins of another.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde_json::json;

use crate::http::{Answer, post_json};
use crate::load::{Plan, Script, run};
use crate::process::{SERVER_CORE, machine};
use crate::report::Report;
use crate::scripts::Fixed;
use crate::server::{Instance, member, path};
use crate::weight::{password_grant, password_guess};
use crate::{Args, Failed};

/// Whatever the answer is: a flood does not mind.
struct Flood(Vec<u8>);

impl Script for Flood {
    fn next(&mut self) -> Vec<u8> {
        self.0.clone()
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        match answer.status {
            400 | 429 => Ok(true),
            status => Err(format!("a wrong password was answered with {status}").into()),
        }
    }
}

/// Measures both on each database.
pub async fn all(args: &Args) -> Result<(), Failed> {
    let mut report = Report::default();
    report.say(&format!("{}; server on one core, generator on the other; {} s each.\n", machine()?, args.seconds))?;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-logins");
    if root.exists() {
        std::fs::remove_dir_all(&root)?;
    }
    database(args, &mut report, ("SQLite", "sqlite", None), &root.join("sqlite")).await?;
    if let Some(url) = &args.postgres {
        let place = ("PostgreSQL", url.as_str(), args.postgres_pid);
        database(args, &mut report, place, &root.join("postgres")).await?;
    }
    if let Some(path) = &args.report {
        std::fs::write(path, report.text())?;
    }
    Ok(())
}

async fn database(
    args: &Args,
    report: &mut Report,
    (name, url, pid): (&str, &str, Option<u32>),
    root: &Path,
) -> Result<(), Failed> {
    std::fs::create_dir_all(root)?;
    let bare = bare(args.seconds)?;
    let instance = Instance::new(root, url)?;
    let (running, _) = instance.start(pid).await?;
    let measured = Duration::from_secs(args.seconds);
    let many = Plan { connections: 16, measured, rest: None };
    let login = password_grant(&instance)?;
    let seen = run(instance.port(), many, &running.watched, |_| Box::new(Fixed(login.clone(), "access_token"))).await?;
    report.say(&format!(
        "{name}: {:.1} sign-ins/s; Argon2 alone {bare:.1} hashes/s: {:.0} % (wanted: 90 %).",
        seen.per_second,
        100.0 * seen.per_second / bare
    ))?;
    let easy = Plan { connections: 1, measured: measured * 3, rest: Some(Duration::from_millis(50)) };
    let calm = calm(&instance)?;
    let calmly = || run(instance.port(), easy, &running.watched, |_| Box::new(Fixed(calm.clone(), "access_token")));
    let quiet = calmly().await?;
    // Ten times of what the core can do arrives each second.
    let flood = Plan { connections: whole(bare * 10.0), measured: measured * 3, rest: Some(Duration::from_secs(1)) };
    let wrong = password_guess(&instance, "a wrong password")?;
    let flooding = run(instance.port(), flood, &running.watched, |_| Box::new(Flood(wrong.clone())));
    let (stormy, flooded) = tokio::join!(calmly(), flooding);
    let (stormy, flooded) = (stormy?, flooded?);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    report.say(&format!(
        "{name}: while {} wrong passwords a second come to another tenant ({:.0} answers/s): sign-in p99 {:.0} ms, \
         quiet {:.0} ms: {:.1} times (wanted: 2.5 at most).",
        flood.connections,
        flooded.per_second,
        ms(stormy.p99),
        ms(quiet.p99),
        stormy.p99.as_secs_f64() / quiet.p99.as_secs_f64().max(1e-6)
    ))?;
    running.stop()
}

/// A sign-in at the tenant that nobody floods.
fn calm(instance: &Instance) -> Result<Vec<u8>, Failed> {
    let user = &instance.dev("demo")?["users"][0];
    let body = json!({ "identifier": member(user, "email")?, "password": member(user, "password")? });
    Ok(post_json(&path("/api/v1/auth/login"), &body.to_string()))
}

/// What Argon2 alone reaches on the server's core.
fn bare(seconds: u64) -> Result<f64, Failed> {
    let program = std::env::current_exe()?;
    let out = Command::new("taskset")
        .args(["-c", SERVER_CORE])
        .arg(program)
        .args(["--hash-for", &seconds.to_string()])
        .output()?;
    Ok(String::from_utf8(out.stdout)?.trim().parse()?)
}

/// Hashes as fast as these cores can, with the cost of a new password, in memory that is there; prints how many a second.
pub fn hash_for(seconds: u64) -> Result<(), Failed> {
    let threads = thread::available_parallelism()?.get();
    let begun = Instant::now();
    let workers: Vec<_> = (0..threads).map(|_| thread::spawn(move || hashes(Duration::from_secs(seconds)))).collect();
    let mut done = 0;
    for worker in workers {
        done += worker.join().map_err(|_| "a hashing thread ended early")?;
    }
    Ok(writeln!(io::stdout(), "{:.2}", f64::from(done) / begun.elapsed().as_secs_f64())?)
}

fn hashes(time: Duration) -> u32 {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
    let mut memory = vec![Block::new(); Params::DEFAULT.block_count()];
    let (begun, mut done, mut output) = (Instant::now(), 0, [0_u8; 32]);
    while begun.elapsed() < time {
        let hashed =
            argon.hash_password_into_with_memory(b"a password of usual length", &[7; 16], &mut output, &mut memory);
        done += u32::from(hashed.is_ok());
    }
    done
}

fn whole(number: f64) -> usize {
    format!("{number:.0}").parse().unwrap_or(1)
}
