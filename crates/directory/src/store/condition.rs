//! [`Condition`]: whether the store takes changes, as far as the last ones tell.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// Whether the store takes changes. What asks the store only now and then, such as a probe, would
/// not learn from a read that the disk is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It took every one since it was last looked at closely.
    #[default]
    Sound,
    /// It did not take one, or somebody waited for it in vain. That it takes another says little:
    /// on a full disk a small change may fit where a larger one does not.
    Doubtful,
}

/// The condition of one store, shared by its writers.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<Condition>);

impl Watch {
    /// It was looked at closely, and takes changes.
    pub(crate) fn sound(&self) {
        self.set(Condition::Sound);
    }

    /// A change was not committed.
    pub(crate) fn doubt(&self) {
        self.set(Condition::Doubtful);
    }

    /// The same, where that says something about the store.
    pub(crate) fn refused(&self, error: &Error) {
        // A queue that is full says nothing about the disk.
        if !matches!(error, Error::Busy | Error::Overloaded) {
            self.doubt();
        }
    }

    pub(crate) fn condition(&self) -> Condition {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, condition: Condition) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = condition;
    }
}
