//! `doorward audit`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{
    Access, AuditNo, Error, Installation, Reader,
    audit::{self, AuditEntry},
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
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    #[command(flatten)]
    range: Range,
}

/// Whose audit it is: that of an organization, or that of the installation.
struct Audit<'i> {
    installation: &'i Installation,
    access: Option<Access>,
    names: Names,
}

impl<'i> Audit<'i> {
    async fn find(installation: &'i Installation, slug: Option<&str>) -> Result<Self> {
        let Some(slug) = slug else {
            return Ok(Self { installation, access: None, names: Names::default() });
        };
        let (access, _) = find(installation, slug).await?;
        let names = Names::read(installation.store(), &access).await?;
        Ok(Self { installation, access: Some(access), names })
    }

    async fn newest(&self) -> Result<AuditNo, Error> {
        match &self.access {
            Some(access) => self.installation.store().read(access, audit::newest).await,
            None => self.installation.newest_audit().await,
        }
    }

    async fn after(&self, no: AuditNo, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        match &self.access {
            Some(access) => {
                let read = move |reader: &mut Reader<'_>| audit::after(reader, no, limit);
                self.installation.store().read(access, read).await
            }
            None => self.installation.audit(no, limit).await,
        }
    }
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let Command::List(options) = command;
    store::with(config, Missing::Refuse, async |installation| {
        let audit = Audit::find(installation, options.organization.as_deref()).await?;
        let newest = audit.newest().await?;
        let after = async |no, count| audit.after(no, count).await;
        let shown = Shown {
            organization: options.organization.clone(),
            list: "entries",
            number: "entry",
            last: (wrapped("what exactly"), |entry: &AuditEntry| {
                exactly(&entry.target, &json!(entry.payload))
            }),
            names: audit.names.clone(),
        };
        record::list(&shown, &options.range, newest, after, json).await
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
