//! The step `tests`: `cargo test`, with what its runners counted.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::step::{Run, Tally};
use crate::{command, install, machine};

/// Runs all tests of the workspace; on PostgreSQL too when the run has that engine.
pub(crate) fn run(run: &mut Run, tally: &mut Tally) -> Result<()> {
    install::xml_judges()?;
    let postgres = run.postgres_or_none()?;
    let mut cargo = run.workspace.cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    cargo.env("DOORWARD_TEST_POSTGRES", postgres);
    if let Some(memory) = machine::memory() {
        cargo.env("TMPDIR", memory);
    }
    if run.long {
        cargo.env("DOORWARD_TEST_LONG", "1");
    }
    cargo_test(&mut cargo, tally)
}

/// Runs `cargo test` with its arguments, and counts what passed.
pub(crate) fn cargo_test(cargo: &mut Command, tally: &mut Tally) -> Result<()> {
    cargo.stdout(Stdio::piped());
    println!("$ {}", command::line(cargo));
    let mut passed = 0;
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo has no standard output")?;
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        if let Some(counts) = counts(&String::from_utf8_lossy(&line)) {
            passed += counts.passed;
            tally.add(counts);
        }
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`cargo test` failed ({status})");
    }
    if passed == 0 {
        bail!("`cargo test` ran no test");
    }
    Ok(())
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ...`.
fn counts(line: &str) -> Option<Tally> {
    let (_, counts) = line.trim_start().strip_prefix("test result:")?.split_once(". ")?;
    let number = |word: &str| {
        counts.split(';').find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
    };
    Some(Tally {
        passed: number("passed")?,
        failed: number("failed")?,
        ignored: number("ignored")?,
    })
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn a_result_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; \
                    7 filtered out; finished in 0.02s\n";
        let tally = counts(line).unwrap();
        assert_eq!((tally.passed, tally.failed, tally.ignored), (12, 3, 1));
    }

    #[test]
    fn other_lines_are_not() {
        for line in ["running 3 tests", "test a::b ... ok", "test result: hello", ""] {
            assert!(counts(line).is_none(), "{line}");
        }
    }
}
