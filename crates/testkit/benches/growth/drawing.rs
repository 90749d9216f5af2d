//! The drawing: medians over sizes, one panel for each engine, both axes logarithmic.

use std::fmt::{self, Write as _};

use bench::{drawing, figures::grouped};
use testkit::Engine;

use crate::{operation::Operation, report::Report, site::name};

/// What is drawn: its name, colour and dashes.
const LINES: [(Operation, &str, &str, &str); 6] = [
    (Operation::AddMember, "add one member to a group of N", "#d55e00", ""),
    (Operation::ClearGroup, "empty a group of N", "#cc79a7", "2 3"),
    (Operation::CreateUser, "create a user", "#0a9f74", "7 3"),
    (Operation::MiddlePage, "the page in the middle of N users", "#2f81d6", ""),
    (Operation::ByUserName, "look up a userName", "#b58900", "2 3"),
    (Operation::GetGroup, "read a group of N without its members", "#8a63d2", "7 3"),
];

const PANEL: Area = Area { width: 330.0, height: 250.0 };
const LEFT: f64 = 66.0;
const TOP: f64 = 34.0;
const GAP: f64 = 76.0;
const LEGEND: f64 = 56.0;

struct Area {
    width: f64,
    height: f64,
}

/// From a time or size to a place on an axis.
struct Scale {
    low: f64,
    high: f64,
    length: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let (low, high) = (self.low.log10(), self.high.log10());
        (value.log10() - low) / (high - low) * self.length
    }
}

/// The whole drawing.
pub(crate) fn svg(report: &Report) -> String {
    let mut text = String::new();
    draw(report, &mut text).expect("writing to a text cannot fail");
    text
}

fn draw(report: &Report, out: &mut String) -> fmt::Result {
    let panels = f64::from(u32::try_from(report.engines().len()).unwrap_or(1));
    let width = LEFT + panels * PANEL.width + (panels - 1.0) * GAP + 24.0;
    let rows = if panels > 1.0 { 3.0 } else { 6.0 };
    let height = TOP + PANEL.height + LEGEND + rows * 20.0 + 8.0;
    let title = "Cost of operations over the size of the organization and of the group";
    drawing::begin(out, width, height, title)?;
    let mut left = LEFT;
    for engine in report.engines() {
        panel(report, *engine, left, out)?;
        left += PANEL.width + GAP;
    }
    legend(panels > 1.0, out)?;
    writeln!(out, "</svg>")
}

fn panel(report: &Report, engine: Engine, left: f64, out: &mut String) -> fmt::Result {
    let across =
        Scale { low: size(report.smallest()), high: size(report.largest()), length: PANEL.width };
    let up = Scale { low: 100.0, high: 100_000.0, length: PANEL.height };
    let bottom = TOP + PANEL.height;
    writeln!(
        out,
        "<text x=\"{left}\" y=\"20\" font-weight=\"600\" font-size=\"14\">{}</text>",
        name(engine)
    )?;
    for (time, label) in
        [(100.0, "0.1 ms"), (1_000.0, "1 ms"), (10_000.0, "10 ms"), (100_000.0, "100 ms")]
    {
        let y = bottom - up.at(time);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            left + PANEL.width,
            left - 8.0,
            y + 4.0
        )?;
    }
    for number in report.sizes() {
        let x = left + across.at(size(*number));
        writeln!(
            out,
            "<text class=\"soft\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 18.0,
            grouped(*number)
        )?;
    }
    writeln!(
        out,
        "<text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">N: users, and members \
         of the group</text>",
        left + PANEL.width / 2.0,
        bottom + 36.0
    )?;
    steep(&across, &up, left, out)?;
    for (operation, _, colour, dashes) in LINES {
        let mut points = String::new();
        for number in report.sizes() {
            let time = report.median(engine, *number, operation).as_secs_f64() * 1e6;
            let (x, y) = (left + across.at(size(*number)), bottom - up.at(time.max(100.0)));
            write!(points, "{x:.1},{y:.1} ")?;
            writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>")?;
        }
        writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
             stroke-dasharray=\"{dashes}\"/>",
            points.trim_end()
        )?;
    }
    Ok(())
}

/// What a cost would look like that grows as the group does.
fn steep(across: &Scale, up: &Scale, left: f64, out: &mut String) -> fmt::Result {
    let bottom = TOP + PANEL.height;
    let (from, decades) = (200.0, (up.high / 200.0_f64).log10());
    let end = across.low * 10_f64.powf(decades);
    let (x, y) = (left + across.at(end.min(across.high)), bottom - up.at(from * end / across.low));
    writeln!(
        out,
        "<line class=\"steep\" x1=\"{left}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{y:.1}\" \
         stroke-dasharray=\"1 4\" stroke-linecap=\"round\"/>\
         <text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\">as steep \
         as N</text>",
        bottom - up.at(from),
        x - 30.0,
        y + 16.0
    )
}

fn legend(columns: bool, out: &mut String) -> fmt::Result {
    for (at, (_, label, colour, dashes)) in (0_u32..).zip(LINES) {
        let (column, row) = if columns { (at / 3, at % 3) } else { (0, at) };
        let x = LEFT + f64::from(column) * (PANEL.width + GAP);
        let y = TOP + PANEL.height + LEGEND + f64::from(row) * 20.0;
        writeln!(
            out,
            "<line x1=\"{x}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{colour}\" \
             stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{label}</text>",
            x + 26.0,
            x + 34.0,
            y + 4.0
        )?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "sizes are small")]
fn size(number: usize) -> f64 {
    number as f64
}
