//! Measures the program that customers run, from outside: over sockets, as a process of its own,
//! beside what the machine could do at most.
//!
//! `cargo xtask bench` starts the program on a fresh store, writes down what it started
//! (`site`), and runs the benchmark `outside` with that: [`run`]. What the benchmarks of
//! `testkit` have in common with it is public here.

pub mod chance;
mod crowd;
pub mod disk;
pub mod drawing;
mod fair;
pub mod figures;
mod http;
mod limit;
mod load;
mod memory;
mod million;
pub mod people;
pub mod process;
mod rate;
mod report;
mod scan;
pub mod series;
mod site;

use std::fs;

use anyhow::{Context as _, Result};

use crate::{
    limit::constant,
    report::Report,
    site::{Site, Suite},
};

/// Measures what the file of the first argument tells of, and prints its part of the document.
///
/// The quick form prints no marks, so that its figures cannot become the documented ones.
///
/// # Errors
///
/// Something could not be measured.
pub fn run(arguments: &[String]) -> Result<()> {
    if let [argument, file, ..] = arguments
        && argument == constant::ARGUMENT
    {
        return constant::serve(file);
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` starts benchmarks too.
        eprintln!("nothing is measured: this is `cargo xtask bench`'s");
        return Ok(());
    }
    let file = arguments.iter().find(|argument| !argument.starts_with("--"));
    let site = Site::read(file.context("the file that tells what is measured is missing")?)?;
    let report = match site.suite {
        Suite::Load => load::report(&site, &load::measure(&site)?),
        Suite::Fair => fair::report(&site, &fair::measure(&site)?),
        Suite::Scan => scan::report(&scan::measure(&site)?),
        Suite::Million => million::report(&million::measure(&site)?),
        Suite::Memory => memory::report(&memory::measure(&site)?),
    };
    let part = report.part(&site);
    if site.quick {
        println!("\n{part}\n");
        return Ok(());
    }
    let [begin, end] = Report::marks(&site);
    println!("{begin}\n{part}\n{end}");
    if let Some(drawing) = report.drawing {
        let path = Report::drawing_path(&site);
        fs::write(&path, drawing).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
