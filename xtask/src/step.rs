//! Named steps, run in order, with their times and counts.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::postgres::{Cluster, Durability};
use crate::server::Engine;
use crate::workspace::Workspace;

/// What the tests take for an address of PostgreSQL where they are to leave it out.
const LEFT_OUT: &str = "none";

/// How many checks a step made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Checks that held.
    pub(crate) passed: u64,
    /// Checks that did not.
    pub(crate) failed: u64,
    /// Checks that were not made.
    pub(crate) ignored: u64,
}

impl Tally {
    /// Adds another count.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// One step: it counts as it goes, and fails with the reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// What it checks, in a few words.
    pub(crate) about: &'static str,
    /// Does it.
    pub(crate) run: fn(&mut Run, &mut Tally) -> Result<()>,
}

/// What the steps of one run share. The cluster and the program are made when first asked for.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where the sources are.
    pub(crate) workspace: Workspace,
    /// The engines to test on.
    pub(crate) engines: Vec<Engine>,
    /// More rounds of the randomised tests.
    pub(crate) long: bool,
    durability: Durability,
    cluster: Option<Cluster>,
    doorward: Option<PathBuf>,
}

impl Run {
    /// A run that has started nothing yet.
    pub(crate) fn new(workspace: Workspace, engines: Vec<Engine>, long: bool) -> Self {
        let durability = Durability::Fleeting;
        Self { workspace, engines, long, durability, cluster: None, doorward: None }
    }

    /// A run that measures this program, on stores that wait for the disk.
    pub(crate) fn measuring(workspace: Workspace, engines: Vec<Engine>, doorward: PathBuf) -> Self {
        let durability = Durability::Durable;
        let doorward = Some(doorward);
        Self { workspace, engines, long: false, durability, cluster: None, doorward }
    }

    /// The private cluster of this run.
    pub(crate) fn postgres(&mut self) -> Result<&mut Cluster> {
        match &mut self.cluster {
            Some(cluster) => Ok(cluster),
            none => Ok(none.insert(Cluster::start(&self.workspace, self.durability)?)),
        }
    }

    /// The address of the private cluster, for tests that run on both engines: only where this
    /// run does.
    pub(crate) fn postgres_or_none(&mut self) -> Result<String> {
        if self.engines.contains(&Engine::Postgres) {
            Ok(self.postgres()?.url())
        } else {
            Ok(LEFT_OUT.to_owned())
        }
    }

    /// The program, built from the present sources.
    pub(crate) fn doorward(&mut self) -> Result<PathBuf> {
        if let Some(binary) = &self.doorward {
            return Ok(binary.clone());
        }
        let binary = self.workspace.build_doorward()?;
        self.doorward = Some(binary.clone());
        Ok(binary)
    }
}

#[derive(Debug)]
enum Outcome {
    Passed,
    Failed(String),
    NotRun,
}

/// Runs the steps, prints the summary, and says whether all of them passed.
pub(crate) fn run_all(steps: &[Step], run: &mut Run, keep_going: bool) -> bool {
    let start = Instant::now();
    let mut rows = Vec::new();
    let mut stopped = false;
    for (position, step) in steps.iter().enumerate() {
        if stopped {
            rows.push((step.name, Duration::ZERO, Tally::default(), Outcome::NotRun));
            continue;
        }
        println!("\n=== {}/{} {}: {}", position + 1, steps.len(), step.name, step.about);
        let begin = Instant::now();
        let mut tally = Tally::default();
        let result = (step.run)(run, &mut tally);
        let time = begin.elapsed();
        let outcome = match result {
            Ok(()) if tally.failed == 0 => Outcome::Passed,
            Ok(()) => Outcome::Failed(format!("{} checks failed", tally.failed)),
            Err(error) => {
                // A step that broke is a failure even when it had counted none.
                tally.failed = tally.failed.max(1);
                Outcome::Failed(format!("{error:#}"))
            }
        };
        match &outcome {
            Outcome::Failed(reason) => {
                println!("--- {} FAILED after {}: {reason}", step.name, seconds(time));
                stopped = !keep_going;
            }
            _ => println!("--- {} passed in {}", step.name, seconds(time)),
        }
        rows.push((step.name, time, tally, outcome));
    }

    println!(
        "\n{:<11}{:>9}  {:<8}{:>7}{:>7}{:>8}",
        "step", "time", "", "passed", "failed", "ignored"
    );
    let mut sum = Tally::default();
    for (name, time, tally, outcome) in &rows {
        let word = match outcome {
            Outcome::Passed => "passed",
            Outcome::Failed(_) => "FAILED",
            Outcome::NotRun => "not run",
        };
        let Tally { passed, failed, ignored } = tally;
        let time = seconds(*time);
        println!("{name:<11}{time:>9}  {word:<8}{passed:>7}{failed:>7}{ignored:>8}");
        sum.add(*tally);
    }
    println!("{:<11}{:>9}", "all", seconds(start.elapsed()));
    for (name, _, _, outcome) in &rows {
        if let Outcome::Failed(reason) = outcome {
            let first = reason.lines().next().unwrap_or_default();
            println!("{name}: {first}");
        }
    }
    // Alone on its line, so that whoever reads the log sees that tests did run.
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    rows.iter().all(|(_, _, _, outcome)| matches!(outcome, Outcome::Passed))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
