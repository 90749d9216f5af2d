//! `doorward config check`

use std::fmt::Write as _;

use anyhow::Result;
use clap::Subcommand;
use directory::{Distributed, Location, Wall};
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
pub(crate) async fn run(loaded: Result<Config, ConfigError>) -> Result<Answer> {
    let (findings, config) = match loaded {
        Ok(config) => {
            let findings = check(&config).into_iter().map(|found| (found.level, found.message));
            let mut findings: Vec<_> = findings.collect();
            let location = store::location(&config);
            let found = tokio::task::spawn_blocking(move || database(&location)).await?;
            findings.extend(found.into_iter().map(|message| (Level::Warning, message)));
            (findings, Some(config))
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
    Ok(Answer::new(json!({ "ok": !failed, "findings": listed }), text).failed_if(failed))
}

/// What is to be said of a database that is there: whether policies hold whoever connects, and
/// whether its tables are where they should be.
fn database(location: &Location) -> Vec<String> {
    let mut found = Vec::new();
    match location.wall() {
        Ok(Some(Wall { bypassed_by: Some(role), .. })) => found.push(format!(
            "The role {role} is a superuser or has BYPASSRLS, so row-level security, the second wall \
             between organizations, does not hold it. Connect as a role that owns the database and \
             is neither: create role doorward login; alter database … owner to doorward."
        )),
        Ok(Some(Wall { missing, .. })) if !missing.is_empty() => found.push(format!(
            "Tables without row-level security: {}. Run: doorward migrate",
            missing.join(", ")
        )),
        Ok(_) => {}
        Err(error) => found.push(format!("The database cannot be looked at: {error}")),
    }
    if let Ok(Some(Distributed { citus, workers, missing })) = location.distributed()
        && !missing.is_empty()
    {
        found.push(format!(
            "PostgreSQL has Citus {citus} with {workers} machines for rows, and these tables are not \
             distributed: {}. Run: doorward migrate --distribute",
            missing.join(", ")
        ));
    }
    found
}
