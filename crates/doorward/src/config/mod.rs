//! [`Config`]: what the operator decided, from a flag, a variable or a file.
//!
//! A flag is stronger than a variable, a variable than the file, the file than the default. Every
//! key exists in the file and as a variable; [`keys::KEYS`] lists them all. A mistake is reported
//! with the place it stands in, and all mistakes are reported at once.
//!
//! The TOML document is walked by hand rather than read with the `config` crate or through serde:
//! neither can name the line of an unknown key and go on to the next mistake.

mod application;
mod check;
mod database_url;
mod environment;
mod error;
mod file;
mod flags;
mod kept;
pub mod keys;
mod limits;
mod log;
mod network;
mod public_url;
mod settings;
mod store;
mod suggest;
mod units;

use std::path::{Path, PathBuf};

use directory::session::Policy;
use secrecy::SecretString;
use server::{Application, http::Limits};

use self::settings::Settings;
pub use self::{
    check::{Finding, Level, check},
    database_url::DatabaseUrl,
    environment::environment,
    error::{ConfigError, Origin, Problem},
    flags::Flags,
    kept::Kept,
    log::{Format, Log},
    network::Network,
    public_url::PublicUrl,
    store::{Chosen, DEFAULT_DATA, Store},
};

/// The configuration of one process.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the directory is kept.
    pub store: Store,
    /// Where the server listens and how it is reached.
    pub network: Network,
    /// What people know the application as.
    pub application: Application,
    /// What is logged and how.
    pub log: Log,
    /// What one request, connection and address may cost.
    pub limits: Limits,
    /// How long people stay signed in.
    pub sessions: Policy,
    /// How long what is old is kept.
    pub kept: Kept,
    /// The token for `doorward simulate`, if the environment has one.
    pub simulate_token: Option<SecretString>,
    /// Variables that begin like ours and mean nothing.
    unknown_variables: Vec<Problem>,
}

impl Config {
    /// Puts the configuration together. Without `file`, the variable `DOORWARD_CONFIG` names it;
    /// without either there is none. A variable that is empty counts as absent.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, an unknown key, or a value that is not one: all of them at once.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
        flags: Flags,
    ) -> Result<Self, ConfigError> {
        let variables = environment::read(variables);
        let file = file.map(PathBuf::from).or(variables.config_file);
        let mut settings = Settings::default();
        if let Some(file) = &file {
            file::read(file, &mut settings);
        }
        settings.put_all(variables.settings);
        flags.put_into(&mut settings);
        let config = Self {
            store: store::read(&mut settings),
            network: network::read(&mut settings),
            application: application::read(&mut settings),
            log: log::read(&mut settings),
            limits: limits::read(&mut settings),
            sessions: limits::sessions(&mut settings),
            kept: Kept::read(&mut settings),
            simulate_token: variables.simulate_token,
            unknown_variables: variables.unknown,
        };
        settings.finish()?;
        Ok(config)
    }

    /// Variables that begin with `DOORWARD_` and mean nothing: most likely misspelt. They are worth
    /// a warning when a command starts; [`check()`] calls each an error.
    #[must_use]
    pub fn unknown_variables(&self) -> &[Problem] {
        &self.unknown_variables
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;
