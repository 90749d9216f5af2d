//! Tables for people.

use comfy_table::{ContentArrangement, Table, presets};

/// Columns without lines: easy to copy from, and never wrapped.
pub(crate) fn columns<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.map(str::to_uppercase)).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n", lines.join("\n"))
}

/// A table with lines. It is fitted to a terminal that has room for one.
pub(crate) fn framed<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    // Some terminals say that they have no width at all.
    if table.width().is_some_and(|width| width >= 60) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(header).add_rows(rows);
    format!("{table}\n")
}

/// Names and values in a box. The values are for copying, so they are never wrapped.
pub(crate) fn boxed<const N: usize>(rows: [[&str; 2]; N]) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.add_rows(rows);
    format!("{table}\n")
}

#[cfg(test)]
mod tests {
    use super::{boxed, columns};

    #[test]
    fn columns_are_aligned_and_end_without_blanks() {
        let text = columns(
            ["slug", "name"],
            [["a".to_owned(), "Acme".to_owned()], ["longer".to_owned(), String::new()]],
        );
        assert_eq!(text, "SLUG    NAME\na       Acme\nlonger\n");
    }

    #[test]
    fn a_long_value_stays_on_one_line() {
        let value = "x".repeat(500);
        let text = boxed([["API token", &value]]);
        assert!(text.lines().any(|line| line.contains(&value)), "{text}");
    }
}
