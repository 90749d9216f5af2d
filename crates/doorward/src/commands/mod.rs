//! One file per command.

pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod break_glass;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod completions;
mod confirm;
pub(crate) mod connection;
pub(crate) mod copy;
#[cfg(feature = "simulator")]
pub(crate) mod demo;
pub(crate) mod domain;
pub(crate) mod drift;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod group;
pub(crate) mod history;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod organization;
mod outbound;
mod person;
pub(crate) mod plan;
mod progress;
mod public_url;
mod record;
mod rekey;
pub(crate) mod restore;
pub(crate) mod role;
pub(crate) mod schema;
pub(crate) mod serve;
mod service;
pub(crate) mod session;
pub(crate) mod setup_link;
mod shown;
#[cfg(feature = "simulator")]
pub(crate) mod simulate;
mod store;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod verify;
mod version;
mod walk;
pub(crate) mod webhook;

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
        Command::Config(check::Command::Check) => check::run(load(flags)).await,
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
        Command::Version => Ok(version::run()),
        Command::Serve(options) => {
            flags.listen = options.listen;
            let config = load(flags)?;
            logging::start_gathering(&config.log)?;
            complain_of_variables(&config);
            let answer = serve::run(&config, json).await;
            logging::flush();
            answer
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
        Command::Connection(command) => connection::run(command, config, json).await,
        Command::Domain(command) => domain::run(command, config).await,
        Command::BreakGlass(command) => break_glass::run(command, config).await,
        Command::Client(command) => client::run(command, config).await,
        Command::SetupLink(command) => setup_link::run(command, config).await,
        Command::Session(command) => session::run(command, config, json).await,
        Command::Token(command) => token::run(command, config).await,
        Command::ApiKey(command) => api_key::run(command, config).await,
        Command::Webhook(command) => webhook::run(command, config).await,
        Command::Schema(command) => schema::run(command, config, json).await,
        Command::User(command) => user::run(command, config, json).await,
        Command::Group(command) => group::run(command, config, json).await,
        Command::Role(command) => role::run(command, config, json).await,
        Command::Plan(command) => plan::run(command, config).await,
        Command::Event(command) => event::run(command, config, json).await,
        Command::History(command) => history::run(command, config, json).await,
        Command::Audit(command) => audit::run(command, config, json).await,
        #[cfg(feature = "simulator")]
        Command::Simulate(command) => simulate::run(command, config, json).await,
        Command::Export(command) => export::run(command, config, json).await,
        Command::Migrate(options) => migrate::run(options, config).await,
        Command::Rekey => rekey::run(config, json).await,
        Command::Backup(options) => backup::run(options, config).await,
        Command::Restore(options) => restore::run(options, config).await,
        Command::Copy(options) => copy::run(options, config).await,
        Command::Drift(options) => drift::run(&options, config, json).await,
        Command::Verify(options) => verify::run(&options, config).await,
        #[cfg(feature = "simulator")]
        Command::Demo(_) => unreachable!("run() has taken this"),
        Command::Serve(_)
        | Command::Config(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Version => unreachable!("run() has taken these"),
    }
}

/// Starts logging, and tells of variables that mean nothing.
fn start(config: &Config, log: &Log) -> Result<()> {
    logging::start(log)?;
    complain_of_variables(config);
    Ok(())
}

/// Tells of variables that mean nothing.
fn complain_of_variables(config: &Config) {
    for problem in config.unknown_variables() {
        complain(&format!("warning: {problem}"));
    }
}
