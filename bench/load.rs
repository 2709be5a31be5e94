//! Drives one script over several connections for a while, and counts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use crate::Failed;
use crate::http::{Answer, Connection};
use crate::process::Watched;

/// What one connection says, request by request.
pub trait Script {
    /// The next request.
    fn next(&mut self) -> Vec<u8>;

    /// Takes the answer in; true when it completes one operation, an error when it is not the right answer.
    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed>;
}

/// How long, and over how many connections.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Connections, each with one request in flight.
    pub connections: usize,
    /// The time that counts.
    pub measured: Duration,
    /// Rest between two operations of one connection: none to find the limit, some to watch waiting times.
    pub rest: Option<Duration>,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Operations per second of the clock.
    pub per_second: f64,
    /// Operations per second of processor time that the server side (its database included) spent on them.
    pub per_core: f64,
    /// Half of the operations were faster.
    pub p50: Duration,
    /// Of a hundred operations ninety-nine were faster.
    pub p99: Duration,
}

#[derive(Default)]
struct Tally {
    counting: Cell<bool>,
    stop: Cell<bool>,
    took: RefCell<Vec<Duration>>,
    failure: RefCell<Option<String>>,
}

/// Runs the scripts, one per connection: a second (at most) to warm up, then the measured time.
pub async fn run(
    port: u16,
    plan: Plan,
    server: &Watched,
    mut script: impl FnMut(usize) -> Box<dyn Script>,
) -> Result<Seen, Failed> {
    let tally = Rc::new(Tally::default());
    let local = LocalSet::new();
    for number in 0..plan.connections {
        let (tally, script) = (Rc::clone(&tally), script(number));
        local.spawn_local(async move {
            if let Err(error) = drive(port, script, plan.rest, &tally).await {
                tally.failure.borrow_mut().get_or_insert_with(|| error.to_string());
                tally.stop.set(true);
            }
        });
    }
    local.run_until(measure(plan, server, &tally)).await
}

async fn measure(plan: Plan, server: &Watched, tally: &Tally) -> Result<Seen, Failed> {
    tokio::time::sleep(plan.measured.min(Duration::from_secs(1))).await;
    let (cpu, start) = (server.cpu()?, Instant::now());
    tally.counting.set(true);
    tokio::time::sleep(plan.measured).await;
    tally.counting.set(false);
    let (cpu, elapsed) = (server.cpu()?.saturating_sub(cpu), start.elapsed());
    tally.stop.set(true);
    tokio::time::sleep(Duration::from_millis(300)).await;
    if let Some(failure) = tally.failure.borrow_mut().take() {
        return Err(failure.into());
    }
    let mut took = tally.took.borrow_mut();
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    let count = f64::from(u32::try_from(took.len())?);
    Ok(Seen {
        per_second: count / elapsed.as_secs_f64(),
        per_core: count / cpu.as_secs_f64().max(0.01),
        p50: at(50),
        p99: at(99),
    })
}

async fn drive(port: u16, mut script: Box<dyn Script>, rest: Option<Duration>, tally: &Tally) -> Result<(), Failed> {
    let mut connection = Connection::open(port).await?;
    let mut begun = Instant::now();
    while !tally.stop.get() {
        let request = script.next();
        let answer = connection.round(&request).await?;
        if script.took(&answer)? {
            if tally.counting.get() {
                tally.took.borrow_mut().push(begun.elapsed());
            }
            if let Some(rest) = rest {
                tokio::time::sleep(rest).await;
            }
            begun = Instant::now();
        }
    }
    Ok(())
}
