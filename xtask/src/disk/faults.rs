//! `cargo xtask disk-faults`: a call to the disk fails, each in turn.
//!
//! While the server starts, while it serves a script of requests, and while it ends, the first call
//! that could fail does, then the second, and so on. What is answered with 2xx must be there after a
//! restart, whatever failed; the server goes on by itself, or ends and can be started again.

use std::path::Path;

use anyhow::{Context, Result, bail};
use workload::{Outcome, Unacknowledged};

use super::full;
use super::hang;
use super::preload::Fault;
use super::scene::{Scene, Setting};
use crate::step::{Run, Tally};
use crate::workspace::{Profile, Workspace};

/// `cargo xtask disk-faults`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often each worker of four sends a request in the script
    #[arg(long, default_value_t = 3)]
    rounds: u64,
    /// Let every so-manieth call fail in place of each
    #[arg(long, default_value_t = 1)]
    every: u32,
    /// Repeats a run
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// When a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    Requests,
    End,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Start, Self::Requests, Self::End];

    fn name(self) -> &'static str {
        match self {
            Self::Start => "at the start",
            Self::Requests => "under requests",
            Self::End => "at the end",
        }
    }
}

/// What came of the calls that failed.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    struck: u64,
    /// The server went on.
    survived: u64,
    refused: u64,
}

/// All faults, a disk that is full, and one that hangs.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let binary = workspace.build(Profile::Dev, "doorward")?;
    let Options { rounds, every, seed } = *options;
    on(&workspace, &binary, rounds, |_| every, seed)?;
    full::on(&workspace, &binary, seed)
}

/// The short form, a step of `cargo xtask test`.
pub(crate) fn short(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let binary = run.doorward()?;
    // A handful of calls of each kind and phase.
    let struck = on(&run.workspace, &binary, 1, |calls| calls / 4 + 1, 1)?;
    full::on(&run.workspace, &binary, 1)?;
    hang::short(run, tally)?;
    tally.add(Tally { passed: struck, ..Tally::default() });
    Ok(())
}

/// Answers how many calls failed.
fn on(
    workspace: &Workspace,
    binary: &Path,
    rounds: u64,
    every: impl Fn(u32) -> u32,
    seed: u64,
) -> Result<u64> {
    let setting = Setting {
        name: "disk-faults",
        binary: binary.to_owned(),
        database: None,
        organizations: 2,
        workers: 2,
        seed,
        deadline: "10s",
    };
    let mut scene = Scene::new(workspace, setting)?;
    scene.server.restart()?;
    // Everybody has people to change.
    scene.steps(5)?;
    println!(
        "{:<33}{:<16}{:>7}{:>8}{:>9}{:>9}",
        "fault", "", "calls", "failed", "went on", "refused"
    );
    let mut all = 0;
    // Whether a page is damaged or could not be read, SQLite does not tell: 500, not 503.
    for worker in scene.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers) {
        worker.accept_refusal(500);
    }
    for fault in Fault::AT_ONE_CALL {
        for phase in Phase::ALL {
            let calls = calls(&mut scene, fault, phase, rounds)?;
            let mut figures = Figures::default();
            let mut call = 1;
            while call <= calls {
                let outcome = strike(&mut scene, fault, phase, call, rounds, &mut figures);
                let what = || format!("{}, {}, call {call}", fault.name(), phase.name());
                scene.server.explain(outcome).with_context(what)?;
                call += every(calls);
            }
            let Figures { struck, survived, refused } = figures;
            let (fault, phase) = (fault.name(), phase.name());
            println!("{fault:<33}{phase:<16}{calls:>7}{struck:>8}{survived:>9}{refused:>9}");
            all += struck;
        }
    }
    if all == 0 {
        bail!("nothing ever failed: the disk is not watched");
    }
    Ok(all)
}

/// At how many calls a phase could fail. The server serves before and after.
fn calls(scene: &mut Scene, fault: Fault, phase: Phase, rounds: u64) -> Result<u32> {
    scene.control.count(fault)?;
    if phase == Phase::Requests {
        scene.steps(rounds)?;
    } else {
        scene.server.end()?;
        if phase == Phase::Start {
            scene.control.count(fault)?;
        }
    }
    let calls = match phase {
        Phase::Start => {
            scene.server.restart()?;
            scene.control.calls()?
        }
        Phase::Requests => scene.control.calls()?,
        Phase::End => {
            let calls = scene.control.calls()?;
            scene.server.restart()?;
            calls
        }
    };
    scene.control.nothing()?;
    Ok(calls)
}

/// Lets one call fail, and looks at what that did. The server serves before and after.
fn strike(
    scene: &mut Scene,
    fault: Fault,
    phase: Phase,
    call: u32,
    rounds: u64,
    figures: &mut Figures,
) -> Result<()> {
    let is_up = match phase {
        Phase::Start => {
            scene.server.end()?;
            scene.control.at_call(fault, call)?;
            scene.server.try_restart()?
        }
        Phase::Requests => {
            scene.control.at_call(fault, call)?;
            scene.steps(rounds)? && {
                asked(scene, fault)?;
                !scene.server.has_ended()?
            }
        }
        Phase::End => {
            scene.control.at_call(fault, call)?;
            // Whether it ends cleanly is its own matter; that it ends is not.
            let _ = scene.server.end();
            false
        }
    };
    // What is cut short fails twice: the rest of it, too.
    figures.struck += u64::from(scene.control.struck()? > 0);
    scene.control.nothing()?;
    figures.survived += u64::from(is_up);
    figures.refused += scene.unacknowledged().count() as u64;
    let failed = |outcome: &&Outcome| matches!(outcome, Outcome::Answered { status: 500, .. });
    if let Some(outcome) = scene.unacknowledged().find(failed)
        && fault != Fault::ReadFails
    {
        bail!("a change was answered with {outcome:?}");
    }
    if is_up && call.is_multiple_of(2) {
        // It goes on by itself.
        scene.recovers()?;
    }
    if is_up {
        scene.server.kill()?;
    }
    scene.server.restart()?;
    scene.audit(Unacknowledged::DoneOrNot)?;
    scene.verify()
}

/// A question is answered, or not answered for a reason.
fn asked(scene: &Scene, fault: Fault) -> Result<()> {
    match scene.get("/scim/v2/Users?count=5") {
        Outcome::Answered { status: 200 | 503, .. } => Ok(()),
        Outcome::Answered { status: 500, .. } if fault == Fault::ReadFails => Ok(()),
        answer => bail!("GET /Users: {answer:?}"),
    }
}
