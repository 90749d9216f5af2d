//! Checking the invariants of the store, row by row.
//!
//! What must hold is numbered as in `docs/decisions/0003-the-store.md`: I1 counts = rows; I2 rank
//! blocks = rows per block; I3 index rows and columns = what the documents say; I4 events are
//! numbered without gaps and their hashes chain; I5 replaying the events gives the present state;
//! I7 nothing is reachable from two organizations; I8 memberships point to live members, or wait
//! to be cleared away. (I6, one event for each acknowledged request, can only be judged by whoever
//! sent the requests: the crash tests do.)

pub(crate) mod events;
pub(crate) mod rows;

use crate::{
    db::{Reader, Store},
    error::Error,
    organization::{self, Organization, Tenant},
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
    /// What is wrong: the invariant, and a sentence. At most 100 are kept.
    pub violations: Vec<Violation>,
    /// How many are wrong in all.
    pub violation_count: u64,
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

/// Checks one organization, in one state of the store.
///
/// Time and memory: O(its rows and events).
///
/// # Errors
///
/// Those of the store; what is wrong in it is in the findings.
pub async fn organization(store: &Store, tenant: &Tenant) -> Result<Findings, Error> {
    store.read(tenant, check).await
}

fn check(reader: &mut Reader<'_>) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    let organization: Organization = organization::get(reader)?;
    let present = rows::check(reader, &organization, &mut findings)?;
    events::check(reader, &organization, present, &mut findings)?;
    Ok(findings)
}
