//! Processes on a core of their own, and what they cost.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failed;

/// The core of everything measured: servers and their databases.
pub const SERVER_CORE: &str = "0";
/// All cores that there are to share.
pub const BOTH_CORES: &str = "0,1";
/// The core of the generator.
pub const GENERATOR_CORE: &str = "1";
/// Linux counts processor time in hundredths of a second towards programs.
const TICK: Duration = Duration::from_millis(10);

/// A process that ends with us.
pub struct Guarded(Child);

impl Guarded {
    /// Its number.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) -> Result<(), Failed> {
        Command::new("kill").arg(self.pid().to_string()).status()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ended_anyway = self.0.kill();
            let _reaped = self.0.wait();
        }
    }
}

/// Starts a program on some cores (as `taskset` writes them), with its words in a file.
pub fn start(cores: &str, program: &Path, args: &[&str], log: &Path) -> Result<Guarded, Failed> {
    let out = fs::File::create(log)?;
    let child = Command::new("taskset")
        .args(["-c", cores])
        .arg(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .spawn()?;
    Ok(Guarded(child))
}

/// Moves this process to the generator's core.
pub fn pin_generator() -> Result<(), Failed> {
    let pid = std::process::id().to_string();
    let done = Command::new("taskset").args(["-acp", GENERATOR_CORE, &pid]).stdout(Stdio::null()).status()?;
    if done.success() { Ok(()) } else { Err("taskset could not choose a core; two are needed".into()) }
}

/// What is charged for one measure: the server, and the database it writes to.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    /// The server.
    pub server: u32,
    /// PostgreSQL's first process, whose children do its work.
    pub database: Option<u32>,
}

impl Watched {
    /// Processor time spent so far.
    pub fn cpu(&self) -> Result<Duration, Failed> {
        let mut ticks = Stat::read(self.server)?.own;
        if let Some(database) = self.database {
            let first = Stat::read(database)?;
            ticks += first.own + first.ended_children;
            for pid in processes()? {
                if let Ok(child) = Stat::read(pid)
                    && child.parent == database
                {
                    ticks += child.own;
                }
            }
        }
        Ok(TICK * ticks)
    }

    /// Resident memory of the server alone, now and at its highest, in MiB.
    pub fn memory(&self) -> Result<(f64, f64), Failed> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server))?;
        let mib = |name: &str| -> Result<f64, Failed> {
            let line = status.lines().find(|line| line.starts_with(name)).ok_or("no such line in /proc")?;
            let kib: u32 = line.split_whitespace().nth(1).ok_or("no figure in /proc")?.parse()?;
            Ok(f64::from(kib) / 1024.0)
        };
        Ok((mib("VmRSS:")?, mib("VmHWM:")?))
    }
}

fn processes() -> Result<Vec<u32>, Failed> {
    let names = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter_map(|name| name.parse().ok()).collect())
}

/// One line of `/proc/<pid>/stat`, in ticks.
struct Stat {
    parent: u32,
    own: u32,
    ended_children: u32,
}

impl Stat {
    fn read(pid: u32) -> Result<Self, Failed> {
        let line = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (_, after_name) = line.rsplit_once(')').ok_or("an unreadable /proc/<pid>/stat")?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let field = |number: usize| -> Result<u32, Failed> {
            Ok(fields.get(number - 3).ok_or("a short /proc/<pid>/stat")?.parse()?)
        };
        Ok(Self { parent: field(4)?, own: field(14)? + field(15)?, ended_children: field(16)? + field(17)? })
    }
}

/// The processor's name and how many cores there are.
pub fn machine() -> Result<String, Failed> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
    let name = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let name = name.map_or("an unnamed processor", |(_, name)| name.trim());
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    Ok(format!("{cores} cores of {name}"))
}
