//! Checks that a program in another language makes, and says one a line.

use anyhow::{Result, bail};

use crate::command::Captured;
use crate::step::Tally;

/// Counts the lines `ok ...` and `not ok ...`, and shows all but the former.
///
/// # Errors
///
/// The program said neither, or failed without saying what.
pub(crate) fn checks(captured: &Captured) -> Result<Tally> {
    let tally = read(&captured.output);
    if tally.passed + tally.failed == 0 || (tally.failed == 0 && !captured.status.success()) {
        bail!("the check ended early ({}): {}", captured.status, captured.output);
    }
    println!("{} checks held", tally.passed);
    Ok(tally)
}

fn read(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        if line.starts_with("ok ") {
            tally.passed += 1;
            continue;
        }
        if line.starts_with("not ok ") {
            tally.failed += 1;
        }
        println!("{line}");
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn lines_are_counted_and_what_is_no_verdict_is_not() {
        let tally = read("ok one: two\nnot ok three: why\n12 changes\nokay\n");
        assert_eq!((tally.passed, tally.failed, tally.ignored), (1, 1, 0));
    }
}
