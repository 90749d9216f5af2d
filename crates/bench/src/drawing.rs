//! The drawings: what they have in common, and `Bars`.
//!
//! Colours and lines are such that they can be told apart on a light and on a dark page, and
//! without seeing colours.

use std::fmt::{self, Write as _};

/// Writes the beginning of a drawing: its size, what it shows, and its colours on either page.
///
/// # Errors
///
/// Those of the text that is written to.
pub fn begin(out: &mut String, width: f64, height: f64, title: &str) -> fmt::Result {
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{title}</title>\n\
         <style>\n\
         text {{ fill: #1f2328; }} .soft {{ fill: #59636e; }} .grid {{ stroke: #d1d9e0; }}\n\
         .steep {{ stroke: #59636e; }} .page {{ fill: #ffffff; }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         text {{ fill: #f0f6fc; }} .soft {{ fill: #9198a1; }} .grid {{ stroke: #3d444d; }}\n\
         .steep {{ stroke: #9198a1; }} .page {{ fill: #0d1117; }}\n\
         }}\n</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
    )
}

/// How a bar looks: what it means, its colour, and whether only its outline is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) label: &'static str,
    pub(crate) colour: &'static str,
    pub(crate) is_outline: bool,
}

/// Several bars of one thing.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    /// One for each look: the figure, and the words at its end.
    pub(crate) bars: Vec<(f64, String)>,
}

/// Bars from the left to the right, several to a row.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) looks: Vec<Look>,
    pub(crate) rows: Vec<Row>,
    /// Where the axis begins, when it is logarithmic.
    pub(crate) logarithmic_from: Option<f64>,
    /// A line across all rows, with its name.
    pub(crate) line: Option<(f64, &'static str)>,
}

const LEFT: f64 = 250.0;
const LENGTH: f64 = 380.0;
const TOP: f64 = 40.0;
const BAR: f64 = 11.0;
const GAP: f64 = 12.0;

impl Bars {
    /// The whole drawing.
    pub(crate) fn svg(&self) -> String {
        let mut text = String::new();
        self.draw(&mut text).expect("writing to a text cannot fail");
        text
    }

    fn draw(&self, out: &mut String) -> fmt::Result {
        let bars: usize = self.rows.iter().map(|row| row.bars.len()).sum();
        let (bars, rows) = (crate::figures::number(bars), crate::figures::number(self.rows.len()));
        let bottom = TOP + bars * BAR + rows * GAP;
        begin(out, LEFT + LENGTH + 130.0, bottom + 46.0, &self.title)?;
        writeln!(
            out,
            "<text x=\"16\" y=\"22\" font-weight=\"600\" font-size=\"14\">{}</text>",
            self.title
        )?;
        let mut y = TOP;
        for row in &self.rows {
            let height = BAR * crate::figures::number(row.bars.len());
            writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 10.0,
                y + height / 2.0 + 4.0,
                row.label.replace('`', "")
            )?;
            for (look, (figure, words)) in self.looks.iter().zip(&row.bars) {
                let length = self.length(*figure);
                let Look { colour, is_outline, .. } = look;
                let fill = if *is_outline { "none" } else { colour };
                writeln!(
                    out,
                    "<rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"{:.1}\" \
                     fill=\"{fill}\" stroke=\"{colour}\"/>\
                     <text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\">{words}</text>",
                    y + 1.0,
                    BAR - 2.0,
                    LEFT + length + 6.0,
                    y + BAR - 2.0
                )?;
                y += BAR;
            }
            y += GAP;
        }
        if let Some((at, name)) = self.line {
            let x = LEFT + self.length(at);
            writeln!(
                out,
                "<line class=\"steep\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{bottom:.1}\" \
                 stroke-dasharray=\"3 3\"/>\
                 <text class=\"soft\" x=\"{x:.1}\" y=\"{:.1}\" font-size=\"10\" \
                 text-anchor=\"middle\">{name}</text>",
                TOP - 4.0,
                TOP - 7.0
            )?;
        }
        self.legend(bottom + 24.0, out)?;
        writeln!(out, "</svg>")
    }

    fn legend(&self, y: f64, out: &mut String) -> fmt::Result {
        let mut x = 16.0;
        for Look { label, colour, is_outline } in &self.looks {
            let fill = if *is_outline { "none" } else { colour };
            writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"18\" height=\"9\" fill=\"{fill}\" \
                 stroke=\"{colour}\"/><text x=\"{:.1}\" y=\"{y:.1}\">{label}</text>",
                y - 8.0,
                x + 24.0
            )?;
            x += 40.0 + 7.0 * crate::figures::number(label.len());
        }
        Ok(())
    }

    fn length(&self, figure: f64) -> f64 {
        let figures = self.rows.iter().flat_map(|row| row.bars.iter().map(|(figure, _)| *figure));
        let most = figures.chain(self.line.map(|(at, _)| at)).fold(f64::MIN_POSITIVE, f64::max);
        let share = match self.logarithmic_from {
            None => figure / most,
            Some(from) => (figure.max(from) / from).log10() / (most / from).log10(),
        };
        (share * LENGTH).clamp(0.0, LENGTH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(logarithmic_from: Option<f64>) -> Bars {
        let row = |figure| Row { label: "a".to_owned(), bars: vec![(figure, "x".to_owned())] };
        Bars {
            title: "T".to_owned(),
            looks: vec![Look { label: "l", colour: "#000", is_outline: false }],
            rows: vec![row(1.0), row(100.0)],
            logarithmic_from,
            line: None,
        }
    }

    #[test]
    fn the_longest_bar_fills_the_axis() {
        assert!((bars(None).length(100.0) - LENGTH).abs() < 1e-9);
        assert!((bars(None).length(50.0) - LENGTH / 2.0).abs() < 1e-9);
        assert!((bars(Some(1.0)).length(10.0) - LENGTH / 2.0).abs() < 1e-9);
    }

    #[test]
    fn every_bar_is_drawn() {
        assert_eq!(bars(None).svg().matches("<rect x=").count(), 3);
    }
}
