//! Checking the invariants of the store, row by row.
//!
//! What must hold is numbered as in `docs/decisions/0003-the-store.md`: I1 counts = rows; I2 rank
//! blocks = rows per block; I3 index rows and columns = what the documents say; I4 events and audit
//! entries are numbered without gaps and their hashes chain; I5 replaying the events gives the
//! present state; I7 nothing is reachable from two organizations; I8 memberships, assignments and
//! mappings point to what is there, or wait to be cleared away. (I6, one event for each acknowledged
//! request, can only be judged by whoever sent the requests: the crash tests do.)

pub(crate) mod chains;
mod crew;
pub(crate) mod removals;
mod replay;
pub(crate) mod roles;
pub(crate) mod rows;
mod spill;

use std::{cell::Cell, sync::Arc};

use self::replay::Replay;
use crate::{
    access::{Access, Verb},
    connection, domain,
    error::Error,
    installation::Installation,
    organization::{self, Organization, State},
    store::{Reader, Store},
};

/// What was looked at, and what was wrong.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Users that were read.
    pub users: u64,
    /// Groups that were read.
    pub groups: u64,
    /// Memberships that were read.
    pub memberships: u64,
    /// Events that were read.
    pub events: u64,
    /// Audit entries that were read.
    pub audit: u64,
    /// What is wrong: the invariant, and a sentence. At most 100 are kept.
    pub violations: Vec<Violation>,
    /// How many are wrong in all.
    pub violation_count: u64,
    /// What was begun and ended half-way. It does no harm, and doing it again finishes it.
    pub half_made: Vec<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The number of the invariant, such as `I1`.
    pub invariant: &'static str,
    /// What is wrong, and where.
    pub detail: String,
}

impl Findings {
    fn wrong(&mut self, invariant: &'static str, detail: impl Into<String>) {
        self.violation_count += 1;
        if self.violations.len() < 100 {
            self.violations.push(Violation { invariant, detail: detail.into() });
        }
    }

    /// Adds what someone else has found.
    fn append(&mut self, other: Self) {
        self.violation_count += other.violation_count;
        let room = 100_usize.saturating_sub(self.violations.len());
        self.violations.extend(other.violations.into_iter().take(room));
    }

    fn expect<T: PartialEq + std::fmt::Debug>(
        &mut self,
        invariant: &'static str,
        what: impl FnOnce() -> String,
        stored: &T,
        actual: &T,
    ) {
        if stored != actual {
            self.wrong(invariant, format!("{}: stored {stored:?}, actual {actual:?}", what()));
        }
    }
}

/// How far checking an organization has come: rows that were looked at, of so many. Estimates:
/// index rows are counted with their resources, and memberships come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Looked at.
    pub done: u64,
    /// There are.
    pub of: u64,
}

/// Who is told how far it has come.
pub type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// Counts what was looked at, and tells it.
struct Count {
    done: Cell<u64>,
    of: u64,
    listener: Listener,
}

impl Count {
    fn add(&self, rows: u64) {
        self.done.set((self.done.get() + rows).min(self.of));
        (self.listener)(Progress { done: self.done.get(), of: self.of });
    }
}

/// Checks one organization, in one state of the store.
///
/// Time: O(its rows and events), on as many threads as there are cores. Memory: a part of 64 of what is
/// compared, which is otherwise in temporary files; some tens of bytes for each group and each 128
/// resources.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store; [`Error::Unavailable`] where there is no space for
/// temporary files. What is wrong in the store is in the findings.
pub async fn organization(store: &Store, access: &Access) -> Result<Findings, Error> {
    organization_telling(store, access, &(Arc::new(|_| ()) as Listener)).await
}

/// The same, and tells how far it has come.
///
/// # Errors
///
/// As [`organization()`].
pub async fn organization_telling(
    store: &Store,
    access: &Access,
    listener: &Listener,
) -> Result<Findings, Error> {
    let listener = Arc::clone(listener);
    store.read_long(access, move |reader| check(reader, &listener)).await
}

fn check(reader: &mut Reader<'_>, listener: &Listener) -> Result<Findings, Error> {
    reader.permit(Verb::Verify)?;
    let mut findings = Findings::default();
    let organization: Organization = organization::read(reader)?;
    let of = rows::expected(reader, &organization)?;
    let count = Count { done: Cell::new(0), of, listener: Arc::clone(listener) };
    let mut replay = Replay::default();
    rows::check(reader, &organization, &mut replay, &count, &mut findings)?;
    roles::check(reader, &mut findings)?;
    removals::check(reader, &mut findings)?;
    chains::check(reader, &mut replay, &count, &mut findings)?;
    replay.compare(reader, &mut findings)?;
    for home in domain::half_made(reader)? {
        findings.half_made.push(format!("the domain {home} was not verified or removed whole"));
    }
    for home in connection::half_made(reader)? {
        findings.half_made.push(format!("the connection {home} was not made whole"));
    }
    Ok(findings)
}

/// Checks what belongs to no organization: the installation's own audit, audits that outlived
/// their organization, and organizations that were not made whole.
///
/// # Errors
///
/// Those of the store. What is wrong in it is in the findings.
pub async fn installation(installation: &Installation) -> Result<Findings, Error> {
    installation
        .store()
        .read_catalog(|catalog| {
            let mut findings = Findings::default();
            chains::installation(catalog, &mut findings)?;
            for (slug, org) in organization::slugs(catalog)? {
                match organization::state(catalog, org)? {
                    Some(State::Live) => {}
                    Some(State::Making) => findings
                        .half_made
                        .push(format!("the organization {slug} was not made whole")),
                    Some(State::Deleted) | None => {
                        findings.wrong("I7", format!("the slug {slug} leads to no organization"));
                    }
                }
            }
            Ok(findings)
        })
        .await
}
