//! [`Sink`]: the shape of an export.

use anyhow::Result;
use serde_json::json;

use super::Format;
use crate::output::Output;

/// Lines for spreadsheets, or objects for programs.
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub(super) enum Sink<'o> {
    Csv(csv::Writer<&'o mut Output>),
    Json(&'o mut Output),
    Lines(&'o mut Output),
}

impl<'o> Sink<'o> {
    pub(super) fn new(format: Format, output: &'o mut Output) -> Self {
        match format {
            Format::Csv => Self::Csv(csv::Writer::from_writer(output)),
            Format::Json => Self::Json(output),
            Format::Jsonl => Self::Lines(output),
        }
    }

    /// Begins: the headings of the lines, or the name of the list of objects.
    pub(super) fn begin(
        &mut self,
        name: &str,
        headings: impl IntoIterator<Item = &'static str>,
    ) -> Result<()> {
        match self {
            Self::Csv(writer) => writer.write_record(headings)?,
            Self::Json(output) => {
                output.begin(&json!({}))?;
                output.list(name)?;
            }
            Self::Lines(_) => {}
        }
        Ok(())
    }

    /// A record in its shape.
    pub(super) fn record(
        &mut self,
        cells: impl FnOnce() -> Vec<String>,
        object: impl FnOnce() -> String,
    ) -> Result<()> {
        match self {
            Self::Csv(writer) => writer.write_record(cells().into_iter().map(harmless))?,
            Self::Json(output) => output.element(&object())?,
            Self::Lines(output) => output.text(&format!("{}\n", object()))?,
        }
        Ok(())
    }

    pub(super) fn end(self) -> Result<()> {
        match self {
            Self::Csv(mut writer) => writer.flush()?,
            Self::Json(output) => {
                output.end_list()?;
                output.end(&json!({}))?;
            }
            Self::Lines(_) => {}
        }
        Ok(())
    }
}

/// A cell that no spreadsheet takes for a formula. The values come from whoever may edit a profile
/// at the provider; the file is opened by an administrator.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "Ada", "a=b", "'quoted", "x-y"] {
            assert_eq!(harmless(cell.to_owned()), cell);
        }
    }
}
