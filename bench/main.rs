//! The load generator: server and limit side by side, on one core each for them and for the generator.
//!
//! `bench/run` prepares a PostgreSQL that really writes, and starts this; `docs/performance.md` explains the figures.

mod copies;
mod direct;
mod http;
mod limit;
mod load;
mod logins;
mod measures;
mod people;
mod process;
mod questions;
mod report;
mod rows;
mod scripts;
mod server;
mod sign_in;
mod storage;
mod tenants;
mod weight;

use std::path::PathBuf;

use clap::Parser;

/// What went wrong, in words.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures Chancery against the least that its answers can cost.
#[derive(Parser, Debug)]
pub struct Args {
    /// Seconds that count, per measure.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Only measures whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// An empty PostgreSQL database to measure on too.
    #[arg(long)]
    postgres: Option<String>,
    /// The process id of that PostgreSQL's first process.
    #[arg(long, requires = "postgres")]
    postgres_pid: Option<u32>,
    /// Write the report here as well.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Measure sign-ins instead: `bench/run logins`.
    #[arg(long)]
    logins: bool,
    /// Measure documents instead: `bench/run storage`.
    #[arg(long)]
    storage: bool,
    /// Measure with so many tenants instead: `bench/run tenants`.
    #[arg(long, default_value_t = 0)]
    tenants: usize,
    /// Ask a database directly instead, what a file says.
    #[arg(long, hide = true)]
    direct: Option<PathBuf>,
    /// Be bare Argon2 for so many seconds, on the cores that this was started on.
    #[arg(long, hide = true)]
    hash_for: Option<u64>,
    /// Be the limit instead, on this port.
    #[arg(long, hide = true)]
    limit: Option<u16>,
    /// The limit's database.
    #[arg(long, hide = true)]
    database: Option<String>,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failed> {
    let args = Args::parse();
    if let Some(port) = args.limit {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(limit::serve(port, args.database.as_deref()));
    }
    if let Some(seconds) = args.hash_for {
        return logins::hash_for(seconds);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(file) = &args.direct {
        return runtime.block_on(direct::serve(file));
    }
    process::pin_generator()?;
    match (args.logins, args.storage, args.tenants) {
        (true, ..) => runtime.block_on(logins::all(&args)),
        (_, true, _) => runtime.block_on(storage::all(&args)),
        (.., 0) => runtime.block_on(measures::all(&args)),
        _ => runtime.block_on(tenants::all(&args)),
    }
}
