//! Medians over sizes, one panel for users and one for groups, both axes logarithmic.

use std::fmt::{self, Write as _};

use super::{Measured, Row};
use crate::{
    drawing::begin,
    figures::{grouped, number},
};

const WIDTH: f64 = 330.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 66.0;
const TOP: f64 = 34.0;
const GAP: f64 = 76.0;
/// Of a line of the legend.
const LINE: f64 = 18.0;
/// Colours and dashes, which repeat.
const COLOURS: [&str; 5] = ["#d55e00", "#2f81d6", "#0a9f74", "#b58900", "#8a63d2"];
const DASHES: [&str; 2] = ["", "6 3"];
/// The axis of times, in microseconds.
const TIMES: [(f64, &str); 5] =
    [(1e2, "0.1 ms"), (1e3, "1 ms"), (1e4, "10 ms"), (1e5, "100 ms"), (1e6, "1 s")];

/// The whole drawing.
pub(super) fn svg(measured: &Measured) -> String {
    let mut text = String::new();
    draw(measured, &mut text).expect("writing to a text cannot fail");
    text
}

fn draw(measured: &Measured, out: &mut String) -> fmt::Result {
    let Measured { sizes, members, users, groups, .. } = measured;
    let lines = number(users.len().max(groups.len()));
    let (width, height) = (LEFT + 2.0 * WIDTH + GAP + 24.0, TOP + HEIGHT + 56.0 + lines * LINE);
    begin(
        out,
        width,
        height,
        "Cost of operations over the size of the organization, and of the group",
    )?;
    panel(out, LEFT, "Users of the organization", sizes, users)?;
    panel(out, LEFT + WIDTH + GAP, "Members of the group", members, groups)?;
    writeln!(out, "</svg>")
}

fn panel(out: &mut String, left: f64, title: &str, sizes: &[usize], rows: &[Row]) -> fmt::Result {
    let bottom = TOP + HEIGHT;
    let (low, high) = (sizes.first().copied(), sizes.last().copied());
    let (low, high) = (number(low.unwrap_or(1)).log10(), number(high.unwrap_or(10)).log10());
    let across = |size: usize| left + (number(size).log10() - low) / (high - low).max(1.0) * WIDTH;
    let (first, last) = (TIMES[0].0.log10(), TIMES[TIMES.len() - 1].0.log10());
    let up = |time: f64| {
        let share = (time.log10() - first) / (last - first);
        bottom - share.clamp(0.0, 1.0) * HEIGHT
    };
    writeln!(
        out,
        "<text x=\"{left}\" y=\"20\" font-weight=\"600\" font-size=\"14\">{title}</text>"
    )?;
    for (time, label) in TIMES {
        let y = up(time);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            left + WIDTH,
            left - 8.0,
            y + 4.0
        )?;
    }
    for size in sizes {
        writeln!(
            out,
            "<text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            across(*size),
            bottom + 18.0,
            grouped(*size)
        )?;
    }
    for (at, Row { name, times }) in rows.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let dashes = DASHES[at / COLOURS.len() % DASHES.len()];
        let mut points = String::new();
        for (size, times) in sizes.iter().zip(times) {
            let (x, y) = (across(*size), up(times.median().as_secs_f64() * 1e6));
            write!(points, "{x:.1},{y:.1} ")?;
            writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>")?;
        }
        let stroke =
            format!("stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"");
        let y = bottom + 46.0 + number(at) * LINE;
        writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" {stroke}/>\
             <line x1=\"{left:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" {stroke}/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            points.trim_end(),
            left + 26.0,
            left + 34.0,
            y + 4.0,
            name.replace('`', "")
        )?;
    }
    Ok(())
}
