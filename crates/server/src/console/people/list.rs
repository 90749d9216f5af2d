//! `/console/users`: find anyone.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Access, Error, Membership, Reader, ResourceNo, User,
    role::{self, Held},
    schemas,
    search::{self, Cursors, Page as Found, PageStart, Query, Search},
    user::{self, Rehire},
};
use scim::{Filter, Notes, Object, Value, schema::ResourceSchema};

use super::{Managers, encoded, name_of};
use crate::{
    console::{
        Frame, Posted, Section, Visitor,
        icon::{Icon, Tag, Tone},
        message::Message,
        posted::done,
    },
    error::HttpError,
    page::Page,
};

/// Rows of a page.
const ROWS: u64 = 50;

/// A row.
#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    user_name: String,
    state: Tag,
    roles: String,
    groups: usize,
    manager: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "console/users.html")]
struct Users {
    frame: Frame,
    rows: Vec<Row>,
    total: u64,
    search: String,
    status: String,
    role: String,
    roles: Vec<String>,
    is_filtered: bool,
    is_first: bool,
    next: Option<String>,
    csv: String,
}

/// What a user looks like, and what goes with it.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) user: User,
    pub(super) groups: Vec<Membership>,
    pub(super) roles: Vec<Held>,
}

impl Person {
    pub(super) fn all(reader: &mut Reader<'_>, users: Vec<User>) -> Result<Vec<Self>, Error> {
        let groups = search::groups(reader, users.iter().map(|user| &**user))?;
        let roles = role::of_users(reader, &users)?;
        let parts = users.into_iter().zip(groups).zip(roles);
        Ok(parts.map(|((user, groups), roles)| Self { user, groups, roles }).collect())
    }
}

/// The state of a user, as a page shows it.
pub(super) fn state(user: &User) -> Tag {
    if user.is_active() { Tag(Tone::Done, "Active") } else { Tag(Tone::Off, "Archived") }
}

/// What is looked for, as a filter.
pub(super) fn filter(visitor: &Visitor, schema: &ResourceSchema) -> Result<Option<Filter>, Error> {
    let mut terms = Vec::new();
    if let Some(text) = visitor.query("q") {
        let text = serde_json::Value::from(text.trim()).to_string();
        terms.push(format!(
            "(userName sw {text} or displayName sw {text} or emails.value sw {text})"
        ));
    }
    match visitor.query("status") {
        Some("active") => terms.push("active eq true".to_owned()),
        Some("archived") => terms.push("active eq false".to_owned()),
        _ => {}
    }
    if terms.is_empty() {
        return Ok(None);
    }
    let read = || {
        let filter = Filter::parse(&terms.join(" and "))?;
        filter.check(schema, &mut Notes::default())?;
        Ok::<_, scim::Error>(filter)
    };
    read().map(Some).map_err(|error| Error::invalid("search", error.to_string()))
}

/// `GET /console/users`
pub(in crate::console) async fn list(visitor: Visitor) -> Result<Response, HttpError> {
    let role = visitor.query("role").map(str::to_owned);
    let cursors = visitor.store().cursors().await?;
    let page = match &role {
        Some(role) => with_role(&visitor, role).await?,
        None => matching(&visitor, &cursors).await?,
    };
    Ok(Page::ok(page).into_response())
}

async fn matching(visitor: &Visitor, cursors: &Cursors) -> Result<Users, HttpError> {
    let (asked, sealed, access) = (visitor.clone(), cursors.clone(), visitor.access().clone());
    let budget = visitor.app().limits().scan_budget;
    let (people, total, next, managers, roles) = visitor
        .read_long(move |reader| {
            let schemas = schemas::current(reader)?;
            let filter = filter(&asked, schemas.user())?;
            let query = query(&access, schemas.user(), filter.as_ref());
            let start = match asked.query("after") {
                None => PageStart::Offset(0),
                Some(cursor) => sealed.open(&query, cursor)?,
            };
            let base_url = String::new();
            let wanted = Search { filter, sort: None, start, count: ROWS, budget, base_url };
            let Found { total, items, next } = search::search(reader, &[schemas.user()], &wanted)?;
            let users = items.into_iter().map(User::try_from).collect::<Result<_, Error>>()?;
            let next = next.map(|position| sealed.seal(&query, &position, total));
            let names = role::list(reader)?.into_iter().map(|role| role.name.to_string());
            let people = Person::all(reader, users)?;
            Ok((people, total, next, Managers::read(reader)?, names.collect()))
        })
        .await?;
    Ok(page(visitor, &people, &managers, roles, (total, next)))
}

fn query(access: &Access, schema: &ResourceSchema, filter: Option<&Filter>) -> Query {
    Query::new(access, [schema], filter, None)
}

/// The first users with a role, and why is on the page of each.
async fn with_role(visitor: &Visitor, wanted: &str) -> Result<Users, HttpError> {
    let name = role::RoleName::parse(wanted)?;
    let (people, managers, roles) = visitor
        .read_long(move |reader| {
            let limit = u32::try_from(ROWS).unwrap_or(u32::MAX);
            let mut users = role::assigned(reader, &name, ResourceNo::START, limit)?;
            for mapping in role::mapped(reader)?.iter().filter(|mapping| mapping.role.name == name)
            {
                let members = directory::group::members(reader, &mapping.group, None, 50)?;
                for member in members {
                    if users.iter().all(|user| user.id != member.id)
                        && let Ok(user) = user::get(reader, member.id)
                    {
                        users.push(user);
                    }
                }
            }
            users.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
            let names = role::list(reader)?.into_iter().map(|role| role.name.to_string());
            let people = Person::all(reader, users)?;
            Ok((people, Managers::read(reader)?, names.collect()))
        })
        .await?;
    let total = people.len() as u64;
    Ok(page(visitor, &people, &managers, roles, (total, None)))
}

fn page(
    visitor: &Visitor,
    people: &[Person],
    managers: &Managers,
    roles: Vec<String>,
    (total, next): (u64, Option<String>),
) -> Users {
    let row = |Person { user, groups, roles }: &Person| Row {
        address: format!("/console/users/{}", user.id),
        name: name_of(user),
        user_name: user.name().to_owned(),
        state: state(user),
        roles: roles.iter().map(|held| held.role.name.as_str()).collect::<Vec<_>>().join(", "),
        groups: groups.len(),
        manager: managers.name(user.managed_by),
    };
    let given = |name: &str| visitor.query(name).unwrap_or_default().to_owned();
    let (search, status, role) = (given("q"), given("status"), given("role"));
    let asked = format!("q={}&status={}", encoded(&search), encoded(&status));
    Users {
        frame: Frame::new(visitor, "Users", Section::Users),
        rows: people.iter().map(row).collect(),
        total,
        roles,
        is_filtered: [&search, &status, &role].iter().any(|text| !text.is_empty()),
        is_first: visitor.query("after").is_none(),
        next: next.map(|cursor| format!("/console/users?{asked}&after={}", encoded(&cursor))),
        csv: format!("/console/users.csv?{asked}"),
        search,
        status,
        role,
    }
}

#[derive(Debug, Template)]
#[template(path = "console/new-user.html")]
struct New {
    frame: Frame,
}

/// `GET /console/users/new`
pub(in crate::console) async fn new(visitor: Visitor) -> Response {
    let frame = Frame::new(&visitor, "Add user", Section::Users).below("/console/users", "Users");
    Page::ok(New { frame }).into_response()
}

/// `POST /console/users/new`
pub(in crate::console) async fn add(posted: Posted) -> Result<Response, HttpError> {
    let mut attributes = Object::new().with("userName", posted.text("userName"));
    let name = ["givenName", "familyName"]
        .into_iter()
        .filter_map(|part| Some((part, posted.given(part)?)))
        .fold(Object::new(), |name, (part, text)| name.with(part, text));
    if !name.is_empty() {
        attributes.insert("name", Value::Complex(name));
    }
    if let Some(email) = posted.given("email") {
        let email = Object::new().with("value", email).with("primary", true);
        attributes.insert("emails", Value::Multi(vec![Value::Complex(email)]));
    }
    let made = posted
        .visitor
        .write(move |writer| {
            let schemas = writer.schemas()?;
            let mut notes = Notes::default();
            let read = scim::accept::resource(schemas.user(), attributes.clone(), &mut notes);
            let read = read.map_err(|error| Error::invalid("user", error.to_string()))?;
            user::create(writer, &read, Rehire::Refuse)
        })
        .await?;
    Ok(done(&format!("/console/users/{}", made.id), Message::Added))
}
