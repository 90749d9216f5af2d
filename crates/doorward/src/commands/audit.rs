//! `doorward audit`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{
    AuditNo,
    audit::{AuditEntry, Trail},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    connection::Names,
    organization::find,
    record::{self, Range, Shown},
    store::{self, Missing},
};
use crate::{answer::Answer, table::wrapped};

/// `doorward audit`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Who did what to credentials, roles and settings, oldest first
    List(List),
}

/// `doorward audit list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Short name of the organization [default: the installation itself, which tells of
    /// organizations, plans and settings]
    #[arg(long, value_name = "SLUG", conflicts_with = "deleted")]
    organization: Option<String>,
    /// Id or number of an organization that was deleted; the installation's audit tells both
    #[arg(long, value_name = "ID")]
    deleted: Option<String>,
    #[command(flatten)]
    range: Range,
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let Command::List(options) = command;
    store::with(config, Missing::Refuse, async |installation| {
        let mut names = Names::default();
        let trail = match (&options.organization, &options.deleted) {
            (Some(slug), _) => {
                let (access, organization) = find(installation, slug).await?;
                names = Names::read(installation.store(), &access).await?;
                Trail::of_organization(installation, &organization.slug).await?
            }
            (None, Some(name)) => Trail::of_deleted(installation, name).await?,
            (None, None) => Trail::of_installation(installation)?,
        };
        let shown = Shown {
            organization: options.organization.clone().or(options.deleted.clone()),
            list: "entries",
            number: "entry",
            last: (wrapped("what exactly"), |entry: &AuditEntry| {
                exactly(&entry.target, &json!(entry.payload))
            }),
            names,
        };
        let after = async |no, count| trail.after(no, count).await;
        let ends = (AuditNo::START, trail.newest().await?);
        record::list(&shown, &options.range, ends, after, json).await
    })
    .await
}

/// What it was done to, and how: `ada, role: admin`.
fn exactly(target: &str, body: &Json) -> String {
    let mut parts = vec![target.to_owned()];
    for (name, value) in body.as_object().into_iter().flatten() {
        match value {
            Json::Null => {}
            Json::String(text) if text == target => {}
            Json::String(text) => parts.push(format!("{name}: {text}")),
            value => parts.push(format!("{name}: {value}")),
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::exactly;

    #[test]
    fn an_entry_in_a_table_tells_what_it_holds() {
        let body = json!({ "role": "admin", "user": "ada", "before": null, "live": 2 });
        assert_eq!(exactly("ada", &body), "ada, role: admin, live: 2");
    }
}
