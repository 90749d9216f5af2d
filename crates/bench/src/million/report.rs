//! The tables, and what is wanted of them.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use super::{Measured, Row, drawing};
use crate::{
    figures::{grouped, mark, megabytes, micros, millis, rounded},
    report::Report,
    series::Series,
};

/// The most that a median and the time of 99 of 100 may grow from the smallest size to the largest.
const GROWTH: (f64, f64) = (1.5, 3.0);
/// The most that 1,000 members in one PATCH may cost, in PATCHes of one.
const THOUSAND: f64 = 60.0;
/// The most that the server's memory may grow while a whole group is read, and the most that it may have.
const STREAMED: u64 = 32 << 20;
const RESIDENT: u64 = 150 << 20;

/// The tables and the drawing.
pub(crate) fn report(measured: &Measured) -> Report {
    let mut text = String::new();
    write(measured, &mut text).expect("writing to a text cannot fail");
    Report { text, drawing: Some(drawing::svg(measured)) }
}

fn write(measured: &Measured, out: &mut String) -> fmt::Result {
    let Measured { sizes, members, rounds, loaded, users, groups, .. } = measured;
    table(out, "users", sizes, users)?;
    table(out, "members", members, groups)?;
    writeln!(
        out,
        "Microseconds: the median, and in parentheses the time that 99 of 100 stayed under, of \
         {rounds} rounds. Wanted from the smallest size to the largest: at most {} for medians, {} for \
         99 of 100.\n",
        GROWTH.0, GROWTH.1
    )?;
    let each: Vec<String> = sizes
        .iter()
        .zip(loaded)
        .map(|(size, rate)| format!("{} for {}", rounded(*rate), grouped(*size)))
        .collect();
    writeln!(
        out,
        "Users that came in a second, by bulk requests of 1,000: {}.\n",
        each.join(", ")
    )?;
    thousand(out, groups)?;
    wholes(out, measured)?;
    memory(out, measured)
}

fn table(out: &mut String, what: &str, sizes: &[usize], rows: &[Row]) -> fmt::Result {
    let heads: Vec<String> =
        sizes.iter().map(|size| format!("{} {what}", grouped(*size))).collect();
    writeln!(out, "| | {} | ratio | ratio, 99 of 100 | |", heads.join(" | "))?;
    writeln!(out, "|---|{}--:|--:|---|", "--:|".repeat(sizes.len()))?;
    for Row { name, times } in rows {
        let cells: Vec<String> = times
            .iter()
            .map(|times| format!("{} ({})", micros(times.median()), micros(times.p99())))
            .collect();
        let (half, most) = (ratio(times, Series::median), ratio(times, Series::p99));
        let is_met = half <= GROWTH.0 && most <= GROWTH.1;
        let cells = cells.join(" | ");
        writeln!(out, "| {name} | {cells} | {half:.2} | {most:.2} | {} |", mark(is_met))?;
    }
    writeln!(out)
}

/// The largest size over the smallest.
fn ratio(times: &[Series], of: fn(&Series) -> Duration) -> f64 {
    let ends = times.first().zip(times.last());
    ends.map_or(0.0, |(first, last)| of(last).as_secs_f64() / of(first).as_secs_f64())
}

fn thousand(out: &mut String, groups: &[Row]) -> fmt::Result {
    let median = |name: &str| {
        let row = groups.iter().find(|row| row.name == name);
        row.and_then(|row| row.times.last()).map(Series::median).unwrap_or_default()
    };
    let (one, many) = (median("add one member"), median("add 1,000 members"));
    let times = many.as_secs_f64() / one.as_secs_f64();
    writeln!(
        out,
        "1,000 members in one PATCH cost what {times:.0} PATCHes of one cost, in the largest group \
         (wanted: at most {THOUSAND:.0}; {}).\n",
        mark(times <= THOUSAND)
    )
}

fn wholes(out: &mut String, measured: &Measured) -> fmt::Result {
    let wholes = &measured.wholes;
    let (count, differ, different, same) = wholes.replaced;
    writeln!(
        out,
        "A PUT of {} members of whom {differ} are others took {} ms, and one that changes nothing {} \
         ms.\n",
        grouped(count),
        millis(different),
        millis(same)
    )?;
    let (count, bytes, time) = wholes.read;
    let (before, after) = wholes.memory;
    let grown = after.peak.saturating_sub(before.resident);
    writeln!(
        out,
        "Reading a group of {} members whole: {} MB in {} ms; the server's memory grew by {} MB \
         meanwhile (wanted: at most {}; {}).\n",
        grouped(count),
        megabytes(bytes as u64),
        millis(time),
        megabytes(grown),
        megabytes(STREAMED),
        mark(grown <= STREAMED)
    )?;
    let deleted: Vec<String> = measured
        .members
        .iter()
        .zip(&wholes.deleted)
        .map(|(size, time)| format!("{} for {}", micros(*time), grouped(*size)))
        .collect();
    writeln!(out, "Deleting a group, microseconds, once each: {}.\n", deleted.join(", "))
}

fn memory(out: &mut String, measured: &Measured) -> fmt::Result {
    let Measured { memory, rest, idle, sizes, .. } = measured;
    let heads: Vec<&str> = memory.iter().map(|(when, _)| when.as_str()).collect();
    let cells: Vec<String> = memory.iter().map(|(_, memory)| megabytes(memory.resident)).collect();
    writeln!(
        out,
        "| {} |\n|{}\n| {} |\n",
        heads.join(" | "),
        "--:|".repeat(memory.len()),
        cells.join(" | ")
    )?;
    let mixed = memory.iter().find(|(when, _)| when.starts_with("after the mixed"));
    let mixed = mixed.map_or(0, |(_, memory)| memory.resident);
    writeln!(
        out,
        "Resident megabytes of the server, with {} users in all. Wanted after the mixed load: at most \
         {} ({}). Left alone for {} s, server and database used {:.0} ms of processor.",
        grouped(sizes.iter().sum()),
        megabytes(RESIDENT),
        mark(mixed <= RESIDENT),
        rest.as_secs(),
        idle.as_secs_f64() * 1e3
    )
}
