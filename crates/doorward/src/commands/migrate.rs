//! `doorward migrate`

use anyhow::{Context as _, Result};
use doorward::config::Config;
use serde_json::json;

use super::store;
use crate::answer::Answer;

/// Brings the schema up to date. Every other command that opens the store does so too; this one
/// does nothing else, so that it can be a step of its own.
pub(crate) async fn run(config: &Config) -> Result<Answer> {
    let location = store::location(config);
    let place = store::place(config);
    let applied = tokio::task::spawn_blocking(move || location.migrate())
        .await
        .context("the migration was cut off")?
        .with_context(|| format!("cannot migrate the store in {place}"))?;
    let text = if applied.is_empty() {
        format!("The schema of the store in {place} is up to date.")
    } else {
        format!("Applied to the store in {place}: {}.", applied.join(", "))
    };
    Ok(Answer::new(json!({ "applied": applied }), text))
}
