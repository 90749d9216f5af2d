//! `doorward restore`

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use doorward::config::Config;
use serde_json::json;

use super::{backup, progress, store, verify};
use crate::{answer::Answer, words::count};

/// `doorward restore`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A file that `doorward backup` made
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Puts a copy of a store where none is, after every row of it was checked.
pub(crate) async fn run(options: Options, config: &Config) -> Result<Answer> {
    backup::on_sqlite(config, "pg_restore --dbname=URL FILE")?;
    let Options { file } = options;
    let (location, shown) = (store::location(config), file.display().to_string());
    let bar = progress::bytes("copying");
    let moved = bar.clone();
    let staged = tokio::task::spawn_blocking(move || {
        location.stage(&file, &mut |copied| progress::show(&moved, copied))
    });
    let staged = staged.await.context("the copy was cut off")?;
    bar.finish_and_clear();
    let staged = staged
        .map_err(|error| store::unopened(config, error).context(format!("cannot take {shown}")))?;
    let copy = store::open_copy(config, staged.location()).await?;
    let checked = verify::check(&store::installation(&copy), None).await;
    store::close(copy).await?;
    let checked = checked?;
    if let Some(what) = checked.first_wrong() {
        bail!("{shown} is not put in place, because it is not sound: {what}");
    }
    let placed = tokio::task::spawn_blocking(move || staged.put_in_place());
    let placed = placed.await.context("putting the copy in place was cut off")?;
    placed.map_err(|error| store::unopened(config, error))?;
    let (place, organizations) = (store::place(config), checked.organizations());
    let text = format!(
        "{shown} was checked row by row, and is the store in {place} now: {}.",
        count(organizations as u64, "organization")
    );
    Ok(Answer::new(json!({ "file": shown, "organizations": organizations }), text))
}
