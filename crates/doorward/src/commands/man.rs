//! `doorward man`

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use crate::{answer::Answer, cli, output::stream};

/// `doorward man`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write a page for each command into this directory, such as /usr/local/share/man/man1
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<Answer> {
    let Some(directory) = &options.directory else {
        return stream(async |output| {
            clap_mangen::Man::new(cli::command()).render(output)?;
            Ok(())
        })
        .await;
    };
    let cannot = || format!("cannot write the pages into {}", directory.display());
    fs::create_dir_all(directory).with_context(cannot)?;
    clap_mangen::generate_to(cli::command(), directory).with_context(cannot)?;
    let place = directory.display().to_string();
    let text = format!("The pages are in {place}; `man -l {place}/doorward.1` shows the first.");
    Ok(Answer::new(json!({ "directory": place }), text))
}
