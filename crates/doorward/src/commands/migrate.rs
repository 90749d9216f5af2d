//! `doorward migrate`

use anyhow::{Context as _, Result};
use doorward::config::Config;
use serde_json::json;

use super::store;
use crate::answer::Answer;

/// Brings the schema up to date. Other commands do so only where the store is a directory that no
/// server uses; this one does nothing else, so that it can be a step of its own.
pub(crate) async fn run(config: &Config) -> Result<Answer> {
    let location = store::location(config);
    let place = store::place(config);
    let applied = tokio::task::spawn_blocking(move || location.migrate())
        .await
        .context("the migration was cut off")?
        .map_err(|error| store::unopened(config, error))?;
    let text = if applied.is_empty() {
        format!("The schema of the store in {place} is up to date.")
    } else {
        format!("Applied to the store in {place}: {}.", applied.join(", "))
    };
    Ok(Answer::new(json!({ "applied": applied }), text))
}
