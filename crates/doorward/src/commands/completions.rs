//! `doorward completions`

use anyhow::{Context as _, Result};
use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use crate::{answer::Answer, cli};

/// `doorward completions`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(options: &Options) -> Result<Answer> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut cli::command(), "doorward", &mut script);
    let script = String::from_utf8(script).context("the script is no text")?;
    Ok(Answer::new(json!({ "shell": options.shell.to_string(), "script": script }), script))
}
