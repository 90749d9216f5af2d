//! `doorward man`

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use crate::{answer::Answer, cli};

/// `doorward man`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write a page for each command into this directory, such as /usr/local/share/man/man1
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<Answer> {
    let Some(directory) = &options.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(cli::command()).render(&mut page)?;
        let page = String::from_utf8(page).context("the page is no text")?;
        return Ok(Answer::new(json!({ "page": page }), page));
    };
    let cannot = || format!("cannot write the pages into {}", directory.display());
    fs::create_dir_all(directory).with_context(cannot)?;
    clap_mangen::generate_to(cli::command(), directory).with_context(cannot)?;
    let place = directory.display().to_string();
    let text = format!("The pages are in {place}; `man -l {place}/doorward.1` shows the first.");
    Ok(Answer::new(json!({ "directory": place }), text))
}
