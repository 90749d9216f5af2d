//! [`tell()`]: the people, groups and memberships of an organization as they were at a moment.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    By, COUNTED, Family, HERE, Moment, OF_TARGETS, PEOPLE, Past, Subject, TEAMS, at,
    changes::{Changes, Range},
    members::members,
    state::state,
    windows,
};
use crate::{
    access::{Access, Verb},
    clock::Time,
    db::Param,
    error::Error,
    event::{self, EventKind, kinds},
    id::{EventNo, ResourceId, ResourceNo},
    organization,
    record::Attributes,
    resource::{Resource, rows_after},
    snapshot::{BEGINS, ENDS, Lines},
    store::{Apart, Reader, Store},
};

/// Resources that are read at a time.
const RESOURCES: u64 = 200;
/// Members in one line.
const MEMBERS: usize = 1_000;

/// How much there was at a moment, and what has happened since.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The moment.
    pub past: Past,
    /// When the newest event then was written; `None`: there was none, or it is not kept any more.
    pub at: Option<Time>,
    /// Users then, archived ones included.
    pub users: i64,
    /// Groups then.
    pub groups: i64,
    /// How many events there were since, by their kinds.
    pub since: BTreeMap<EventKind, i64>,
}

/// Counts what there was at a moment, and what has happened since.
///
/// Cost: O(events since), of which nothing is read but their kinds.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn counted(reader: &mut Reader<'_>, past: Past) -> Result<Counted, Error> {
    reader.permit(Verb::ReadHistory)?;
    let mut since: BTreeMap<EventKind, i64> = BTreeMap::new();
    for (start, end) in windows(past.after, past.newest) {
        for mut row in reader.query(COUNTED, &[start.into(), end.into()])? {
            let (number, events): (i64, i64) = (row.get("kind")?, row.get("events")?);
            let of_number = |kind: &&EventKind| kind.described().number == number;
            if let Some(kind) = EventKind::ALL.iter().find(of_number) {
                *since.entry(*kind).or_default() += events;
            }
        }
        reader.give_way()?;
    }
    let now = organization::read(reader)?;
    let of = |kind| since.get(&kind).copied().unwrap_or_default();
    let users = now.users - of(EventKind::UserCreated) + of(EventKind::UserDeleted);
    let groups = now.groups - of(EventKind::GroupCreated) + of(EventKind::GroupDeleted);
    let at = if past.after > past.pruned {
        let newest = event::all_after(reader, EventNo(past.after.0 - 1), 1)?;
        newest.first().map(|event| event.at)
    } else {
        None
    };
    Ok(Counted { past, at, users, groups, since })
}

/// Tells the users, groups and memberships of an organization as they were at a moment, in the form of a
/// [snapshot](crate::snapshot): pieces of whole lines of JSON. `take` takes a piece in, and answers whether
/// someone listens still. Connections, roles and resources of registered types are not told.
///
/// Cost: O(users, groups and memberships then, and events since), in one transaction of ten minutes at the
/// most, on a connection of its own.
///
/// # Errors
///
/// [`Error::HistoryEnds`]; [`Error::TooExpensive`]; [`Error::Denied`]; [`Error::Busy`] where no one listens;
/// [`Error::Unavailable`] where it takes too long; those of the store.
pub async fn tell(
    store: &Store,
    access: &Access,
    moment: Moment,
    take: impl FnMut(String) -> bool + Send + 'static,
) -> Result<(), Error> {
    access.permit(Verb::ReadHistory)?;
    let telling = move |reading: &mut Apart<'_>| {
        let past = reading.piece(|reader| at(reader, moment))?;
        Telling { reading, take, past }.all()
    };
    store.read_apart(access, telling).await
}

/// An organization of the past that is being told.
struct Telling<'a, 'r, T> {
    reading: &'a mut Apart<'r>,
    take: T,
    past: Past,
}

impl<T: FnMut(String) -> bool> Telling<'_, '_, T> {
    fn all(mut self) -> Result<(), Error> {
        let past = self.past;
        let counted = self.reading.piece(|reader| counted(reader, past))?;
        self.mark(BEGINS, &counted)?;
        let range = Range {
            after: past.after,
            until: past.newest,
            by: By::anyone(),
            of: Subject::Organization,
        };
        let changes = self.reading.piece(|reader| Changes::of(reader, &range))?;
        self.people(&changes)?;
        let groups = self.teams(&changes)?;
        for group in groups {
            let since = changes.members.get(&group);
            let members = self.reading.piece(|reader| members(reader, past, group, since))?;
            let members: Vec<ResourceId> = members.into_iter().collect();
            for piece in members.chunks(MEMBERS) {
                let mut lines = Lines::default();
                lines.members(group, piece.to_vec());
                self.send(lines)?;
            }
        }
        self.mark(ENDS, &counted)
    }

    fn mark(&mut self, kind: &str, counted: &Counted) -> Result<(), Error> {
        let id = self.reading.piece(organization::read)?.id.to_string();
        let Counted { past, users, groups, at, .. } = counted;
        let at = at.map(|time| time.to_string());
        let data = json!({ "number": past.after, "at": at, "users": users, "groups": groups });
        let mut lines = Lines::default();
        lines.line(kind, &id, &data.to_string());
        self.send(lines)
    }

    fn send(&mut self, Lines(text): Lines) -> Result<(), Error> {
        if text.is_empty() || (self.take)(text) { Ok(()) } else { Err(Error::Busy) }
    }

    fn people(&mut self, changes: &Changes) -> Result<(), Error> {
        self.there(
            PEOPLE,
            |lines, one| match one {
                Found::Now(user) => lines.user(&user),
                Found::Then(id, attributes) => lines.event(
                    &id.to_string(),
                    kinds::UserCreated { resource: attributes, joined: Vec::new() },
                ),
            },
            changes.users.iter().copied(),
        )
    }

    fn teams(&mut self, changes: &Changes) -> Result<BTreeSet<ResourceId>, Error> {
        let mut groups = BTreeSet::new();
        self.there(
            TEAMS,
            |lines, one| match one {
                Found::Now(group) => {
                    groups.insert(group.id);
                    lines.group(&group);
                }
                Found::Then(id, resource) => {
                    groups.insert(id);
                    let (added, joined) = (Vec::new(), Vec::new());
                    let payload = kinds::GroupCreated { resource, staged: None, added, joined };
                    lines.event(&id.to_string(), payload);
                }
            },
            changes.groups.keys().copied(),
        )?;
        Ok(groups)
    }

    /// Everything of a kind that was there: of what is there still, and of what was taken away since.
    fn there(
        &mut self,
        of: Family,
        mut tell: impl FnMut(&mut Lines, Found),
        taken: impl Iterator<Item = ResourceId>,
    ) -> Result<(), Error> {
        let past = self.past;
        let mut last = ResourceNo::START;
        loop {
            let page = self.reading.piece(|reader| {
                let page = rows_after(reader, of.kind, last, RESOURCES, 0)?;
                last = page.last().map_or(last, |newest| newest.no);
                as_they_were(reader, of, past, page)
            })?;
            let Some(page) = page else { break };
            let mut lines = Lines::default();
            for one in page {
                tell(&mut lines, one);
            }
            self.send(lines)?;
        }
        let taken: Vec<ResourceId> = taken.collect();
        for piece in taken.chunks(MEMBERS) {
            let gone = self.reading.piece(|reader| gone(reader, of, past, piece))?;
            let mut lines = Lines::default();
            for one in gone {
                tell(&mut lines, one);
            }
            self.send(lines)?;
        }
        Ok(())
    }
}

/// Something that was there.
enum Found {
    /// It is as it was.
    Now(Box<Resource>),
    /// It was like this.
    Then(ResourceId, Attributes),
}

/// Of some that are there, those that were, as they were. `None`: there are none.
fn as_they_were(
    reader: &mut Reader<'_>,
    of: Family,
    past: Past,
    now: Vec<Resource>,
) -> Result<Option<Vec<Found>>, Error> {
    if now.is_empty() {
        return Ok(None);
    }
    let ids: Vec<String> = now.iter().map(|one| one.id.to_string()).collect();
    let items: Vec<[Param<'_>; 1]> = ids.iter().map(|id| [id.into()]).collect();
    let (first, last) = of.kinds;
    let fixed = [past.after.into(), past.newest.into(), first.into(), last.into()];
    let mut changed: BTreeSet<ResourceId> = BTreeSet::new();
    for mut row in reader.query_list(&OF_TARGETS, &fixed, &items)? {
        changed.insert(row.get("target")?);
    }
    let mut found = Vec::with_capacity(now.len());
    for one in now {
        if changed.contains(&one.id) {
            found.extend(then(reader, of, past, one.id)?);
        } else {
            found.push(Found::Now(Box::new(one)));
        }
    }
    Ok(Some(found))
}

/// Of some that were taken away, and are not back, those that were there.
fn gone(
    reader: &mut Reader<'_>,
    of: Family,
    past: Past,
    taken: &[ResourceId],
) -> Result<Vec<Found>, Error> {
    let ids: Vec<String> = taken.iter().map(ToString::to_string).collect();
    let items: Vec<[Param<'_>; 1]> = ids.iter().map(|id| [id.into()]).collect();
    let mut here: BTreeSet<ResourceId> = BTreeSet::new();
    for mut row in reader.query_list(&HERE, &[of.kind.into()], &items)? {
        here.insert(row.get("id")?);
    }
    let mut found = Vec::new();
    for id in taken.iter().filter(|id| !here.contains(id)) {
        found.extend(then(reader, of, past, *id)?);
    }
    Ok(found)
}

fn then(
    reader: &mut Reader<'_>,
    of: Family,
    past: Past,
    id: ResourceId,
) -> Result<Option<Found>, Error> {
    let was = state(reader, of, past, id)?;
    Ok(was.map(|was| Found::Then(id, Attributes(was.attributes))))
}
