//! The `doorward` command.

mod answer;
mod cli;
mod commands;
mod table;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cli::usage(&error),
    };
    let json = cli.json;
    match run(cli) {
        Ok(answer) => answer.print(json),
        Err(error) => answer::refuse(json, &error),
    }
}

fn run(cli: Cli) -> anyhow::Result<answer::Answer> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(commands::run(cli))
}
