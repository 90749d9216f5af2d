//! Times as pages show them: in UTC, to the minute, and exactly for programs.

use std::{fmt, time::Duration};

use askama::filters::HtmlSafe;
use directory::Time;

/// A time in a page: `<time datetime="...">27 Nov 2026, 10:02</time>`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(pub(super) Time);

impl HtmlSafe for Moment {}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(time) = self;
        write!(
            f,
            "<time datetime=\"{time}\">{} UTC</time>",
            time.timestamp().strftime("%-d %b %Y, %H:%M")
        )
    }
}

/// The time of day, for what happened just now.
pub(super) fn clock(time: Time) -> String {
    time.timestamp().strftime("%H:%M").to_string()
}

/// How long ago something was, as people say it.
pub(super) fn ago(time: Time, now: Time) -> String {
    span(Duration::from_micros(u64::try_from(now.as_micros() - time.as_micros()).unwrap_or(0)))
        + " ago"
}

/// A span of time in its largest unit.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0..60 => return "less than a minute".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
