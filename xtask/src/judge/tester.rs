//! scim2-tester: checks whatever `/Schemas` and `/ResourceTypes` publish.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::command;
use crate::server::Connection;
use crate::step::Tally;

/// The tester takes seconds.
const LIMIT: Duration = Duration::from_mins(10);

/// The tester checks what the server publishes: a server that publishes little is hardly checked.
/// With the schemas of RFC 7643 it makes some 135 checks.
const FEWEST_CHECKS: u64 = 100;

/// The tester's verdicts, and whether each is good enough for us.
const VERDICTS: &[(&str, Standing)] = &[
    ("SUCCESS", Standing::Passed),
    ("COMPLIANT", Standing::Passed),
    ("ACCEPTABLE", Standing::Passed),
    ("DEVIATION", Standing::Failed),
    ("ERROR", Standing::Failed),
    ("CRITICAL", Standing::Failed),
    ("SKIPPED", Standing::Ignored),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Passed,
    Failed,
    Ignored,
}

/// Runs `scim2 --url BASE test --verbose`; all that it says is kept in `record`.
pub(super) fn judge(
    programs: &Path,
    connection: &Connection,
    record: &Path,
    tally: &mut Tally,
) -> Result<()> {
    let mut tester = Command::new(programs.join("scim2"));
    tester
        .args(["--url", &connection.base_url, "test", "--verbose"])
        // The environment and not an argument: every user of the machine can read arguments.
        .env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", connection.token))
        .env("PYTHONUTF8", "1");
    let captured = command::bounded(&mut tester, record, LIMIT)?;
    let (counts, complaints) = read(&captured.output);
    let Tally { passed, failed, ignored } = counts;
    println!("  {passed} passed, {failed} failed, {ignored} skipped");
    tally.add(counts);
    if !complaints.is_empty() {
        let complaints = complaints.join("\n");
        bail!("scim2-tester objects; all of it is in {}:\n{complaints}", record.display());
    }
    // A skipped check makes the tester unhappy, too.
    if !captured.status.success() && ignored == 0 {
        bail!("scim2-tester ended with {}; its message is above", captured.status);
    }
    if passed < FEWEST_CHECKS {
        bail!("only {passed} checks: what do /Schemas and /ResourceTypes publish?");
    }
    Ok(())
}

/// Counts the verdicts and collects the bad ones with their reasons.
///
/// A check is a line such as `ERROR object_deletion`; indented lines tell the reason and the data.
fn read(output: &str) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut complaints: Vec<String> = Vec::new();
    // Whether the lines at hand belong to a complaint.
    let mut bad = false;
    for line in output.lines() {
        match standing(line) {
            Some(Standing::Passed) => tally.passed += 1,
            Some(Standing::Ignored) => tally.ignored += 1,
            Some(Standing::Failed) => {
                tally.failed += 1;
                complaints.push(line.to_owned());
                bad = true;
                continue;
            }
            None => {
                if let (true, Some(complaint)) = (bad, complaints.last_mut()) {
                    complaint.push('\n');
                    complaint.extend(line.chars().take(800));
                }
                continue;
            }
        }
        bad = false;
    }
    (tally, complaints)
}

fn standing(line: &str) -> Option<Standing> {
    let (verdict, check) = line.split_once(' ')?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if check.is_empty() || !check.chars().all(is_name) {
        return None;
    }
    VERDICTS.iter().find(|(name, _)| *name == verdict).map(|(_, standing)| *standing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_and_complaints_kept_with_their_reasons() {
        let output = "\
Performing a SCIM compliance check on http://127.0.0.1:8400/scim/v2 ...
SUCCESS service_provider_config_endpoint
ERROR object_deletion
  Unexpected response status code: 200
  {'id': '1'}
ERROR of something else
SUCCESS check_add_attribute
  Successfully added the attribute
SKIPPED random_url
";
        let (tally, complaints) = read(output);
        assert_eq!((tally.passed, tally.failed, tally.ignored), (2, 1, 1));
        let complaint = "ERROR object_deletion\n  Unexpected response status code: 200\n  \
                         {'id': '1'}\nERROR of something else";
        assert_eq!(complaints, [complaint]);
    }
}
