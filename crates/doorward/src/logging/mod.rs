//! Logs: lines on standard error, for people on a terminal and as JSON for everything else.
//!
//! Standard output belongs to the commands. No line can hold a secret, because tokens, passwords
//! and [`DatabaseUrl`](crate::config::DatabaseUrl) are types that print without them, and nothing
//! logs the headers or the body of a request.

mod buffer;
mod json;

use std::{
    io::{self, IsTerminal},
    sync::OnceLock,
};

use anyhow::{Context, Result};
use tracing::Subscriber;
use tracing_subscriber::{
    filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use self::buffer::Buffer;
use crate::config::{Format, Log};

/// Where the lines of a server are gathered.
static GATHERED: OnceLock<Buffer> = OnceLock::new();

/// Starts logging for the whole process.
///
/// # Errors
///
/// Logging was started before, or the filter is not one (which [`Config`](crate::config::Config)
/// has checked).
pub fn start(log: &Log) -> Result<()> {
    let terminal = io::stderr().is_terminal();
    subscriber(log, terminal, io::stderr)?.try_init().context("logging was started twice")
}

/// The same for a server: away from a terminal, where there is a line for each request, lines are gathered
/// for a moment and written together. [`flush`] writes the last of them.
///
/// # Errors
///
/// As [`start`]; no thread can be started.
pub fn start_gathering(log: &Log) -> Result<()> {
    if io::stderr().is_terminal() {
        return start(log);
    }
    let buffer = Buffer::start().context("cannot start the thread that writes the log")?;
    let buffer = GATHERED.get_or_init(|| buffer).clone();
    subscriber(log, false, buffer)?.try_init().context("logging was started twice")
}

/// Writes the lines that were gathered until now.
pub fn flush() {
    if let Some(buffer) = GATHERED.get() {
        buffer.flush();
    }
}

/// What turns events into lines.
fn subscriber<W>(log: &Log, terminal: bool, writer: W) -> Result<Box<dyn Subscriber + Send + Sync>>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter: Targets = log.filter.parse().context("the log filter is not one")?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let json = match log.format {
        Format::Auto => !terminal,
        Format::Pretty => false,
        Format::Json => true,
    };
    Ok(if json {
        Box::new(registry.with(layer.fmt_fields(json::Members).event_format(json::Json)))
    } else if terminal {
        // In colour, unless NO_COLOR is set.
        Box::new(registry.with(layer))
    } else {
        Box::new(registry.with(layer.with_ansi(false)))
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::subscriber;
    use crate::config::{Config, Flags, Format, Log};

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written while `work` runs.
    fn lines(format: Format, terminal: bool, work: impl FnOnce()) -> String {
        filtered("info", format, terminal, work)
    }

    fn filtered(filter: &str, format: Format, terminal: bool, work: impl FnOnce()) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let log = Log { filter: filter.to_owned(), format };
        let subscriber = subscriber(&log, terminal, move || writer.clone()).expect("valid");
        tracing::subscriber::with_default(subscriber, work);
        let bytes = captured.0.lock().expect("no panic").clone();
        String::from_utf8(bytes).expect("text")
    }

    fn work() {
        let _span = tracing::info_span!("request", method = "GET").entered();
        tracing::debug!("too fine");
        tracing::info!(status = 200, "answered\nin two lines");
    }

    #[test]
    fn away_from_a_terminal_each_event_is_one_line_of_json() {
        for (format, terminal) in [(Format::Auto, false), (Format::Json, true)] {
            let text = lines(format, terminal, work);
            assert_eq!(text.lines().count(), 1, "{text}");
            let event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(event["message"], "answered\nin two lines");
            assert_eq!(event["status"], 200);
            assert_eq!(event["level"], "INFO");
            assert_eq!(event["target"], "doorward::logging::tests");
            assert_eq!(event["span"], serde_json::json!({ "name": "request", "method": "GET" }));
        }
    }

    #[test]
    fn values_of_every_kind_are_read_again() {
        let text = lines(Format::Json, false, || {
            let span = tracing::info_span!("work", count = tracing::field::Empty, who = %"a \"b\"");
            let _span = span.enter();
            span.record("count", 3);
            let (missing, some) = (None::<&str>, Some(1.5));
            tracing::info!(missing, some, endless = f64::NAN, yes = true, low = -1, list = ?["a\n"], "said");
        });
        let event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let expected = serde_json::json!({
            "some": 1.5, "endless": null, "yes": true, "low": -1, "list": "[\"a\\n\"]", "message": "said",
            "span": { "name": "work", "who": "a \"b\"", "count": 3 },
        });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(event[name], *value, "{name}: {text}");
        }
        assert!(event.get("missing").is_none(), "{text}");
    }

    #[test]
    fn on_a_terminal_events_are_for_people() {
        for (format, terminal) in [(Format::Auto, true), (Format::Pretty, false)] {
            let text = lines(format, terminal, work);
            assert!(text.contains("answered") && !text.starts_with('{'), "{text}");
            assert!(!text.contains("too fine"), "{text}");
        }
    }

    #[test]
    fn each_module_has_the_level_that_was_asked_for() {
        let said = |filter: &str| {
            let text = filtered(filter, Format::Json, false, || {
                tracing::debug!(target: "server::scim", "server debug");
                tracing::info!(target: "directory", "directory info");
                tracing::warn!(target: "directory", "directory warn");
            });
            let parts = ["server debug", "directory info", "directory warn"];
            parts.map(|part| text.contains(part))
        };
        assert_eq!(said("info"), [false, true, true]);
        assert_eq!(said("warn"), [false, false, true]);
        assert_eq!(said("warn,server=debug"), [true, false, true]);
        assert_eq!(said("server=debug"), [true, false, false]);
        assert_eq!(said("off"), [false; 3]);
    }

    #[test]
    fn the_whole_configuration_can_be_logged_without_its_secrets() {
        let url = "postgres://me:hunter2@db/door?password=hunter2";
        let flags = Flags { database_url: Some(url.into()), ..Flags::default() };
        let config = Config::load(None, std::iter::empty(), flags.clone()).expect("valid");
        let text = lines(Format::Json, false, || {
            tracing::info!(?config, ?flags, "started");
        });
        assert!(text.contains("me:***@db") && !text.contains("hunter2"), "{text}");
    }
}
