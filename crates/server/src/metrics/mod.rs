//! [`Metrics`]: what the server counts, for Prometheus at `/metrics`.
//!
//! Names are those of Prometheus's conventions: base units, `_total` for what only grows. No label
//! names a customer or a person, so there are as many series with one organization as with a
//! thousand, and nothing in them is secret. Even so only this machine reads them, and the networks
//! of `metrics_allow`.

mod process;
mod route;
mod surface;

use std::time::Duration;

use directory::{Store, Waiting};
use http::StatusCode;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use self::{process::Process, surface::Outcome};
pub(crate) use self::{route::routes, surface::Surface};
use crate::sync_log::SyncLog;

/// Upper bounds of durations in seconds: from a read of one row to the deadline of a request.
const SECONDS: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What the server counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<On, Histogram, fn() -> Histogram>,
    waiting: Family<Work, Gauge>,
    sync_log_waiting: Gauge,
    process: Process,
}

/// The labels of a request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    surface: Surface,
    outcome: Outcome,
}

/// The label of how long requests took.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct On {
    surface: Surface,
}

/// The label of what waits for the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Work {
    work: &'static str,
}

impl Metrics {
    /// Nothing was counted yet.
    pub(crate) fn new(store: &Store) -> Self {
        let mut registry = Registry::with_prefix("doorward");
        let requests = Family::default();
        registry.register(
            "requests",
            "Requests that were answered, by surface and by what became of them",
            requests.clone(),
        );
        let durations: Family<On, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register_with_unit(
            "request_duration",
            "How long requests took, until their answer was ready to be sent",
            Unit::Seconds,
            durations.clone(),
        );
        let waiting = Family::default();
        registry.register(
            "store_waiting",
            "Pieces of work that wait for the store",
            waiting.clone(),
        );
        let sync_log_waiting = Gauge::default();
        registry.register(
            "sync_log_waiting",
            "Entries of the sync log that are not written yet",
            sync_log_waiting.clone(),
        );
        store.measures().register(registry.sub_registry_with_prefix("store"));
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The program that runs", Info::new(version));
        let process = Process::register(&mut registry);
        Self { registry, requests, durations, waiting, sync_log_waiting, process }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, surface: Surface, status: StatusCode, took: Duration) {
        let outcome = Outcome::of(status);
        self.requests.get_or_create(&Answered { surface, outcome }).inc();
        self.durations.get_or_create(&On { surface }).observe(took.as_secs_f64());
    }

    /// All of it in the text form of `OpenMetrics` 1.0, as it is now.
    fn text(&self, waiting: Waiting, sync_log: &SyncLog) -> Result<String, std::fmt::Error> {
        let Waiting { changes, reads, long_reads } = waiting;
        for (work, count) in [("changes", changes), ("reads", reads), ("long_reads", long_reads)] {
            self.waiting.get_or_create(&Work { work }).set(gauge(count));
        }
        self.sync_log_waiting.set(gauge(sync_log.waiting()));
        self.process.read();
        let mut shown = String::new();
        text::encode(&mut shown, &self.registry)?;
        Ok(shown)
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
