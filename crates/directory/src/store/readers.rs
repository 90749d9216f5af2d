//! [`Readers`]: where reads run.
//!
//! A *short* read (one resource by a key, a token, a page in the order of an index) takes tens of
//! microseconds on SQLite, less than a thread takes to wake up, so it runs where it is called as
//! long as one of a few connections is free. All others run on threads of the store: short reads on
//! their own, which no long read can occupy, and *long* ones (scans, sorts, large pages) on a few
//! others, where they take turns between their pieces ([`Gate`]).

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    condition::{Condition, Watch},
    gate::{Gate, Pass},
    queue::{Batch, Fold, Load, Queue, Served},
    reading::Reading,
    services::Services,
    spawn,
    turns::{Bounds, Rejected},
};
use crate::{
    db::Location,
    error::{Error, WorkError},
    id::OrgNo,
};

/// The most short reads of one organization that may wait, and of all.
pub(crate) const MOST_SHORT: usize = 2_000;
pub(crate) const MOST_SHORT_OF_ALL: usize = 20_000;
/// The most long reads of one organization that may wait, and of all. They are the first to be
/// refused: also where they can be expected to take more than [`PATIENCE`].
pub(crate) const MOST_LONG: usize = 500;
pub(crate) const MOST_LONG_OF_ALL: usize = 5_000;
/// The longest that the waiting reads of one organization may be expected to take, each kind.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

type ShortRead = Box<dyn FnOnce(&mut Reading) + Send>;
type LongRead = Box<dyn FnOnce(&mut Reading, &Gate) + Send>;

/// Where reads run.
pub(super) struct Readers {
    /// Connections for reads that run where they are called.
    here: Here,
    /// A store that may hang gets no thread of whoever calls.
    watch: Arc<Watch>,
    short: Arc<Queue<ShortRead>>,
    long: Arc<Queue<LongRead>>,
    gate: Arc<Gate>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Free connections; the one that was used last comes first, because it has the warmest cache.
/// `None`: there are none any more.
struct Here(Mutex<Option<Vec<Reading>>>);

impl Here {
    fn lock(&self) -> MutexGuard<'_, Option<Vec<Reading>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Reading> {
        self.lock().as_mut()?.pop()
    }

    fn put(&self, reading: Reading) {
        if let Some(free) = self.lock().as_mut() {
            free.push(reading);
        }
    }

    fn close(&self) {
        self.lock().take();
    }
}

/// How many connections a process keeps to PostgreSQL, by what they are for; on SQLite it makes no
/// difference. Whoever uses one mostly waits, for the network and for the disk, so their number
/// follows the waiting and not the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pools {
    /// For changes: of so many organizations at a time, each of which has one. PostgreSQL makes
    /// the commits durable together that come at the same time.
    pub writers: usize,
    /// For reads of a little: a token, a resource, a look-up.
    pub readers: usize,
    /// For reads of much: scans, sorts, large pages.
    pub scanners: usize,
}

impl Default for Pools {
    fn default() -> Self {
        Self { writers: 16, readers: 12, scanners: 4 }
    }
}

/// How many connections read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// For reads that run where they are called.
    pub(super) here: usize,
    /// For short reads on threads.
    pub(super) short: usize,
    /// For long reads.
    pub(super) long: usize,
    /// Long reads that work at a time.
    pub(super) working: usize,
}

impl Sizes {
    /// The sizes for an engine on a machine with so many cores. On SQLite a read is work of this
    /// machine; on PostgreSQL it is mostly waiting.
    pub(super) fn of(location: &Location, cores: usize, pools: Pools) -> Self {
        match location {
            Location::Directory(_) => Self {
                here: cores.clamp(2, 16),
                short: 2,
                long: cores.clamp(4, 8),
                working: (cores / 2).max(1),
            },
            Location::Postgres(_) => Self {
                here: 0,
                short: pools.readers,
                long: pools.scanners,
                working: cores.clamp(2, 8).min(pools.scanners),
            },
        }
    }
}

impl Readers {
    pub(super) fn start(
        location: &Location,
        services: &Services,
        sizes: Sizes,
    ) -> Result<Self, Error> {
        let patience = micros(PATIENCE);
        let at_once = usize::MAX;
        let short = Bounds { each: MOST_SHORT, all: MOST_SHORT_OF_ALL, patience, at_once };
        // No organization takes the last place of a long read from the others.
        let at_once = (sizes.long / 2).max(1);
        let long = Bounds { each: MOST_LONG, all: MOST_LONG_OF_ALL, patience, at_once };
        let short = Arc::new(Queue::new(Fold::Everything, short));
        let long = Arc::new(Queue::new(Fold::Everything, long));
        let gate = Arc::new(Gate::new(sizes.working));
        let mut threads = Vec::new();
        for number in 0..sizes.short {
            let mut reading = Reading::new(location, services);
            let queue: Arc<Queue<ShortRead>> = Arc::clone(&short);
            threads.push(spawn(format!("store-reader-{number}"), move || {
                serve(&queue, |job| job(&mut reading));
            })?);
        }
        for number in 0..sizes.long {
            let mut reading = Reading::new(location, services);
            let (queue, gate): (Arc<Queue<LongRead>>, _) = (Arc::clone(&long), Arc::clone(&gate));
            threads.push(spawn(format!("store-scanner-{number}"), move || {
                serve(&queue, |job| job(&mut reading, &gate));
            })?);
        }
        let here = (0..sizes.here).map(|_| Reading::new(location, services)).collect();
        let (here, watch) = (Here(Mutex::new(Some(here))), Arc::clone(&services.watch));
        Ok(Self { here, watch, short, long, gate, threads: Mutex::new(threads) })
    }

    /// Runs a short read: here, if a connection is free.
    pub(super) async fn short<T, E, F>(&self, org: OrgNo, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError,
        F: FnOnce(&mut Reading) -> Result<T, E> + Send + 'static,
    {
        if self.watch.condition() == Condition::Sound
            && let Some(mut reading) = self.here.take()
        {
            let answer = work(&mut reading);
            self.here.put(reading);
            return answer;
        }
        let (reply, answer) = oneshot::channel();
        let job: ShortRead = Box::new(move |reading| {
            if !reply.is_closed() {
                // Whoever asked may have gone away meanwhile.
                let _ = reply.send(work(reading));
            }
        });
        self.short.push(org.0, job).map_err(|rejected| refused(&rejected))?;
        answer.await.unwrap_or_else(|_| Err(super::closed().into()))
    }

    /// Runs a long read.
    pub(super) async fn long<T, E, F>(&self, org: OrgNo, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError,
        F: FnOnce(&mut Reading, &Pass<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: LongRead = Box::new(move |reading, gate| {
            if !reply.is_closed() {
                let answer = {
                    let is_gone = || reply.is_closed();
                    let pass = gate.enter(org.0, &is_gone);
                    work(reading, &pass)
                };
                let _ = reply.send(answer);
            }
        });
        self.long.push(org.0, job).map_err(|rejected| refused(&rejected))?;
        answer.await.unwrap_or_else(|_| Err(super::closed().into()))
    }

    /// Where long reads take turns.
    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// How many short and long reads wait.
    pub(super) fn loads(&self) -> [Load; 2] {
        [self.short.load(), self.long.load()]
    }

    /// Takes no more work. What waits is dropped, which answers it.
    pub(super) fn close(&self) {
        self.here.close();
        drop(self.short.close());
        drop(self.long.close());
    }

    /// Waits for the threads, after [`Self::close`].
    pub(super) fn join(&self) {
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        join(threads);
    }
}

/// Runs what waits, one piece after the other.
fn serve<J>(queue: &Queue<J>, mut run: impl FnMut(J)) {
    while let Some(batch) = queue.take(1) {
        for turn in batch {
            let (receipt, began) = (turn.receipt(), Instant::now());
            run(turn.job);
            let cost = micros(began.elapsed());
            queue.done([Served { receipt, cost }], Batch::new());
        }
    }
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

pub(super) fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        // A store thread catches what its work throws; one that died has said why in the log.
        let _ = thread.join();
    }
}

/// Why work was not taken in.
fn refused<J>(rejected: &Rejected<J>) -> Error {
    match rejected {
        Rejected::Excess(_) => Error::Busy,
        Rejected::Overload(_) => Error::Overloaded,
        Rejected::Closed(_) => super::closed(),
    }
}

/// How many cores there are.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}
