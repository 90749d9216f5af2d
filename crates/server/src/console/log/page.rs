//! `.../{connection}/log`: the requests of a provider, newest first, and one of them in full.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse as _, Response},
};
use directory::{
    Error, Noun, Reader, ResourceId,
    connection::{self, Connection},
    event::Payload,
    sync_log::{self, Entry, Key},
    user,
};
use http::request::Parts;

use super::{Sentence, Told};
use crate::{
    App,
    console::{
        Frame, Visitor,
        icon::Icon,
        integrations::{At, base_url_at, frame},
        live::Watched,
        time::Moment,
        trouble,
        words::{self, Words},
    },
    error::HttpError,
    page::Page,
};

/// Rows of a page.
const ROWS: usize = 50;
/// So many requests are read at a time, and at most so often for one page.
const PIECE: u32 = 200;
const PIECES: usize = 10;

/// What is looked for.
#[derive(Clone, Debug, Default)]
struct Filter {
    /// The id of a user or group.
    target: Option<String>,
    /// It was written, and no one has the name.
    is_nobody: bool,
    result: Option<String>,
}

impl Filter {
    fn read(
        reader: &mut Reader<'_>,
        who: Option<&str>,
        result: Option<&str>,
    ) -> Result<Self, Error> {
        let target = match who {
            None => None,
            Some(who) if ResourceId::parse(who).is_some() => Some(who.to_owned()),
            Some(who) => match user::by_username(reader, who) {
                Ok(user) => Some(user.id.to_string()),
                Err(Error::NotFound { .. }) => match directory::group::by_display_name(reader, who)
                {
                    Ok(group) => Some(group.id.to_string()),
                    Err(Error::NotFound { .. }) => None,
                    Err(error) => return Err(error),
                },
                Err(error) => return Err(error),
            },
        };
        let is_nobody = who.is_some() && target.is_none();
        Ok(Self { target, is_nobody, result: result.map(str::to_owned) })
    }

    /// Whether a request is looked for.
    fn takes(&self, Entry { served, .. }: &Entry) -> bool {
        let result = match served.status {
            500.. => "failed",
            400.. => "refused",
            _ if served.notes.is_some() => "corrected",
            _ => "done",
        };
        let is_it = self.target.is_none() || self.target == served.target;
        let is_so = self.result.as_deref().is_none_or(|wanted| wanted == result);
        !self.is_nobody && is_it && is_so
    }

    fn is_given(&self) -> bool {
        self.target.is_some() || self.is_nobody || self.result.is_some()
    }
}

/// A row.
#[derive(Debug)]
struct Row {
    at: Moment,
    address: String,
    sentence: Sentence,
    target: Option<String>,
    milliseconds: String,
}

#[derive(Debug, Template)]
#[template(path = "console/log.html")]
struct Log {
    frame: Frame,
    words: &'static Words,
    rows: Vec<Row>,
    /// Calls that were not let in, and what was wrong with them.
    troubles: Vec<trouble::Told>,
    who: String,
    result: String,
    may_search: bool,
    is_filtered: bool,
    is_first: bool,
    older: Option<String>,
    address: String,
}

/// `GET .../{connection}/log`
pub(in crate::console) async fn list(
    visitor: Visitor,
    at: At,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at).await }).await
}

async fn page(visitor: &Visitor, at: At) -> Result<Log, HttpError> {
    // Whoever bears a set-up link sees no one by name.
    let may_search = visitor.person().is_some();
    let who = visitor.query("who").filter(|_| may_search).map(str::to_owned);
    let result = visitor.query("result").map(str::to_owned);
    let before = visitor.query("before").and_then(Key::parse);
    let (wanted, kind) = (who.clone(), result.clone());
    let now = visitor.store().clock().now();
    let public_url = visitor.app().public_url().to_owned();
    let (connection, told, more, is_filtered, troubles) = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let filter = Filter::read(reader, wanted.as_deref(), kind.as_deref())?;
            let (entries, more) = matching(reader, &found, &filter, before)?;
            let told = Told::all(reader, entries)?;
            let url = base_url_at(&public_url, &found);
            let troubles = trouble::lately(reader, &found, url.as_deref(), now)?;
            Ok((found, told, more, filter.is_given(), troubles))
        })
        .await?;
    let words = words::of(&connection);
    let row = |told: &Told| Row {
        at: Moment(told.entry.served.at),
        address: at.page(&format!("/log/{}", told.entry.key())),
        sentence: told.sentence(words),
        target: told.target.as_ref().map(|target| target.name().to_owned()),
        milliseconds: milliseconds(told.entry.served.micros),
    };
    let query = |name: &str, value: &Option<String>| {
        let value = value.as_deref().unwrap_or_default();
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        format!("{name}={encoded}")
    };
    let older = more.map(|key| {
        let (who, result) = (query("who", &who), query("result", &result));
        format!("{}?{who}&{result}&before={key}", at.page("/log"))
    });
    Ok(Log {
        frame: frame(visitor, &connection, "Sync log", "/log"),
        words,
        rows: told.iter().map(row).collect(),
        troubles: if before.is_none() { troubles } else { Vec::new() },
        who: who.unwrap_or_default(),
        result: result.unwrap_or_default(),
        may_search,
        is_filtered,
        is_first: before.is_none(),
        older,
        address: at.page("/log"),
    })
}

/// The requests before a key that are looked for, and where to go on, if there may be more.
fn matching(
    reader: &mut Reader<'_>,
    connection: &Connection,
    filter: &Filter,
    mut before: Option<Key>,
) -> Result<(Vec<Entry>, Option<Key>), Error> {
    let mut found = Vec::new();
    for _ in 0..PIECES {
        let piece = sync_log::before(reader, connection, before, PIECE)?;
        let is_over = piece.len() < PIECE as usize;
        for entry in piece {
            before = Some(entry.key());
            if filter.takes(&entry) {
                found.push(entry);
                if found.len() == ROWS {
                    return Ok((found, before));
                }
            }
        }
        if is_over {
            return Ok((found, None));
        }
    }
    Ok((found, before))
}

fn milliseconds(micros: i64) -> String {
    format!("{}.{}", micros / 1_000, micros % 1_000 / 100)
}

/// The request in an address.
#[derive(Clone, Copy, Debug)]
pub(in crate::console) struct Which(Key);

impl FromRequestParts<App> for Which {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await.ok();
        let values = path.into_iter().flat_map(|Path(values)| values);
        let mut keys = values.filter(|(name, _)| name == "request").map(|(_, value)| value);
        let key = keys.next().and_then(|key| Key::parse(&key));
        key.map(Self).ok_or_else(|| Error::not_found(Noun::Request).into())
    }
}

#[derive(Debug, Template)]
#[template(path = "console/log-entry.html")]
struct Detail {
    frame: Frame,
    words: &'static Words,
    sentence: Sentence,
    at: Moment,
    token: String,
    line: String,
    status: u16,
    milliseconds: String,
    reference: String,
    query: Option<String>,
    answer: Option<String>,
    notes: Vec<String>,
    changes: Vec<(&'static str, String)>,
    person: Option<(String, String)>,
}

/// `GET .../{connection}/log/{request}`
pub(in crate::console) async fn detail(
    visitor: Visitor,
    at: At,
    Which(key): Which,
) -> Result<Response, HttpError> {
    let (connection, told) = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let entry = sync_log::get(reader, &found, key)?;
            let told = Told::all(reader, vec![entry])?.pop();
            Ok((found, told.ok_or_else(|| Error::not_found(Noun::Request))?))
        })
        .await?;
    let words = words::of(&connection);
    let sentence = told.sentence(words);
    let served = &told.entry.served;
    let is_group = served.path.starts_with("/Groups");
    let person = told.target.as_ref().filter(|_| visitor.person().is_some()).map(|target| {
        let section = if is_group { "groups" } else { "users" };
        (format!("/console/{section}/{}", target.id), target.name().to_owned())
    });
    let mut frame = frame(&visitor, &connection, sentence.text.clone(), "/log/");
    frame.tabs.clear();
    let page = Detail {
        frame: frame.below(at.page("/log"), "Sync log"),
        words,
        at: Moment(served.at),
        token: told
            .entry
            .token
            .map_or_else(|| "by a grant of OAuth".to_owned(), |number| format!("number {number}")),
        line: format!("{} {}", served.method, served.path),
        status: served.status,
        milliseconds: milliseconds(served.micros),
        reference: served.request.to_string(),
        query: served.query.clone(),
        answer: served.detail.clone(),
        notes: served.notes.iter().flat_map(|notes| notes.split("; ")).map(capital).collect(),
        changes: told.events.iter().filter_map(|event| change(&event.payload)).collect(),
        person,
        sentence,
    };
    Ok(Page::ok(page).into_response())
}

/// A text that begins a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What an event left, as its attributes.
fn change(payload: &Payload) -> Option<(&'static str, String)> {
    let (what, attributes) = match payload {
        Payload::UserCreated(event) => ("User created", Some(&event.resource)),
        Payload::UserUpdated(event) => ("Profile after the change", Some(&event.resource)),
        Payload::UserArchived(event) => ("Profile after it was deactivated", Some(&event.resource)),
        Payload::UserReactivated(event) => ("Profile after it came back", Some(&event.resource)),
        Payload::UserDeleted(_) => ("User deleted", None),
        Payload::GroupCreated(event) => ("Group created", Some(&event.resource)),
        Payload::GroupUpdated(event) => ("Group changed", event.resource.as_ref()),
        Payload::GroupDeleted(_) => ("Group deleted", None),
        _ => return None,
    };
    let text = attributes.and_then(|attributes| serde_json::to_string_pretty(attributes).ok());
    Some((what, text.unwrap_or_default()))
}
