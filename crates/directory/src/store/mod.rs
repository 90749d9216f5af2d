//! What the domain is given: an organization to read or to change, on whichever engine.
//!
//! [`Store`] takes work in from anywhere and runs it on its own threads. A [`Reader`] or
//! [`Writer`] binds the organization, so that no statement of the domain can reach into another
//! one; work that waits is folded into batches (group commit). [`tables`] lists what there is.

pub(crate) mod apart;
mod batch;
mod catalog;
mod condition;
pub(crate) mod counters;
mod gate;
mod measures;
mod queue;
mod reader;
mod readers;
mod reading;
#[cfg(test)]
mod round_trips;
mod services;
pub(crate) mod tables;
mod turns;
mod writer;
mod writing;

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use tokio::sync::{OnceCell, oneshot};

pub(crate) use self::readers::{
    MOST_LONG, MOST_LONG_OF_ALL, MOST_SHORT, MOST_SHORT_OF_ALL, PATIENCE,
};
pub(crate) use self::{apart::Apart, batch::Appender, catalog::Catalog, services::Services};
use self::{
    batch::{Append, CatalogChange, Change, Job, Reply},
    condition::Condition,
    queue::{Fold, Queue},
    readers::{Readers, Sizes},
    turns::{Bounds, Rejected},
    writing::{MOST_IN_BATCH, Writing},
};
pub use self::{measures::Measures, reader::Reader, readers::Pools, writer::Writer};
use crate::{
    access::Access,
    clock::Clock,
    db::{Location, Scope, statements},
    error::{Error, WorkError},
    id::OrgNo,
    installation,
    random::Random,
    seal::Seal,
    search::Cursors,
};

statements! {
    PING = Sql { "select 1 as one" };
}

/// The most changes of one organization that may wait, and of all; more are refused at once.
pub(crate) const MOST_CHANGES: usize = 1_000;
pub(crate) const MOST_CHANGES_OF_ALL: usize = 10_000;
/// The lane of look-ups of tokens that have proven nothing yet. No organization has this number.
const UNPROVEN: OrgNo = OrgNo(-1);
/// How often work is tried when the engine fails under it.
const TRIES: u32 = 3;

/// How a store is opened.
#[derive(Debug)]
pub struct StoreOptions {
    /// Where it is.
    pub location: Location,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub random: Arc<Random>,
    /// Whether an empty store is made where there is none.
    pub create: bool,
    /// How many connections it keeps to PostgreSQL.
    pub pools: Pools,
}

/// How many pieces of work wait for a store, of all organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Changes.
    pub changes: usize,
    /// Reads by a key, tokens, small pages.
    pub reads: usize,
    /// Scans, sorts, large pages.
    pub long_reads: usize,
}

/// The directory's store: SQLite or PostgreSQL, the same to everyone outside of this crate.
///
/// Cheap to clone; all clones are one store. Work is run on the store's own threads, so the calls
/// may be awaited anywhere.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    location: Location,
    services: Services,
    was_created: bool,
    changes: Arc<Queue<Box<dyn Job>>>,
    readers: Readers,
    cursors: OnceCell<Cursors>,
    webhooks: OnceCell<Arc<Seal>>,
    keys: OnceCell<Arc<Seal>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store and starts its threads.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where it cannot be opened; [`Error::Unusable`] where there is none,
    /// or another version of the program made it; [`Error::Store`] where a migration fails.
    pub fn open(options: StoreOptions) -> Result<Self, Error> {
        let store = Self::open_with_any_folding(options)?;
        installation::folding::check(&store.shared.location)?;
        Ok(store)
    }

    /// Opens a store whose keys may have been made by another rule of folding text, so that they
    /// can be made anew: [`crate::maintenance::rekey`].
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn open_with_any_folding(options: StoreOptions) -> Result<Self, Error> {
        let StoreOptions { location, clock, random, create, pools } = options;
        let services = Services {
            clock,
            random,
            schemas: Arc::default(),
            installation: Arc::default(),
            proofs: Arc::default(),
            watch: Arc::default(),
            measures: Measures::default(),
        };
        let was_created = location.prepare(create)?;
        let cores = readers::cores();
        let (fold, count) = match location {
            Location::Directory(_) => (Fold::Everything, 1),
            Location::Postgres(_) => (Fold::ByOrganization, pools.writers),
        };
        let bounds = Bounds {
            each: MOST_CHANGES,
            all: MOST_CHANGES_OF_ALL,
            patience: readers::micros(readers::PATIENCE),
            at_once: usize::MAX,
        };
        let changes = Arc::new(Queue::new(fold, bounds));
        let mut writers = Vec::new();
        for number in 0..count {
            let mut writing = Writing::open(&location, &services)?;
            let changes = Arc::clone(&changes);
            writers.push(spawn(format!("store-writer-{number}"), move || {
                while let Some(batch) = changes.take(MOST_IN_BATCH) {
                    let (served, rest) = writing.run(batch);
                    changes.done(served, rest);
                }
            })?);
        }
        let readers = Readers::start(&location, &services, Sizes::of(&location, cores, pools))?;
        let shared = Shared {
            location,
            services,
            was_created,
            changes,
            readers,
            cursors: OnceCell::new(),
            webhooks: OnceCell::new(),
            keys: OnceCell::new(),
            writers: Mutex::new(writers),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Whether the store was empty, and made when it was opened.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.shared.was_created
    }

    /// What time it is, by the store's clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.services.clock
    }

    /// Where ids and secrets come from.
    #[must_use]
    pub fn random(&self) -> &Random {
        &self.shared.services.random
    }

    /// Where the store is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.shared.location
    }

    pub(crate) fn services(&self) -> &Services {
        &self.shared.services
    }

    /// What seals positions in lists. All nodes on one store share the key.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn cursors(&self) -> Result<Cursors, Error> {
        let made = self.shared.cursors.get_or_try_init(async || {
            let Services { clock, random, .. } = self.shared.services.clone();
            Ok(Cursors::new(&installation::key::shared(self, "cursor").await?, clock, random))
        });
        made.await.cloned()
    }

    /// What seals the secrets of webhooks. All nodes on one store share the key.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn webhook_seal(&self) -> Result<Arc<Seal>, Error> {
        let made = self.shared.webhooks.get_or_try_init(async || {
            Ok(Arc::new(Seal::new(&installation::key::shared(self, "webhook").await?)))
        });
        made.await.cloned()
    }

    /// What seals the private keys that the store keeps. All nodes on one store share the key.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) async fn key_seal(&self) -> Result<Arc<Seal>, Error> {
        let made = self.shared.keys.get_or_try_init(async || {
            Ok(Arc::new(Seal::new(&installation::key::shared(self, "keys").await?)))
        });
        made.await.cloned()
    }

    /// Reads a little of one organization: what a key or a few leads to. The work sees one state of
    /// the store, and may be run again when the connection breaks.
    ///
    /// # Errors
    ///
    /// Those of the work; [`Error::Busy`], [`Error::Overloaded`] and [`Error::Unavailable`].
    pub async fn read<T, E, F>(&self, access: &Access, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError,
        F: FnMut(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        self.read_in_lane(access.org(), access, work).await
    }

    /// The same for whoever claims to be of the organization: it waits in a lane of all who do, so
    /// that made-up tokens take no room from the organization that they name.
    pub(crate) async fn read_unproven<T, F>(&self, access: &Access, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.read_in_lane(UNPROVEN, access, work).await
    }

    async fn read_in_lane<T, E, F>(&self, lane: OrgNo, access: &Access, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError,
        F: FnMut(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let access = access.clone();
        let run = move |reading: &mut reading::Reading| {
            reading.run(Scope::Organization(access.org()), |session, services| {
                work(&mut Reader::new(session, &access, services, None))
            })
        };
        self.shared.readers.short(lane, run).await
    }

    /// Reads as much of one organization as it takes: a scan, a sort, a large page. It takes turns
    /// with other long reads, and short ones do not wait for it. Otherwise as [`Store::read`].
    ///
    /// # Errors
    ///
    /// Those of [`Store::read`]; [`Error::Busy`] already where a few wait.
    pub async fn read_long<T, E, F>(&self, access: &Access, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError,
        F: FnMut(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let access = access.clone();
        let org = access.org();
        let run = move |reading: &mut reading::Reading, pass: &gate::Pass<'_>| {
            reading.run(Scope::Organization(access.org()), |session, services| {
                work(&mut Reader::new(session, &access, services, Some(pass)))
            })
        };
        self.shared.readers.long(org, run).await
    }

    /// Changes one organization. Answers after the change is committed and durable; on an error
    /// nothing was changed. The work may be run again, until a commit holds.
    ///
    /// # Errors
    ///
    /// Those of the work; [`Error::NotFound`] where the organization was deleted;
    /// [`Error::Busy`], [`Error::Full`] and [`Error::Unavailable`].
    pub async fn write<T, E, F>(&self, access: &Access, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError,
        F: FnMut(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = Reply::new();
        let org = access.org();
        self.push(org, Box::new(Change { access: access.clone(), work, reply }));
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    /// Adds rows to an organization without locking it, or removes old ones.
    pub(crate) async fn append<T, F>(&self, org: OrgNo, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Appender<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.append_later(org, work).await.unwrap_or_else(|_| Err(closed()))
    }

    /// The same, where the answer need not be waited for.
    pub(crate) fn append_later<T, F>(
        &self,
        org: OrgNo,
        work: F,
    ) -> oneshot::Receiver<Result<T, Error>>
    where
        T: Send + 'static,
        F: FnMut(&mut Appender<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = Reply::new();
        self.push(org, Box::new(Append { org, work, reply }));
        answer
    }

    pub(crate) async fn read_catalog<T, F>(&self, mut work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Catalog<'_>) -> Result<T, Error> + Send + 'static,
    {
        let run = move |reading: &mut reading::Reading| {
            reading.run(Scope::Installation, |session, services| {
                work(&mut Catalog::new(session, services))
            })
        };
        self.shared.readers.short(OrgNo(0), run).await
    }

    pub(crate) async fn write_catalog<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Catalog<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = Reply::new();
        self.push(OrgNo(0), Box::new(CatalogChange { work, reply }));
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Whether the store answers and takes changes. Only where it did not take one before, it is
    /// asked to take one now, with room to spare: so a store that was full is found to have space
    /// again by whoever asks, even when no one else sends it changes any more.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] and [`Error::Unavailable`]; [`Error::Busy`] where it has too much to do.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read_catalog(|catalog| catalog.query(PING, &[]).map(drop)).await?;
        if self.shared.services.watch.condition() == Condition::Doubtful {
            let location = self.shared.location.clone();
            self.write_catalog(move |catalog| {
                location.has_room()?;
                installation::folding::touch(catalog)
            })
            .await?;
            self.shared.services.watch.sound();
        }
        Ok(())
    }

    /// How much waits.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] where no more of one kind is taken in, of any organization.
    pub fn waiting(&self) -> Result<Waiting, Error> {
        let loads @ [reads, long_reads] = self.shared.readers.loads();
        let changes = self.shared.changes.load();
        if changes.is_full || loads.iter().any(|load| load.is_full) {
            return Err(Error::Overloaded);
        }
        Ok(Waiting {
            changes: changes.waiting,
            reads: reads.waiting,
            long_reads: long_reads.waiting,
        })
    }

    /// What the store has counted of its own work.
    #[must_use]
    pub fn measures(&self) -> &Measures {
        &self.shared.services.measures
    }

    /// Somebody waited for the store in vain: the next [`Store::ping`] looks closely.
    pub fn doubt(&self) {
        self.shared.services.watch.doubt();
    }

    fn push(&self, org: OrgNo, job: Box<dyn Job>) {
        match self.shared.changes.push(org.0, job) {
            Ok(()) => {}
            Err(Rejected::Excess(job)) => job.failed(Error::Busy),
            Err(Rejected::Overload(job)) => job.failed(Error::Overloaded),
            Err(Rejected::Closed(job)) => job.failed(closed()),
        }
    }

    /// Ends the store: what is running is finished and answered, what waits is answered with
    /// [`Error::Unavailable`], and nothing more is taken in. Waits for the threads.
    pub fn close(&self) {
        for job in self.shared.changes.close() {
            job.failed(closed());
        }
        self.shared.readers.close();
        let writers = std::mem::take(
            &mut *self.shared.writers.lock().unwrap_or_else(PoisonError::into_inner),
        );
        readers::join(writers);
        self.shared.readers.join();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for job in self.changes.close() {
            job.failed(closed());
        }
        self.readers.close();
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
