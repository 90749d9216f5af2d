//! `doorward connection guard`

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use directory::{
    Access, ConnectionId, Error, Installation, Reader, Resource, Writer,
    connection::Connection,
    group,
    removal::{self, Act, HeldRemoval, Limits, Shown},
    user,
};
use serde_json::{Value as Json, json};

use super::{super::confirm::confirm, find};
use crate::{answer::Answer, table::to_the_second, words::count};

/// So many of what is held are shown; how many there are is said.
const SHOWN: u32 = 100;

/// `doorward connection guard`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What the guard lets through, and what it holds
    Show {
        /// Id of the connection
        id: String,
    },
    /// Change what it lets through: what is not named stays as it is
    Set(Set),
    /// Let what is held through: it is done when the provider asks again
    Release {
        /// Id of the connection
        id: String,
        /// This user only; the others wait on
        #[arg(long, value_name = "USERNAME")]
        user: Option<String>,
        /// The members of this group only, or the group itself; the others wait on
        #[arg(long, value_name = "NAME", conflicts_with = "user")]
        group: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Refuse everything that is held: the people stay
    Refuse {
        /// Id of the connection
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `doorward connection guard set`
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Id of the connection
    id: String,
    /// More than so many people are held
    #[arg(long, value_name = "N")]
    people: Option<i64>,
    /// More than so many percent of the active people of the connection are held, where that is more
    /// than ten
    #[arg(long, value_name = "N")]
    percent: Option<i64>,
    /// In so many minutes
    #[arg(long, value_name = "N")]
    minutes: Option<i64>,
    /// Switch the guard off: what is held is let through, and nothing more is
    #[arg(long, conflicts_with_all = ["people", "percent", "minutes"])]
    off: bool,
}

pub(super) async fn run(installation: &Installation, command: Command) -> Result<Answer> {
    match command {
        Command::Show { id } => show(installation, &id).await,
        Command::Set(wanted) => set(installation, wanted).await,
        Command::Release { id, user: None, group: None, yes } => {
            release(installation, &id, yes).await
        }
        Command::Release { id, user, group, .. } => {
            let_through(installation, &id, user, group).await
        }
        Command::Refuse { id, yes } => refuse(installation, &id, yes).await,
    }
}

/// The guard of a connection, for programs.
fn view(id: ConnectionId, guard: &Shown) -> Json {
    let Limits { people, percent, minutes } = guard.limits;
    json!({
        "connection": id.to_string(),
        "on": guard.is_on,
        "people": people,
        "percent": percent,
        "minutes": minutes,
        "managed": guard.managed,
        "allowance": guard.allowance,
        "counted": guard.counted,
        "held": guard.held,
        "since": guard.since.map(|since| since.to_string()),
        "refused_until": guard.refused_until.map(|until| until.to_string()),
    })
}

/// What it lets through, for people.
fn told(guard: &Shown) -> String {
    let Shown { limits: Limits { people, percent, minutes }, managed, allowance, .. } = guard;
    if !guard.is_on {
        return "off: a provider may take away as many people as it likes".to_owned();
    }
    format!(
        "more than {people} people, or {percent} percent of the {managed} active ones of the connection, in \
         {minutes} minutes are held: now more than {allowance}"
    )
}

fn act(act: Act) -> &'static str {
    match act {
        Act::Archive => "deactivate",
        Act::Delete => "delete",
        Act::Leave => "take out of the group",
        Act::DeleteGroup => "delete the group",
    }
}

async fn read(
    installation: &Installation,
    access: &Access,
    id: ConnectionId,
) -> Result<(Shown, Vec<HeldRemoval>)> {
    let read = move |reader: &mut Reader<'_>| {
        let held = removal::held(reader, id, None, SHOWN)?;
        Ok::<_, Error>((removal::show(reader, id)?, held))
    };
    Ok(installation.store().read(access, read).await?)
}

async fn show(installation: &Installation, id: &str) -> Result<Answer> {
    let (access, connection) = find(installation, id).await?;
    let (guard, held) = read(installation, &access, connection.id).await?;
    let mut json = view(connection.id, &guard);
    let line = |one: &HeldRemoval| {
        json!({
            "id": one.resource.as_ref().map(|resource| resource.id.to_string()),
            "name": one.resource.as_ref().map(Resource::name),
            "act": one.act.as_str(),
            "people": one.people,
            "first": one.first.to_string(),
            "last": one.last.to_string(),
            "attempts": one.attempts,
        })
    };
    json["removals"] = held.iter().map(line).collect();
    let mut lines = vec![format!("Guard of {}: {}.", connection.label(), told(&guard))];
    lines.push(match (guard.since, guard.refused_until) {
        (Some(since), _) => {
            let since = to_the_second(&since.to_string());
            format!("{} held since {since}:", are(guard.held))
        }
        (None, Some(until)) => format!("Refused until {}:", to_the_second(&until.to_string())),
        (None, None) => format!("Nothing is held; {} counted in the window.", are(guard.counted)),
    });
    for one in &held {
        let name = one.resource.as_ref().map_or("someone who is gone", Resource::name);
        let people = match one.act {
            Act::Archive | Act::Delete => String::new(),
            Act::Leave | Act::DeleteGroup => format!(", {} people", one.people),
        };
        lines.push(format!("  {}: {}{people}", name.escape_debug(), act(one.act)));
    }
    Ok(Answer::new(json, lines.join("\n")))
}

/// How many removals, with the verb.
fn are(removals: i64) -> String {
    let verb = if removals == 1 { "is" } else { "are" };
    format!("{} {verb}", count(removals, "removal"))
}

async fn set(installation: &Installation, wanted: Set) -> Result<Answer> {
    let (access, connection) = find(installation, &wanted.id).await?;
    let Set { people, percent, minutes, off, .. } = wanted;
    if !off && people.is_none() && percent.is_none() && minutes.is_none() {
        bail!("name what is to be different: --people, --percent, --minutes or --off");
    }
    let id = connection.id;
    let (changed, guard) = installation
        .store()
        .write(&access, move |writer| {
            let before = removal::show(writer, id)?.limits;
            let limits = Limits {
                people: people.unwrap_or(before.people),
                percent: percent.unwrap_or(before.percent),
                minutes: minutes.unwrap_or(before.minutes),
            };
            let changed = removal::set(writer, id, (!off).then_some(limits))?;
            Ok::<_, Error>((changed, removal::show(writer, id)?))
        })
        .await?;
    let mut json = view(id, &guard);
    json["changed"] = json!(changed);
    let end = if changed { "" } else { " It was so already: nothing changed." };
    Ok(Answer::new(json, format!("Guard of {}: {}.{end}", connection.label(), told(&guard))))
}

async fn release(installation: &Installation, id: &str, yes: bool) -> Result<Answer> {
    let (access, connection) = find(installation, id).await?;
    let (id, held) = (connection.id, waiting(installation, &access, &connection).await?);
    let question = format!(
        "{} held of {}. What is released is done when the provider asks again.",
        are(held),
        connection.label()
    );
    confirm(yes, &question, &held.to_string())?;
    let release = move |writer: &mut Writer<'_>| removal::release(writer, id, Some(held));
    let released = installation.store().write(&access, release).await?;
    let json = json!({ "connection": id.to_string(), "released": released });
    let text = format!(
        "{} released: they are done when the provider asks again. The guard counts from nothing.",
        are(released)
    );
    Ok(Answer::new(json, text))
}

async fn refuse(installation: &Installation, id: &str, yes: bool) -> Result<Answer> {
    let (access, connection) = find(installation, id).await?;
    let (id, held) = (connection.id, waiting(installation, &access, &connection).await?);
    let question = format!("{} held of {}. The people stay.", are(held), connection.label());
    confirm(yes, &question, &held.to_string())?;
    let refuse = move |writer: &mut Writer<'_>| removal::refuse(writer, id, Some(held));
    let refused = installation.store().write(&access, refuse).await?;
    let json = json!({ "connection": id.to_string(), "refused": refused });
    let text = format!(
        "{} refused: the people stay, and the provider reads so when it asks again.",
        are(refused)
    );
    Ok(Answer::new(json, text))
}

/// How many are held.
async fn waiting(
    installation: &Installation,
    access: &Access,
    connection: &Connection,
) -> Result<i64> {
    let (guard, _) = read(installation, access, connection.id).await?;
    if guard.since.is_none() {
        bail!("nothing is held of {}", connection.label());
    }
    Ok(guard.held)
}

async fn let_through(
    installation: &Installation,
    id: &str,
    username: Option<String>,
    name: Option<String>,
) -> Result<Answer> {
    let (access, connection) = find(installation, id).await?;
    let id = connection.id;
    let (resource, name) = installation
        .store()
        .write(&access, move |writer| {
            let (resource, name) = match (&username, &name) {
                (Some(name), _) => {
                    let user = user::by_username(writer, name)?;
                    (user.id, user.name().to_owned())
                }
                (None, name) => {
                    let name = name.as_deref().unwrap_or_default();
                    let group = group::by_display_name(writer, name)?;
                    (group.id, group.name().to_owned())
                }
            };
            removal::let_through(writer, id, resource)?;
            Ok::<_, Error>((resource, name))
        })
        .await?;
    let json = json!({
        "connection": id.to_string(), "let_through": resource.to_string(), "name": name,
    });
    let text = format!("{} is let through when the provider asks again.", name.escape_debug());
    Ok(Answer::new(json, text))
}
