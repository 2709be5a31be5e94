//! What is not throughput: start-up, memory, and what a storm of sign-ins does to everybody else.

use std::time::Duration;

use chancery::http::routes;

use crate::Failed;
use crate::http::post_form;
use crate::load::{Plan, Seen, run};
use crate::people::People;
use crate::process::Watched;
use crate::questions::client_credentials;
use crate::report::Report;
use crate::scripts::Fixed;
use crate::server::{Instance, Running, member};

/// Starts that are timed.
const STARTS: usize = 9;

/// Measures an instance that has been used and stopped.
pub async fn report(
    report: &mut Report,
    instance: &Instance,
    database_pid: Option<u32>,
    database: &str,
) -> Result<(), Failed> {
    let median = cold_start(instance, database_pid).await?;
    report.say(&format!("\n{database}, cold start to the first discovery answer: {} ms.", median.as_millis()))?;

    let (running, _took) = instance.start_unpinned(database_pid).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = running.watched.memory()?.0;
    let (quiet, stormy, logins) = storm(instance, &running).await?;
    let (after, highest) = running.watched.memory()?;
    report.say(&format!(
        "{database}, resident memory: {idle:.0} MiB idle, {highest:.0} MiB at the most under token requests and \
         sign-ins, {after:.0} MiB after them."
    ))?;
    report.say(&format!(
        "{database}, login storm on both cores: {:.0} passwords/s; /token p99 {:.1} ms, quiet {:.1} ms: {:.1} times.",
        logins.per_second,
        stormy.p99.as_secs_f64() * 1e3,
        quiet.p99.as_secs_f64() * 1e3,
        stormy.p99.as_secs_f64() / quiet.p99.as_secs_f64().max(1e-6)
    ))?;
    running.stop()
}

async fn cold_start(instance: &Instance, database: Option<u32>) -> Result<Duration, Failed> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (running, took) = instance.start(database).await?;
        running.stop()?;
        times.push(took);
    }
    times.sort_unstable();
    Ok(times[STARTS / 2])
}

/// `/token` at an easy pace, alone and then among people who sign in as fast as they can.
async fn storm(instance: &Instance, running: &Running) -> Result<(Seen, Seen, Seen), Failed> {
    let people = People::machine_only(instance, &[])?;
    let request = client_credentials(&people.basic);
    let easy = Plan { connections: 8, measured: Duration::from_secs(5), rest: Some(Duration::from_millis(20)) };
    let hard = Plan { connections: 16, rest: None, ..easy };
    let token = |watched| run(instance.port(), easy, watched, |_| Box::new(Fixed(request.clone(), "access_token")));
    let watched: &Watched = &running.watched;
    let quiet = token(watched).await?;
    let login = password_grant(instance)?;
    let logins = run(instance.port(), hard, watched, |_| Box::new(Fixed(login.clone(), "access_token")));
    let (stormy, logins) = tokio::join!(token(watched), logins);
    Ok((quiet, stormy?, logins?))
}

/// The password grant costs exactly one verification, like the sign-in page, and fits one request.
pub fn password_grant(instance: &Instance) -> Result<Vec<u8>, Failed> {
    let password = member(&instance.dev("acme")?["users"][0], "password")?;
    password_guess(instance, &password)
}

/// The same with another password.
pub fn password_guess(instance: &Instance, password: &str) -> Result<Vec<u8>, Failed> {
    let acme = instance.dev("acme")?;
    let client = &acme["clients"]["password"];
    let (id, secret) = (member(client, "client_id")?, member(client, "client_secret")?);
    let email = member(&acme["users"][0], "email")?;
    let fields = [
        ("grant_type", "password"),
        ("username", email.as_str()),
        ("password", password),
        ("client_id", &id),
        ("client_secret", &secret),
    ];
    Ok(post_form(&format!("/t/acme{}", routes::TOKEN), &[], &fields))
}
