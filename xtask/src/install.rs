//! Debian packages that a step needs and the machine lacks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{command, machine};

/// Installs the packages with apt-get.
///
/// # Errors
///
/// Without root or apt-get it says which packages to install by hand.
pub(crate) fn debian(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if machine::program("apt-get").is_none() {
        bail!("this machine has no apt-get: please install {names} by hand");
    }
    if !machine::is_root()? {
        bail!("{names} missing: run `sudo apt-get install {names}` and try again");
    }
    println!("installing {names}");
    command::run(apt().arg("update"))?;
    command::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// Quiet, and asking no questions.
fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.arg("--quiet=2").env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

/// The program that makes certificates, installed first when there is none.
pub(crate) fn openssl() -> Result<PathBuf> {
    program("openssl", &["openssl"])
}

/// A browser, installed first when there is none.
pub(crate) fn chromium() -> Result<PathBuf> {
    program("chromium", &["chromium"])
}

/// What runs JavaScript outside of a browser, installed first when there is none.
pub(crate) fn node() -> Result<PathBuf> {
    program("node", &["nodejs"])
}

/// What installs JavaScript packages, installed first when there is none.
pub(crate) fn npm() -> Result<PathBuf> {
    program("npm", &["npm"])
}

/// A program, installed with these packages first when there is none.
fn program(name: &str, packages: &[&str]) -> Result<PathBuf> {
    if let Some(program) = machine::program(name) {
        return Ok(program);
    }
    debian(packages)?;
    machine::program(name).with_context(|| format!("{name} is installed, but nowhere to be found"))
}

/// The judges of XML signatures and canonical XML, installed first where one is missing.
pub(crate) fn xml_judges() -> Result<()> {
    let judges = [("xmllint", "libxml2-utils"), ("xmlsec1", "xmlsec1")];
    let missing: Vec<&str> = judges
        .into_iter()
        .filter(|(program, _)| machine::program(program).is_none())
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() { Ok(()) } else { debian(&missing) }
}

/// The folder of the newest installed PostgreSQL server, installed first when there is none.
pub(crate) fn postgres() -> Result<PathBuf> {
    if let Some(folder) = postgres_programs() {
        return Ok(folder);
    }
    debian(&["postgresql"])?;
    match postgres_programs() {
        Some(folder) => Ok(folder),
        None => bail!("postgresql is installed, but initdb is nowhere to be found"),
    }
}

/// Debian keeps the server's programs out of the search path, one folder a version.
fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            let folder = version.path().join("bin");
            is_server(&folder).then_some((number, folder))
        })
        .max_by_key(|(number, _)| *number)
        .map(|(_, folder)| folder);
    newest.or_else(|| {
        // The program may be a link into the real folder, where its companions are.
        let initdb = machine::program("initdb")?.canonicalize().ok()?;
        let folder = initdb.parent()?.to_owned();
        is_server(&folder).then_some(folder)
    })
}

fn is_server(folder: &std::path::Path) -> bool {
    ["initdb", "postgres", "createdb"].iter().all(|program| folder.join(program).is_file())
}
