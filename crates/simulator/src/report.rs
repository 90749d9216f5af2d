//! [`Report`]: what was tried, what came of it, and why.

use std::{
    collections::BTreeSet,
    fmt::{self, Write as _},
    future::Future,
    time::Instant,
};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use crate::{
    Flavour, Provider,
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
    /// The steps in order.
    pub steps: Vec<Step>,
}

impl Report {
    /// Whether every step passed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failed == 0 && self.skipped == 0
    }

    /// The steps as a table for a terminal, with a summary under it.
    #[must_use]
    pub fn to_table(&self) -> String {
        let mut table = Table::new();
        table
            .load_preset(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(["", "step", "requests", "ms", "result", "reason"]);
        for step in &self.steps {
            table.add_row([
                step.area.to_owned(),
                step.name.clone(),
                step.requests.to_string(),
                step.milliseconds.to_string(),
                step.result.to_string(),
                step.reason.clone().unwrap_or_default(),
            ]);
        }
        for column in [2, 3] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = format!(
            "{} ({}) against {}\n{table}\n",
            self.provider,
            self.flavour.title(),
            self.base_url
        );
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} passed, {} failed, {} skipped; {} requests in {}.{:03} s",
            self.passed,
            self.failed,
            self.skipped,
            self.requests,
            self.milliseconds / 1_000,
            self.milliseconds % 1_000,
        );
        if !self.not_kept.is_empty() {
            let names: Vec<_> = self.not_kept.iter().map(String::as_str).collect();
            let _ = writeln!(text, "Not kept by this server: {}", names.join(", "));
        }
        text
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
        let (result, reason) = match work.await {
            Ok(remark) => (Verdict::Pass, remark),
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
            steps: self.steps,
        }
    }
}

pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
