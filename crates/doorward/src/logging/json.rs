//! [`Json`]: a log line as an object of JSON, written straight into its text.
//!
//! There is a line for each request, so what it costs is part of what each request costs. The one of
//! `tracing-subscriber` builds a span's fields as JSON, reads them again for each line within it, and writes
//! a character at a time: a seventh of a small request.

use std::fmt::{self, Write as _};

use directory::{Clock as _, SystemClock};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

/// An object on one line: `timestamp`, `level`, the fields of the event, `target`, and as `span` the fields and
/// the `name` of what it happened in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let about = event.metadata();
        let mut line = String::with_capacity(512);
        write!(
            line,
            "{{\"timestamp\":\"{:.6}\",\"level\":\"{}\"",
            SystemClock.now().timestamp(),
            about.level()
        )?;
        let mut fields = Fields { text: &mut line, target: None, is_first: false };
        event.record(&mut fields);
        let target = fields.target.take();
        line.push_str(",\"target\":");
        quote(&mut line, target.as_deref().unwrap_or(about.target()));
        if let Some(span) = context.lookup_current() {
            line.push_str(",\"span\":{\"name\":");
            quote(&mut line, span.name());
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && !fields.is_empty()
            {
                line.push(',');
                line.push_str(fields);
            }
            line.push('}');
        }
        line.push_str("}\n");
        writer.write_str(&line)
    }
}

/// The fields of a span, as the members of an object without its braces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members;

impl<'w> FormatFields<'w> for Members {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut text = String::new();
        fields.record(&mut Fields { text: &mut text, target: None, is_first: true });
        writer.write_str(&text)
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let is_first = current.fields.is_empty();
        fields.record(&mut Fields { text: &mut current.fields, target: None, is_first });
        Ok(())
    }
}

/// Writes fields as members of an object, one after the other.
struct Fields<'t> {
    text: &'t mut String,
    /// Where an event of the crate `log` comes from, which tells it as a field.
    target: Option<String>,
    /// Whether no member stands before.
    is_first: bool,
}

impl Fields<'_> {
    /// Begins a member. `false`: it is none for readers.
    fn begin(&mut self, field: &Field) -> bool {
        let name = field.name();
        if name.starts_with("log.") {
            return false;
        }
        if !std::mem::take(&mut self.is_first) {
            self.text.push(',');
        }
        quote(self.text, name.strip_prefix("r#").unwrap_or(name));
        self.text.push(':');
        true
    }

    /// A member whose value is JSON as it is displayed.
    fn plain(&mut self, field: &Field, value: impl fmt::Display) {
        if self.begin(field) {
            // A text can always be written to.
            let _ = write!(self.text, "{value}");
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.plain(field, value);
        } else {
            self.plain(field, "null");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        if self.begin(field) {
            quote(self.text, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.begin(field) {
            self.text.push('"');
            let _ = write!(Escaped(self.text), "{value:?}");
            self.text.push('"');
        }
    }
}

/// Writes a text as JSON has it (RFC 8259 §7).
fn quote(into: &mut String, text: &str) {
    into.push('"');
    // A text can always be written to.
    let _ = Escaped(into).write_str(text);
    into.push('"');
}

/// What is written to it stands inside of a text of JSON.
struct Escaped<'t>(&'t mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
            let (plain, end) = rest.split_at(at);
            self.0.push_str(plain);
            let mut end = end.chars();
            match end.next() {
                Some(sign @ ('"' | '\\')) => self.0.extend(['\\', sign]),
                Some('\n') => self.0.push_str("\\n"),
                Some('\r') => self.0.push_str("\\r"),
                Some('\t') => self.0.push_str("\\t"),
                Some(sign) => write!(self.0, "\\u{:04x}", u32::from(sign))?,
                None => {}
            }
            rest = end.as_str();
        }
        self.0.push_str(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn any_text_is_read_again_as_it_was() {
        let all: String = ('\0'..='\u{ff}').chain("e\u{301}\u{2028}😀".chars()).collect();
        for text in ["", "plain", "a\"b\\c\n\r\t\u{7}d", all.as_str()] {
            let mut json = String::new();
            quote(&mut json, text);
            assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
            assert!(!json.contains('\n'));
        }
    }
}
