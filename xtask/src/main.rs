//! `cargo xtask`: installs what a fresh machine lacks, then tests, shows or measures Doorward.
//!
//! Whatever it starts (a PostgreSQL cluster, servers) listens on the loopback address only and is
//! stopped by its own process id at the end, however the run ends: see [`guard`].

mod bench;
mod browser;
mod checks;
mod command;
mod crash;
mod demo;
mod disk;
mod examples;
mod guard;
mod install;
mod judge;
mod machine;
mod node;
mod postgres;
mod python;
mod server;
mod simulate;
mod spoken;
mod step;
mod suite;
mod supply;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Set-up, tests, demo and benchmarks of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every check and every test, on both engines.
    Test(test::Options),
    /// Build the program and run `doorward demo`.
    Demo(demo::Options),
    /// Measure throughput, fairness and how costs grow, and write it into docs/benchmarks.md.
    Bench(bench::Options),
    /// Kill the server and PostgreSQL under load, again and again: nothing that was acknowledged is lost.
    Crash(crash::Options),
    /// Cut the power at thousands of moments: nothing that was acknowledged is lost on SQLite.
    PowerCut(disk::power_cut::Options),
    /// Let each call to the disk fail in turn, and let the disk be full: no false answer on SQLite.
    DiskFaults(disk::faults::Options),
    /// Let the store hang: every request is answered within its deadline.
    Hang(disk::hang::Options),
    /// Start a private PostgreSQL cluster, print its URL, and keep it until ctrl-c.
    Postgres(postgres::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Demo(options) => demo::run(&options).map(|()| true),
        Task::Bench(options) => bench::run(&options).map(|()| true),
        Task::Crash(options) => crash::run(&options).map(|()| true),
        Task::PowerCut(options) => disk::power_cut::run(&options).map(|()| true),
        Task::DiskFaults(options) => disk::faults::run(&options).map(|()| true),
        Task::Hang(options) => disk::hang::run(&options).map(|()| true),
        Task::Postgres(options) => postgres::run(&options).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
