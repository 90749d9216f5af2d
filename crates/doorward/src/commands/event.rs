//! `doorward event`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{
    EventNo,
    event::{self, Event},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    connection::Names,
    organization::find,
    range::{PIECE, Range, rest},
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    output::stream,
    table::{Table, cut, number, whole},
};

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
        let names = Names::read(store, &access).await?;
        let newest = organization.last_event;
        let (after, mut left) = options.range.of(newest.number());
        let mut after = EventNo::from(after);
        stream(async |output| {
            let mut table = Table::new([
                number("event"),
                whole("time"),
                cut("by"),
                cut("kind"),
                whole("target"),
            ]);
            if json {
                output.begin(&json!({ "organization": organization.slug.as_str() }))?;
                output.list("events")?;
            }
            while left > 0 {
                let count = left.min(PIECE);
                let events =
                    store.read(&access, move |reader| event::after(reader, after, count)).await?;
                let Some(last) = events.last() else { break };
                after = last.no;
                left -= count;
                if json {
                    for event in &events {
                        output.element(&as_json(event).to_string())?;
                    }
                } else {
                    output.text(&table.page(events.iter().map(|event| row(event, &names))))?;
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

/// An event, for programs.
pub(crate) fn as_json(event: &Event) -> Json {
    json!({
        "number": event.no,
        "time": event.at.to_string(),
        "principal": event.principal,
        "request": event.request,
        "kind": event.kind().name(),
        "target": event.target,
        "body": event.payload,
    })
}

fn row(event: &Event, names: &Names) -> [String; 5] {
    [
        event.no.to_string(),
        to_the_second(&event.at.to_string()),
        names.principal(&event.principal),
        event.kind().name().to_owned(),
        event.target.clone(),
    ]
}

/// `2026-11-21T08:30:00.123Z` as `2026-11-21 08:30:00`: there is not room for more in a table.
pub(crate) fn to_the_second(time: &str) -> String {
    time.split('.').next().unwrap_or_default().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::to_the_second;

    #[test]
    fn a_time_in_a_table_ends_with_its_second() {
        assert_eq!(to_the_second("2026-11-21T08:30:00.123Z"), "2026-11-21 08:30:00");
    }
}
