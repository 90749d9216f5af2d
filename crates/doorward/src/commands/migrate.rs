//! `doorward migrate`

use anyhow::{Context as _, Result};
use clap::Args;
use directory::{Error, Location, Placement};
use doorward::config::Config;
use serde_json::json;

use super::{progress, store};
use crate::answer::Answer;

/// `doorward migrate`
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    /// Spread the tables over the machines of a PostgreSQL with Citus, by organization; may be
    /// repeated
    #[arg(long)]
    distribute: bool,
}

/// What was done.
struct Done {
    applied: Vec<String>,
    distributed: Option<Vec<&'static str>>,
}

/// Brings the schema up to date. Other commands do so only where the store is a directory that no
/// server uses; this one does nothing else, so that it can be a step of its own.
pub(crate) async fn run(options: Options, config: &Config) -> Result<Answer> {
    let location = store::location(config);
    let place = store::place(config);
    let Done { applied, distributed } =
        tokio::task::spawn_blocking(move || work(options, &location))
            .await
            .context("the migration was cut off")?
            .map_err(|error| store::unopened(config, error))?;
    let mut text = if applied.is_empty() {
        format!("The schema of the store in {place} is up to date.")
    } else {
        format!("Applied to the store in {place}: {}.", applied.join(", "))
    };
    let mut json = json!({ "applied": applied });
    if let Some(tables) = distributed {
        let which = tables.join(", ");
        text.extend(match &*which {
            "" => ["\nIts tables are distributed", "", "."],
            some => ["\nDistributed: ", some, "."],
        });
        json["distributed"] = json!(tables);
    }
    Ok(Answer::new(json, text))
}

fn work(options: Options, location: &Location) -> Result<Done, Error> {
    let applied = location.migrate()?;
    if !options.distribute {
        return Ok(Done { applied, distributed: None });
    }
    let missing = location.distributed()?.map_or(0, |found| found.missing.len());
    let bar = progress::bar(missing);
    let distributed = location.distribute(|table, placement| {
        let how = match placement {
            Placement::ByOrganization => "by organization",
            Placement::Everywhere => "on every machine",
        };
        bar.set_message(format!("{table} is distributed {how}"));
        bar.inc(1);
    });
    bar.finish_and_clear();
    Ok(Done { applied, distributed: Some(distributed?) })
}
