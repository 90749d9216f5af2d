//! `doorward completions`

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

use crate::{answer::Answer, cli, output::stream};

/// `doorward completions`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

pub(crate) async fn run(options: &Options) -> Result<Answer> {
    stream(async |output| {
        clap_complete::generate(options.shell, &mut cli::command(), "doorward", output);
        Ok(())
    })
    .await
}
