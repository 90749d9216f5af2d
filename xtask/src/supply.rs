//! The steps `supply` and `unused`: what we depend on may be depended on, and is used.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command;
use crate::step::{Run, Tally};
use crate::workspace::Workspace;

/// A program of crates.io, and the version that we know.
#[derive(Clone, Copy, Debug)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };

/// What cargo-deny can check without asking anyone.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// How long the database of advisories may take to arrive.
const FETCH_LIMIT: Duration = Duration::from_mins(2);

/// Licences, sources, what may not be used and what stands there twice; and advisories, where
/// their database can be reached.
pub(crate) fn deny(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let deny = install(&run.workspace, DENY)?;
    for check in CHECKS {
        command::run(check_with(&run.workspace, &deny).arg("check").arg(check))?;
        tally.passed += 1;
    }
    let mut fetch = check_with(&run.workspace, &deny);
    let record = run.workspace.scratch().join("advisories.txt");
    // The database is a repository on a host that a machine with registries only cannot reach. One
    // that came before will do for some months; cargo-deny knows how long.
    let fetched = command::bounded(fetch.args(["fetch", "db"]), &record, FETCH_LIMIT);
    let mut check = check_with(&run.workspace, &deny);
    check.args(["--offline", "check", "advisories"]);
    if fetched.is_ok_and(|fetched| fetched.status.success()) || has_database() {
        command::run(&mut check)?;
        tally.passed += 1;
    } else {
        println!("advisories: SKIPPED, their database cannot be reached from here");
        tally.ignored += 1;
    }
    Ok(())
}

/// Each dependency that is declared is named in the sources of its crate.
pub(crate) fn unused(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let machete = install(&run.workspace, MACHETE)?;
    let root = &run.workspace.root;
    command::run(
        Command::new(machete).args(["crates", "xtask", "fuzz", "examples/app"]).current_dir(root),
    )?;
    tally.passed += 1;
    Ok(())
}

fn check_with(workspace: &Workspace, deny: &Path) -> Command {
    let mut command = Command::new(deny);
    command.args(["--locked", "--workspace"]).current_dir(&workspace.root);
    command
}

/// Whether a database came before.
fn has_database() -> bool {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let databases = home.and_then(|home| home.join("advisory-dbs").read_dir().ok());
    // A fetch that failed leaves the file of its lock.
    databases.is_some_and(|databases| databases.flatten().any(|entry| entry.path().is_dir()))
}

/// Where the tool is, installed first when it is not, or is another version. It is built without
/// optimization: that takes a third of the time, and it has little to do.
fn install(workspace: &Workspace, tool: Tool) -> Result<PathBuf> {
    let Tool { name, version } = tool;
    let folder = workspace.tools();
    let program = folder.join("bin").join(name);
    let is_there = command::read(Command::new(&program).arg("--version"))
        .is_ok_and(|text| text.split_whitespace().any(|word| word == version));
    if is_there {
        return Ok(program);
    }
    println!("installing {name} {version} into {}", folder.display());
    let mut cargo = workspace.cargo();
    cargo
        .args(["install", "--quiet", "--locked", "--debug", "--force"])
        .args(["--version", version])
        .arg("--root")
        .arg(&folder)
        .arg(name)
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    command::run(&mut cargo).with_context(|| format!("cannot install {name}"))?;
    if !program.is_file() {
        bail!("{name} was installed, but is not at {}", program.display());
    }
    Ok(program)
}
