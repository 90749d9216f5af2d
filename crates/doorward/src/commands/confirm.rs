//! [`confirm()`]: asking before something is gone for good.

use std::io::{self, BufRead as _, IsTerminal as _};

use anyhow::{Result, bail};

use crate::answer::complain;

/// Goes on if the person is sure: by `--yes`, or by typing a word at a terminal. Where there is no
/// terminal there is no one to ask, so nothing is done without `--yes`.
pub(crate) fn confirm(yes: bool, question: &str, word: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("{question} There is no terminal to ask at, so give `--yes` to go on");
    }
    complain(&format!("{question}\nType {word} to go on:"));
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed)?;
    if typed.trim() != word {
        bail!("nothing was deleted");
    }
    Ok(())
}
