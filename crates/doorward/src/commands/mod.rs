//! One file per command.

pub(crate) mod check;
pub(crate) mod connection;
#[cfg(feature = "simulator")]
pub(crate) mod demo;
pub(crate) mod export;
mod migrate;
pub(crate) mod organization;
mod person;
mod profile;
pub(crate) mod schema;
pub(crate) mod serve;
mod service;
#[cfg(feature = "simulator")]
pub(crate) mod simulate;
mod store;
pub(crate) mod token;
pub(crate) mod verify;

use anyhow::Result;
use doorward::{
    config::{self, Config, Log},
    logging,
};

use crate::{
    answer::{Answer, complain},
    cli::{Cli, Command},
};

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<Answer> {
    let Cli { command, config: file, json, mut flags } = cli;
    let load = |flags| Config::load(file.as_deref(), config::environment(), flags);
    match command {
        Command::Config(check::Command::Check) => Ok(check::run(load(flags))),
        Command::Serve(options) => {
            flags.listen = options.listen;
            let config = load(flags)?;
            start(&config, &config.log)?;
            serve::run(&config, json).await
        }
        #[cfg(feature = "simulator")]
        Command::Demo(options) => {
            let stage = demo::Stage::set(&options, &mut flags)?;
            let config = load(flags)?;
            start(&config, &config.log.quiet())?;
            demo::run(&config, &options, stage, json).await
        }
        command => {
            let config = load(flags)?;
            start(&config, &config.log.quiet())?;
            answer(command, &config, json).await
        }
    }
}

/// The commands that answer once.
async fn answer(command: Command, config: &Config, json: bool) -> Result<Answer> {
    match command {
        Command::Organization(command) => organization::run(command, config, json).await,
        Command::Connection(command) => connection::run(command, config).await,
        Command::Token(command) => token::run(command, config).await,
        Command::Schema(command) => schema::run(command, config, json).await,
        #[cfg(feature = "simulator")]
        Command::Simulate(command) => simulate::run(command, config, json).await,
        Command::Export(command) => export::run(command, config, json).await,
        Command::Migrate => migrate::run(config).await,
        Command::Verify(options) => verify::run(&options, config).await,
        #[cfg(feature = "simulator")]
        Command::Demo(_) => unreachable!("run() has taken this"),
        Command::Serve(_) | Command::Config(_) => unreachable!("run() has taken these"),
    }
}

/// Starts logging, and tells of variables that mean nothing.
fn start(config: &Config, log: &Log) -> Result<()> {
    logging::start(log)?;
    for problem in config.unknown_variables() {
        complain(&format!("warning: {problem}"));
    }
    Ok(())
}
