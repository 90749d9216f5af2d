//! `log` and `log_format`.

use tracing_subscriber::filter::Targets;

use super::settings::{Settings, text};

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A level (`info`), or levels by module (`info,server=debug`).
    pub filter: String,
    /// The shape of a line.
    pub format: Format,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people where standard error is a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object per line.
    Json,
}

impl Log {
    /// What is logged where nothing was configured.
    pub const DEFAULT_FILTER: &str = "info";

    /// The same for a command that answers one question: unless something else is asked for, it
    /// only tells what is wrong.
    #[must_use]
    pub fn quiet(&self) -> Self {
        let filter = if self.filter == Self::DEFAULT_FILTER { "warn" } else { &self.filter };
        Self { filter: filter.to_owned(), format: self.format }
    }
}

pub(super) fn read(settings: &mut Settings) -> Log {
    let mut log = Log { filter: Log::DEFAULT_FILTER.to_owned(), format: Format::Auto };
    settings.set("log", &mut log.filter, |raw| {
        let filter = text(raw)?;
        match filter.parse::<Targets>() {
            Ok(_) => Ok(filter.to_owned()),
            Err(error) => Err(format!("is not a filter such as \"info,server=debug\": {error}")),
        }
    });
    settings.set("log_format", &mut log.format, |raw| match text(raw)? {
        "auto" => Ok(Format::Auto),
        "pretty" => Ok(Format::Pretty),
        "json" => Ok(Format::Json),
        _ => Err("must be \"auto\", \"pretty\" or \"json\"".to_owned()),
    });
    log
}
