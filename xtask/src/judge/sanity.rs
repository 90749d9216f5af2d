//! scim-sanity: plays the life of a user and of a group, and looks at searches and errors.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use crate::command;
use crate::server::Connection;
use crate::step::Tally;

/// The probe takes a second.
const LIMIT: Duration = Duration::from_mins(5);

/// It makes 28 checks of what every server has.
const FEWEST_CHECKS: u64 = 20;

/// Where the probe asks for more than the RFC: a check, and the words of its complaint.
const MISTAKEN: &[(&str, &str)] = &[
    // RFC 7644 §3.5.2: 200 with the resource, or 204. The answer to a PATCH of a group is 204, so
    // that it does not cost more where the group is larger.
    ("PATCH /Groups/{id}", "got 204"),
    ("PATCH /Groups/{id} add member", "got 204"),
    ("PATCH /Groups/{id} remove members", "got 204"),
];

/// Whether the probe asks for more than the RFC.
fn is_mistaken(name: &str, complaint: &str) -> bool {
    MISTAKEN.iter().any(|(check, words)| name == *check && complaint.contains(words))
}

/// Runs `scim-sanity probe BASE`; all that it says is kept in `record`.
pub(super) fn judge(
    programs: &Path,
    connection: &Connection,
    record: &Path,
    tally: &mut Tally,
) -> Result<()> {
    let mut probe = Command::new(programs.join("scim-sanity"));
    probe
        // It takes the token as an argument only: this one is of a server that ends with the step.
        .args(["probe", &connection.base_url, "--token", &connection.token])
        .args(["--i-accept-side-effects", "--json-output"])
        .env("PYTHONUTF8", "1");
    let captured = command::bounded(&mut probe, record, LIMIT)?;
    let (counts, complaints) = read(&captured.output)
        .with_context(|| format!("scim-sanity's report is in {}", record.display()))?;
    let Tally { passed, failed, ignored } = counts;
    println!("  {passed} passed, {failed} failed, {ignored} skipped");
    tally.add(counts);
    if !complaints.is_empty() {
        bail!(
            "scim-sanity objects; all of it is in {}:\n{}",
            record.display(),
            complaints.join("\n")
        );
    }
    if passed < FEWEST_CHECKS {
        bail!("scim-sanity made only {passed} checks");
    }
    Ok(())
}

/// Counts the checks and collects the complaints. What the probe is mistaken about counts as
/// skipped.
fn read(output: &str) -> Result<(Tally, Vec<String>)> {
    let json = output.find('{').map_or("", |at| &output[at..]);
    let report: Json = serde_json::from_str(json).context("it cannot be read")?;
    let checks = report["results"].as_array().context("it has no results")?;
    let mut tally = Tally::default();
    let mut complaints = Vec::new();
    for check in checks {
        let text = |key: &str| check[key].as_str().unwrap_or_default();
        let (name, complaint) = (text("name"), text("message"));
        match text("status") {
            "pass" => tally.passed += 1,
            "skip" => tally.ignored += 1,
            _ if is_mistaken(name, complaint) => tally.ignored += 1,
            status => {
                tally.failed += 1;
                complaints.push(format!("{status} {name}: {complaint}"));
            }
        }
    }
    Ok((tally, complaints))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_counted_and_known_mistakes_are_not_ours() {
        let output = r#"{"results":[{"name":"POST /Users","status":"pass"},
            {"name":"Agent","status":"skip","message":"not supported"},
            {"name":"PATCH /Groups/{id}","status":"fail","message":"Expected 200, got 204"},
            {"name":"PATCH /Users/{id}","status":"fail","message":"Expected 200, got 204"}]}"#;
        let (tally, complaints) = read(output).unwrap();
        assert_eq!((tally.passed, tally.failed, tally.ignored), (1, 1, 2));
        assert_eq!(complaints, ["fail PATCH /Users/{id}: Expected 200, got 204"]);
        assert!(read("Traceback (most recent call last)").is_err());
    }
}
