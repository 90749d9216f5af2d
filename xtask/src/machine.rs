//! What xtask wants to know about the machine: who we are, what is installed, which port is free.

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

/// A port of the loopback address that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}
