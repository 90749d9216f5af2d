//! A private Python environment for the judges.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{command, install};

/// Oldest Python that the judges accept.
const OLDEST: (u32, u32) = (3, 11);

/// Prints the version when this Python can make environments, and fails when it cannot: Debian
/// ships `venv` and `ensurepip` in a package of their own.
const PROBE: &str =
    "import sys, venv, ensurepip; print(sys.version_info.major, sys.version_info.minor)";

/// The folder with the programs of the environment, made or renewed when the requirements changed.
pub(crate) fn environment(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("xtask/judges/requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let folder = workspace.judges().join("venv");
    let programs = folder.join("bin");
    let stamp = folder.join("installed.txt");
    // The environment links to the Python that made it, and that one may be gone by now.
    let installed = fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if installed && version(&programs.join("python3")).is_some() {
        return Ok(programs);
    }

    let python = python()?;
    println!("installing the judges into {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot delete the old environment")?;
    }
    command::run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    command::run(
        Command::new(programs.join("python3"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(&requirements),
    )?;
    fs::write(&stamp, wanted).context("cannot write the stamp")?;
    Ok(programs)
}

/// A Python that is new enough and can make environments; installed first when there is none.
fn python() -> Result<PathBuf> {
    if let Some(python) = find() {
        return Ok(python);
    }
    let (major, minor) = OLDEST;
    install::debian(&["python3", "python3-venv"])
        .with_context(|| format!("the judges need Python {major}.{minor} or newer with venv"))?;
    if let Some(python) = find() {
        return Ok(python);
    }
    let found = match version(Path::new("/usr/bin/python3")) {
        Some((major, minor)) => format!("Debian's is {major}.{minor}"),
        None => "there is none that can make environments".to_owned(),
    };
    bail!("the judges need Python {major}.{minor} or newer, but {found}; `--quick` leaves them out")
}

/// The search path may hide Debian's Python behind another one.
fn find() -> Option<PathBuf> {
    ["python3", "/usr/bin/python3"]
        .into_iter()
        .map(PathBuf::from)
        .find(|python| version(python).is_some_and(|version| version >= OLDEST))
}

fn version(python: &Path) -> Option<(u32, u32)> {
    let text = command::read(Command::new(python).args(["-c", PROBE])).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
