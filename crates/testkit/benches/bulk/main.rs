//! What a bulk request brings: a thousand changes in one request, and the same changes as requests
//! of their own, 8 and 64 at a time. `cargo bench -p testkit --bench bulk`, with the address of a
//! durable PostgreSQL in `DOORWARD_TEST_POSTGRES` (`cargo xtask postgres --durable`).
//!
//! Each round does all three on one store, in turn from another one on, so that whatever else the
//! machine does meets all alike. It fails where a bulk request brings less than half of what the
//! same changes bring side by side.

mod work;

use std::{process::ExitCode, time::Duration};

use testkit::engines;

use crate::work::{CHANGES, Site, Way};

/// A bulk request must be worth at least this much of parallel requests.
const LEAST: f64 = 0.5;

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` starts benchmarks too.
        eprintln!("nothing is measured: this is `cargo bench`'s");
        return ExitCode::SUCCESS;
    }
    let quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if quick { 3 } else { 15 };
    println!("| | one bulk request | 8 at a time | 64 at a time | ratio |");
    println!("|---|--:|--:|--:|--:|");
    let mut is_good = true;
    for engine in engines() {
        let mut site = Site::new(engine);
        // The first one of each fills caches and is not counted.
        for way in Way::ALL {
            site.run(way);
        }
        let mut times: [Vec<Duration>; 3] = Default::default();
        for round in 0..rounds {
            for turn in 0..Way::ALL.len() {
                let at = (round + turn) % Way::ALL.len();
                times[at].push(site.run(Way::ALL[at]));
            }
        }
        let [bulk, few, many] = times.map(|times| rate(&times));
        let ratio = bulk / few.max(many);
        is_good &= ratio >= LEAST;
        println!("| {engine:?} | {bulk:.0} | {few:.0} | {many:.0} | {ratio:.2} |");
        site.verify();
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Changes in a second, by the median.
#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn rate(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    CHANGES as f64 / times[times.len() / 2].as_secs_f64()
}
