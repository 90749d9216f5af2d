//! [`group_members`]: who was in a group at a moment.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{
    By, MENTIONS, OF_TARGETS, Past, Subject, TEAMS,
    changes::{Changes, OfGroup, Range},
    last, state,
    told::{Told, pieces, told},
    windows,
};
use crate::{
    access::Verb,
    db::Param,
    error::{Error, Noun},
    event::{Event, EventKind},
    id::{EventNo, ResourceId, ResourceNo},
    resource::{Group, Kind, find, membership},
    store::Reader,
};

/// Members are read in pieces of this size.
const PIECE: usize = 1_000;

/// The members that a group had itself at a moment, in the order of their ids.
///
/// Cost: O(events since); where all members were removed at once since, O(events since the group had none
/// before). Memory: some tens of bytes for each member.
///
/// # Errors
///
/// [`Error::NotFound`] where the group was not there; [`Error::HistoryEnds`]; [`Error::TooExpensive`];
/// [`Error::Denied`].
pub fn group_members(
    reader: &mut Reader<'_>,
    past: Past,
    id: ResourceId,
) -> Result<BTreeSet<ResourceId>, Error> {
    reader.permit(Verb::ReadHistory)?;
    if state::state(reader, TEAMS, past, id)?.is_none() {
        return Err(Error::not_found(Noun::Group));
    }
    let range =
        Range { after: past.after, until: past.newest, by: By::anyone(), of: Subject::Group(id) };
    let changes = Changes::of(reader, &range)?;
    members(reader, past, id, changes.members.get(&id))
}

/// Who was in a group, by what has happened to its members since.
pub(super) fn members(
    reader: &mut Reader<'_>,
    past: Past,
    id: ResourceId,
    since: Option<&OfGroup>,
) -> Result<BTreeSet<ResourceId>, Error> {
    let mut members = match since {
        Some(OfGroup { is_new: true, .. }) => return Ok(BTreeSet::new()),
        Some(OfGroup { emptied: Some(event), .. }) => replayed(reader, past.before(*event), id)?,
        _ => now(reader, id)?,
    };
    if let Some(since) = since {
        since.correct(&mut members);
    }
    Ok(members)
}

fn now(reader: &mut Reader<'_>, id: ResourceId) -> Result<BTreeSet<ResourceId>, Error> {
    let Some(group) = find(reader, Kind::GROUP, id)?.map(Group) else { return Ok(BTreeSet::new()) };
    let (set, mut after, mut all) = (group.members().set, ResourceNo::START, BTreeSet::new());
    loop {
        let page = membership::page(reader, set, after, PIECE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.no();
        all.extend(page.iter().map(|member| member.id));
        reader.give_way()?;
    }
}

/// Who is in a group, and which event told it last.
type LastTold = BTreeMap<ResourceId, (bool, EventNo)>;

/// Who was in a group, by the events from the moment on when it last had no one.
pub(super) fn replayed(
    reader: &mut Reader<'_>,
    past: Past,
    id: ResourceId,
) -> Result<BTreeSet<ResourceId>, Error> {
    let target = id.to_string();
    let (mut told, mut until): (LastTold, EventNo) = (BTreeMap::new(), past.after);
    let began = 'began: loop {
        let events = last(reader, &target, until, TEAMS.kinds, 20)?;
        for event in events.iter().filter(|event| event.no > past.pruned) {
            if take(reader, &mut told, event, id)? {
                break 'began event.no;
            }
        }
        match events.last() {
            Some(oldest) if oldest.no > past.pruned => until = EventNo(oldest.no.0 - 1),
            _ => return past.ends(),
        }
        reader.give_way()?;
    };
    joined(reader, &mut told, (began, past.after), id)?;
    left(reader, &mut told, past.after)?;
    let members = told.into_iter().filter(|(_, (is_in, _))| *is_in);
    Ok(members.map(|(member, _)| member).collect())
}

/// Takes in what an event about the group tells of those of whom no later one did. Answers whether the group
/// had no one before.
fn take(
    reader: &mut Reader<'_>,
    last: &mut LastTold,
    event: &Event,
    id: ResourceId,
) -> Result<bool, Error> {
    let mut is_beginning = false;
    // What was done last is looked at first.
    for told in told(event).into_iter().rev() {
        match told {
            Told::In(group, member) if group == id => note(last, member, true, event.no),
            Told::Out(group, member) if group == id => note(last, member, false, event.no),
            Told::Took(_, set) => {
                for (member, is_in, no) in pieces(reader, set, event.no)?.into_iter().rev() {
                    note(last, member, is_in, no);
                }
            }
            Told::Emptied(_) | Told::Made(_) => is_beginning = true,
            _ => {}
        }
    }
    Ok(is_beginning)
}

fn note(last: &mut LastTold, member: ResourceId, is_in: bool, no: EventNo) {
    if let Entry::Vacant(vacant) = last.entry(member) {
        vacant.insert((is_in, no));
    }
}

/// Those for whom the group had waited: events about themselves tell of it.
fn joined(
    reader: &mut Reader<'_>,
    last: &mut LastTold,
    (began, until): (EventNo, EventNo),
    id: ResourceId,
) -> Result<(), Error> {
    let text = id.to_string();
    for (start, end) in windows(began, until) {
        for row in reader.query(MENTIONS, &[start.into(), end.into(), (&text).into()])? {
            let event = Event::from_row(row)?;
            for told in told(&event) {
                let Told::In(group, member) = told else { continue };
                // What the group's own events tell was taken in.
                if group == id && event.target != text {
                    match last.entry(member) {
                        Entry::Occupied(entry) if entry.get().1 > event.no => {}
                        entry => *entry.or_insert((true, event.no)) = (true, event.no),
                    }
                }
            }
        }
        reader.give_way()?;
    }
    Ok(())
}

/// Those who were deleted after they became members.
fn left(reader: &mut Reader<'_>, last: &mut LastTold, until: EventNo) -> Result<(), Error> {
    let members: Vec<String> =
        last.iter().filter(|(_, (is_in, _))| *is_in).map(|(id, _)| id.to_string()).collect();
    for piece in members.chunks(512) {
        let items: Vec<[Param<'_>; 1]> = piece.iter().map(|id| [id.into()]).collect();
        for kind in [EventKind::UserDeleted, EventKind::GroupDeleted] {
            let kind = kind.described().number;
            let fixed = [EventNo::START.into(), until.into(), kind.into(), kind.into()];
            for mut row in reader.query_list(&OF_TARGETS, &fixed, &items)? {
                let (member, no): (ResourceId, EventNo) = (row.get("target")?, row.get("seq")?);
                if let Some(told) = last.get_mut(&member).filter(|told| told.1 < no) {
                    *told = (false, no);
                }
            }
        }
        reader.give_way()?;
    }
    Ok(())
}
