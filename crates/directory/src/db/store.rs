//! [`Store`]: takes work in from anywhere and runs it on its own threads.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::{OnceCell, oneshot};

use super::{
    batch::{Batch, CatalogChange, Change, Job, Ran, guarded},
    open::{Location, Purpose},
    queue::{Fold, Queue, Rejected},
    scope::{Catalog, Reader, Writer},
    session::Session,
    statement::statements,
    surroundings::Surroundings,
};
use crate::{
    chance::Chance,
    clock::Clock,
    error::Error,
    event::Actor,
    organization::Tenant,
    search::{Cursors, cursor},
};

statements! {
    PING = Sql { "select 1" };
}

/// The most pieces of work in one commit, and the time after which a batch is committed whatever
/// still waits: a long batch would keep the first of its requests waiting.
const MOST_IN_BATCH: usize = 256;
const LONGEST_BATCH: Duration = Duration::from_millis(10);
/// The most pieces of work that may wait; more are refused at once.
const MOST_WAITING: usize = 10_000;
/// How often a batch is tried when the engine fails under it.
const TRIES: u32 = 3;

/// How a store is opened.
#[derive(Debug)]
pub struct StoreOptions {
    /// Where it is.
    pub location: Location,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub chance: Arc<Chance>,
}

type ReadJob = Box<dyn FnOnce(&mut Reading) + Send>;

/// The directory's store: SQLite or PostgreSQL, the same to everyone outside of this module.
///
/// Cheap to clone; all clones are one store. Work is run on the store's own threads, so the calls
/// may be awaited anywhere.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    location: Location,
    around: Surroundings,
    changes: Arc<Queue<Box<dyn Job>>>,
    reads: Mutex<Option<crossbeam_channel::Sender<ReadJob>>>,
    cursors: OnceCell<Cursors>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store, brings its schema up to date and starts its threads.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where it cannot be opened, [`Error::Store`] where a migration fails.
    pub fn open(options: StoreOptions) -> Result<Self, Error> {
        let StoreOptions { location, clock, chance } = options;
        let around = Surroundings { clock, chance, registry: Arc::default() };
        location.migrate()?;
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let (fold, writers, readers) = match location {
            Location::Directory(_) => (Fold::Everything, 1, cores.clamp(2, 8)),
            Location::Postgres(_) => (Fold::ByOrganization, cores.clamp(2, 8), 2 * cores.min(16)),
        };
        let changes = Arc::new(Queue::new(fold, MOST_WAITING));
        let (sender, receiver) = crossbeam_channel::bounded::<ReadJob>(MOST_WAITING);
        let mut threads = Vec::new();
        for number in 0..writers {
            let mut writing = Writing {
                session: Some(location.open(Purpose::Write)?),
                location: location.clone(),
                around: around.clone(),
            };
            let changes = Arc::clone(&changes);
            threads.push(spawn(format!("store-writer-{number}"), move || {
                while let Some(batch) = changes.take(MOST_IN_BATCH) {
                    let lane = batch.lane();
                    let rest = writing.run(batch.jobs);
                    changes.done(lane, rest);
                }
            })?);
        }
        for number in 0..readers {
            let mut reading = Reading {
                session: Some(location.open(Purpose::Read)?),
                location: location.clone(),
                around: around.clone(),
            };
            let receiver = receiver.clone();
            threads.push(spawn(format!("store-reader-{number}"), move || {
                for job in receiver {
                    job(&mut reading);
                }
            })?);
        }
        let shared = Shared {
            location,
            around,
            changes,
            reads: Mutex::new(Some(sender)),
            cursors: OnceCell::new(),
            threads: Mutex::new(threads),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What time it is, by the store's clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.around.clock
    }

    /// Where the store is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.shared.location
    }

    /// What seals places in lists. All nodes on one store share the key.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn cursors(&self) -> Result<Cursors, Error> {
        let made = self.shared.cursors.get_or_try_init(async || {
            let Surroundings { clock, chance, .. } = self.shared.around.clone();
            Ok(Cursors::new(&cursor::key(self).await?, clock, chance))
        });
        made.await.cloned()
    }

    pub(crate) fn chance(&self) -> &Chance {
        &self.shared.around.chance
    }

    /// Reads one organization. The work sees one state of the store, and may be run again when the
    /// connection breaks.
    ///
    /// # Errors
    ///
    /// Those of the work; [`Error::Busy`] and [`Error::Unavailable`].
    pub async fn read<T, F>(&self, tenant: &Tenant, mut work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        let org = tenant.org();
        self.on_reader(move |reading| {
            reading.run(|session, around| work(&mut Reader::new(session, org, around)))
        })
        .await
    }

    /// Changes one organization. Answers after the change is committed and durable; on an error
    /// nothing was changed. The work may be run again, until a commit holds.
    ///
    /// # Errors
    ///
    /// Those of the work; [`Error::NotFound`] where the organization was deleted;
    /// [`Error::Busy`], [`Error::Full`] and [`Error::Unavailable`].
    pub async fn write<T, F>(&self, tenant: &Tenant, actor: &Actor, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let org = tenant.org();
        let job = Change { org, actor: actor.clone(), work, answer: None, reply };
        self.push(org.0, Box::new(job));
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Changes one organization without waiting for it: whether it was done does not matter much.
    pub(crate) fn write_later<F>(&self, tenant: Tenant, work: F)
    where
        F: FnMut(&mut Writer<'_>) -> Result<(), Error> + Send + 'static,
    {
        let (reply, _nobody) = oneshot::channel();
        let org = tenant.org();
        let job = Change { org, actor: Actor::Operator, work, answer: None, reply };
        self.push(org.0, Box::new(job));
    }

    pub(crate) async fn read_catalog<T, F>(&self, mut work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Catalog<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.on_reader(move |reading| {
            reading.run(|session, around| work(&mut Catalog::new(session, around)))
        })
        .await
    }

    pub(crate) async fn write_catalog<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Catalog<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.push(0, Box::new(CatalogChange { work, answer: None, reply }));
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Whether the store answers.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where it does not, [`Error::Busy`] where it has too much to do.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read_catalog(|catalog| catalog.query(PING, &[]).map(drop)).await
    }

    fn push(&self, org: i64, job: Box<dyn Job>) {
        match self.shared.changes.push(org, job) {
            Ok(()) => {}
            Err(Rejected::Full(job)) => job.failed(Error::Busy),
            Err(Rejected::Closed(job)) => job.failed(closed()),
        }
    }

    async fn on_reader<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reading) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |reading| {
            if !reply.is_closed() {
                // Whoever asked may have gone away meanwhile.
                let _ = reply.send(work(reading));
            }
        });
        {
            let reads = self.shared.reads.lock().unwrap_or_else(PoisonError::into_inner);
            let sender = reads.as_ref().ok_or_else(closed)?;
            sender.try_send(job).map_err(|_| Error::Busy)?;
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Ends the store: what is running is finished and answered, what waits is answered with
    /// [`Error::Unavailable`], and nothing more is taken in. Waits for the threads.
    pub fn close(&self) {
        for job in self.shared.changes.close() {
            job.failed(closed());
        }
        self.shared.reads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(
            &mut *self.shared.threads.lock().unwrap_or_else(PoisonError::into_inner),
        );
        for thread in threads {
            // A store thread catches what its work throws; one that died has said why in the log.
            let _ = thread.join();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for job in self.changes.close() {
            job.failed(closed());
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("location", &self.shared.location).finish_non_exhaustive()
    }
}

fn closed() -> Error {
    Error::Unavailable("it is shutting down".to_owned())
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    thread::Builder::new()
        .name(name)
        .spawn(work)
        .map_err(|error| Error::Unavailable(format!("cannot start a thread: {error}")))
}

/// A reader thread's connection.
struct Reading {
    session: Option<Session>,
    location: Location,
    around: Surroundings,
}

impl Reading {
    fn run<T>(
        &mut self,
        mut work: impl FnMut(&mut Session, &Surroundings) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut tries = 1;
        loop {
            let result = self.once(&mut work);
            match result {
                Err(error) if error.is_transient() && tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }

    fn once<T>(
        &mut self,
        work: &mut impl FnMut(&mut Session, &Surroundings) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.location.open(Purpose::Read)?,
        };
        session.begin_read()?;
        let result = guarded(|| work(&mut session, &self.around));
        // A connection that cannot end its transaction is not used again.
        if session.rollback().is_ok() {
            self.session = Some(session);
        }
        result
    }
}

/// A writer thread's connection.
struct Writing {
    session: Option<Session>,
    location: Location,
    around: Surroundings,
}

/// How a batch ended.
enum Attempt {
    /// The first `usize` jobs are committed, durable, and may be answered.
    Committed(usize),
    /// The only job was refused by the domain, so there is nothing to commit.
    Refused,
    /// The job at this place failed in a way that spoiled the transaction for all.
    Spoiled { at: usize, transient: bool },
    /// The engine failed; nothing was committed. Trying again may help.
    Failed(Error),
    /// The commit was sent and its outcome is not known. It must not be tried again.
    Unknown(Error),
}

impl Writing {
    /// Runs a batch and answers its requests. Gives back what it did not get to.
    fn run(&mut self, mut jobs: VecDeque<(i64, Box<dyn Job>)>) -> VecDeque<(i64, Box<dyn Job>)> {
        let mut tries = 1;
        while !jobs.is_empty() {
            match self.attempt(&mut jobs) {
                Attempt::Committed(count) => {
                    for (_, job) in jobs.drain(..count) {
                        job.answer();
                    }
                    break;
                }
                Attempt::Refused => {
                    for (_, job) in jobs.drain(..) {
                        job.answer();
                    }
                }
                Attempt::Spoiled { transient: true, .. } if tries < TRIES => tries += 1,
                Attempt::Spoiled { at, .. } => {
                    if let Some((_, job)) = jobs.remove(at) {
                        job.answer();
                    }
                }
                Attempt::Failed(error) if error.is_transient() && tries < TRIES => {
                    tracing::warn!(%error, tries, "a batch failed and is tried again");
                    tries += 1;
                    self.session = None;
                }
                Attempt::Failed(error) | Attempt::Unknown(error) => {
                    tracing::error!(%error, requests = jobs.len(), "a batch failed");
                    self.session = None;
                    for (_, job) in jobs.drain(..) {
                        job.failed(again(&error));
                    }
                }
            }
        }
        jobs
    }

    fn attempt(&mut self, jobs: &mut VecDeque<(i64, Box<dyn Job>)>) -> Attempt {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => match self.location.open(Purpose::Write) {
                Ok(session) => session,
                Err(error) => return Attempt::Failed(error),
            },
        };
        let attempt = self.within(&mut session, jobs);
        match attempt {
            Attempt::Committed(_) => self.session = Some(session),
            Attempt::Refused | Attempt::Spoiled { .. } | Attempt::Failed(_) => {
                if session.rollback().is_ok() {
                    self.session = Some(session);
                }
            }
            // After a failed commit nothing is known of the handle: it is dropped.
            Attempt::Unknown(_) => {}
        }
        attempt
    }

    fn within(&self, session: &mut Session, jobs: &mut VecDeque<(i64, Box<dyn Job>)>) -> Attempt {
        if let Err(error) = session.begin_write() {
            return Attempt::Failed(error);
        }
        let began = Instant::now();
        let alone = jobs.len() == 1;
        let mut batch = Batch::new(session, &self.around);
        let mut count = 0;
        for (at, (_, job)) in jobs.iter_mut().enumerate() {
            let part = (!alone).then(|| batch.session.arm());
            let ran = job.run(&mut batch);
            count = at + 1;
            match ran {
                Ran::Undo if alone => return Attempt::Refused,
                Ran::Broken { transient } if alone || !batch.session.survives_failure() => {
                    return Attempt::Spoiled { at, transient };
                }
                _ => {}
            }
            if let Some(part) = part
                && let Err(error) = batch.session.disarm(part, ran == Ran::Keep)
            {
                return Attempt::Failed(error);
            }
            if began.elapsed() > LONGEST_BATCH {
                break;
            }
        }
        if let Err(error) = batch.flush() {
            return Attempt::Failed(error);
        }
        commit(session, count)
    }
}

fn commit(session: &mut Session, count: usize) -> Attempt {
    match session.commit() {
        Ok(()) => Attempt::Committed(count),
        Err(error) => Attempt::Unknown(error),
    }
}

/// The same failure for each request of a batch.
fn again(error: &Error) -> Error {
    match error {
        Error::Full => Error::Full,
        Error::Busy => Error::Busy,
        other => Error::Unavailable(other.to_string()),
    }
}
