//! `doorward verify`

use std::{fmt::Write as _, io::IsTerminal as _};

use anyhow::{Context as _, Result};
use clap::Args;
use directory::{
    Error, Store,
    organization::{self, Organization},
    verify::{self, Findings, Violation},
};
use doorward::config::Config;
use indicatif::ProgressBar;
use serde_json::{Value as Json, json};

use super::{
    organization::find,
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    table::{self, cut, number, whole},
};

/// `doorward verify`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this organization
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

pub(crate) async fn run(options: &Options, config: &Config) -> Result<Answer> {
    let checked = store::with(config, Missing::Refuse, async |store| {
        check(store, options.organization.as_deref()).await
    })
    .await?;
    let wrong: u64 = checked.iter().map(|(_, findings)| findings.violation_count).sum();
    let list: Vec<Json> =
        checked.iter().map(|(organization, findings)| view(organization, findings)).collect();
    let json = json!({ "ok": wrong == 0, "violations": wrong, "organizations": list });
    Ok(Answer::new(json, told(&checked, wrong)).failed_if(wrong > 0))
}

async fn check(store: &Store, slug: Option<&str>) -> Result<Vec<(Organization, Findings)>> {
    let organizations = match slug {
        Some(slug) => vec![find(store, slug).await?],
        None => organization::list(store).await?,
    };
    let bar = progress(organizations.len());
    let mut checked = Vec::new();
    for (tenant, organization) in organizations {
        bar.set_message(organization.slug.to_string());
        let findings = match verify::organization(store, &tenant).await {
            Ok(findings) => findings,
            // A row that cannot be read is a finding too, and the others are still looked at.
            Err(Error::Corrupt(what)) => Findings {
                violations: vec![Violation { invariant: "row", detail: what.into_owned() }],
                violation_count: 1,
                ..Findings::default()
            },
            // Deleted meanwhile.
            Err(Error::NotFound) => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot check {}", organization.slug));
            }
        };
        bar.inc(1);
        checked.push((organization, findings));
    }
    bar.finish_and_clear();
    Ok(checked)
}

/// A bar on standard error, if that is a terminal.
fn progress(organizations: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(organizations as u64);
    // The template is a constant; should it ever be wrong, the plain style stays.
    if let Ok(style) =
        indicatif::ProgressStyle::with_template("{spinner} checking {msg} {wide_bar} {pos}/{len}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}

fn view(organization: &Organization, findings: &Findings) -> Json {
    let violations: Vec<Json> = findings
        .violations
        .iter()
        .map(|violation| json!({ "invariant": violation.invariant, "detail": violation.detail }))
        .collect();
    json!({
        "slug": organization.slug.as_str(),
        "users": findings.users,
        "groups": findings.groups,
        "memberships": findings.memberships,
        "events": findings.events,
        "violation_count": findings.violation_count,
        "violations": violations,
    })
}

fn told(checked: &[(Organization, Findings)], wrong: u64) -> String {
    if checked.is_empty() {
        return "There is no organization yet, so there is nothing to check.".to_owned();
    }
    let mut text = table::columns(
        [
            cut("organization"),
            number("users"),
            number("groups"),
            number("memberships"),
            number("events"),
            whole("result"),
        ],
        checked.iter().map(|(organization, findings)| {
            [
                organization.slug.to_string(),
                findings.users.to_string(),
                findings.groups.to_string(),
                findings.memberships.to_string(),
                findings.events.to_string(),
                match findings.violation_count {
                    0 => "sound".to_owned(),
                    count => format!("{count} wrong"),
                },
            ]
        }),
    );
    // Writing to a text cannot fail.
    for (organization, findings) in checked {
        for Violation { invariant, detail } in &findings.violations {
            let _ = writeln!(text, "{}: {invariant}: {detail}", organization.slug);
        }
        let kept = findings.violations.len() as u64;
        if findings.violation_count > kept {
            let _ = writeln!(
                text,
                "{}: and {} more",
                organization.slug,
                findings.violation_count - kept
            );
        }
    }
    let _ = match wrong {
        0 => writeln!(
            text,
            "Every count, index and membership agrees with the records, and every event with its \
             successor."
        ),
        _ => writeln!(text, "{wrong} things are wrong. Restore a backup, or report a defect."),
    };
    text
}
