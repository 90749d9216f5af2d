//! Progress of long work, on standard error, where that is a terminal.

use std::{io::IsTerminal as _, time::Duration};

use directory::Copied;
use indicatif::{ProgressBar, ProgressStyle};

/// How often it moves.
const TICK: Duration = Duration::from_millis(120);

/// A bar over so many pieces.
pub(crate) fn bar(pieces: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(pieces as u64);
    // The template is a constant; should it ever be wrong, the plain style stays.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}

/// A message that changes. Programs (`json`) get none.
pub(crate) fn spinner(json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(TICK);
    spinner
}

/// A bar over bytes; how many there are is told later.
pub(crate) fn bytes(what: &'static str) -> ProgressBar {
    let bar = bar(0);
    let style = "{spinner} {msg} {wide_bar} {binary_bytes}/{binary_total_bytes}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// Moves a bar over bytes.
pub(crate) fn show(bar: &ProgressBar, Copied { done, of }: Copied) {
    bar.set_length(of);
    bar.set_position(done);
}
