//! `doorward export`

mod audit;
mod events;
mod groups;
mod memberships;
mod security_report;
mod sink;
mod users;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use directory::{Access, EventNo, Store};
use doorward::config::{Config, PublicUrl};

use self::sink::Sink;
use super::{
    organization::find,
    public_url,
    store::{self, Missing},
};
use crate::{answer::Answer, output::stream};

/// `doorward export`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The people of an organization, archived ones included
    ///
    /// In CSV, a cell that begins with = + - @, a tab or a carriage return gets an apostrophe in
    /// front, so that no spreadsheet takes a name for a formula. JSON shows the values as they are:
    /// each user as SCIM 2.0 shows it.
    Users(Options),
    /// The groups of an organization, without their members
    Groups(Options),
    /// Who is in which group: a line for each direct member of each group
    Memberships(Options),
    /// What happened in an organization, from its first event on
    Events(Options),
    /// Who did what to credentials, roles and settings, from the first entry on
    Audit(Options),
    /// Where the chains of events and audit ended, day by day, signed: `doorward verify --heads`
    /// holds the store against them. Keep them elsewhere
    AuditHeads(Options),
    /// What a reviewer asks: administrators, connections with their tokens and certificates, API keys, webhooks,
    /// break-glass accounts, and who left last and how fast
    SecurityReport {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
}

/// What every export is told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// Shape of the output [default: csv; with --json: json]
    #[arg(long)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each, for spreadsheets
    Csv,
    /// One object with a list, for programs
    Json,
    /// JSON Lines: an object on each line, and nothing around them
    Jsonl,
}

impl Options {
    fn format(&self, json: bool) -> Result<Format> {
        match (self.format, json) {
            (Some(Format::Csv), true) => {
                bail!("`--json` and `--format csv` contradict each other")
            }
            (Some(Format::Jsonl), _) => Ok(Format::Jsonl),
            (Some(Format::Csv) | None, false) => Ok(Format::Csv),
            (Some(Format::Json), _) | (None, true) => Ok(Format::Json),
        }
    }
}

/// What is exported.
struct Source<'s> {
    store: &'s Store,
    access: &'s Access,
    /// The newest event that is not kept any more.
    pruned: EventNo,
    /// Where the server is reached, if that is known.
    url: Option<PublicUrl>,
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    if let Command::SecurityReport { organization } = &command {
        return store::with(config, Missing::Refuse, async |installation| {
            security_report::run(installation, organization).await
        })
        .await;
    }
    let (Command::Users(options)
    | Command::Groups(options)
    | Command::Memberships(options)
    | Command::Events(options)
    | Command::Audit(options)
    | Command::AuditHeads(options)) = &command
    else {
        unreachable!("the report was told above")
    };
    let format = options.format(json)?;
    store::with(config, Missing::Refuse, async |installation| {
        let (access, organization) = find(installation, &options.organization).await?;
        let url = public_url::known(config, installation).await?;
        let (store, pruned) = (installation.store(), organization.pruned);
        let source = Source { store, access: &access, pruned, url };
        stream(async |output| {
            let sink = Sink::new(format, output);
            match command {
                Command::Users(_) => users::write(&source, sink).await,
                Command::Groups(_) => groups::write(&source, sink).await,
                Command::Memberships(_) => memberships::write(&source, sink).await,
                Command::Events(_) => events::write(&source, sink).await,
                Command::Audit(_) => audit::entries(&source, sink).await,
                Command::AuditHeads(_) => audit::heads(&source, sink).await,
                Command::SecurityReport { .. } => unreachable!("the report was told above"),
            }
        })
        .await
    })
    .await
}
