//! What was measured, as a part of `docs/benchmarks.md` and as a drawing.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use super::{
    Measured, Phase,
    quiet::{Service, Wish},
};
use crate::{
    drawing::{Bars, Look, Row},
    figures::{grouped, mark, millis},
    report::Report,
    site::{Engine, Site},
};

/// Beside a noise, 99 of 100 may take so much longer than alone,
const TIMES: f64 = 1.5;
/// or this long, whichever is more.
const FLOOR: Duration = Duration::from_millis(50);

/// The table and the drawing.
pub(crate) fn report(site: &Site, measured: &Measured) -> Report {
    let mut text = String::new();
    write(measured, &mut text).expect("writing to a text cannot fail");
    Report { text, drawing: Some(draw(site.engine, measured).svg()) }
}

impl Measured {
    /// What 99 of 100 may take at most.
    fn most(&self, kind: usize) -> Duration {
        self.phases[0].services[kind].times.p99().mul_f64(TIMES).max(FLOOR)
    }

    fn is_met(&self, phase: &Phase, kind: usize) -> bool {
        let Service { times, tally } = &phase.services[kind];
        tally.failed() == 0 && times.p99() <= self.most(kind)
    }

    fn name(&self, phase: &Phase) -> String {
        let name = phase.noise.map_or("alone".to_owned(), |noise| noise.name(self.members));
        if phase.is_mixed { format!("{name}, and the rest of the row before") } else { name }
    }
}

fn write(measured: &Measured, out: &mut String) -> fmt::Result {
    write!(out, "| the other one does |")?;
    for wish in Wish::ALL {
        write!(out, " {} |", wish.name())?;
    }
    writeln!(out, " not served | the other one's requests |\n|---|--:|--:|--:|--:|--:|---|")?;
    for phase in &measured.phases {
        let is_alone = phase.noise.is_none();
        write!(out, "| {} |", if is_alone { "nothing".to_owned() } else { measured.name(phase) })?;
        let mut failed = 0;
        for (kind, Service { times, tally }) in phase.services.iter().enumerate() {
            let figures = format!("{}, {}", millis(times.p99()), millis(times.longest()));
            if is_alone {
                write!(out, " {figures} |")?;
            } else {
                write!(out, " {figures} {} |", mark(measured.is_met(phase, kind)))?;
            }
            failed += tally.failed();
        }
        writeln!(out, " {} | {} |", grouped(failed), phase.noisy)?;
    }
    write!(out, "\nMilliseconds: what 99 of 100 stayed under, and the longest. Wanted: ")?;
    for (kind, wish) in Wish::ALL.into_iter().enumerate() {
        let sign = if kind == 0 { "" } else { ", " };
        write!(out, "{sign}{} {}", wish.name(), millis(measured.most(kind)))?;
    }
    let Measured { users, rounds, time, .. } = measured;
    writeln!(
        out,
        " at most ({TIMES} times what it was alone, or {} ms, whichever is more), and everything \
         served. {rounds} rounds of {} s each, {} requests of each kind in a row of the table; the \
         other organization has {} users.",
        FLOOR.as_millis(),
        time.as_secs(),
        grouped(measured.phases[0].services[0].tally.all()),
        grouped(*users)
    )
}

fn draw(engine: Engine, measured: &Measured) -> Bars {
    let row = |phase: &Phase| {
        let bars = phase.services.iter().map(|Service { times, .. }| {
            let time = times.p99();
            (time.as_secs_f64() * 1e3, format!("{} ms", millis(time)))
        });
        Row { label: measured.name(phase), bars: bars.collect() }
    };
    let colours = [("#2f81d6", false), ("#b58900", true), ("#0a9f74", false), ("#d55e00", true)];
    let looks = Wish::ALL.iter().zip(colours).map(|(wish, (colour, is_outline))| Look {
        label: wish.name(),
        colour,
        is_outline,
    });
    Bars {
        title: format!("{}: what 99 of 100 requests stayed under, beside a noise", engine.name()),
        looks: looks.collect(),
        rows: measured.phases.iter().map(row).collect(),
        logarithmic_from: Some(0.5),
        line: Some((50.0, "50 ms")),
    }
}
