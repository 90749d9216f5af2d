//! [`tell()`]: a snapshot of an organization, which takes the place of its events up to a number.
//!
//! It is told as events that make the same: whoever follows events needs nothing else to take it in, and goes on
//! with those after its number. It is read in one transaction, so it is the state after exactly that event;
//! the memory that it takes is a piece, and some tens of bytes for each group.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use serde_json::json;

use crate::{
    access::{Access, Verb},
    connection::{self, State},
    db::statements,
    error::Error,
    event::{self, EventKind, Payload, kinds},
    id::{EventNo, MemberSetNo, ResourceId, ResourceNo},
    organization::{self, Organization},
    plan,
    record::Record as _,
    resource::{
        Detail, Kind, Resource,
        membership::{self, Edge, MemberKind},
        rows_after,
    },
    role::{self, assignment, mapping},
    schemas,
    store::{Apart, Reader, Store},
};

statements! {
    MEMBERS = Sql {
        "select member_set, no, kind from member \
         where org = $1 and (member_set, no) > ($2, $3) order by member_set, no limit $4"
    };
    STAGED = Sql { "select member_set, first_event from staged_member_set where org = $1" };
}

/// Resources that are read at a time.
const RESOURCES: u64 = 200;
/// Memberships, assignments and events that are read at a time.
const ROWS: u32 = 1_000;

/// How the line is called with which a snapshot begins.
pub const BEGINS: &str = "snapshot.begins";
/// How the line is called with which it ends. One that does not end so is not whole.
pub const ENDS: &str = "snapshot.ends";

/// Tells a snapshot of an organization, in pieces of whole lines of JSON: one that [begins](BEGINS) it with its
/// `number`, events by `kind`, `target` and `data`, and one that [ends](ENDS) it. `take` takes a piece in, and
/// answers whether someone listens still.
///
/// Cost: O(users, groups, memberships), in one transaction of ten minutes at the most, on a connection of its
/// own.
///
/// # Errors
///
/// [`Error::Denied`]; [`Error::NotFound`] where the organization was deleted; [`Error::Busy`] where no one
/// listens; [`Error::Unavailable`] where it takes too long; those of the store.
pub async fn tell(
    store: &Store,
    access: &Access,
    take: impl FnMut(String) -> bool + Send + 'static,
) -> Result<(), Error> {
    access.permit(Verb::ReadEvents)?;
    store.read_apart(access, move |reading| Telling { reading, take }.all()).await
}

/// A snapshot that is being told.
struct Telling<'a, 'r, T> {
    reading: &'a mut Apart<'r>,
    take: T,
}

/// What a snapshot begins with.
struct Start {
    organization: Organization,
    types: Vec<(Kind, String)>,
    lines: Lines,
}

impl<T: FnMut(String) -> bool> Telling<'_, '_, T> {
    fn all(mut self) -> Result<(), Error> {
        let Start { organization, types, lines } = self.reading.piece(begin)?;
        self.send(lines)?;
        self.resources(Kind::USER, Lines::user)?;
        for (kind, name) in &types {
            self.resources(*kind, |lines, resource| lines.registered(name, resource))?;
        }
        let mut groups = HashMap::new();
        self.resources(Kind::GROUP, |lines, group| {
            if let Detail::Group(members) = &group.detail {
                groups.insert(members.set, group.id);
            }
            lines.group(group);
        })?;
        self.members(&groups)?;
        drop(groups);
        self.roles()?;
        self.staged(organization.last_event)?;
        let mut lines = Lines::default();
        lines.mark(ENDS, &organization);
        self.send(lines)
    }

    fn send(&mut self, Lines(text): Lines) -> Result<(), Error> {
        if text.is_empty() || (self.take)(text) { Ok(()) } else { Err(Error::Busy) }
    }

    fn resources(
        &mut self,
        kind: Kind,
        mut tell: impl FnMut(&mut Lines, &Resource),
    ) -> Result<(), Error> {
        let mut last = ResourceNo(0);
        loop {
            let read = |reader: &mut Reader<'_>| rows_after(reader, kind, last, RESOURCES, 0);
            let resources = self.reading.piece(read)?;
            let Some(newest) = resources.last() else { return Ok(()) };
            last = newest.no;
            let mut lines = Lines::default();
            for resource in &resources {
                tell(&mut lines, resource);
            }
            self.send(lines)?;
        }
    }

    /// The members of all groups, in the order of their sets.
    fn members(&mut self, groups: &HashMap<MemberSetNo, ResourceId>) -> Result<(), Error> {
        let mut last = (MemberSetNo(0), ResourceNo(0));
        loop {
            let page = self.reading.piece(|reader| members_after(reader, last))?;
            let Some((set, members)) = page.last() else { return Ok(()) };
            last = (*set, members.last().map_or(ResourceNo(0), |(no, _)| *no));
            let mut lines = Lines::default();
            for (set, members) in page {
                // Others are of no group: they are being filled, or wait to be cleared away.
                let Some(group) = groups.get(&set) else { continue };
                lines.members(*group, members.into_iter().filter_map(|(_, id)| id).collect());
            }
            self.send(lines)?;
        }
    }

    fn roles(&mut self) -> Result<(), Error> {
        let mut lines = Lines::default();
        let roles = self.reading.piece(role::all)?;
        for role in roles.iter().filter(|role| !role.is_built_in()) {
            let description = role.description.clone();
            lines.event(role.name.as_str(), kinds::RoleCreated { description });
        }
        self.send(lines)?;
        for role in &roles {
            let name = role.name.to_string();
            let mut last = ResourceNo(0);
            loop {
                let users = self.reading.piece(|reader| {
                    let numbers = assignment::page(reader, role.no, last, ROWS)?;
                    last = numbers.last().copied().unwrap_or(last);
                    let users: Vec<Edge> =
                        numbers.into_iter().map(|no| (no, MemberKind::User)).collect();
                    membership::shown(reader, &users)
                })?;
                if users.is_empty() {
                    break;
                }
                let mut lines = Lines::default();
                for user in users {
                    lines.event(&user.id.to_string(), kinds::RoleAssigned { role: name.clone() });
                }
                self.send(lines)?;
            }
        }
        let mut lines = Lines::default();
        for mapped in self.reading.piece(mapping::all_mapped)? {
            let role = mapped.role.name.to_string();
            lines.event(&mapped.group.id.to_string(), kinds::RoleMapped { role });
        }
        self.send(lines)
    }

    /// The pieces of large changes that are under way: an event after the snapshot says when they count.
    fn staged(&mut self, newest: EventNo) -> Result<(), Error> {
        let (mut sets, mut last) = (BTreeSet::new(), newest.0);
        for mut row in self.reading.piece(|reader| reader.query(STAGED, &[]))? {
            sets.insert(row.get::<MemberSetNo>("member_set")?.to_string());
            last = last.min(row.get::<i64>("first_event")? - 1);
        }
        while !sets.is_empty() && last < newest.0 {
            let read = |reader: &mut Reader<'_>| event::all_after(reader, EventNo(last), ROWS);
            let events = self.reading.piece(read)?;
            let Some(end) = events.last() else { break };
            last = end.no.0;
            let mut lines = Lines::default();
            for event in events.iter().filter(|event| sets.contains(&event.target)) {
                if event.kind() == EventKind::GroupMembersStaged {
                    lines.line(event.described().name, &event.target, event.json());
                }
            }
            self.send(lines)?;
        }
        Ok(())
    }
}

/// The organization itself, its connections, and which types of resources it has.
fn begin(reader: &mut Reader<'_>) -> Result<Start, Error> {
    let organization = organization::read(reader)?;
    let mut lines = Lines::default();
    lines.mark(BEGINS, &organization);
    let id = organization.id.to_string();
    let (slug, name) = (organization.slug.to_string(), organization.name.clone());
    let plan = organization.plan.clone();
    lines.event(&id, kinds::OrganizationCreated { slug, name: name.clone(), plan: plan.clone() });
    let add_ons = plan::features_beside(reader)?;
    if !add_ons.is_empty() {
        let add_ons = add_ons.iter().map(ToString::to_string).collect();
        lines.event(&id, kinds::OrganizationUpdated { name, plan, add_ons });
    }
    for connection in connection::all(reader)? {
        let (id, state) = (connection.id.to_string(), connection.state);
        let active = state == State::Active;
        let (provider, protocol) = (connection.provider, connection.protocol);
        lines.event(&id, kinds::ConnectionCreated { provider, protocol, active });
        if state == State::Disabled {
            lines.event(&id, kinds::ConnectionDisabled {});
        }
    }
    let schemas = schemas::current(reader)?;
    let types = schemas.all().map(|schema| (Kind::of(schema), schema.resource_type().name.clone()));
    let types = types.filter(|(kind, _)| !matches!(*kind, Kind::USER | Kind::GROUP)).collect();
    Ok(Start { organization, types, lines })
}

/// Memberships after one, by set, with the ids of the members that are here.
type Members = Vec<(MemberSetNo, Vec<(ResourceNo, Option<ResourceId>)>)>;

fn members_after(
    reader: &mut Reader<'_>,
    (set, no): (MemberSetNo, ResourceNo),
) -> Result<Members, Error> {
    let rows = reader.query(MEMBERS, &[set.into(), no.into(), i64::from(ROWS).into()])?;
    let mut edges: Vec<(MemberSetNo, Edge)> = Vec::with_capacity(rows.len());
    for mut row in rows {
        edges.push((row.get("member_set")?, (row.get("no")?, row.get("kind")?)));
    }
    let members: HashMap<ResourceNo, MemberKind> = edges.iter().map(|(_, edge)| *edge).collect();
    let members: Vec<Edge> = members.into_iter().collect();
    let here: HashMap<ResourceNo, ResourceId> =
        membership::shown(reader, &members)?.iter().map(|one| (one.no(), one.id)).collect();
    let of_set = |edges: &[(MemberSetNo, Edge)]| {
        let members = edges.iter().map(|(_, (no, _))| (*no, here.get(no).copied()));
        (edges[0].0, members.collect())
    };
    Ok(edges.chunk_by(|one, other| one.0 == other.0).map(of_set).collect())
}

/// Lines of a snapshot.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) String);

impl Lines {
    pub(crate) fn line(&mut self, kind: &str, target: &str, data: &str) {
        let target = serde_json::Value::from(target);
        writeln!(self.0, r#"{{"kind":"{kind}","target":{target},"data":{data}}}"#)
            .expect("a text takes whatever is written to it");
    }

    /// The first or the last.
    fn mark(&mut self, kind: &str, organization: &Organization) {
        let Organization { id, users, groups, last_event, .. } = organization;
        let data = json!({ "number": last_event, "users": users, "groups": groups });
        self.line(kind, &id.to_string(), &data.to_string());
    }

    pub(crate) fn event(&mut self, target: &str, payload: impl Into<Payload>) {
        let payload = payload.into();
        let data = serde_json::to_string(&payload).expect("a payload is JSON");
        self.line(payload.kind().name(), target, &data);
    }

    pub(crate) fn members(&mut self, group: ResourceId, added: Vec<ResourceId>) {
        if !added.is_empty() {
            let payload = kinds::GroupUpdated {
                resource: None,
                cleared: false,
                staged: None,
                removed: Vec::new(),
                added,
                joined: Vec::new(),
            };
            self.event(&group.to_string(), payload);
        }
    }

    // Attributes are told as they are stored, without being read: the bulk of a snapshot is of them.

    pub(crate) fn user(&mut self, user: &Resource) {
        self.resource(EventKind::UserCreated, user, r#""joined":[]"#);
    }

    pub(crate) fn group(&mut self, group: &Resource) {
        self.resource(EventKind::GroupCreated, group, r#""added":[],"joined":[]"#);
    }

    fn registered(&mut self, of_type: &str, resource: &Resource) {
        let of_type = format!(r#""type":{}"#, serde_json::Value::from(of_type));
        self.resource(EventKind::ResourceCreated, resource, &of_type);
    }

    fn resource(&mut self, kind: EventKind, resource: &Resource, rest: &str) {
        let attributes = match resource.attributes.text() {
            Some(text) => text.to_owned(),
            None => serde_json::to_string(&*resource.attributes).expect("attributes are JSON"),
        };
        let data = format!(r#"{{"resource":{attributes},{rest}}}"#);
        self.line(kind.name(), &resource.id.to_string(), &data);
    }
}
