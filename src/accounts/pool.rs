//! Threads for work that burns a processor: as many as there are processors, none of them tokio's. Tenants with
//! waiting work take turns, so that a storm at one tenant delays the others by one piece of work at most per turn.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::base::TenantId;

/// After this long without work a thread gives its memory back.
const IDLE: Duration = Duration::from_secs(10);

/// A piece of work, done in the memory `M` of the thread that does it.
type Work<M> = Box<dyn FnOnce(&mut M) + Send>;

/// The threads. They end when this is dropped.
pub(super) struct Pool<M> {
    shared: Arc<Shared<M>>,
}

struct Shared<M> {
    queue: Mutex<Queue<M>>,
    arrived: Condvar,
    threads: usize,
    /// What a piece of work takes, in microseconds: a moving average.
    usual: AtomicU64,
}

struct Queue<M> {
    waiting: HashMap<TenantId, VecDeque<Work<M>>>,
    turns: VecDeque<TenantId>,
    most: usize,
    stopped: bool,
}

/// The tenant has as much waiting as one tenant may have.
#[derive(Debug)]
pub(super) struct Full {
    /// After how long about half of it will be done.
    pub(super) wait: Duration,
}

enum Next<M> {
    Work(Work<M>),
    Rest,
    Stop,
}

impl<M: Default + 'static> Pool<M> {
    /// Starts `threads` threads; each tenant may have `most` pieces of work waiting.
    pub(super) fn start(threads: usize, most: usize) -> io::Result<Self> {
        let queue = Queue { waiting: HashMap::new(), turns: VecDeque::new(), most, stopped: false };
        let (queue, arrived, threads) = (Mutex::new(queue), Condvar::new(), threads.max(1));
        let shared = Arc::new(Shared { queue, arrived, threads, usual: AtomicU64::new(20_000) });
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || {
                step_back();
                serve(&shared);
            })?;
        }
        Ok(Self { shared })
    }

    /// Puts work at the end of the tenant's queue.
    pub(super) fn push(&self, tenant: &TenantId, work: Work<M>) -> Result<(), Full> {
        let pushed = self.shared.lock().push(tenant, work);
        pushed.map_err(|ahead| Full { wait: self.shared.wait_for(ahead / 2) })?;
        self.shared.arrived.notify_one();
        Ok(())
    }
}

/// Lets every other thread go first: a storm of passwords must not keep tokens waiting (the kernel counts niceness by
/// thread). Where that is not allowed, the work is done all the same.
fn step_back() {
    const NICER: i32 = 10;
    if let Err(error) = rustix::process::nice(NICER) {
        tracing::debug!(%error, "the hashing threads keep their priority");
    }
}

impl<M> Drop for Pool<M> {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.arrived.notify_all();
    }
}

impl<M> Queue<M> {
    /// Refused, it answers how much is done before the last of the tenant's: all tenants take turns.
    fn push(&mut self, tenant: &TenantId, work: Work<M>) -> Result<(), usize> {
        let tenants = self.turns.len().max(1);
        let waiting = self.waiting.entry(tenant.clone()).or_default();
        if waiting.len() >= self.most {
            return Err(waiting.len().saturating_mul(tenants));
        }
        if waiting.is_empty() {
            self.turns.push_back(tenant.clone());
        }
        waiting.push_back(work);
        Ok(())
    }

    fn take(&mut self) -> Option<Work<M>> {
        let tenant = self.turns.pop_front()?;
        let waiting = self.waiting.get_mut(&tenant)?;
        let work = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        work
    }
}

impl<M> Shared<M> {
    fn lock(&self) -> MutexGuard<'_, Queue<M>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long so many pieces of work take.
    fn wait_for(&self, pieces: usize) -> Duration {
        let each = u32::try_from(pieces / self.threads).unwrap_or(u32::MAX);
        Duration::from_micros(self.usual.load(Ordering::Relaxed)).saturating_mul(each)
    }

    /// Takes note of what a piece of work took. Two threads at once may lose a note, which an average survives.
    fn took(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let usual = self.usual.load(Ordering::Relaxed);
        self.usual.store(usual - usual / 16 + time / 16, Ordering::Relaxed);
    }

    fn next(&self, rested: bool) -> Next<M> {
        let mut queue = self.lock();
        loop {
            if queue.stopped {
                return Next::Stop;
            }
            if let Some(work) = queue.take() {
                return Next::Work(work);
            }
            if rested {
                queue = self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.arrived.wait_timeout(queue, IDLE).unwrap_or_else(PoisonError::into_inner);
            queue = waited.0;
            if waited.1.timed_out() && queue.turns.is_empty() {
                return Next::Rest;
            }
        }
    }
}

fn serve<M: Default>(shared: &Shared<M>) {
    let mut memory = M::default();
    let mut rested = true;
    loop {
        match shared.next(rested) {
            Next::Work(work) => {
                rested = false;
                let begun = Instant::now();
                // A piece of work that panics must not take the thread with it; its caller sees the channel close.
                if catch_unwind(AssertUnwindSafe(|| work(&mut memory))).is_err() {
                    memory = M::default();
                }
                shared.took(begun.elapsed());
            }
            Next::Rest => {
                rested = true;
                memory = M::default();
            }
            Next::Stop => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A pool of one thread that is held up until the sender is dropped.
    fn held(most: usize) -> (Pool<()>, mpsc::Sender<()>) {
        let pool = Pool::start(1, most).unwrap();
        let (go, wait) = mpsc::channel::<()>();
        let (started, under_way) = mpsc::channel();
        let work = Box::new(move |(): &mut ()| {
            started.send(()).unwrap();
            assert!(wait.recv().is_err());
        });
        pool.push(&TenantId::from("holder"), work).unwrap();
        under_way.recv().unwrap();
        (pool, go)
    }

    #[test]
    fn w123_tenants_take_turns_whatever_waits_at_one_of_them() {
        let (pool, go) = held(100);
        let (done, order) = mpsc::channel();
        for tenant in ["storm", "storm", "storm", "calm", "storm", "other"] {
            let done = done.clone();
            pool.push(&TenantId::from(tenant), Box::new(move |(): &mut ()| done.send(tenant).unwrap())).unwrap();
        }
        drop((go, done));
        assert_eq!(order.iter().collect::<Vec<_>>(), ["storm", "calm", "other", "storm", "storm", "storm"]);
    }

    #[test]
    fn a_tenants_queue_is_bounded_and_the_others_do_not_feel_it() {
        let (pool, _go) = held(2);
        let push = |tenant: &str| pool.push(&TenantId::from(tenant), Box::new(|(): &mut ()| ()));
        assert!(push("storm").is_ok());
        assert!(push("storm").is_ok());
        let full = push("storm").unwrap_err();
        assert!(full.wait < Duration::from_secs(1), "{full:?}");
        assert!(push("calm").is_ok());
    }

    #[test]
    fn who_is_refused_is_told_how_long_half_of_the_queue_takes() {
        let (pool, _go) = held(100);
        pool.shared.usual.store(50_000, Ordering::Relaxed);
        let push = |tenant: &str| pool.push(&TenantId::from(tenant), Box::new(|(): &mut ()| ()));
        assert!((0..100).all(|_| push("storm").is_ok()));
        assert_eq!(push("storm").unwrap_err().wait, Duration::from_millis(2_500));
        push("calm").unwrap();
        assert_eq!(push("storm").unwrap_err().wait, Duration::from_secs(5), "two tenants take turns");
        for _ in 0..200 {
            pool.shared.took(Duration::from_millis(10));
        }
        assert!(push("storm").unwrap_err().wait < Duration::from_millis(1_100), "it follows what work takes");
    }

    #[test]
    fn work_that_panics_leaves_the_thread_to_the_next() {
        let pool = Pool::<()>::start(1, 9).unwrap();
        pool.push(&TenantId::from("a"), Box::new(|(): &mut ()| panic!("this panic is part of the test"))).unwrap();
        let (done, answer) = mpsc::channel();
        pool.push(&TenantId::from("a"), Box::new(move |(): &mut ()| done.send(7).unwrap())).unwrap();
        assert_eq!(answer.recv().unwrap(), 7);
    }
}
