//! The command line: one file per noun. Commands work on the database directly, also while a server runs, which
//! notices within a second. Exit codes: 0 done, 1 not done (the reason is on standard error), 2 not understood; 3 done,
//! but for what an import had to leave out.

mod api_key;
mod audit;
mod backup;
mod client;
mod config;
mod doctor;
#[cfg(test)]
mod handbook_tests;
mod healthcheck;
mod import;
mod init;
mod jobs;
mod mail;
mod migrate;
mod moving;
mod output;
mod payments;
mod place;
mod plan;
mod provider;
mod seed_demo;
mod serve;
mod signing_keys;
mod tenant;
mod user;
mod user_invite;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::base::{Result, Stop};
use crate::config::Config;

use output::Out;
pub use output::say;
use place::Place;

/// A multi-tenant OAuth 2.0 / OpenID Connect authorization server.
#[derive(Debug, Parser)]
#[command(name = "chancery", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve
    Serve(serve::Serve),
    /// Make a new instance: the operators' tenant, the first operator and an API key, printed once
    Init(init::Init),
    /// Bring the database's schema to this version
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Copy everything that is kept here into a folder, also while servers run
    Backup(backup::Backup),
    /// Make an instance of what `backup` copied
    Restore(backup::Restore),
    /// Look whether everything is as it has to be
    Doctor,
    /// Ask the server on this machine whether it is alive
    Healthcheck,
    /// Come from an older system; tells what that comes to unless it is told to do it
    #[command(subcommand)]
    Import(import::Import),
    /// Tenants
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// A tenant's configuration as a file
    #[command(subcommand)]
    Config(config::Config),
    /// People
    #[command(subcommand)]
    User(user::User),
    /// OAuth clients
    #[command(subcommand)]
    Client(client::Client),
    /// API keys
    #[command(subcommand)]
    Key(api_key::Key),
    /// Others whom people sign in with
    #[command(subcommand)]
    Provider(provider::Provider),
    /// The outbox of mails
    #[command(subcommand)]
    Mail(mail::Mail),
    /// A tenant's account at Stripe, and plans
    #[command(subcommand)]
    Payments(payments::Payments),
    /// Plans of tenants: how much of everything they may have
    #[command(subcommand)]
    Plan(plan::Plan),
    /// Whom a tenant tells what happens in it
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    /// Signing keys
    #[command(subcommand)]
    Keys(signing_keys::Keys),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// What is done again and again
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Fill a tenant with people, clients, organizations, sign-ins, documents and files to try things out with
    SeedDemo(seed_demo::SeedDemo),
}

/// Runs the program. `serve` is what it does with `chancery serve`.
pub fn run<F>(serve: impl FnOnce(Config) -> F) -> ExitCode
where
    F: Future<Output = Result<()>>,
{
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::failed(&Stop::from(error)),
    };
    match runtime.block_on(dispatch(cli, serve)) {
        Ok(code) => code,
        Err(stop) => output::failed(&stop),
    }
}

async fn dispatch<F>(cli: Cli, serve: impl FnOnce(Config) -> F) -> Result<ExitCode>
where
    F: Future<Output = Result<()>>,
{
    let out = Out { json: cli.json };
    let Cli { place, command, .. } = cli;
    match command {
        Command::Serve(options) => serve(options.config(&place)?).await?,
        Command::Init(init) => init.run(&place, out).await?,
        Command::Migrate(migrate) => migrate.run(&place, out).await?,
        Command::Backup(backup) => backup.run(&place, out).await?,
        Command::Restore(restore) => restore.run(&place, out).await?,
        Command::Doctor => return doctor::run(&place, out).await,
        Command::Healthcheck => healthcheck::run(&place).await?,
        Command::Import(import) => return import.run(&place.open().await?, out).await,
        Command::Tenant(tenant) => tenant.run(&place.open().await?, out).await?,
        Command::Config(config) => return config.run(&place.open().await?, out).await,
        Command::User(user) => user.run(&place.open().await?, out).await?,
        Command::Client(client) => client.run(&place.open().await?, out).await?,
        Command::Key(key) => key.run(&place.open().await?, out).await?,
        Command::Provider(provider) => provider.run(&place.open().await?, out).await?,
        Command::Mail(mail) => mail.run(&place.open().await?, out).await?,
        Command::Payments(payments) => payments.run(&place.open().await?, out).await?,
        Command::Plan(plan) => plan.run(&place.open().await?, out).await?,
        Command::Webhook(webhook) => webhook.run(&place.open().await?, out).await?,
        Command::Keys(keys) => keys.run(&place.open().await?, out).await?,
        Command::Audit(audit) => return audit.run(&place.open().await?, out).await,
        Command::Jobs(jobs) => return jobs.run(&place.open().await?, out).await,
        Command::SeedDemo(seed) => seed.run(&place.open().await?, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// How much of a list is shown.
#[derive(Clone, Debug, clap::Args)]
struct Page {
    /// Show at most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Show what comes after this one
    #[arg(long, default_value = "")]
    after: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_noun_and_verb_of_the_contract_is_understood() {
        for line in [
            "serve --dev --config f --data-dir d --listen 127.0.0.1:1 --public-url http://localhost:1",
            "serve --no-jobs --tls-cert c --tls-key k",
            "init --json",
            "migrate up",
            "migrate status --json",
            "doctor",
            "healthcheck",
            "tenant create --slug demo --name Demo --json",
            "tenant list",
            "tenant show demo --data-dir d",
            "tenant update demo --name x --set password_grant=true",
            "tenant suspend demo",
            "tenant activate demo",
            "tenant delete demo",
            "tenant export --tenant demo --out f --passphrase-stdin --json",
            "tenant import f --slug other --dry-run --passphrase-file p",
            "tenant clone --tenant demo --slug copy --name Copy --ttl 24 --without-people",
            "config export --tenant one --out f --json",
            "config plan --tenant one f --prune --create --generate-secrets --json",
            "config apply --tenant one - --yes --prune --create --generate-secrets --expect d",
            "user create --tenant t --email a@b.test --password-stdin --verified --json",
            "user list --tenant t --limit 5",
            "user invite --tenant t a@b.test --role admin --json",
            "user resend-verification --tenant t a@b.test",
            "user reset-link --tenant t a@b.test --force",
            "user remove-factors --tenant t a@b.test",
            "user show --tenant t a@b.test",
            "user suspend --tenant t x",
            "user activate --tenant t x",
            "user delete --tenant t x",
            "user set-role --tenant t x admin",
            "user set-password --tenant t x --password-stdin",
            "client create --tenant t --name n --type confidential --redirect-uri u --redirect-uri v --grant g --scope s --auth-method client_secret_post --json",
            "client create --tenant t --from-json - --policy require_pkce=false",
            "client list --tenant t",
            "client show --tenant t c",
            "client rotate-secret --tenant t c --json",
            "client disable --tenant t c",
            "client enable --tenant t c",
            "client delete --tenant t c",
            "key create --tenant t --name n --scope s --expires-in-days 30",
            "key list --tenant t",
            "key revoke --tenant t k",
            "provider add --tenant t --preset google --client-id c --client-secret-stdin --domain a.test --creation never",
            "provider add --tenant t --slug s --name n --issuer https://i.test --client-id c --scope openid --sign-out",
            "provider list --tenant t",
            "provider show --tenant t s",
            "provider remove --tenant t s",
            "mail list --tenant t --state dead --json",
            "mail retry --tenant t m",
            "mail test --tenant t --to a@b.test",
            "mail set-secret --tenant t smtp_password",
            "plan list --json",
            "plan set small --name Small --limit users=10 --limit bytes= --feature sso",
            "plan show small",
            "plan give demo small",
            "plan give demo",
            "plan of demo",
            "plan delete small",
            "plan recount",
            "webhook list --tenant t --json",
            "webhook create --tenant t --url https://r.test/ --event user.* --event key.created --scheme aegis-v1 --secret-stdin",
            "webhook delete --tenant t w",
            "webhook retry --tenant t",
            "webhook retry --tenant t w",
            "webhook test --tenant t w",
            "keys list --tenant t",
            "keys rotate --tenant t --alg ES256",
            "keys revoke --tenant t kid",
            "keys reseal --new-master-key-file f",
            "import aegis dump.sql --slug acme.test=acme --pick 7 --apply --json",
            "import aegis --database-url postgres://old/aegis",
            "import backend-framework dump.sql",
            "import authy2 --tenant one dump.sql",
            "import coglex --tenant one dump --role _ADMINS=admin --files documents",
            "audit verify --json",
            "audit verify --tenant t --expect 3:hash",
            "jobs list --json",
            "jobs run-once",
            "jobs run-once keys audit-retention --json",
            "seed-demo --tenant showcase --people 50 --json",
        ] {
            let words = std::iter::once("chancery").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}: {}", Cli::try_parse_from(["chancery", "x"]).is_ok());
        }
        for line in [
            "",
            "serve --dve",
            "client create --name n",
            "user create --tenant t x",
            "tenant",
            "tenant import f",
            "import coglex dump",
            "import aegis",
            "jobs run-once key",
        ] {
            assert!(Cli::try_parse_from(std::iter::once("chancery").chain(line.split(' '))).is_err(), "{line}");
        }
    }
}
