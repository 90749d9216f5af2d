//! Tables for people, in one style: columns without lines, which are easy to copy from, and at most
//! 100 columns of text wide.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Row, Table as Drawn, Width, presets,
};

/// So wide a table is, unless what must stay whole is wider.
const WIDTH: u16 = 100;
/// A narrower terminal is not a reason to cut what is shown any further.
const NARROWEST: u16 = 60;
/// Between two columns.
const GAP: u16 = 2;
/// No column of text becomes narrower than this.
const READABLE: u16 = 8;

/// A column: its heading, and what becomes of a cell for which there is no room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    heading: &'static str,
    long: Long,
    right: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Long {
    Whole,
    Cut,
    Wrapped,
}

/// A column whose cells stay whole: ids and other things for copying, dates, words of ours.
pub(crate) const fn whole(heading: &'static str) -> Column {
    Column { heading, long: Long::Whole, right: false }
}

/// A column of numbers.
pub(crate) const fn number(heading: &'static str) -> Column {
    Column { heading, long: Long::Whole, right: true }
}

/// A column whose cells are shortened to fit, and then end with `…`.
pub(crate) const fn cut(heading: &'static str) -> Column {
    Column { heading, long: Long::Cut, right: false }
}

/// A column whose cells continue on the next line.
pub(crate) const fn wrapped(heading: &'static str) -> Column {
    Column { heading, long: Long::Wrapped, right: false }
}

/// A table that is shown page by page, so that its length costs no memory. The first page decides
/// how wide the columns are.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    widths: Option<[u16; N]>,
}

/// A table that is shown as a whole.
pub(crate) fn columns<const N: usize>(
    columns: [Column; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    Table::new(columns).page(rows)
}

/// What is known of one thing: names and values. The values stay whole.
pub(crate) fn sheet<'r, V: Into<String>>(rows: impl IntoIterator<Item = (&'r str, V)>) -> String {
    let mut drawn = drawn();
    drawn.add_rows(rows.into_iter().map(|(name, value)| [name.to_owned(), value.into()]));
    text(&mut drawn)
}

/// `2026-11-21T08:30:00.123Z` as `2026-11-21 08:30:00`: there is not room for more in a table.
pub(crate) fn to_the_second(time: &str) -> String {
    time.split('.').next().unwrap_or_default().replace('T', " ")
}

/// A text of one paragraph, with something in front of each line.
pub(crate) fn paragraph(indent: &str, text: &str) -> String {
    let mut drawn = drawn();
    drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX);
    drawn.add_row([one_line(text)]);
    let room = usize::from(WIDTH).saturating_sub(indent.len());
    if let Some(column) = drawn.column_mut(0) {
        let width = Width::Fixed(u16::try_from(room).unwrap_or(WIDTH));
        column.set_padding((0, 0)).set_constraint(ColumnConstraint::Absolute(width));
    }
    let mut text = String::new();
    for line in drawn.lines() {
        text.push_str(indent);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(columns: [Column; N]) -> Self {
        Self { columns, widths: None }
    }

    /// The next rows, as lines. The headings stand above the first.
    pub(crate) fn page(&mut self, rows: impl IntoIterator<Item = [String; N]>) -> String {
        let mut drawn = drawn();
        let first = self.widths.is_none();
        let cuts = !self.columns.iter().any(|column| column.long == Long::Wrapped);
        let headings = first.then(|| self.columns.map(|column| column.heading.to_uppercase()));
        for cells in headings.into_iter().chain(rows) {
            let mut row = Row::from(cells.map(|cell| one_line(&cell)));
            if cuts {
                row.max_height(1);
            }
            drawn.add_row(row);
        }
        let natural = drawn.column_max_content_widths();
        let natural: [u16; N] = std::array::from_fn(|at| natural.get(at).copied().unwrap_or(0));
        let widths = *self.widths.get_or_insert_with(|| fitted(&self.columns, natural));
        drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX);
        for (at, (shown, column)) in drawn.column_iter_mut().zip(self.columns).enumerate() {
            let width = match column.long {
                // On a later page a number may be longer than on the first.
                Long::Whole => natural[at].max(widths[at]),
                Long::Cut | Long::Wrapped => widths[at],
            };
            shown.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + GAP)));
            if column.long == Long::Cut {
                // Nothing is a place to break at: the line is full when it is cut.
                shown.set_delimiter('\0');
            }
            if column.right {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
        text(&mut drawn)
    }
}

fn drawn() -> Drawn {
    let mut drawn = Drawn::new();
    drawn
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_truncation_indicator("…");
    drawn
}

fn text(drawn: &mut Drawn) -> String {
    for column in drawn.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let mut text = String::new();
    for line in drawn.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A cell without control characters: what providers send must not move the cursor.
fn one_line(cell: &str) -> String {
    cell.replace(char::is_control, " ")
}

/// How wide each column is: as wide as its widest cell, or as there is room.
fn fitted<const N: usize>(columns: &[Column; N], natural: [u16; N]) -> [u16; N] {
    let terminal = Drawn::new().width().filter(|width| *width >= NARROWEST);
    let room = terminal.unwrap_or(WIDTH).min(WIDTH);
    let mut widths = natural;
    loop {
        let gaps = GAP * u16::try_from(N.saturating_sub(1)).unwrap_or(u16::MAX);
        let total = widths.iter().fold(gaps, |sum, width| sum.saturating_add(*width));
        let widest = (0..N)
            .filter(|at| columns[*at].long != Long::Whole && widths[*at] > READABLE)
            .max_by_key(|at| widths[*at]);
        match widest {
            Some(at) if total > room => widths[at] -= 1,
            _ => return widths,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, columns, cut, number, sheet, to_the_second, whole, wrapped};

    const ID: &str = "5f8a4c1e-0000-4000-8000-00000000d00d";

    fn owned<const N: usize>(cells: [&str; N]) -> [String; N] {
        cells.map(str::to_owned)
    }

    #[test]
    fn columns_are_aligned_and_end_without_blanks() {
        let text = columns(
            [whole("slug"), number("users"), cut("name")],
            [owned(["a", "7", "Acme"]), owned(["longer", "1000", ""])],
        );
        assert_eq!(text, "SLUG    USERS  NAME\na           7  Acme\nlonger   1000\n");
    }

    #[test]
    fn a_time_in_a_table_ends_with_its_second() {
        assert_eq!(to_the_second("2026-11-21T08:30:00.123Z"), "2026-11-21 08:30:00");
    }

    #[test]
    fn what_has_no_room_is_cut_or_wrapped_and_ids_stay_whole() {
        let long = "word ".repeat(40);
        let text = columns([whole("id"), cut("name")], [owned([ID, &long])]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[1].starts_with(ID) && lines[1].ends_with('…'), "{text}");
        assert_eq!(lines[1].chars().count(), 100, "{text}");

        let text = columns([whole("id"), wrapped("text")], [owned([ID, &long])]);
        assert!(text.lines().count() > 3 && text.lines().all(|line| line.len() <= 100), "{text}");
        assert_eq!(text.matches("word").count(), 40, "{text}");
    }

    #[test]
    fn later_pages_stand_under_the_first() {
        let mut table = Table::new([number("event"), cut("name"), whole("end")]);
        let first = table.page([owned(["1", &"x".repeat(200), "end"])]);
        let second = table.page([owned(["2", "y", "end"])]);
        assert!(first.starts_with("EVENT") && first.lines().count() == 2, "{first}");
        assert_eq!(second.lines().count(), 1, "{second}");
        let end = |text: &str| {
            let line = text.lines().last().expect("a line");
            line.chars().count() - line.chars().rev().take(3).count()
        };
        assert_eq!(end(&first), end(&second), "{first}{second}");
    }

    #[test]
    fn a_cell_is_one_line() {
        let text = columns([cut("name"), whole("end")], [owned(["a\nb\u{1b}[2J", "end"])]);
        assert_eq!(text, "NAME     END\na b [2J  end\n");
    }

    #[test]
    fn a_value_on_a_sheet_stays_whole() {
        let value = "x".repeat(500);
        let text = sheet([("API token", value.as_str()), ("state", "live")]);
        assert_eq!(text, format!("API token  {value}\nstate      live\n"));
    }
}
