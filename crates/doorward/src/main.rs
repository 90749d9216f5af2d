//! The `doorward` command.

mod answer;
mod cli;
mod commands;
mod output;
mod problem;
mod table;
mod words;

use std::process::ExitCode;

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
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(commands::run(cli))
}
