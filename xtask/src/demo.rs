//! `cargo xtask demo`: the program with a sample organization.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::postgres::{Cluster, Durability};
use crate::workspace::Workspace;

/// `cargo xtask demo`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// On a private PostgreSQL cluster, which is deleted at the end, in place of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Passed to `doorward demo`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the program and runs the demo with our own input and output.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let mut demo = Command::new(workspace.build_doorward()?);
    if !options.postgres {
        // Becomes the demo: ctrl-c reaches no one else.
        let error = demo.arg("demo").args(&options.arguments).exec();
        return Err(error).context("cannot start the demo");
    }
    let mut cluster = Cluster::start(&workspace, Durability::Durable)?;
    demo.args(["--database-url", &cluster.create_database()?]);
    let status = demo.arg("demo").args(&options.arguments).status()?;
    if !status.success() {
        bail!("the demo failed ({status})");
    }
    Ok(())
}
