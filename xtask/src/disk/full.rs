//! A disk that is full: changes are refused, questions are answered, and with space everything is
//! as before.

use std::path::Path;

use anyhow::{Context, Result, bail};
use workload::{Outcome, Unacknowledged};

use super::preload::Fault;
use super::scene::{Scene, Setting};
use crate::workspace::Workspace;

/// So many rounds until a disk that takes nothing more must have refused something.
const MOST_ROUNDS: u64 = 400;

/// Fills the disk twice: once so that no file may become longer, once so that nothing is written.
pub(super) fn on(workspace: &Workspace, binary: &Path, seed: u64) -> Result<()> {
    let setting = Setting {
        name: "disk-full",
        binary: binary.to_owned(),
        database: None,
        organizations: 1,
        workers: 2,
        seed,
        deadline: "10s",
    };
    let mut scene = Scene::new(workspace, setting)?;
    scene.server.restart()?;
    for fault in [Fault::Full, Fault::NoSpace] {
        let outcome = fill(&mut scene, fault);
        let rounds = scene.server.explain(outcome).with_context(|| fault.name().to_owned())?;
        println!(
            "the disk is full: refused after {rounds} rounds, told by /readyz, back by itself"
        );
    }
    Ok(())
}

fn fill(scene: &mut Scene, fault: Fault) -> Result<u64> {
    scene.control.always(fault)?;
    let mut rounds = 0;
    while scene.unacknowledged().next().is_none() {
        rounds += 1;
        if rounds > MOST_ROUNDS || !scene.steps(1)? {
            bail!("after {rounds} rounds nothing was refused");
        }
    }
    // Those that come after learn the same.
    scene.steps(2)?;
    for outcome in scene.unacknowledged() {
        if !matches!(outcome, Outcome::Answered { status: 507, retry_after: Some(_), .. }) {
            bail!("a change was answered with {outcome:?}");
        }
    }
    match scene.get("/readyz") {
        Outcome::Answered { status: 503, body, .. } if body.contains("store_full") => {}
        answer => bail!("GET /readyz: {answer:?}"),
    }
    for path in ["/healthz", "/scim/v2/Users?count=5", "/scim/v2/Groups"] {
        let answer = scene.get(path);
        if !matches!(answer, Outcome::Answered { status: 200, .. }) {
            bail!("GET {path}: {answer:?}");
        }
    }
    scene.control.nothing()?;
    scene.recovers()?;
    // 507 says that nothing was changed.
    scene.audit(Unacknowledged::NotDone)?;
    scene.verify()?;
    scene.server.kill()?;
    scene.server.restart()?;
    scene.audit(Unacknowledged::NotDone)?;
    scene.verify()?;
    Ok(rounds)
}
