//! `.../{connection}/guard`: removals that the mass-removal guard holds, and what it lets through.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Error, Noun, ResourceId, ResourceNo,
    connection::{self, Connection},
    removal::{self, Act, HeldRemoval, Limits, Shown},
};

use super::{At, frame};
use crate::{
    console::{
        Frame, Posted, Visitor,
        icon::Icon,
        live::Watched,
        message::Message,
        posted::done,
        time::Moment,
        words::{self, Words},
    },
    error::HttpError,
    page::Page,
};

/// Rows of a page.
const ROWS: u32 = 50;

/// A removal, as a row.
#[derive(Debug)]
struct Row {
    /// The id of the user or group, while it is here.
    id: Option<String>,
    address: Option<String>,
    name: String,
    act: String,
    first: Moment,
    last: Moment,
    attempts: i64,
}

impl Row {
    fn of(one: &HeldRemoval) -> Self {
        let (section, act) = match one.act {
            Act::Archive => ("users", "Deactivate".to_owned()),
            Act::Delete => ("users", "Delete".to_owned()),
            Act::Leave => ("groups", format!("Take {} out of this group", people(one.people))),
            Act::DeleteGroup => ("groups", format!("Delete this group of {}", people(one.people))),
        };
        let resource = one.resource.as_ref();
        Self {
            id: resource.map(|resource| resource.id.to_string()),
            address: resource.map(|resource| format!("/console/{section}/{}", resource.id)),
            name: resource.map_or("Gone", |resource| resource.name()).to_owned(),
            act,
            first: Moment(one.first),
            last: Moment(one.last),
            attempts: one.attempts,
        }
    }
}

fn people(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

fn removals(count: i64) -> String {
    if count == 1 { "1 removal".to_owned() } else { format!("{count} removals") }
}

#[derive(Debug, Template)]
#[template(path = "console/guard.html")]
struct HeldPage {
    frame: Frame,
    words: &'static Words,
    guard: Shown,
    since: Option<Moment>,
    refused_until: Option<Moment>,
    rows: Vec<Row>,
    next: Option<String>,
    is_first: bool,
    may_set: bool,
    address: String,
}

/// `GET .../{connection}/guard`
pub(in crate::console) async fn show(
    visitor: Visitor,
    at: At,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at).await }).await
}

async fn page(visitor: &Visitor, at: At) -> Result<HeldPage, HttpError> {
    let after = visitor.query("after").and_then(|text| text.parse::<i64>().ok());
    let from = after.map(ResourceNo::from);
    let (connection, guard, held) = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let held = removal::held(reader, at.0, from, ROWS)?;
            Ok((found, removal::show(reader, at.0)?, held))
        })
        .await?;
    let last = held.last().filter(|_| held.len() == ROWS as usize).map(|one| i64::from(one.no()));
    Ok(HeldPage {
        frame: frame(visitor, &connection, "Held removals", "/guard"),
        words: words::of(&connection),
        since: guard.since.map(Moment),
        refused_until: guard.refused_until.map(Moment),
        rows: held.iter().map(Row::of).collect(),
        next: last.map(|last| format!("{}?after={last}", at.page("/guard"))),
        is_first: after.is_none(),
        may_set: visitor.is_superadmin(),
        address: at.page("/guard"),
        guard,
    })
}

/// `POST .../{connection}/guard/through`: one user or group.
pub(in crate::console) async fn let_through(posted: Posted, at: At) -> Result<Response, HttpError> {
    let id = ResourceId::parse(posted.text("resource"));
    let id = id.ok_or_else(|| Error::not_found(Noun::HeldRemoval))?;
    posted.visitor.write(move |writer| removal::let_through(writer, at.0, id)).await?;
    Ok(done(&at.page("/guard"), Message::LetThrough))
}

/// A decision about all that is held, before it is made: whoever makes it types how many they are.
#[derive(Debug, Template)]
#[template(path = "console/guard-sure.html")]
struct Sure {
    frame: Frame,
    text: String,
    held: i64,
    act: String,
    button: &'static str,
    back: String,
}

async fn sure(
    visitor: &Visitor,
    at: At,
    (below, button): (&str, &'static str),
    text: impl FnOnce(&Connection, &Shown) -> String,
) -> Result<Response, HttpError> {
    let (connection, guard) = visitor
        .read(move |reader| Ok((connection::get(reader, at.0)?, removal::show(reader, at.0)?)))
        .await?;
    let page = Sure {
        frame: frame(visitor, &connection, format!("{button}?"), below),
        text: text(&connection, &guard),
        held: guard.held,
        act: at.page(below),
        button,
        back: at.page("/guard"),
    };
    Ok(Page::ok(page).into_response())
}

/// `GET .../{connection}/guard/release`
pub(in crate::console) async fn releasing(visitor: Visitor, at: At) -> Result<Response, HttpError> {
    sure(&visitor, at, ("/guard/release", "Release all"), |connection, guard| {
        let provider = words::of(connection).provider;
        format!(
            "{} pass when {provider} asks again: those people lose their access. The guard counts from \
             nothing; more than {} further removals in {} minutes are held again.",
            removals(guard.held),
            guard.allowance,
            guard.limits.minutes
        )
    })
    .await
}

/// `GET .../{connection}/guard/refuse`
pub(in crate::console) async fn refusing(visitor: Visitor, at: At) -> Result<Response, HttpError> {
    sure(&visitor, at, ("/guard/refuse", "Refuse all"), |connection, guard| {
        let provider = words::of(connection).provider;
        format!(
            "{} are refused when {provider} asks again, for seven days: the people stay. Each further \
             removal of the next {} minutes is held at once.",
            removals(guard.held),
            guard.limits.minutes
        )
    })
    .await
}

/// How many the visitor has typed.
fn typed(posted: &Posted) -> Result<i64, Error> {
    posted.text("typed").parse().map_err(|_| Error::Invalid {
        attribute: "typed".into(),
        detail: "Type the number of removals that are held.".into(),
    })
}

/// `POST .../{connection}/guard/release`
pub(in crate::console) async fn release(posted: Posted, at: At) -> Result<Response, HttpError> {
    let typed = typed(&posted)?;
    posted.visitor.write(move |writer| removal::release(writer, at.0, Some(typed))).await?;
    Ok(done(&at.page("/guard"), Message::Released))
}

/// `POST .../{connection}/guard/refuse`
pub(in crate::console) async fn refuse(posted: Posted, at: At) -> Result<Response, HttpError> {
    let typed = typed(&posted)?;
    posted.visitor.write(move |writer| removal::refuse(writer, at.0, Some(typed))).await?;
    Ok(done(&at.page("/guard"), Message::Refused))
}

/// `POST .../{connection}/guard/limits`
pub(in crate::console) async fn limit(posted: Posted, at: At) -> Result<Response, HttpError> {
    let number = |name: &'static str| {
        posted.text(name).parse::<i64>().map_err(|_| Error::Invalid {
            attribute: name.into(),
            detail: format!("\"{name}\" is a number.").into(),
        })
    };
    let limits = match posted.given("on") {
        None => None,
        Some(_) => Some(Limits {
            people: number("people")?,
            percent: number("percent")?,
            minutes: number("minutes")?,
        }),
    };
    posted.visitor.write(move |writer| removal::set(writer, at.0, limits)).await?;
    Ok(done(&at.page("/guard"), Message::Saved))
}

/// What every page says while removals of a connection wait for someone.
#[derive(Clone, Debug)]
pub(in crate::console) struct Banner {
    pub(in crate::console) address: String,
    pub(in crate::console) text: String,
    pub(in crate::console) since: Moment,
}

impl Banner {
    pub(in crate::console) fn of(waiting: &removal::Waiting) -> Self {
        let (name, held) = (words::name_of(&waiting.connection), removals(waiting.held));
        Self {
            address: super::page_of(waiting.connection.id, "/guard"),
            text: format!(
                "{name} wanted to take many people away at once: {held} wait for you since"
            ),
            since: Moment(waiting.since),
        }
    }
}
