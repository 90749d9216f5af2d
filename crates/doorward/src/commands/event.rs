//! `doorward event`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::event::{self, Event, EventKind};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    connection::Names,
    organization::find,
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
    /// Begin after the event with this number [default: 0]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(0..))]
    after: Option<i64>,
    /// Begin so that so many are left: the newest
    #[arg(long, value_name = "N", conflicts_with = "after",
          value_parser = clap::value_parser!(i64).range(1..))]
    last: Option<i64>,
    /// How many are shown, at most [default: 100]
    #[arg(long, value_name = "N", conflicts_with = "last",
          value_parser = clap::value_parser!(i64).range(1..))]
    limit: Option<i64>,
}

/// So many are shown where no one said how many.
const DEFAULT_LIMIT: i64 = 100;
/// So many are read at a time.
const PIECE: i64 = 1_000;

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let Command::List(options) = command;
    store::with(config, Missing::Refuse, async |store| {
        let (tenant, organization) = find(store, &options.organization).await?;
        let names = Names::read(store, &tenant).await?;
        let newest = organization.last_event;
        let mut after = match (options.after, options.last) {
            (Some(after), _) => after,
            (None, Some(last)) => newest.saturating_sub(last).max(0),
            (None, None) => 0,
        };
        let mut left = options.last.or(options.limit).unwrap_or(DEFAULT_LIMIT);
        stream(async |output| {
            let mut table = Table::new([
                number("event"),
                whole("time"),
                cut("actor"),
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
                    store.read(&tenant, move |reader| event::after(reader, after, count)).await?;
                let Some(last) = events.last() else { break };
                after = last.seq;
                left -= i64::try_from(events.len()).unwrap_or(i64::MAX);
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
            } else if after < newest {
                output.text(&format!(
                    "{} more follow: `--after {after}` shows them.\n",
                    newest - after
                ))?;
            } else if newest == 0 {
                output.text("Nothing has happened yet.\n")?;
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
        "number": event.seq,
        "time": event.at.to_string(),
        "actor": event.actor,
        "kind": word(event.kind),
        "target": event.target,
        "body": event.body,
    })
}

fn row(event: &Event, names: &Names) -> [String; 5] {
    [
        event.seq.to_string(),
        to_the_second(&event.at.to_string()),
        actor(&event.actor, names),
        word(event.kind),
        event.target.clone(),
    ]
}

/// `2026-11-21T08:30:00.123Z` as `2026-11-21 08:30:00`: there is not room for more in a table.
fn to_the_second(time: &str) -> String {
    time.split('.').next().unwrap_or_default().replace('T', " ")
}

/// Who asked: a connection by its name, or by its provider.
fn actor(actor: &str, names: &Names) -> String {
    match actor.strip_prefix("connection:") {
        None => actor.to_owned(),
        Some(id) => match names.by_id(id) {
            Some(connection) => Names::short(Some(connection)),
            None => "a deleted connection".to_owned(),
        },
    }
}

/// The kind of an event as a word: `user.created`, `connection.profile_changed`.
pub(crate) fn word(kind: EventKind) -> String {
    let mut word = String::new();
    let mut parts = 0;
    for letter in format!("{kind:?}").chars() {
        if letter.is_ascii_uppercase() {
            match parts {
                0 => {}
                1 => word.push('.'),
                _ => word.push('_'),
            }
            parts += 1;
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use directory::event::EventKind;

    use super::{to_the_second, word};

    #[test]
    fn a_kind_is_a_noun_and_what_happened_to_it() {
        assert_eq!(word(EventKind::UserCreated), "user.created");
        assert_eq!(word(EventKind::ConnectionProfileChanged), "connection.profile_changed");
    }

    #[test]
    fn a_time_in_a_table_ends_with_its_second() {
        assert_eq!(to_the_second("2026-11-21T08:30:00.123Z"), "2026-11-21 08:30:00");
    }
}
