//! [`Report`]: what was tried, what came of it, and why.

use std::{collections::BTreeSet, fmt, future::Future, time::Instant};

use serde::Serialize;

use crate::{
    Flavour, Provider, Removed,
    client::Client,
    failure::{Failure, Outcome},
    progress::Progress,
};

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The provider would accept every answer.
    Pass,
    /// The provider would refuse an answer, or lose or misread data.
    Fail,
    /// Not tried, because an earlier step failed.
    Skipped,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Skipped => "skipped",
        })
    }
}

/// One step of the life or of the volume.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// `connection`, `users`, `groups`, `import` or `volume`.
    pub area: &'static str,
    /// What was done.
    pub name: String,
    /// How many requests it took.
    pub requests: u64,
    /// How long it took.
    pub milliseconds: u64,
    /// Whether it passed.
    pub result: Verdict,
    /// Why it failed; on a pass, a remark if there is one.
    pub reason: Option<String>,
}

/// The outcome of a whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The server, without the query of its base URL.
    pub base_url: String,
    /// Who called.
    pub provider: Provider,
    /// With which of its clients.
    pub flavour: Flavour,
    /// The seed of people and groups.
    pub seed: u64,
    /// How many steps passed.
    pub passed: usize,
    /// How many steps failed.
    pub failed: usize,
    /// How many steps could not be tried.
    pub skipped: usize,
    /// How many requests were sent.
    pub requests: u64,
    /// How many answers were 429.
    pub postponed: u64,
    /// How long it took.
    pub milliseconds: u64,
    /// Optional attributes that were sent and that the server does not keep. An administrator
    /// would unmap them; they are no failure.
    pub not_kept: BTreeSet<String>,
    /// How many users the run created that were there when its last step had ended.
    pub made_users: usize,
    /// How many groups the run created that were there when its last step had ended.
    pub made_groups: usize,
    /// What was removed after the last step. `None`: it was to be kept.
    pub removed: Option<Removed>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

impl Report {
    /// Whether every step passed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failed == 0 && self.skipped == 0
    }
}

/// Collects steps while they run.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    client: &'a Client,
    progress: &'a Progress,
    begun: Instant,
    steps: Vec<Step>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(client: &'a Client, progress: &'a Progress) -> Self {
        Self { client, progress, begun: Instant::now(), steps: Vec::new() }
    }

    /// Runs one step. Returns whether it passed.
    pub(crate) async fn step(
        &mut self,
        area: &'static str,
        name: impl Into<String>,
        work: impl Future<Output = Outcome>,
    ) -> bool {
        let name = name.into();
        self.progress.step(area, &name);
        let (requests, begun) = (self.client.requests(), Instant::now());
        let outcome = if self.client.is_stopped() { Err(Failure::stopped()) } else { work.await };
        let (result, reason) = match outcome {
            Ok(remark) => (Verdict::Pass, remark),
            // Whatever it says: no one knows how it would have ended.
            Err(_) if self.client.is_stopped() => {
                (Verdict::Skipped, Some(Failure::stopped().to_string()))
            }
            Err(failure @ Failure::NotTried(_)) => (Verdict::Skipped, Some(failure.to_string())),
            Err(failure) => (Verdict::Fail, Some(failure.to_string())),
        };
        self.steps.push(Step {
            area,
            name,
            requests: self.client.requests() - requests,
            milliseconds: milliseconds(begun),
            result,
            reason: reason.map(|reason| self.client.redact(&reason)),
        });
        result == Verdict::Pass
    }

    pub(crate) fn finish(self, flavour: Flavour, seed: u64, not_kept: BTreeSet<String>) -> Report {
        let count = |wanted| self.steps.iter().filter(|step| step.result == wanted).count();
        Report {
            base_url: self.client.address(),
            provider: flavour.provider(),
            flavour,
            seed,
            passed: count(Verdict::Pass),
            failed: count(Verdict::Fail),
            skipped: count(Verdict::Skipped),
            requests: self.client.requests(),
            postponed: self.client.postponed(),
            milliseconds: milliseconds(self.begun),
            not_kept,
            made_users: self.client.made.users().len(),
            made_groups: self.client.made.groups().len(),
            removed: None,
            steps: self.steps,
        }
    }
}

pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
