//! `doorward config check`

use std::fmt::Write as _;

use clap::Subcommand;
use doorward::config::{Config, ConfigError, Level, check};
use serde_json::json;

use super::store;
use crate::{answer::Answer, table};

/// `doorward config`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the configuration, and look for what would fail later
    Check,
}

/// Everything that is wrong with a configuration, whether it can be read or not.
pub(crate) fn run(loaded: Result<Config, ConfigError>) -> Answer {
    let (findings, config) = match loaded {
        Ok(config) => {
            let findings = check(&config);
            (findings.into_iter().map(|found| (found.level, found.message)).collect(), Some(config))
        }
        Err(error) => {
            let problems = error.problems().iter();
            (problems.map(|problem| (Level::Error, problem.to_string())).collect::<Vec<_>>(), None)
        }
    };
    let word = |level| match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let failed = findings.iter().any(|(level, _)| *level == Level::Error);
    let listed: Vec<_> = findings
        .iter()
        .map(|(level, message)| json!({ "level": word(*level), "message": message }))
        .collect();
    let mut text = String::new();
    for (level, message) in &findings {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{}: {message}", word(*level));
    }
    if let Some(config) = config.filter(|_| !failed) {
        let _ = writeln!(text, "The configuration can be used.");
        let network = &config.network;
        let public_url = match &network.public_url {
            Some(url) => url.to_string(),
            None => {
                format!("not set: {} where a server runs", network.public_url_at(network.listen))
            }
        };
        text.push_str(&table::sheet([
            ("store", store::place(&config)),
            ("listen", network.listen.to_string()),
            ("public URL", public_url),
        ]));
    }
    Answer::new(json!({ "ok": !failed, "findings": listed }), text).failed_if(failed)
}
