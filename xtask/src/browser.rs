//! The step `browser`: the console in Chromium, driven by Playwright and judged by axe.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::server::{Engine, Server};
use crate::step::{Run, Tally};
use crate::workspace::Workspace;
use crate::{command, install};

/// Every page in two sizes and two themes takes minutes.
const LIMIT: Duration = Duration::from_mins(15);

/// What is copied beside the modules: the check, and which modules it needs.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "check.mjs"];

/// Runs the check against a server on SQLite: what a page shows does not depend on the engine.
pub(crate) fn run(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let chromium = install::chromium()?;
    let node = install::node()?;
    let folder = modules(&run.workspace)?;
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
        count(&captured.output, tally);
        if tally.passed + tally.failed == 0 {
            bail!("the check said nothing ({}): {}", captured.status, captured.output);
        }
        Ok(())
    });
    server.explain(outcome)?;
    server.stop()
}

/// Where the pictures of the last run are.
fn pictures(workspace: &Workspace) -> PathBuf {
    workspace.scratch().join("pictures")
}

/// The folder with the check and its modules, which are installed anew when they changed.
fn modules(workspace: &Workspace) -> Result<PathBuf> {
    let source = workspace.root.join("xtask/browser");
    let folder = workspace.scratch().join("browser");
    fs::create_dir_all(&folder).context("cannot make the folder of the browser's check")?;
    let stamp = folder.join("installed.json");
    let wanted = fs::read_to_string(source.join("package-lock.json")).context("no lock file")?;
    for file in FILES {
        fs::copy(source.join(file), folder.join(file))
            .with_context(|| format!("cannot copy {file}"))?;
    }
    if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        let npm = install::npm()?;
        command::run(
            Command::new(npm)
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(&folder),
        )?;
        fs::write(&stamp, wanted).context("cannot write the stamp")?;
    }
    Ok(folder)
}

/// Counts the lines of the check, and shows those that failed.
fn count(output: &str, tally: &mut Tally) {
    for line in output.lines() {
        if line.starts_with("ok ") {
            tally.passed += 1;
        } else if line.starts_with("not ok ") {
            tally.failed += 1;
            println!("{line}");
        }
    }
    println!("{} checks held", tally.passed);
}
