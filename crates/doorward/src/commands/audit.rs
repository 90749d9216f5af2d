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
    event::to_the_second,
    organization::find,
    range::{PIECE, Range, rest},
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    output::stream,
    table::{Table, cut, number, whole, wrapped},
};

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
        let (after, mut left) = options.range.of(newest.number());
        let mut after = AuditNo::from(after);
        stream(async |output| {
            let mut table = Table::new([
                number("entry"),
                whole("time"),
                cut("by"),
                cut("kind"),
                wrapped("what exactly"),
            ]);
            if json {
                output.begin(&json!({ "organization": options.organization }))?;
                output.list("entries")?;
            }
            while left > 0 {
                let count = left.min(PIECE);
                let entries = audit.after(after, count).await?;
                let Some(last) = entries.last() else { break };
                after = last.no;
                left -= count;
                if json {
                    for entry in &entries {
                        output.element(&as_json(entry).to_string())?;
                    }
                } else {
                    let rows = entries.iter().map(|entry| row(entry, &audit.names));
                    output.text(&table.page(rows))?;
                }
            }
            if json {
                output.end_list()?;
                output.end(&json!({ "newest": newest }))?;
            } else {
                output.text(&rest(after.number(), newest.number()))?;
            }
            Ok(())
        })
        .await
    })
    .await
}

/// An entry, for programs.
fn as_json(entry: &AuditEntry) -> Json {
    json!({
        "number": entry.no,
        "time": entry.at.to_string(),
        "principal": entry.principal,
        "request": entry.request,
        "kind": entry.kind().name(),
        "target": entry.target,
        "body": entry.payload,
    })
}

fn row(entry: &AuditEntry, names: &Names) -> [String; 5] {
    [
        entry.no.to_string(),
        to_the_second(&entry.at.to_string()),
        names.principal(&entry.principal),
        entry.kind().name().to_owned(),
        exactly(&entry.target, &json!(entry.payload)),
    ]
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
