//! `/console/users/{user}`: who, and why.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse as _, Response},
};
use directory::{
    Error, Noun, ResourceId, SessionId, User, Writer,
    role::{self, Held, RoleName, Why},
    session, user,
};
use http::request::Parts;
use scim::{Object, Value};

use super::{
    Managers,
    list::{Person, state},
    name_of,
};
use crate::{
    App,
    console::{
        Frame, Posted, Section, Visitor,
        icon::{Icon, Tag},
        integrations::{self, Sure},
        live::Watched,
        message::Message,
        posted::done,
        time::Moment,
        words,
    },
    error::HttpError,
    page::Page,
};

/// The user in an address.
#[derive(Clone, Copy, Debug)]
pub(in crate::console) struct Which(ResourceId);

impl FromRequestParts<App> for Which {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let path = Path::<String>::from_request_parts(parts, app).await.ok();
        let id = path.and_then(|Path(id)| ResourceId::parse(&id));
        id.map(Self).ok_or_else(|| Error::not_found(Noun::User).into())
    }
}

impl Which {
    fn page(self, below: &str) -> String {
        format!("/console/users/{}{below}", self.0)
    }
}

/// A session, as a page shows it.
#[derive(Debug)]
struct Seat {
    id: String,
    since: Moment,
    seen: Moment,
    device: String,
    address: String,
}

/// A role, and each reason for it.
#[derive(Debug)]
struct Role {
    name: String,
    why: Vec<(String, Option<String>)>,
    may_take: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/user.html")]
struct Sheet {
    frame: Frame,
    state: Tag,
    is_active: bool,
    /// The provider that manages the user, and the address of its connection.
    manager: Option<(String, String)>,
    attributes: Vec<(String, String)>,
    created: Moment,
    modified: Moment,
    id: String,
    groups: Vec<(String, String, bool)>,
    roles: Vec<Role>,
    givable: Vec<String>,
    sessions: Vec<Seat>,
    address: String,
}

/// `GET /console/users/{user}`
pub(in crate::console) async fn show(
    visitor: Visitor,
    at: Which,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at).await }).await
}

async fn page(visitor: &Visitor, at: Which) -> Result<Sheet, HttpError> {
    let (policy, now) = (visitor.app().sessions(), visitor.store().clock().now());
    let (person, sessions, managers, roles) = visitor
        .read(move |reader| {
            let user = user::get(reader, at.0)?;
            let sessions = session::of_user(reader, &user, &policy, now)?;
            let person = Person::all(reader, vec![user])?.pop();
            let person = person.ok_or_else(|| Error::not_found(Noun::User))?;
            Ok((person, sessions, Managers::read(reader)?, role::list(reader)?))
        })
        .await?;
    let Person { user, groups, roles: held } = &person;
    let gives_all = visitor.is_superadmin();
    let may_give = |role: &role::Role| gives_all || !role.is_administrators();
    let manager = managers
        .of(user.managed_by)
        .map(|connection| (words::name_of(connection), integrations::page_of(connection.id, "")));
    let shown_role = |held: &Held| Role {
        name: held.role.name.to_string(),
        why: held.why.iter().map(reason).collect(),
        may_take: held.why.contains(&Why::Assigned) && may_give(&held.role),
    };
    let has = |role: &role::Role| {
        held.iter().any(|held| held.role == *role && held.why.contains(&Why::Assigned))
    };
    let givable = roles.iter().filter(|role| may_give(role) && !has(role));
    let seat = |session: &session::Session| Seat {
        id: session.id.to_string(),
        since: Moment(session.created),
        seen: Moment(session.seen),
        device: session.about.device.clone().unwrap_or_else(|| "Unknown device".to_owned()),
        address: session.about.address.clone().unwrap_or_default(),
    };
    Ok(Sheet {
        frame: Frame::new(visitor, name_of(user), Section::Users).below("/console/users", "Users"),
        state: state(user),
        is_active: user.is_active(),
        manager,
        attributes: lines(&user.attributes),
        created: Moment(user.created),
        modified: Moment(user.modified),
        id: user.id.to_string(),
        groups: groups
            .iter()
            .map(|group| (group_page(group.id), group.display.clone(), group.direct))
            .collect(),
        roles: held.iter().map(shown_role).collect(),
        givable: givable.map(|role| role.name.to_string()).collect(),
        sessions: sessions.iter().map(seat).collect(),
        address: at.page(""),
    })
}

fn group_page(id: ResourceId) -> String {
    format!("/console/groups/{id}")
}

/// Why someone has a role, and where that is decided.
fn reason(why: &Why) -> (String, Option<String>) {
    match why {
        Why::Assigned => ("given directly".to_owned(), None),
        Why::Group { id, name, direct } => {
            let way = if *direct { "" } else { ", by way of another group" };
            (format!("by the group {name}{way}"), Some(group_page(*id)))
        }
    }
}

/// The attributes of a user, one a line.
fn lines(attributes: &Object) -> Vec<(String, String)> {
    fn add(lines: &mut Vec<(String, String)>, path: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Complex(object) => {
                for (name, value) in object.iter() {
                    let name = name.to_string();
                    let extension = name.starts_with("urn:");
                    let below = match path {
                        "" if extension => String::new(),
                        "" => name,
                        path => format!("{path}.{name}"),
                    };
                    add(lines, &below, value);
                }
            }
            Value::Multi(values) => {
                for value in values {
                    add(lines, path, value);
                }
            }
            Value::String(text) => lines.push((path.to_owned(), text.clone())),
            Value::Boolean(value) => lines.push((path.to_owned(), value.to_string())),
            Value::Integer(number) => lines.push((path.to_owned(), number.to_string())),
            Value::Decimal(number) => lines.push((path.to_owned(), number.to_string())),
        }
    }
    let mut lines = Vec::new();
    add(&mut lines, "", &Value::Complex(attributes.clone()));
    lines.retain(|(path, _)| path != "active");
    lines
}

/// Changes a user, and goes back to its page.
async fn change(
    posted: &Posted,
    at: Which,
    message: Message,
    change: impl Fn(&mut Writer<'_>, &User) -> Result<(), Error> + Send + 'static,
) -> Result<Response, HttpError> {
    let work = move |writer: &mut Writer<'_>| {
        let user = user::get(writer, at.0)?;
        change(writer, &user)
    };
    posted.visitor.write(work).await?;
    Ok(done(&at.page(""), message))
}

/// `POST .../role`
pub(in crate::console) async fn give_role(
    posted: Posted,
    at: Which,
) -> Result<Response, HttpError> {
    let name = RoleName::parse(posted.text("role"))?;
    let give =
        move |writer: &mut Writer<'_>, user: &User| role::assign(writer, user, &name).map(drop);
    change(&posted, at, Message::RoleGiven, give).await
}

/// `POST .../role/take`
pub(in crate::console) async fn take_role(
    posted: Posted,
    at: Which,
) -> Result<Response, HttpError> {
    let name = RoleName::parse(posted.text("role"))?;
    let take = move |writer: &mut Writer<'_>, user: &User| role::unassign(writer, user, &name);
    change(&posted, at, Message::RoleTaken, take).await
}

/// `POST .../session/end`
pub(in crate::console) async fn end_session(
    posted: Posted,
    at: Which,
) -> Result<Response, HttpError> {
    let id = SessionId::parse(posted.text("session"));
    let id = id.ok_or_else(|| Error::not_found(Noun::Session))?;
    let end = move |writer: &mut Writer<'_>, _: &User| session::end(writer, id);
    change(&posted, at, Message::Ended, end).await
}

/// `POST .../session/end-all`
pub(in crate::console) async fn end_all(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let end = |writer: &mut Writer<'_>, user: &User| session::end_all(writer, user).map(drop);
    change(&posted, at, Message::EndedAll, end).await
}

/// `GET .../archive`
pub(in crate::console) async fn archiving(
    visitor: Visitor,
    at: Which,
) -> Result<Response, HttpError> {
    let user = visitor.read(move |reader| user::get(reader, at.0)).await?;
    let name = name_of(&user);
    let page = Sure {
        frame: Frame::new(&visitor, format!("Archive {name}?"), Section::Users)
            .below("/console/users", "Users")
            .below(at.page(""), name),
        text: "Sessions end at once and no sign-in is possible. Attributes, groups and roles are kept, \
               and Reactivate brings all of it back."
            .to_owned(),
        act: at.page("/archive"),
        fields: Vec::new(),
        button: "Archive",
        back: at.page(""),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST .../archive`
pub(in crate::console) async fn archive(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let archive = |writer: &mut Writer<'_>, user: &User| user::archive(writer, user).map(drop);
    change(&posted, at, Message::Archived, archive).await
}

/// `POST .../reactivate`
pub(in crate::console) async fn reactivate(
    posted: Posted,
    at: Which,
) -> Result<Response, HttpError> {
    let back = |writer: &mut Writer<'_>, user: &User| user::reactivate(writer, user).map(drop);
    change(&posted, at, Message::Reactivated, back).await
}
