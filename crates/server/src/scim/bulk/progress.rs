//! [`Progress`]: how far a bulk request has come.

use std::collections::HashMap;

use ::scim::{Notes, bulk::Outcome, etag};
use directory::ResourceId;

use super::work::Done;
use crate::scim::error::ScimError;

/// How far a bulk request has come. A piece of work starts from the one before it, as often as it
/// is run, and counts only once it is committed.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// What came of each operation, in the order of the request. `None`: not tried yet.
    outcomes: Vec<Option<Outcome>>,
    /// The ids of what was created, by bulkId.
    born: HashMap<String, ResourceId>,
    failed: u64,
    /// After so many failures nothing more is tried.
    most_failures: u64,
    pub(super) notes: Notes,
}

impl Progress {
    pub(super) fn new(operations: usize, most_failures: Option<u64>, notes: Notes) -> Self {
        Self {
            outcomes: vec![None; operations],
            born: HashMap::new(),
            failed: 0,
            most_failures: most_failures.unwrap_or(u64::MAX),
            notes,
        }
    }

    /// Whether nothing more is to be tried.
    pub(super) fn is_over(&self) -> bool {
        self.failed >= self.most_failures
    }

    /// The id of what an operation created.
    pub(super) fn born(&self, bulk_id: &str) -> Option<ResourceId> {
        self.born.get(bulk_id).copied()
    }

    /// Something was created that others may refer to.
    pub(super) fn bear(&mut self, bulk_id: &str, id: ResourceId) {
        self.born.insert(bulk_id.to_owned(), id);
    }

    /// An operation was done.
    pub(super) fn done(&mut self, at: usize, done: Done, location: Option<String>) {
        self.outcomes[at] = Some(Outcome {
            status: done.status.as_u16(),
            location,
            version: done.left.map(|(_, version)| etag(version)),
            error: None,
        });
    }

    /// An operation failed.
    pub(super) fn fail(&mut self, at: usize, error: &ScimError, location: Option<String>) {
        self.failed += 1;
        self.outcomes[at] = Some(Outcome {
            status: error.http.status.as_u16(),
            location,
            version: None,
            error: Some((error.scim_type, error.http.detail.clone())),
        });
    }

    /// The operations that were not tried yet.
    pub(super) fn untried(&self) -> Vec<usize> {
        let outcomes = self.outcomes.iter().enumerate();
        outcomes.filter(|(_, outcome)| outcome.is_none()).map(|(at, _)| at).collect()
    }

    /// How many operations failed.
    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    /// What came of each operation, and what there is to remark.
    pub(super) fn finish(self) -> (Vec<Option<Outcome>>, Notes) {
        (self.outcomes, self.notes)
    }
}
