//! [`Measures`]: what the store counts of its own work.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Upper bounds of how long a batch of changes takes, in seconds.
const SECONDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Upper bounds of how many changes one batch commits.
const CHANGES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// What the store counts of its own work, since it was opened.
#[derive(Clone, Debug)]
pub struct Measures {
    batch_seconds: Histogram,
    batch_changes: Histogram,
    failed: Counter,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            batch_seconds: Histogram::new(SECONDS),
            batch_changes: Histogram::new(CHANGES),
            failed: Counter::default(),
        }
    }
}

impl Measures {
    /// Shows them in a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "batch",
            "How long a batch of changes took, from its first statement to its durable commit",
            Unit::Seconds,
            self.batch_seconds.clone(),
        );
        registry.register(
            "batch_changes",
            "How many changes one commit made durable",
            self.batch_changes.clone(),
        );
        registry.register(
            "failed_batches",
            "Batches that the store could not commit",
            self.failed.clone(),
        );
    }

    /// A batch was committed.
    pub(super) fn committed(&self, changes: usize, took: Duration) {
        self.batch_seconds.observe(took.as_secs_f64());
        self.batch_changes.observe(f64::from(u32::try_from(changes).unwrap_or(u32::MAX)));
    }

    /// A batch could not be committed.
    pub(super) fn failed(&self) {
        self.failed.inc();
    }
}
