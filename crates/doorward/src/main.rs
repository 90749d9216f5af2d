//! The `doorward` command.

mod answer;
mod cli;
mod commands;
mod listing;
mod output;
mod problem;
mod table;
mod words;

use std::{pin::Pin, process::ExitCode};

use anyhow::Context as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = match cli::parse() {
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
    // Its type is hidden from the runtime, which would compile all commands once for each of its
    // ways to wait.
    let work: Pin<Box<dyn Future<Output = anyhow::Result<answer::Answer>>>> =
        Box::pin(commands::run(cli));
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(work)
}
