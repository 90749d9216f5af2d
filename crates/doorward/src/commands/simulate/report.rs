//! The report of a simulation, for people.

use std::fmt::Write as _;

use simulator::{Report, Step, Verdict};

use super::reasons::Reasons;
use crate::{
    table::{self, number, whole, wrapped},
    words::count,
};

/// The steps as a table, then each reason once, then a summary.
pub(super) fn text(report: &Report) -> String {
    let mut text = format!(
        "{} ({}) against {}\n\n{}",
        report.provider,
        report.flavour.title(),
        report.base_url,
        steps(&report.steps)
    );
    for (verdict, word) in [(Verdict::Fail, "failed"), (Verdict::Skipped, "could not be tried")] {
        text.push_str(&reasons(&report.steps, verdict, word));
    }
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "\n{} passed, {} failed, {} skipped; {} requests in {}.{:03} s",
        report.passed,
        report.failed,
        report.skipped,
        report.requests,
        report.milliseconds / 1_000,
        report.milliseconds % 1_000,
    );
    if !report.not_kept.is_empty() {
        let names: Vec<_> = report.not_kept.iter().map(String::as_str).collect();
        let _ = writeln!(text, "Not kept by this server: {}", names.join(", "));
    }
    text.push_str(&end(report));
    text
}

fn steps(steps: &[Step]) -> String {
    table::columns(
        [
            whole("area"),
            whole("step"),
            number("requests"),
            number("ms"),
            whole("result"),
            wrapped("remark"),
        ],
        steps.iter().map(|step| {
            let remark = step.reason.clone().filter(|_| step.result == Verdict::Pass);
            [
                step.area.to_owned(),
                step.name.clone(),
                step.requests.to_string(),
                step.milliseconds.to_string(),
                step.result.to_string(),
                remark.unwrap_or_default(),
            ]
        }),
    )
}

/// Why steps came out so, each reason once.
fn reasons(steps: &[Step], verdict: Verdict, word: &str) -> String {
    let mut reasons = Reasons::default();
    for step in steps.iter().filter(|step| step.result == verdict) {
        reasons.add(
            format!("{}: {}", step.area, step.name),
            step.reason.as_deref().unwrap_or_default(),
        );
    }
    let mut text = String::new();
    for reason in reasons.iter() {
        let head = match reason.failed.len() {
            1 => format!("1 step {word}:"),
            many => format!("{many} steps {word} for the same reason:"),
        };
        let paragraph = table::paragraph("  ", &reason.first);
        let named = table::paragraph("    ", &format!("({})", reason.failed.join("; ")));
        // Writing to a text cannot fail.
        let _ = write!(text, "\n{head}\n{paragraph}{named}");
    }
    text
}

/// What became of what was made.
fn end(report: &Report) -> String {
    let Some(removed) = &report.removed else {
        return format!(
            "Kept, as `--keep` says: what this run made, {}\n",
            both(report.made_users, report.made_groups)
        );
    };
    let mut text = format!("Removed what this run made: {}\n", both(removed.users, removed.groups));
    // Writing to a text cannot fail.
    if removed.deactivated > 0 {
        let users = count(removed.deactivated as u64, "user");
        let _ = writeln!(text, "Deactivated, because the server does not delete: {users}");
    }
    if removed.left > 0 {
        let _ = writeln!(text, "Left on the server: {} of them", removed.left);
    }
    let mut reasons = Reasons::default();
    for failure in &removed.failures {
        reasons.add("", failure);
    }
    for reason in reasons.iter() {
        text.push_str(&table::paragraph("  ", &reason.first));
    }
    text
}

fn both(users: usize, groups: usize) -> String {
    format!("{} and {}", count(users as u64, "user"), count(groups as u64, "group"))
}

#[cfg(test)]
mod tests {
    use simulator::{App, Flavour, Provider, Removed, Report, Step, Verdict};

    use super::text;

    fn step(name: &str, result: Verdict, reason: Option<&str>) -> Step {
        Step {
            area: "users",
            name: name.to_owned(),
            requests: 2,
            milliseconds: 3,
            result,
            reason: reason.map(str::to_owned),
        }
    }

    fn report(steps: Vec<Step>, removed: Option<Removed>) -> Report {
        Report {
            base_url: "http://127.0.0.1:1/scim/v2".to_owned(),
            provider: Provider::Okta,
            flavour: Flavour::Okta(App::Catalog),
            seed: 1,
            passed: 1,
            failed: 2,
            skipped: 0,
            requests: 6,
            postponed: 0,
            milliseconds: 1_009,
            not_kept: ["title".to_owned()].into(),
            made_users: 3,
            made_groups: 1,
            removed,
            steps,
        }
    }

    #[test]
    fn a_reason_is_said_once() {
        let refused =
            |path: &str| format!("GET {path}: expected 200, but 401 came: {}", "x ".repeat(80));
        let steps = vec![
            step("create", Verdict::Pass, Some("was there from an earlier run, and was linked")),
            step("update", Verdict::Fail, Some(&refused("/Users/1"))),
            step("clear", Verdict::Fail, Some(&refused("/Users/2"))),
        ];
        let text = text(&report(steps, None));
        assert_eq!(text.matches("401").count(), 1, "{text}");
        for words in [
            "2 steps failed for the same reason:",
            "(users: update; users: clear)",
            "1 passed, 2 failed, 0 skipped; 6 requests in 1.009 s",
            "Not kept by this server: title",
            "Kept, as `--keep` says: what this run made, 3 users and 1 group",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }

    #[test]
    fn what_could_not_be_removed_is_told_with_the_reason() {
        let removed = Removed {
            users: 2,
            groups: 1,
            deactivated: 1,
            left: 4,
            failures: vec!["DELETE /Users/3: expected 204, but 405 came".to_owned(); 5],
        };
        let text = text(&report(vec![step("create", Verdict::Pass, None)], Some(removed)));
        for words in [
            "Removed what this run made: 2 users and 1 group",
            "Deactivated, because the server does not delete: 1 user",
            "Left on the server: 4 of them",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(text.matches("405").count(), 1, "{text}");
    }
}
