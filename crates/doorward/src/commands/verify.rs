//! `doorward verify`

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use clap::Args;
use directory::{
    Error, Installation, Reader,
    audit::{self, SignedHead},
    maintenance::verify::{self, Findings, Listener, Progress, Violation},
    organization::{self, Organization},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    organization::find,
    progress,
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
    /// Hold the chains of that organization against signed heads that were kept elsewhere: lines of JSON, as
    /// `doorward export audit-heads --format jsonl` wrote them
    #[arg(long, value_name = "FILE", requires = "organization")]
    heads: Option<PathBuf>,
}

/// What was checked.
pub(super) struct Checked {
    organizations: Vec<(Organization, Findings)>,
    /// What belongs to no organization, unless only one was asked for.
    installation: Option<Findings>,
}

pub(crate) async fn run(options: &Options, config: &Config) -> Result<Answer> {
    let checked = store::with(config, Missing::Refuse, async |installation| {
        let mut checked = check(installation, options.organization.as_deref()).await?;
        if let Some(file) = &options.heads {
            heads(installation, &mut checked, file).await?;
        }
        Ok(checked)
    })
    .await?;
    let wrong: u64 = checked.named().map(|(_, findings)| findings.violation_count).sum();
    let listed: Vec<Json> = checked
        .organizations
        .iter()
        .map(|(organization, findings)| {
            let mut json = view(findings);
            json["slug"] = json!(organization.slug.as_str());
            json
        })
        .collect();
    let json = json!({
        "ok": wrong == 0,
        "violations": wrong,
        "organizations": listed,
        "installation": checked.installation.as_ref().map(view),
    });
    Ok(Answer::new(json, checked.told(wrong)).failed_if(wrong > 0))
}

pub(super) async fn check(installation: &Installation, slug: Option<&str>) -> Result<Checked> {
    let organizations = match slug {
        Some(slug) => vec![find(installation, slug).await?],
        None => organization::list(installation).await?,
    };
    let bar = progress::bar(0);
    let mut checked = Checked { organizations: Vec::new(), installation: None };
    for (access, organization) in organizations {
        bar.set_message(format!("checking {}", organization.slug));
        let moved = bar.clone();
        let listener: Listener = Arc::new(move |Progress { done, of }| {
            moved.set_length(of);
            moved.set_position(done);
        });
        let store = installation.store();
        let findings = match verify::organization_telling(store, &access, &listener).await {
            // Deleted meanwhile.
            Err(Error::NotFound { .. }) => continue,
            findings => {
                readable(findings).with_context(|| format!("cannot check {}", organization.slug))?
            }
        };
        checked.organizations.push((organization, findings));
    }
    if slug.is_none() {
        let findings = readable(verify::installation(installation).await);
        checked.installation = Some(findings.context("cannot check the installation")?);
    }
    bar.finish_and_clear();
    Ok(checked)
}

/// Holds the chains against heads that were kept elsewhere.
async fn heads(installation: &Installation, checked: &mut Checked, file: &Path) -> Result<()> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let Some((organization, findings)) = checked.organizations.first_mut() else { return Ok(()) };
    let (access, _) = find(installation, organization.slug.as_str()).await?;
    for (line, text) in text.lines().enumerate() {
        let head: SignedHead = serde_json::from_str(text)
            .with_context(|| format!("line {} of {shown} is no signed head", line + 1))?;
        let compare = move |reader: &mut Reader<'_>| audit::compare(reader, &head);
        if let Some(detail) = installation.store().read(&access, compare).await? {
            findings.violation_count += 1;
            findings.violations.push(Violation { invariant: "I4", detail });
        }
    }
    Ok(())
}

/// A row that cannot be read is a finding too, and the others are still looked at.
fn readable(findings: Result<Findings, Error>) -> Result<Findings, Error> {
    match findings {
        Err(Error::Damaged(damage)) => Ok(Findings {
            violations: vec![Violation { invariant: "row", detail: damage.to_string() }],
            violation_count: 1,
            ..Findings::default()
        }),
        findings => findings,
    }
}

/// Findings, for programs.
fn view(findings: &Findings) -> Json {
    let violations: Vec<Json> = findings
        .violations
        .iter()
        .map(|violation| json!({ "invariant": violation.invariant, "detail": violation.detail }))
        .collect();
    json!({
        "users": findings.users,
        "groups": findings.groups,
        "memberships": findings.memberships,
        "events": findings.events,
        "audit": findings.audit,
        "violation_count": findings.violation_count,
        "violations": violations,
        "half_made": findings.half_made,
    })
}

impl Checked {
    /// All findings, each with the name of what it was found in.
    fn named(&self) -> impl Iterator<Item = (&str, &Findings)> {
        let organizations = self.organizations.iter();
        organizations
            .map(|(organization, findings)| (organization.slug.as_str(), findings))
            .chain(self.installation.iter().map(|findings| ("(installation)", findings)))
    }

    /// How many organizations were looked at.
    pub(super) fn organizations(&self) -> usize {
        self.organizations.len()
    }

    /// The first thing that is wrong, if anything is.
    pub(super) fn first_wrong(&self) -> Option<String> {
        self.named().find_map(|(name, findings)| {
            let Violation { invariant, detail } = findings.violations.first()?;
            Some(format!("{name}: {invariant}: {detail}"))
        })
    }

    fn told(&self, wrong: u64) -> String {
        let mut text = table::columns(
            [
                cut("organization"),
                number("users"),
                number("groups"),
                number("memberships"),
                number("events"),
                number("audit"),
                whole("result"),
            ],
            self.named().map(|(name, findings)| {
                [
                    name.to_owned(),
                    findings.users.to_string(),
                    findings.groups.to_string(),
                    findings.memberships.to_string(),
                    findings.events.to_string(),
                    findings.audit.to_string(),
                    match findings.violation_count {
                        0 => "sound".to_owned(),
                        count => format!("{count} wrong"),
                    },
                ]
            }),
        );
        // Writing to a text cannot fail.
        for (name, findings) in self.named() {
            for Violation { invariant, detail } in &findings.violations {
                let _ = writeln!(text, "{name}: {invariant}: {detail}");
            }
            let kept = findings.violations.len() as u64;
            if findings.violation_count > kept {
                let _ = writeln!(text, "{name}: and {} more", findings.violation_count - kept);
            }
        }
        for (name, findings) in self.named() {
            for half_made in &findings.half_made {
                let _ = writeln!(text, "{name}: {half_made}, which does no harm");
            }
        }
        let _ = match wrong {
            0 => writeln!(
                text,
                "Every count, index and membership agrees with the records, and every event and\n\
                 audit entry with the one before it."
            ),
            _ => writeln!(text, "{wrong} things are wrong. Restore a backup, or report a defect."),
        };
        text
    }
}
