//! What was measured, as a part of `docs/benchmarks.md` and as a drawing.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use super::{
    Cell, Measured,
    subject::{CLIENTS, MANY, Subject, Target},
};
use crate::{
    drawing::{Bars, Look, Row},
    figures::{grouped, mark, megabytes, micros, millis, number, rounded},
    report::Report,
    series::median,
    site::{Engine, Site, Usage},
};

/// The tables and the drawing.
pub(crate) fn report(site: &Site, measured: &Measured) -> Report {
    let mut text = String::new();
    write(site.engine, measured, &mut text).expect("writing to a text cannot fail");
    let drawing = Some(draw(site.engine, measured).svg());
    Report { text, drawing }
}

impl Measured {
    fn cell(&self, subject: Subject, clients: usize) -> &Cell {
        &self.cells[&(subject, clients)]
    }

    fn rate(&self, subject: Subject, clients: usize) -> f64 {
        median(self.cell(subject, clients).rates.clone())
    }

    /// The share of the limit, from the pairs that were measured in one round.
    fn share(&self, subject: Subject, engine: Engine, clients: usize) -> Option<f64> {
        let limit = self.cell(subject.limit(engine)?, clients);
        let pairs = self.cell(subject, clients).rates.iter().zip(&limit.rates);
        Some(median(pairs.map(|(rate, most)| rate / most).collect()))
    }
}

fn write(engine: Engine, measured: &Measured, out: &mut String) -> fmt::Result {
    write!(out, "| | ")?;
    for clients in CLIENTS {
        write!(out, "{clients} at once | ")?;
    }
    writeln!(out, "of its limit | wanted | |\n|---|--:|--:|--:|--:|--:|---|")?;
    for subject in Subject::of(engine) {
        write!(out, "| {} |", subject.name())?;
        for clients in CLIENTS {
            let Cell { times, .. } = measured.cell(*subject, clients);
            let rate = rounded(measured.rate(*subject, clients));
            let (half, most) = (millis(times.median()), millis(times.p99()));
            if *subject == Subject::Pgbench {
                write!(out, " {rate}/s ({half}) |")?;
            } else {
                write!(out, " {rate}/s ({half}, {most}) |")?;
            }
        }
        let share = measured.share(*subject, engine, MANY);
        let shown = share.map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default();
        let (wanted, verdict) = match (subject.target(engine), share) {
            (Some(Target::Share(wanted)), Some(share)) => {
                (format!("{:.0} %", wanted * 100.0), mark(share >= wanted))
            }
            (Some(Target::Rate(wanted)), _) => {
                (format!("{}/s", rounded(wanted)), mark(measured.rate(*subject, MANY) >= wanted))
            }
            _ => (String::new(), ""),
        };
        writeln!(out, " {shown} | {wanted} | {verdict} |")?;
    }
    writeln!(
        out,
        "\nIn a second, medians of {} rounds of {} s each; in parentheses milliseconds: the median, \
         and what 99 of 100 stayed under (of `pgbench` the mean; of rows a whole commit). Shares and \
         what is wanted are those of {MANY} at once; a share is the median of those of the rounds. \
         {} users were there, all of them in the group that members are added to and removed from. \
         A user is {} bytes, as is the constant.\n",
        measured.rounds,
        measured.time.as_secs_f64(),
        grouped(measured.users),
        grouped(measured.answer),
    )?;
    write_usage(engine, measured, out)?;
    writeln!(
        out,
        "\nMicroseconds of processor time for each request, {MANY} at once, of all its processes. \
         Doorward's resident memory at the end: {} MB, at most {} MB. Writing 4 KB to a file of this \
         disk, and waiting until it is there, took {} microseconds (95 of 100 times at most {}).",
        megabytes(measured.memory.resident),
        megabytes(measured.memory.peak),
        micros(measured.disk.median()),
        micros(measured.disk.p95())
    )
}

fn write_usage(engine: Engine, measured: &Measured, out: &mut String) -> fmt::Result {
    let database = engine == Engine::Postgres;
    let (head, line) = if database { (" PostgreSQL |", "--:|") } else { ("", "") };
    writeln!(out, "| | the server |{head} the client |\n|---|--:|{line}--:|")?;
    for subject in Subject::of(engine) {
        if *subject == Subject::Pgbench {
            continue;
        }
        let Cell { usage, done, .. } = measured.cell(*subject, MANY);
        let Usage { server, database, client } = usage;
        let each = |time: Duration| rounded(time.as_secs_f64() * 1e6 / number(*done));
        write!(out, "| {} | {} |", subject.name(), each(*server))?;
        if let Some(database) = database {
            write!(out, " {} |", each(*database))?;
        }
        let client =
            if matches!(subject, Subject::Rows(_)) { String::new() } else { each(*client) };
        writeln!(out, " {client} |")?;
    }
    Ok(())
}

fn draw(engine: Engine, measured: &Measured) -> Bars {
    let mut rows = Vec::new();
    for subject in Subject::of(engine) {
        let Some(limit) = subject.limit(engine) else { continue };
        let (most, rate) = (measured.rate(limit, MANY), measured.rate(*subject, MANY));
        let share = measured.share(*subject, engine, MANY).unwrap_or_default() * 100.0;
        rows.push(Row {
            label: subject.name().to_owned(),
            bars: vec![
                (most, format!("{}/s", rounded(most))),
                (rate, format!("{}/s, {share:.0} %", rounded(rate))),
            ],
        });
    }
    let look = |label, colour, is_outline| Look { label, colour, is_outline };
    Bars {
        title: format!("{}: {MANY} clients at once, in a second", engine.name()),
        looks: vec![
            look("what the machine could do", "#59636e", true),
            look("Doorward", "#2f81d6", false),
        ],
        rows,
        logarithmic_from: Some(100.0),
        line: None,
    }
}
