//! `log` and `log_format`.

use tracing_subscriber::EnvFilter;

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

pub(super) fn read(settings: &mut Settings) -> Log {
    let mut log = Log { filter: "info".to_owned(), format: Format::Auto };
    settings.set("log", &mut log.filter, |raw| {
        let filter = text(raw)?;
        match EnvFilter::try_new(filter) {
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
