//! `doorward event`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::event::{self, Event};
use doorward::config::Config;

use super::{
    connection::Names,
    organization::find,
    record::{self, Range, Shown},
    store::{self, Missing},
};
use crate::{answer::Answer, table::whole};

/// `doorward event`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What happened in an organization, oldest first
    List(List),
}

/// `doorward event list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    #[command(flatten)]
    range: Range,
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let Command::List(options) = command;
    store::with(config, Missing::Refuse, async |installation| {
        let (access, organization) = find(installation, &options.organization).await?;
        let store = installation.store();
        let shown = Shown {
            organization: Some(organization.slug.to_string()),
            list: "events",
            number: "event",
            last: (whole("target"), |event: &Event| event.target.clone()),
            names: Names::read(store, &access).await?,
        };
        let after = async |no, count| {
            store.read(&access, move |reader| event::after(reader, no, count)).await
        };
        let ends = (organization.pruned, organization.last_event);
        record::list(&shown, &options.range, ends, after, json).await
    })
    .await
}
