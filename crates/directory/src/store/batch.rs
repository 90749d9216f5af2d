//! [`Batch`]: pieces of work that share one transaction.
//!
//! Each piece can be undone alone, so one conflict does not sink its neighbours. The counters and
//! rank blocks of an organization are written once for the whole batch.

use std::{
    collections::{BTreeMap, HashMap, hash_map},
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::sync::oneshot;

use super::{
    catalog::Catalog,
    counters::Counters,
    reader::Reader,
    services::Services,
    writer::{Ranked, Writer},
};
use crate::{
    access::Access,
    db::{Param, Row, Session},
    error::{Error, Noun, WorkError},
    feed,
    id::{EventNo, OrgNo},
    resource::rank,
};

/// How closely a batch is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Nobody waits for a statement whose outcome is not asked for.
    Usual,
    /// Something failed that no one had waited for: after each piece of work all of its statements
    /// are waited for, so that the one that failed is found.
    Each,
}

impl Care {
    /// A piece of work is done; where care is taken, the last of its statements are, too.
    fn settle(self, session: &mut Session) -> Result<(), Error> {
        match self {
            Self::Usual => Ok(()),
            Self::Each => session.settle(),
        }
    }
}

/// What the pieces of work of one batch share.
pub(super) struct Batch<'b> {
    pub(super) session: &'b mut Session,
    services: &'b Services,
    care: Care,
    organizations: HashMap<OrgNo, Touched>,
}

/// An organization that the batch has touched.
struct Touched {
    counters: Counters,
    /// Its newest event before the batch.
    newest: EventNo,
    ranked: Vec<Ranked>,
    changed: bool,
}

impl<'b> Batch<'b> {
    pub(super) fn new(session: &'b mut Session, services: &'b Services, care: Care) -> Self {
        Self { session, services, care, organizations: HashMap::new() }
    }

    fn organization<T, E: WorkError>(
        &mut self,
        access: &Access,
        work: &mut dyn FnMut(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let org = access.org();
        let touched = match self.organizations.entry(org) {
            hash_map::Entry::Occupied(slot) => slot.into_mut(),
            hash_map::Entry::Vacant(slot) => {
                let counters = Counters::load(self.session, org)?;
                let counters = counters.ok_or(Error::not_found(Noun::Organization))?;
                let newest = counters.event.no;
                slot.insert(Touched { counters, newest, ranked: Vec::new(), changed: false })
            }
        };
        let reader = Reader::new(self.session, access, self.services, None);
        let mut writer = Writer::new(reader, touched.counters.clone());
        let answer = work(&mut writer)?;
        let (counters, ranked) = writer.into_changes();
        self.care.settle(self.session)?;
        touched.counters = counters;
        touched.ranked.extend(ranked);
        touched.changed = true;
        Ok(answer)
    }

    /// Writes the counters and rank blocks.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        let mut touched: Vec<_> = self.organizations.drain().collect();
        touched.sort_unstable_by_key(|(org, _)| *org);
        for (org, touched) in touched {
            if touched.changed {
                let mut blocks = BTreeMap::new();
                for (what, no, by) in touched.ranked {
                    for block in rank::blocks(what, no) {
                        *blocks.entry(block).or_insert(0) += by;
                    }
                }
                rank::add(self.session, org, &blocks)?;
                touched.counters.save(self.session, org)?;
                // Also where a mark was there: whoever gathered in this very transaction took it
                // away, and has not seen these events.
                if touched.counters.event.no > touched.newest {
                    feed::mark(self.session, org)?;
                }
            }
        }
        Ok(())
    }
}

/// A piece of work. It may be run more than once, until a commit holds.
pub(super) trait Job: Send {
    /// Runs the work and keeps its answer. Whether its changes are to be kept, or the error.
    fn run(&mut self, batch: &mut Batch<'_>) -> Ran;

    /// The commit holds, or there is nothing to commit: gives the answer of the last run.
    fn answer(self: Box<Self>);

    /// Nothing was done: gives this error instead of the answer.
    fn failed(self: Box<Self>, error: Error);
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    /// Its changes are to be kept.
    Keep,
    /// It was refused: its changes are to be undone.
    Undo,
    /// The engine failed under it; running it again may help.
    Broken { transient: bool },
}

/// What waits for the answer of a piece of work, and the answer of its last run.
pub(super) struct Reply<T, E> {
    answer: Option<Result<T, E>>,
    sender: oneshot::Sender<Result<T, E>>,
}

impl<T, E: WorkError> Reply<T, E> {
    pub(super) fn new() -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { answer: None, sender }, receiver)
    }

    fn settle(&mut self, work: impl FnOnce() -> Result<T, E>) -> Ran {
        let result = guarded(work);
        let ran = match &result {
            Ok(_) => Ran::Keep,
            Err(error) => match error.store_failure() {
                None => Ran::Undo,
                Some(failure) => Ran::Broken { transient: failure.is_transient() },
            },
        };
        self.answer = Some(result);
        ran
    }

    // Whoever asked may have gone away; then the answer is dropped.

    fn give(self) {
        let answer = self.answer.expect("a piece of work that is answered has run");
        let _ = self.sender.send(answer);
    }

    fn fail(self, error: Error) {
        let _ = self.sender.send(Err(error.into()));
    }
}

/// The work of one request on one organization.
pub(super) struct Change<T, E, F> {
    pub(super) access: Access,
    pub(super) work: F,
    pub(super) reply: Reply<T, E>,
}

impl<T, E, F> Job for Change<T, E, F>
where
    T: Send,
    E: WorkError,
    F: FnMut(&mut Writer<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Ran {
        let Self { access, work, reply } = self;
        reply.settle(|| batch.organization(access, work))
    }

    fn answer(self: Box<Self>) {
        self.reply.give();
    }

    fn failed(self: Box<Self>, error: Error) {
        self.reply.fail(error);
    }
}

/// The work of the installation on its small tables.
pub(super) struct CatalogChange<T, F> {
    pub(super) work: F,
    pub(super) reply: Reply<T, Error>,
}

impl<T, F> Job for CatalogChange<T, F>
where
    T: Send,
    F: FnMut(&mut Catalog<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Ran {
        let Self { work, reply } = self;
        reply.settle(|| {
            let answer = work(&mut Catalog::new(batch.session, batch.services))?;
            batch.care.settle(batch.session)?;
            Ok(answer)
        })
    }

    fn answer(self: Box<Self>) {
        self.reply.give();
    }

    fn failed(self: Box<Self>, error: Error) {
        self.reply.fail(error);
    }
}

/// Rows that are added to an organization without locking it: its row is neither read nor written.
pub(super) struct Append<T, F> {
    pub(super) org: OrgNo,
    pub(super) work: F,
    pub(super) reply: Reply<T, Error>,
}

/// What appended rows may do: run statements under their organization.
pub(crate) struct Appender<'a> {
    session: &'a mut Session,
    org: OrgNo,
}

impl Appender<'_> {
    /// Runs a statement that changes rows. `params` begin at `$2`.
    pub(crate) fn execute(
        &mut self,
        sql: crate::db::Sql,
        params: &[Param<'_>],
    ) -> Result<u64, Error> {
        self.session.execute(sql, &super::reader::with_org(self.org, params))
    }

    /// Runs a statement that changes rows and answers some of them. `params` begin at `$2`.
    pub(crate) fn change(
        &mut self,
        sql: crate::db::Sql,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, Error> {
        self.session.change(sql, &super::reader::with_org(self.org, params))
    }

    /// Runs a list statement that changes rows. Nobody waits for its outcome before the commit.
    pub(crate) fn send_list<const N: usize>(
        &mut self,
        sql: &crate::db::ListSql,
        items: &[[Param<'_>; N]],
    ) -> Result<(), Error> {
        self.session.send_list(sql, &[self.org.into()], items)
    }
}

impl<T, F> Job for Append<T, F>
where
    T: Send,
    F: FnMut(&mut Appender<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Ran {
        let Self { org, work, reply } = self;
        reply.settle(|| {
            let answer = work(&mut Appender { session: batch.session, org: *org })?;
            batch.care.settle(batch.session)?;
            Ok(answer)
        })
    }

    fn answer(self: Box<Self>) {
        self.reply.give();
    }

    fn failed(self: Box<Self>, error: Error) {
        self.reply.fail(error);
    }
}

/// A panic in one piece of work must not take the store's thread, and all other work, along.
pub(super) fn guarded<T, E: From<Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let what = "a piece of work panicked; the log has its message";
        Err(Error::Store(what.into()).into())
    })
}
