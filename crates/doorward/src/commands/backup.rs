//! `doorward backup`

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use directory::Error;
use doorward::config::{Chosen, Config};
use indicatif::HumanBytes;
use serde_json::json;

use super::{progress, store};
use crate::answer::Answer;

/// `doorward backup`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file that is made; only its owner can read it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file where there is one
    #[arg(long)]
    force: bool,
}

/// Copies a SQLite store as it is now. A server that serves it goes on.
pub(crate) async fn run(options: Options, config: &Config) -> Result<Answer> {
    on_sqlite(config, "pg_dump --format=custom --file=FILE")?;
    let Options { file, force } = options;
    let (location, shown) = (store::location(config), file.display().to_string());
    let bar = progress::bytes("copying");
    let moved = bar.clone();
    let copied = tokio::task::spawn_blocking(move || {
        location.back_up(&file, force, &mut |copied| progress::show(&moved, copied))
    });
    let copied = copied.await.context("the copy was cut off")?;
    bar.finish_and_clear();
    let bytes = copied.map_err(|error| match error {
        Error::Conflict { .. } => {
            anyhow!("there is a file {shown} already; `--force` replaces it")
        }
        error => store::unopened(config, error).context(format!("cannot make {shown}")),
    })?;
    let text = format!(
        "The store in {} is copied into {shown} ({}).\nPut it in place elsewhere with: doorward \
         --data DIR restore {shown}",
        store::place(config),
        HumanBytes(bytes)
    );
    Ok(Answer::new(json!({ "file": shown, "bytes": bytes }), text))
}

/// Refuses PostgreSQL, and says what does the same there.
pub(super) fn on_sqlite(config: &Config, instead: &str) -> Result<()> {
    match &config.store.chosen {
        Chosen::Data(_) => Ok(()),
        Chosen::Database(url) => bail!(
            "the store is in PostgreSQL ({url}), which has its own tools: `{instead}` for one \
             moment, a base backup with archived logs for any moment"
        ),
    }
}
