//! What xtask wants to know about the machine: who we are, what is installed, which port is free.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// Whether we run as root.
pub(crate) fn is_root() -> Result<bool> {
    Ok(command::read(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Where a program of the search path is.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A folder in memory, where it has room for the stores of tests: making each change durable on a
/// disk takes most of the time of a test of `SQLite`.
pub(crate) fn memory() -> Option<PathBuf> {
    const FOLDER: &str = "/dev/shm";
    const ENOUGH: u64 = 2 << 30;
    let mut df = Command::new("df");
    let told = command::read(df.args(["--block-size=1", "--output=avail", FOLDER])).ok()?;
    let available: u64 = told.lines().nth(1)?.trim().parse().ok()?;
    (available >= ENOUGH).then(|| PathBuf::from(FOLDER))
}

/// A port of the loopback address that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// The processes that a process has started, as far as they run.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let process: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name may hold anything; after it come the state and the parent.
            let (_, rest) = stat.rsplit_once(')')?;
            let of: u32 = rest.split_whitespace().nth(1)?.parse().ok()?;
            (of == parent).then_some(process)
        })
        .collect()
}

/// Sends a signal to a process of ours.
pub(crate) fn signal(process: u32, name: &str) -> Result<()> {
    let arguments = ["-c", r#"kill -s "$1" "$2""#, "kill", name, &process.to_string()];
    command::read(Command::new("sh").args(arguments))?;
    Ok(())
}
