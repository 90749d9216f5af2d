//! A group: its members, those who are still to come, its roles, and what manages it.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse as _, Response},
};
use directory::{
    ConnectionId, Error, Group, Member, MemberKind, Noun, ResourceId, Writer,
    connection::{self, Connection},
    group, role, user,
};
use http::request::Parts;

use crate::{
    App,
    console::{
        Frame, Posted, Section, Visitor, icon::Icon, integrations::Sure, live::Watched,
        message::Message, people::Managers, posted::done, time::Moment, words,
    },
    error::HttpError,
    page::Page,
};

/// So many members are on a page.
const ROWS: usize = 50;
/// So many of those who are still to come are named.
const PENDING: usize = 50;

/// The group in an address.
#[derive(Clone, Copy, Debug)]
pub(in crate::console) struct Which(ResourceId);

impl FromRequestParts<App> for Which {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let path = Path::<String>::from_request_parts(parts, app).await.ok();
        let id = path.and_then(|Path(id)| ResourceId::parse(&id));
        id.map(Self).ok_or_else(|| Error::not_found(Noun::Group).into())
    }
}

impl Which {
    fn page(self, below: &str) -> String {
        format!("/console/teams/{}{below}", self.0)
    }
}

/// A member, as a page shows it.
#[derive(Debug)]
struct Row {
    id: String,
    address: String,
    name: String,
    is_group: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/group.html")]
struct Sheet {
    frame: Frame,
    manager: Option<String>,
    retry: &'static str,
    provider: &'static str,
    members: Vec<Row>,
    count: i64,
    next: Option<String>,
    pending: Vec<String>,
    roles: Vec<String>,
    created: Moment,
    modified: Moment,
    id: String,
    name: String,
    may_link: bool,
    is_first: bool,
    address: String,
}

/// `GET /console/groups/{group}` and `GET /console/teams/{group}`
pub(in crate::console) async fn show(
    visitor: Visitor,
    at: Which,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at).await }).await
}

async fn page(visitor: &Visitor, at: Which) -> Result<Sheet, HttpError> {
    let after = visitor.query("after").map(str::to_owned);
    let facts = visitor
        .read(move |reader| {
            let found = group::get(reader, at.0)?;
            let members = members_after(reader, &found, after.as_deref())?;
            let pending = group::pending_members(reader, &found, None, PENDING)?;
            let mapped = role::mapped(reader)?.into_iter();
            let roles = mapped.filter(|mapping| mapping.group.id == found.id);
            let roles: Vec<String> = roles.map(|mapping| mapping.role.name.to_string()).collect();
            let managers = Managers::read(reader)?;
            let any = !connection::list(reader)?.is_empty();
            Ok((found, members, pending, roles, managers, any))
        })
        .await?;
    let (found, mut members, pending, roles, managers, any) = facts;
    let is_more = members.len() > ROWS;
    members.truncate(ROWS);
    let manager = managers.of(found.managed_by);
    let words = manager.map(words::of);
    let (section, list, label) = match manager {
        Some(_) => (Section::Groups, "/console/groups", "IdP groups"),
        None => (Section::Teams, "/console/teams", "Teams"),
    };
    let next = members.last().filter(|_| is_more);
    let next = next.map(|last| format!("{}?after={}", at.page(""), last.id));
    let row = |member: &Member| {
        let is_group = member.kind == MemberKind::Group;
        let place = if is_group { "groups" } else { "users" };
        Row {
            id: member.id.to_string(),
            address: format!("/console/{place}/{}", member.id),
            name: member.display.clone(),
            is_group,
        }
    };
    Ok(Sheet {
        frame: Frame::new(visitor, found.name(), section).below(list, label),
        retry: words.map_or("", |words| words.retry.1),
        provider: words.map_or("", |words| words.provider),
        manager: manager.map(words::name_of),
        members: members.iter().map(row).collect(),
        count: found.member_count(),
        next,
        pending,
        roles,
        created: Moment(found.created),
        modified: Moment(found.modified),
        id: found.id.to_string(),
        name: found.name().to_owned(),
        may_link: any && manager.is_none(),
        is_first: visitor.query("after").is_none(),
        address: at.page(""),
    })
}

/// The members after one of them, by its id, and one more than a page has.
fn members_after(
    reader: &mut directory::Reader<'_>,
    found: &Group,
    after: Option<&str>,
) -> Result<Vec<Member>, Error> {
    let after = match after.and_then(ResourceId::parse) {
        None => None,
        Some(id) => group::member(reader, found, id)?,
    };
    group::members(reader, found, after.as_ref(), ROWS + 1)
}

/// Changes a team, and goes back to its page.
async fn change(
    posted: &Posted,
    at: Which,
    message: Message,
    change: impl Fn(&mut Writer<'_>, &Group) -> Result<(), Error> + Send + 'static,
) -> Result<Response, HttpError> {
    let work = move |writer: &mut Writer<'_>| {
        let found = group::get(writer, at.0)?;
        change(writer, &found)
    };
    posted.visitor.write(work).await?;
    Ok(done(&at.page(""), message))
}

/// `POST .../rename`
pub(in crate::console) async fn rename(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let name = posted.text("name").to_owned();
    let rename =
        move |writer: &mut Writer<'_>, found: &Group| group::rename(writer, found, &name).map(drop);
    change(&posted, at, Message::Saved, rename).await
}

/// `POST .../members`
pub(in crate::console) async fn add_people(
    posted: Posted,
    at: Which,
) -> Result<Response, HttpError> {
    let name = posted.text("userName").to_owned();
    let add = move |writer: &mut Writer<'_>, found: &Group| {
        let user = user::by_username(writer, &name)?;
        group::add_members(writer, found, &[user.id.to_string().as_str().into()]).map(drop)
    };
    change(&posted, at, Message::Added, add).await
}

/// `POST .../members/remove`
pub(in crate::console) async fn remove(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let id = posted.text("member").to_owned();
    let remove = move |writer: &mut Writer<'_>, found: &Group| {
        group::remove_members(writer, found, &[id.as_str().into()]).map(drop)
    };
    change(&posted, at, Message::Removed, remove).await
}

/// `GET .../delete`
pub(in crate::console) async fn deleting(
    visitor: Visitor,
    at: Which,
) -> Result<Response, HttpError> {
    let found = visitor.read(move |reader| group::get(reader, at.0)).await?;
    let page = Sure {
        frame: Frame::new(&visitor, format!("Delete {}?", found.name()), Section::Teams)
            .below("/console/teams", "Teams")
            .below(at.page(""), found.name()),
        text: format!(
            "{} people lose this team, and the roles that it gives. They stay as users.",
            found.member_count()
        ),
        act: at.page("/delete"),
        fields: Vec::new(),
        button: "Delete team",
        back: at.page(""),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST .../delete`
pub(in crate::console) async fn delete(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let work = move |writer: &mut Writer<'_>| {
        let found = group::get(writer, at.0)?;
        group::delete(writer, &found)
    };
    posted.visitor.write(work).await?;
    Ok(done("/console/teams", Message::Deleted))
}

#[derive(Debug, Template)]
#[template(path = "console/link-team.html")]
struct Linking {
    frame: Frame,
    name: String,
    count: i64,
    choices: Vec<(String, String)>,
    act: String,
    back: String,
}

/// `GET .../link`
pub(in crate::console) async fn linking(
    visitor: Visitor,
    at: Which,
) -> Result<Response, HttpError> {
    let (found, all) = visitor
        .read(move |reader| Ok((group::get(reader, at.0)?, connection::list(reader)?)))
        .await?;
    let choice = |one: &Connection| (one.id.to_string(), words::name_of(one));
    let page = Linking {
        frame: Frame::new(&visitor, format!("Link {}", found.name()), Section::Teams)
            .below("/console/teams", "Teams")
            .below(at.page(""), found.name()),
        name: found.name().to_owned(),
        count: found.member_count(),
        choices: all.iter().map(choice).collect(),
        act: at.page("/link"),
        back: at.page(""),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST .../link`
pub(in crate::console) async fn link(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let id = ConnectionId::parse(posted.text("connection"));
    let id = id.ok_or_else(|| Error::not_found(Noun::Connection))?;
    let link = move |writer: &mut Writer<'_>, found: &Group| {
        let connection = connection::get(writer, id)?;
        group::link(writer, found, &connection).map(drop)
    };
    change(&posted, at, Message::Linked, link).await
}

/// `POST .../unlink`
pub(in crate::console) async fn unlink(posted: Posted, at: Which) -> Result<Response, HttpError> {
    let unlink = |writer: &mut Writer<'_>, found: &Group| group::unlink(writer, found).map(drop);
    change(&posted, at, Message::Unlinked, unlink).await
}
