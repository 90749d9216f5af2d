//! Integrations: the connections of the organization to identity providers.

mod credentials;
pub(super) mod guard;
mod guided;
mod health;
mod new;
mod switch;

use askama::Template;
use axum::{
    extract::{FromRequestParts, Path},
    response::Response,
};
use directory::{
    ConnectionId, Error, Noun, Reader, Time,
    connection::{self, Connection, Protocol, State},
    sync_log, token,
};
use http::request::Parts;

use super::{
    Frame, Section, Visitor,
    frame::Tab,
    icon::{Icon, Tag, Tone},
    live::Watched,
    time::Moment,
    words,
};
use crate::{App, error::HttpError};

pub(super) use self::{
    credentials::{issue, revoke, show as credentials, sure as revoking},
    guided::{administrators, enable as enable_provisioning, go_live, hand_over, show as guided},
    health::show as health,
    new::{add, choose},
    switch::{Sure, disable, disabling, enable, rename, set_ipsie},
};

/// The connection in an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct At(pub(super) ConnectionId);

impl FromRequestParts<App> for At {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await.ok();
        let values = path.into_iter().flat_map(|Path(values)| values);
        let mut ids = values.filter(|(name, _)| name == "connection").map(|(_, value)| value);
        let id = ids.next().and_then(|id| ConnectionId::parse(&id));
        id.map(Self).ok_or_else(|| Error::not_found(Noun::Connection).into())
    }
}

impl At {
    /// The address of a page about it.
    pub(super) fn page(self, below: &str) -> String {
        page_of(self.0, below)
    }
}

/// The address of a page about a connection.
pub(super) fn page_of(id: ConnectionId, below: &str) -> String {
    format!("/console/integrations/{id}{below}")
}

/// What stands around the pages about a connection.
pub(super) fn frame(
    visitor: &Visitor,
    connection: &Connection,
    title: impl Into<String>,
    here: &str,
) -> Frame {
    let mut frame = Frame::new(visitor, title, Section::Integrations);
    if !frame.is_link {
        frame = frame
            .below("/console/settings", "Company settings")
            .below("/console/integrations", "Integrations");
        if !here.is_empty() {
            frame = frame.below(page_of(connection.id, ""), words::name_of(connection));
        }
    }
    let tab = |(below, label): (&str, &'static str)| Tab {
        address: page_of(connection.id, below),
        label,
        is_here: here == below,
    };
    let pages: [(&str, &'static str); 7] = [
        ("", "Health"),
        ("/setup", "Set-up"),
        ("/credentials", "Credentials"),
        ("/log", "Sync log"),
        ("/people", "People"),
        ("/guard", "Held removals"),
        ("/sso", "Single sign-on"),
    ];
    // Whoever sets a connection up decides about no one.
    let is_theirs = |(below, _): &(&str, &str)| !frame.is_link || *below != "/guard";
    let tabs = pages.into_iter().filter(is_theirs).map(tab).collect();
    frame.with_tabs(tabs)
}

/// What state a connection is in, as a page shows it.
pub(super) fn state(connection: &Connection) -> Tag {
    match connection.state {
        State::Setup => Tag(Tone::Waiting, "Set-up"),
        State::Active => Tag(Tone::Done, "Active"),
        State::Disabled => Tag(Tone::Off, "Disabled"),
    }
}

/// The address that a provider is told to call. It names the connection, so that a call with a wrong
/// token, or none, is known to be for it.
pub(super) fn base_url(visitor: &Visitor, connection: &Connection) -> Option<String> {
    base_url_at(visitor.app().public_url(), connection)
}

/// The same on a server with this address.
pub(super) fn base_url_at(public_url: &str, connection: &Connection) -> Option<String> {
    let version = match connection.protocol {
        Protocol::Scim2 => "v2",
        Protocol::Scim1 => "v1",
        Protocol::None => return None,
    };
    Some(format!("{public_url}/c/{}/scim/{version}", connection.id))
}

/// When a connection was heard of last.
pub(super) fn last_contact(
    reader: &mut Reader<'_>,
    connection: &Connection,
) -> Result<Option<Time>, Error> {
    let newest = sync_log::before(reader, connection, None, 1)?.pop();
    let used = token::list(reader, connection.id)?.into_iter().filter_map(|token| token.last_used);
    Ok(newest.map(|entry| entry.served.at).into_iter().chain(used).max())
}

/// A line of the list.
#[derive(Debug)]
struct Line {
    address: String,
    name: String,
    app: &'static str,
    state: Tag,
    contact: Option<Moment>,
}

#[derive(Debug, Template)]
#[template(path = "console/integrations.html")]
struct List {
    frame: Frame,
    lines: Vec<Line>,
    may_add: bool,
}

/// `GET /console/integrations`
pub(super) async fn list(visitor: Visitor, watched: Watched) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { read_list(&visitor).await }).await
}

async fn read_list(visitor: &Visitor) -> Result<List, HttpError> {
    let found = visitor
        .read(|reader| {
            let mut found = Vec::new();
            for connection in connection::list(reader)? {
                let contact = last_contact(reader, &connection)?;
                found.push((connection, contact));
            }
            Ok(found)
        })
        .await?;
    let line = |(connection, contact): &(Connection, Option<Time>)| Line {
        address: match connection.state {
            State::Setup => page_of(connection.id, "/setup"),
            State::Active | State::Disabled => page_of(connection.id, ""),
        },
        name: words::name_of(connection),
        app: words::of(connection).app,
        state: state(connection),
        contact: contact.map(Moment),
    };
    Ok(List {
        frame: Frame::new(visitor, "Integrations", Section::Integrations)
            .below("/console/settings", "Company settings"),
        lines: found.iter().map(line).collect(),
        may_add: visitor.is_superadmin(),
    })
}
