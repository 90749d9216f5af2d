//! Private folders with programs for Node.js and the npm packages that they stand on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{command, install};

/// Oldest Node.js that the packages run on.
const OLDEST: u32 = 20;

/// What tells npm which packages a folder needs, exactly.
const LOCK: &str = "package-lock.json";

/// The program, installed first when there is none.
///
/// # Errors
///
/// It is too old: Debian's may be.
pub(crate) fn program() -> Result<PathBuf> {
    let node = install::node()?;
    let version = command::read(Command::new(&node).arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST) {
        bail!("Node.js {OLDEST} or newer is needed, but this is {}", version.trim());
    }
    Ok(node)
}

/// A copy of the folder `source` of the repository with its packages, which are installed anew when
/// the lock file changed.
pub(crate) fn modules(workspace: &Workspace, source: &str, name: &str) -> Result<PathBuf> {
    let source = workspace.root.join(source);
    let folder = workspace.scratch().join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    copy_files(&source, &folder)?;
    let wanted = fs::read_to_string(source.join(LOCK)).context("no lock file")?;
    let stamp = folder.join("installed.json");
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

/// Copies the files of a folder, and none of the folders in it.
fn copy_files(source: &Path, folder: &Path) -> Result<()> {
    let reading = || format!("cannot read {}", source.display());
    for entry in fs::read_dir(source).with_context(reading)? {
        let file = entry.with_context(reading)?.path();
        if let (true, Some(name)) = (file.is_file(), file.file_name()) {
            fs::copy(&file, folder.join(name))
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
    }
    Ok(())
}
