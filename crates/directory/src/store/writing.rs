//! [`Writing`]: a writer thread's connection, and how it commits what waits.

use std::time::{Duration, Instant};

use super::{
    TRIES,
    batch::{Batch, Care, Job, Ran},
    queue::{self, Served},
    readers::micros,
    services::Services,
    turns::Turn,
};
use crate::{
    db::{Location, NotCommitted, Purpose, Scope, Session},
    error::Error,
    id::OrgNo,
};

/// The most pieces of work in one commit, and the time after which a batch is committed whatever
/// still waits: a long batch would keep the first of its requests waiting.
pub(super) const MOST_IN_BATCH: usize = 256;
const LONGEST_BATCH: Duration = Duration::from_millis(10);

/// Work whose turn it is.
type Jobs = queue::Batch<Box<dyn Job>>;

/// A writer thread's connection.
pub(super) struct Writing {
    session: Option<Session>,
    location: Location,
    services: Services,
    /// After so long a batch is committed.
    longest_batch: Duration,
    /// What the pieces of work of the last attempt have cost, in their order: microseconds.
    costs: Vec<u64>,
}

/// How a batch ended.
enum Attempt {
    /// The first `usize` jobs are committed, durable, and may be answered.
    Committed(usize),
    /// The only job was refused by the domain, so there is nothing to commit.
    Refused,
    /// The job at this place failed in a way that spoiled the transaction for all.
    Spoiled { at: usize, transient: bool },
    /// A statement failed that no one waited for, and any of the jobs may have sent it. Nothing was
    /// committed.
    FailedLate(Error),
    /// The engine failed; nothing was committed. Trying again may help.
    Failed(Error),
    /// The commit was sent and its outcome is not known. It must not be tried again.
    Unknown(Error),
}

impl Writing {
    pub(super) fn open(location: &Location, services: &Services) -> Result<Self, Error> {
        let session = Some(location.open(Purpose::Write)?);
        Ok(Self {
            session,
            location: location.clone(),
            services: services.clone(),
            longest_batch: LONGEST_BATCH,
            costs: Vec::new(),
        })
    }

    /// Runs a batch and answers its requests. Tells what each turn has cost, and gives back what
    /// it did not get to.
    pub(super) fn run(&mut self, mut jobs: Jobs) -> (Vec<Served>, Jobs) {
        let mut served = Vec::with_capacity(jobs.len());
        let mut tries = 1;
        let mut care = Care::Usual;
        while !jobs.is_empty() {
            let began = Instant::now();
            match self.attempt(&mut jobs, care) {
                Attempt::Committed(count) => {
                    self.services.measures.committed(count, began.elapsed());
                    let share = self.share(count);
                    for (at, turn) in jobs.drain(..count).enumerate() {
                        served.push(self.served(&turn, at, share));
                        turn.job.answer();
                    }
                    break;
                }
                Attempt::Refused => {
                    for (at, turn) in jobs.drain(..).enumerate() {
                        served.push(self.served(&turn, at, 0));
                        turn.job.answer();
                    }
                }
                Attempt::Spoiled { transient: true, .. } if tries < TRIES => tries += 1,
                Attempt::Spoiled { at, .. } => {
                    self.services.watch.doubt();
                    if let Some(turn) = jobs.remove(at) {
                        served.push(self.served(&turn, at, 0));
                        turn.job.answer();
                    }
                }
                Attempt::FailedLate(error) if care == Care::Usual => {
                    tracing::debug!(%error, "a batch is done again, piece by piece");
                    care = Care::Each;
                }
                Attempt::Failed(error) if error.is_transient() && tries < TRIES => {
                    tracing::warn!(%error, tries, "a batch failed and is tried again");
                    tries += 1;
                    self.session = None;
                }
                Attempt::FailedLate(error) | Attempt::Failed(error) | Attempt::Unknown(error) => {
                    tracing::error!(%error, requests = jobs.len(), "a batch failed");
                    self.services.watch.refused(&error);
                    self.services.measures.failed();
                    self.session = None;
                    for (at, turn) in jobs.drain(..).enumerate() {
                        served.push(self.served(&turn, at, 0));
                        turn.job.failed(again(&error));
                    }
                }
            }
        }
        (served, jobs)
    }

    /// A batch ends when its work does.
    #[cfg(test)]
    pub(super) fn without_hurry(self) -> Self {
        Self { longest_batch: Duration::MAX, ..self }
    }

    /// How often it has waited for PostgreSQL.
    #[cfg(test)]
    pub(super) fn round_trips(&self) -> u64 {
        self.session.as_ref().map_or(0, Session::round_trips)
    }

    /// Each one's part of what the batch has cost as a whole, the last of `costs`.
    fn share(&mut self, count: usize) -> u64 {
        let whole = if self.costs.len() > count { self.costs.pop() } else { None };
        whole.unwrap_or_default() / (count as u64).max(1)
    }

    fn served(&self, turn: &Turn<Box<dyn Job>>, at: usize, share: u64) -> Served {
        let own = self.costs.get(at).copied().unwrap_or_default();
        Served { receipt: turn.receipt(), cost: own + share }
    }

    fn attempt(&mut self, jobs: &mut Jobs, care: Care) -> Attempt {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => match self.location.open(Purpose::Write) {
                Ok(session) => session,
                Err(error) => return Attempt::Failed(error),
            },
        };
        let before = session.round_trips();
        let attempt = self.within(&mut session, jobs, care);
        tracing::trace!(
            jobs = jobs.len(),
            round_trips = session.round_trips() - before,
            "a batch was tried"
        );
        match attempt {
            Attempt::Committed(_) => self.session = Some(session),
            Attempt::Refused
            | Attempt::Spoiled { .. }
            | Attempt::FailedLate(_)
            | Attempt::Failed(_) => {
                if session.rollback().is_ok() {
                    self.session = Some(session);
                }
            }
            // After a failed commit nothing is known of the handle: it is dropped.
            Attempt::Unknown(_) => {}
        }
        attempt
    }

    fn within(&mut self, session: &mut Session, jobs: &mut Jobs, care: Care) -> Attempt {
        if let Err(error) = session.begin_write(scope(jobs)) {
            return Attempt::Failed(error);
        }
        let began = Instant::now();
        let mut last = began;
        let mut lap = || micros(std::mem::replace(&mut last, Instant::now()).elapsed());
        let alone = jobs.len() == 1;
        self.costs.clear();
        let mut batch = Batch::new(session, &self.services, care);
        let mut count = 0;
        for (at, turn) in jobs.iter_mut().enumerate() {
            let savepoint = (!alone).then(|| batch.session.savepoint());
            let ran = turn.job.run(&mut batch);
            self.costs.push(lap());
            count = at + 1;
            match ran {
                Ran::Undo if alone => return Attempt::Refused,
                Ran::Broken { .. } if care == Care::Usual && batch.session.failed_late() => {
                    let what = "a statement failed that nobody waited for";
                    return Attempt::FailedLate(Error::Store(what.into()));
                }
                Ran::Broken { transient } if alone || !batch.session.survives_failure() => {
                    return Attempt::Spoiled { at, transient };
                }
                _ => {}
            }
            if let Some(savepoint) = savepoint {
                let closed = match ran {
                    Ran::Keep => batch.session.release(savepoint),
                    Ran::Undo | Ran::Broken { .. } => batch.session.roll_back_to(savepoint),
                };
                if let Err(error) = closed {
                    return Attempt::Failed(error);
                }
            }
            if began.elapsed() > self.longest_batch {
                break;
            }
        }
        if let Err(error) = batch.flush() {
            let late = batch.session.failed_late();
            return if late { Attempt::FailedLate(error) } else { Attempt::Failed(error) };
        }
        let committed = commit(session, count);
        self.costs.push(lap());
        committed
    }
}

fn commit(session: &mut Session, count: usize) -> Attempt {
    match session.commit() {
        Ok(()) => Attempt::Committed(count),
        Err(NotCommitted::Failed(error)) => Attempt::FailedLate(error),
        Err(NotCommitted::Unknown(error)) => Attempt::Unknown(error),
    }
}

/// Whose rows a batch may change. On PostgreSQL a batch is of one organization, or of the
/// installation.
fn scope(jobs: &Jobs) -> Scope {
    match jobs.front() {
        Some(turn) if turn.org != 0 => Scope::Organization(OrgNo(turn.org)),
        _ => Scope::Installation,
    }
}

/// The same failure for each request of a batch.
fn again(error: &Error) -> Error {
    match error {
        Error::Full => Error::Full,
        Error::Busy => Error::Busy,
        Error::Overloaded => Error::Overloaded,
        other => Error::Unavailable(other.to_string()),
    }
}
