//! `/console/groups` and `/console/teams`.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Error, Group, group, role, schemas,
    search::{self, Page as Found, PageStart, Query, Search},
};
use scim::{Filter, Notes, Object};

use crate::{
    console::{
        Frame, Posted, Section, Visitor,
        icon::Icon,
        message::Message,
        people::{Managers, encoded},
        posted::done,
        time::Moment,
    },
    error::HttpError,
    page::Page,
};

const ROWS: u64 = 50;

/// A row.
#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    members: i64,
    pending: usize,
    manager: Option<String>,
    roles: String,
    modified: Moment,
}

/// Which groups are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// Those that a connection manages.
    Pushed,
    /// Those that were made here.
    Teams,
}

impl Which {
    fn path(self) -> &'static str {
        match self {
            Self::Pushed => "/console/groups",
            Self::Teams => "/console/teams",
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "console/groups.html")]
struct Groups {
    frame: Frame,
    is_teams: bool,
    rows: Vec<Row>,
    search: String,
    is_first: bool,
    next: Option<String>,
    path: &'static str,
}

/// `GET /console/groups`
pub(in crate::console) async fn groups(visitor: Visitor) -> Result<Response, HttpError> {
    Ok(Page::ok(page(&visitor, Which::Pushed).await?).into_response())
}

/// `GET /console/teams`
pub(in crate::console) async fn teams(visitor: Visitor) -> Result<Response, HttpError> {
    Ok(Page::ok(page(&visitor, Which::Teams).await?).into_response())
}

/// Groups are looked through in the order of their making until a page is full: whether a connection
/// manages one stands in no index.
const PIECES: usize = 10;
const PIECE: u64 = 200;

async fn page(visitor: &Visitor, which: Which) -> Result<Groups, HttpError> {
    let (asked, access) = (visitor.clone(), visitor.access().clone());
    let sealed = visitor.store().cursors().await?;
    let budget = visitor.app().limits().scan_budget;
    let (rows, next) = visitor
        .read_long(move |reader| {
            let schemas = schemas::current(reader)?;
            let filter = filter(asked.query("q"), schemas.group())?;
            let query = Query::new(&access, [&**schemas.group()], filter.as_ref(), None);
            let mut start = match asked.query("after") {
                None => PageStart::Offset(0),
                Some(cursor) => sealed.open(&query, cursor)?,
            };
            let managers = Managers::read(reader)?;
            let roles = roles_by_group(reader)?;
            let (mut rows, mut more) = (Vec::new(), None);
            for _ in 0..PIECES {
                let count = if which == Which::Pushed { ROWS } else { PIECE };
                let (filter, base_url) = (filter.clone(), String::new());
                let wanted = Search { filter, sort: None, start, count, budget, base_url };
                let Found { total, items, next } =
                    search::search(reader, &[schemas.group()], &wanted)?;
                for item in items {
                    let found = Group::try_from(item)?;
                    let is_pushed = managers.of(found.managed_by).is_some();
                    if is_pushed == (which == Which::Pushed) {
                        rows.push(row(reader, &found, which, &managers, &roles)?);
                    }
                }
                more = next.map(|position| (position, total));
                let Some((position, total)) = &more else { break };
                if rows.len() as u64 >= ROWS {
                    break;
                }
                start = PageStart::After { position: position.clone(), total: *total };
            }
            let next = more.map(|(position, total)| sealed.seal(&query, &position, total));
            Ok((rows, next))
        })
        .await?;
    let search = visitor.query("q").unwrap_or_default().to_owned();
    let (title, section) = match which {
        Which::Pushed => ("IdP groups", Section::Groups),
        Which::Teams => ("Teams", Section::Teams),
    };
    let next = next.map(|cursor| {
        format!("{}?q={}&after={}", which.path(), encoded(&search), encoded(&cursor))
    });
    Ok(Groups {
        frame: Frame::new(visitor, title, section),
        is_teams: which == Which::Teams,
        rows,
        is_first: visitor.query("after").is_none(),
        next,
        search,
        path: which.path(),
    })
}

fn filter(
    text: Option<&str>,
    schema: &scim::schema::ResourceSchema,
) -> Result<Option<Filter>, Error> {
    let Some(text) = text else { return Ok(None) };
    let text = serde_json::Value::from(text.trim()).to_string();
    let read = || {
        let filter = Filter::parse(&format!("displayName sw {text}"))?;
        filter.check(schema, &mut Notes::default())?;
        Ok::<_, scim::Error>(filter)
    };
    read().map(Some).map_err(|error| Error::invalid("search", error.to_string()))
}

fn roles_by_group(
    reader: &mut directory::Reader<'_>,
) -> Result<HashMap<directory::ResourceId, Vec<String>>, Error> {
    let mut roles: HashMap<_, Vec<String>> = HashMap::new();
    for mapping in role::mapped(reader)? {
        roles.entry(mapping.group.id).or_default().push(mapping.role.name.to_string());
    }
    Ok(roles)
}

fn row(
    reader: &mut directory::Reader<'_>,
    found: &Group,
    which: Which,
    managers: &Managers,
    roles: &HashMap<directory::ResourceId, Vec<String>>,
) -> Result<Row, Error> {
    /// More are shown as so many.
    const PENDING: usize = 100;
    Ok(Row {
        address: format!("{}/{}", which.path(), found.id),
        name: found.name().to_owned(),
        members: found.member_count(),
        pending: group::pending_members(reader, found, None, PENDING)?.len(),
        manager: managers.name(found.managed_by),
        roles: roles.get(&found.id).map(|roles| roles.join(", ")).unwrap_or_default(),
        modified: Moment(found.modified),
    })
}

/// `POST /console/teams`: a new team.
pub(in crate::console) async fn make(posted: Posted) -> Result<Response, HttpError> {
    let attributes = Object::new().with("displayName", posted.text("name"));
    let made = posted.visitor.write(move |writer| group::create(writer, &attributes, &[])).await?;
    Ok(done(&format!("/console/teams/{}", made.id), Message::Added))
}
