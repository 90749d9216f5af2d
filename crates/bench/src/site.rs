//! [`Site`]: what is measured, as `cargo xtask bench` has set it up.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::{http::Caller, process::Process};

/// What the server stores its records in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// For a person.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// In the names of files and marks.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What is to be measured.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Suite {
    Load,
    Fair,
    Scan,
    Memory,
    Million,
}

impl Suite {
    /// In the names of files and marks.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Fair => "fair",
            Self::Scan => "scan",
            Self::Memory => "memory",
            Self::Million => "million",
        }
    }
}

/// A server that runs on a fresh store, and what else the measurements need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub(crate) suite: Suite,
    pub(crate) engine: Engine,
    /// Smaller sizes and fewer rounds.
    pub(crate) quick: bool,
    /// The command that runs this, for whoever wants to repeat it.
    pub(crate) command: String,
    /// How the program calls itself.
    pub(crate) version: String,
    /// The process id of the server.
    server: u32,
    /// The process id of the database's server, where it has one.
    database: Option<u32>,
    /// One for each organization.
    pub(crate) callers: Vec<Caller>,
    /// A folder on the disk of the stores.
    pub(crate) folder: PathBuf,
    /// The file of the store.
    pub(crate) store: Option<PathBuf>,
    /// The file of an empty store of the same schema, which no one serves.
    pub(crate) empty: Option<PathBuf>,
    pub(crate) pgbench: Option<Pgbench>,
}

/// PostgreSQL's own benchmark and a database for it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pgbench {
    /// The folder of PostgreSQL's programs.
    pub(crate) programs: PathBuf,
    pub(crate) url: String,
}

impl Site {
    pub(crate) fn read(path: &str) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        serde_json::from_str(&text).with_context(|| format!("{path} does not tell of a site"))
    }

    /// The organization that is measured, where only one is.
    pub(crate) fn caller(&self) -> Result<&Caller> {
        self.callers.first().context("there is no organization")
    }

    pub(crate) fn server(&self) -> Process {
        Process::alone(self.server)
    }

    /// What everyone has used so far.
    pub(crate) fn usage(&self) -> Usage {
        self.usage_with(self.server())
    }

    /// The same, with another process in the place of the server.
    pub(crate) fn usage_with(&self, server: Process) -> Usage {
        Usage {
            server: server.processor(),
            database: self.database.map(Process::family).map(Process::processor),
            client: Process::own().processor(),
        }
    }
}

/// Processor time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) server: Duration,
    pub(crate) database: Option<Duration>,
    pub(crate) client: Duration,
}

impl Usage {
    /// What was used since.
    pub(crate) fn since(self, before: Self) -> Self {
        let database = self.database.zip(before.database);
        Self {
            server: self.server.saturating_sub(before.server),
            database: database.map(|(after, before)| after.saturating_sub(before)),
            client: self.client.saturating_sub(before.client),
        }
    }

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        let database = self.database.into_iter().chain(other.database);
        Self {
            server: self.server + other.server,
            database: database.reduce(|one, other| one + other),
            client: self.client + other.client,
        }
    }
}
