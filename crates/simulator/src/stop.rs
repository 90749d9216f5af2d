//! [`Stop`]: ends a run before its time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A handle that ends a run: no further request is sent, and what the run made is removed. Cheap to
/// clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the run after the requests that are on their way.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run is to end.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
