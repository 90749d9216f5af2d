//! `/console/settings`: what needs an administrator, and what the organization is.

use askama::Template;
use axum::response::Response;
use directory::{
    Reader,
    connection::{self, State},
    organization, token,
};

use super::{
    Frame, Posted, Section, Visitor,
    icon::{Icon, Tone},
    live::Watched,
    message::Message,
    posted::{done, see_other},
    rooms::Role,
};
use crate::error::HttpError;

/// So long before its end a token is worth a reminder.
const SOON: std::time::Duration = std::time::Duration::from_hours(30 * 24);
/// At most so many to-dos: the worst first.
const TODOS: usize = 3;

/// `GET /console`: to where a visitor begins.
pub(super) async fn start(visitor: Visitor) -> Response {
    see_other(match visitor.role() {
        Role::Admin | Role::Superadmin => "/console/settings",
        Role::Member => "/console/me",
        Role::Link => "/setup",
    })
}

/// Something that someone should do.
#[derive(Clone, Debug)]
struct Todo {
    tone: Tone,
    text: String,
    address: String,
    button: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "console/settings.html")]
struct Overview {
    frame: Frame,
    slug: String,
    plan: Option<String>,
    users: i64,
    groups: i64,
    connections: usize,
    support: Option<String>,
    todos: Vec<Todo>,
}

/// `GET /console/settings`
pub(super) async fn show(visitor: Visitor, watched: Watched) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { overview(&visitor).await }).await
}

/// `POST /console/settings`: another name.
pub(super) async fn save(posted: Posted) -> Result<Response, HttpError> {
    let name = posted.text("name").to_owned();
    posted.visitor.write(move |writer| organization::rename(writer, &name)).await?;
    Ok(done("/console/settings", Message::Saved))
}

async fn overview(visitor: &Visitor) -> Result<Overview, HttpError> {
    let now = visitor.store().clock().now();
    let (organization, connections, mut todos) = visitor
        .read(move |reader| {
            let connections = connection::list(reader)?;
            let todos = todos(reader, &connections, now)?;
            Ok((organization::get(reader)?, connections.len(), todos))
        })
        .await?;
    todos.truncate(TODOS);
    Ok(Overview {
        frame: Frame::new(visitor, "Company settings", Section::Settings),
        slug: organization.slug.to_string(),
        plan: organization.plan,
        users: organization.users,
        groups: organization.groups,
        connections,
        support: visitor.app().application().support.clone(),
        todos,
    })
}

/// What needs someone, the worst first.
fn todos(
    reader: &mut Reader<'_>,
    connections: &[connection::Connection],
    now: directory::Time,
) -> Result<Vec<Todo>, directory::Error> {
    let mut todos = Vec::new();
    if connections.is_empty() {
        todos.push(Todo {
            tone: Tone::Attention,
            text: "No identity provider is connected yet.".to_owned(),
            address: "/console/integrations".to_owned(),
            button: "Integrations",
        });
    }
    for connection in connections {
        let at = |page: &str| format!("/console/integrations/{}{page}", connection.id);
        let name = super::words::name_of(connection);
        if connection.state == State::Setup {
            todos.push(Todo {
                tone: Tone::Waiting,
                text: format!("{name} is being set up: nobody has a role or a sign-in by it yet."),
                address: at("/setup"),
                button: "Continue",
            });
        }
        let tokens = token::list(reader, connection.id)?;
        let live = tokens.iter().filter(|token| token.is_live(now));
        let last = live.filter_map(|token| token.expires).max();
        if let Some(end) = last.filter(|end| *end < now.plus(SOON)) {
            todos.push(Todo {
                tone: Tone::Attention,
                text: format!(
                    "The token of {name} expires on {}.",
                    end.timestamp().strftime("%-d %b %Y")
                ),
                address: at("/credentials"),
                button: "Credentials",
            });
        }
    }
    Ok(todos)
}
