//! How costs grow with the size of an organization and of a group: `cargo xtask bench`.
//!
//! Each size is a store of its own: one organization of so many users, all of them in one group.
//! Every round does every operation once on each of the stores, so noise of the machine meets small
//! and large alike. What is measured is printed as a part of `docs/benchmarks.md` and drawn into
//! `docs/images/growth.svg`.
//!
//! `--quick` measures less, for whoever works on the benchmark itself. Its output has no marks, so
//! that its figures cannot become the documented ones.

mod drawing;
mod measure;
mod operation;
mod report;
mod site;
mod throughput;

use std::{path::Path, process::ExitCode};

use crate::{measure::Plan, report::Report};

/// The lines around the part of the document; `cargo xtask bench` looks for them.
const BEGIN: &str = "<!-- growth:begin -->";
const END: &str = "<!-- growth:end -->";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    if !given("--bench") {
        // `cargo test --all-targets` starts benchmarks too, and has not got an hour.
        eprintln!("nothing is measured: this is `cargo bench`'s");
        return ExitCode::SUCCESS;
    }
    let quick = given("--quick");
    let plan = if quick { Plan::quick() } else { Plan::full() };
    let report = Report::new(measure::run(&plan));
    let text = report.markdown();
    if quick {
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    println!("{BEGIN}\n{text}\n{END}");
    let drawing = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/growth.svg");
    std::fs::write(&drawing, drawing::svg(&report)).expect("the drawing can be written");
    let broken = report.broken();
    for sentence in &broken {
        eprintln!("{sentence}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
