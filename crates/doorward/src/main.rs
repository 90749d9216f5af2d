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

/// It gives memory back that a large request took, and a small request spends a fifth less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    // Small reads run where they are called, on one thread for each core at most: one more is left
    // to answer whatever needs no store.
    let threads = std::thread::available_parallelism().map_or(2, usize::from) + 1;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(work)
}
