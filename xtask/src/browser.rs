//! The step `browser`: the console in Chromium, driven by Playwright and judged by axe.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::server::{Engine, Server};
use crate::step::{Run, Tally};
use crate::workspace::Workspace;
use crate::{command, install, node, spoken};

/// Every page in two sizes and two themes takes minutes.
const LIMIT: Duration = Duration::from_mins(15);

/// Runs the check against a server on SQLite: what a page shows does not depend on the engine.
pub(crate) fn run(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let chromium = install::chromium()?;
    let node = node::program()?;
    let folder = node::modules(&run.workspace, "xtask/browser", "browser")?;
    let server = Server::start(run, Engine::Sqlite, "browser")?;
    let output = run.workspace.scratch().join("browser.txt");
    let program = serde_json::to_string(&server.command_line())?;
    let mut check = Command::new(node);
    check
        .arg("check.mjs")
        .current_dir(&folder)
        .env("DOORWARD_URL", format!("http://{}", server.address()))
        .env("DOORWARD", program)
        .env("CHROMIUM", chromium)
        .env("PICTURES", pictures(&run.workspace));
    let outcome = command::bounded(&mut check, &output, LIMIT).and_then(|captured| {
        tally.add(spoken::checks(&captured)?);
        Ok(())
    });
    server.explain(outcome)?;
    server.stop()
}

/// Where the pictures of the last run are.
fn pictures(workspace: &Workspace) -> PathBuf {
    workspace.scratch().join("pictures")
}
