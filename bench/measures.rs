//! The measures in their order: limits first, then the same thing done by the server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::http::{get, post_form};
use crate::load::{Plan, run};
use crate::people::People;
use crate::process::{self, SERVER_CORE, Watched, machine};
use crate::questions::{Limits, questions};
use crate::report::{Line, Report};
use crate::scripts::Fixed;
use crate::server::Instance;
use crate::{Args, Failed, weight};

/// One database's turn.
struct Turn<'a> {
    args: &'a Args,
    plan: Plan,
    database: &'static str,
    url: &'a str,
    pid: Option<u32>,
    root: PathBuf,
}

/// Measures everything and prints the report.
pub async fn all(args: &Args) -> Result<(), Failed> {
    let mut report = Report::default();
    report.say(&format!(
        "{}; server and database on one core, generator on the other; {} connections, {} s each.",
        machine()?,
        args.connections,
        args.seconds
    ))?;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    if root.exists() {
        std::fs::remove_dir_all(&root)?;
    }
    let measured = Duration::from_secs(args.seconds);
    let plan = Plan { connections: args.connections, measured, rest: None };
    let sqlite = Turn { args, plan, database: "SQLite", url: "sqlite", pid: None, root: root.join("sqlite") };
    sqlite.take(&mut report).await?;
    if let Some(url) = &args.postgres {
        let root = root.join("postgres");
        let turn = Turn { args, plan, database: "PostgreSQL", url, pid: args.postgres_pid, root };
        turn.take(&mut report).await?;
    }
    if let Some(path) = &args.report {
        std::fs::write(path, report.text())?;
    }
    Ok(())
}

impl Turn<'_> {
    async fn take(&self, report: &mut Report) -> Result<(), Failed> {
        std::fs::create_dir_all(&self.root)?;
        report.table()?;
        let limits = self.limits(report).await?;
        let instance = Instance::new(&self.root, self.url)?;
        let (running, _first) = instance.start(self.pid).await?;
        let people = People::prepare(&instance).await?;
        let tokens = people.refresh_tokens(&instance, self.plan.connections).await?;
        for question in questions(&people, &tokens) {
            if question.what.contains(&self.args.only) {
                let seen = run(instance.port(), self.plan, &running.watched, question.script).await?;
                let against = Some(question.against.of(&limits));
                report.line(&Line { what: question.what, database: self.database, seen, against })?;
            }
        }
        running.stop()?;
        weight::report(report, &instance, self.pid, self.database).await
    }

    async fn limits(&self, report: &mut Report) -> Result<Limits, Failed> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let file = format!("sqlite:{}", self.root.join("limit.db").display());
        let database = if self.url == "sqlite" { &file } else { self.url };
        let text = port.to_string();
        let args = ["--limit", &text, "--database", database];
        let process = process::start(SERVER_CORE, &std::env::current_exe()?, &args, &self.root.join("limit.log"))?;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let watched = Watched { server: process.pid(), database: self.pid };
        let mut figures = [0.0; 3];
        let bare = [
            ("limit: hello", get("/hello", &[])),
            ("limit: sign ES256", post_form("/sign", &[], &[])),
            ("limit: sign ES256, commit a row", post_form("/row", &[], &[])),
        ];
        for (figure, (what, request)) in figures.iter_mut().zip(bare) {
            let seen = run(port, self.plan, &watched, |_| Box::new(Fixed(request.clone(), ""))).await?;
            *figure = seen.per_core;
            report.line(&Line { what, database: self.database, seen, against: None })?;
        }
        let [hello, sign, row] = figures;
        Ok(Limits { hello, sign, row })
    }
}
