//! [`Batch`]: pieces of work that share one transaction.
//!
//! Each piece can be undone alone, so one conflict does not sink its neighbours. The counters and
//! rank blocks of an organization are written once for the whole batch.

use std::{
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::sync::oneshot;

use super::{
    scope::{Catalog, Counters, Reader, Writer},
    session::Session,
    surroundings::Surroundings,
};
use crate::{
    error::Error,
    event::Actor,
    id::{OrgNo, ResourceNo},
    kind::Kind,
    rank,
};

/// What the pieces of work of one batch share.
pub(super) struct Batch<'b> {
    pub(super) session: &'b mut Session,
    around: &'b Surroundings,
    organizations: HashMap<i64, Touched>,
}

/// An organization that the batch has touched.
struct Touched {
    counters: Counters,
    ranked: Vec<(Kind, ResourceNo, i64)>,
    changed: bool,
}

impl<'b> Batch<'b> {
    pub(super) fn new(session: &'b mut Session, around: &'b Surroundings) -> Self {
        Self { session, around, organizations: HashMap::new() }
    }

    fn organization<T>(
        &mut self,
        org: OrgNo,
        actor: &Actor,
        work: &mut dyn FnMut(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let std::collections::hash_map::Entry::Vacant(slot) = self.organizations.entry(org.0) {
            let counters = Counters::load(self.session, org)?.ok_or(Error::NotFound)?;
            slot.insert(Touched { counters, ranked: Vec::new(), changed: false });
        }
        let touched = self.organizations.get_mut(&org.0).expect("it was just put there");
        let reader = Reader::new(self.session, org, self.around);
        let mut writer = Writer::new(reader, touched.counters.clone(), actor);
        let answer = work(&mut writer)?;
        let (counters, ranked) = writer.into_changes();
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
                let org = OrgNo(org);
                let mut blocks = BTreeMap::new();
                for (what, no, by) in touched.ranked {
                    for block in rank::blocks(what, no) {
                        *blocks.entry(block).or_insert(0) += by;
                    }
                }
                rank::add(self.session, org, &blocks)?;
                touched.counters.save(self.session, org)?;
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
    /// It was refused by the domain: its changes are to be undone.
    Undo,
    /// The engine failed under it; running it again may help.
    Broken { transient: bool },
}

/// The work of one request on one organization.
pub(super) struct Change<T, F> {
    pub(super) org: OrgNo,
    pub(super) actor: Actor,
    pub(super) work: F,
    pub(super) answer: Option<Result<T, Error>>,
    pub(super) reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Change<T, F>
where
    T: Send,
    F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Ran {
        let Self { org, actor, work, .. } = self;
        settle(&mut self.answer, || batch.organization(*org, actor, work))
    }

    fn answer(self: Box<Self>) {
        give(self.reply, self.answer);
    }

    fn failed(self: Box<Self>, error: Error) {
        // The request may have gone away; its answer is then nobody's.
        let _ = self.reply.send(Err(error));
    }
}

/// The work of an operator on the global look-ups.
pub(super) struct CatalogChange<T, F> {
    pub(super) work: F,
    pub(super) answer: Option<Result<T, Error>>,
    pub(super) reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for CatalogChange<T, F>
where
    T: Send,
    F: FnMut(&mut Catalog<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Ran {
        let mut catalog = Catalog::new(batch.session, batch.around);
        settle(&mut self.answer, || (self.work)(&mut catalog))
    }

    fn answer(self: Box<Self>) {
        give(self.reply, self.answer);
    }

    fn failed(self: Box<Self>, error: Error) {
        let _ = self.reply.send(Err(error));
    }
}

fn settle<T>(slot: &mut Option<Result<T, Error>>, work: impl FnOnce() -> Result<T, Error>) -> Ran {
    let result = guarded(work);
    let ran = match &result {
        Ok(_) => Ran::Keep,
        Err(error) if error.is_refusal() => Ran::Undo,
        Err(error) => Ran::Broken { transient: error.is_transient() },
    };
    *slot = Some(result);
    ran
}

/// A panic in one piece of work must not take the writer, and with it everybody else, along.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::Store("a piece of work panicked; the log has its message".into()))
    })
}

fn give<T>(reply: oneshot::Sender<Result<T, Error>>, answer: Option<Result<T, Error>>) {
    let _ = reply.send(answer.expect("a piece of work that is answered has run"));
}
