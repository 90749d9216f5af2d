//! [`Progress`]: a bar on standard error, when someone watches.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar, or nothing.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// `wanted` is not enough: a log file is no place for a bar.
    pub(crate) fn new(wanted: bool) -> Self {
        if !wanted || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Self(bar)
    }

    /// Says which step runs.
    pub(crate) fn step(&self, area: &str, name: &str) {
        self.0.set_message(format!("{area}: {name}"));
    }

    /// Begins to count up to `total`.
    pub(crate) fn count(&self, total: usize) {
        // The template is a constant; should it ever be wrong, the old style stays.
        if let Ok(style) =
            ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}")
        {
            self.0.set_style(style);
        }
        self.0.set_length(total as u64);
        self.0.set_position(0);
    }

    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
