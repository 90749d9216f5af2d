//! I5: replaying the events gives the present state.
//!
//! What an event tells of a resource or of a membership takes the place of what an earlier one told, so
//! it is enough to know the last. Everything that was told, and everything that is there, becomes a
//! small record; [`Spill`] brings those of one thing together, in their order.
//!
//! What the pieces of a large change tell is of a set, and counts from the moment in which a group takes
//! the set: it is brought together first, and told again at that moment.

use std::collections::{BTreeSet, HashMap};

use aws_lc_rs::digest;
use scim::Object;

use super::{
    Findings,
    spill::{KEY, Record, Spill, VALUE},
};
use crate::{
    error::Error,
    event::{self, Event, Payload, kinds},
    id::{EventNo, ResourceId},
    record::Attributes,
    resource::{Document, Kind, find},
    schemas,
    store::Reader,
};

/// After all events: what is there.
const PRESENT: u64 = u64::MAX;
/// The order of what one event tells.
const CLEARED: u64 = 0;
const STAGED: u64 = 1;
const REMOVED: u64 = 2;
const ADDED: u64 = 3;

/// The letters before the ids of a key.
const RESOURCE: u8 = b'r';
const GROUP: u8 = b'g';
const MEMBER: u8 = b'm';

/// Of a resource: it is not there.
const GONE: [u8; VALUE] = [0; VALUE];
/// Of a membership.
const IN: [u8; VALUE] = [1; VALUE];
const OUT: [u8; VALUE] = GONE;

/// Something that an event tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    Record(Record),
    /// A group lost all members at this moment.
    Cleared(ResourceId, u64),
    /// The same as a record, of a set that a group may take.
    Staged(Record),
    /// A group took a set at this moment.
    Taken([u8; 16], ResourceId, u64),
}

/// What is there and what was told, until both are compared.
#[derive(Default)]
pub(super) struct Replay {
    spill: Spill,
    staged: Spill,
    /// Which group took a set, and when.
    taken: HashMap<[u8; 16], (ResourceId, u64)>,
    /// When each of the groups that did lost all members last.
    cleared: HashMap<ResourceId, u64>,
    /// Events are not kept that told of what no other has told of since.
    is_pruned: bool,
}

impl Replay {
    /// The first event that is told of comes after this one.
    pub(super) fn follows(&mut self, pruned: EventNo) {
        self.is_pruned = pruned > EventNo::START;
    }

    pub(super) fn add(&mut self, told: Told) -> Result<(), Error> {
        match told {
            Told::Record(record) => self.spill.add(record),
            Told::Staged(record) => self.staged.add(record),
            Told::Taken(set, group, at) => {
                self.taken.insert(set, (group, at));
                Ok(())
            }
            Told::Cleared(group, at) => {
                let last = self.cleared.entry(group).or_default();
                *last = at.max(*last);
                Ok(())
            }
        }
    }

    /// Compares what was told with what is there.
    pub(super) fn compare(
        self,
        reader: &mut Reader<'_>,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let Self { mut spill, staged, taken, cleared, is_pruned } = self;
        // Pieces of the set that a group took may be among what is not kept.
        let took: BTreeSet<ResourceId> = taken.values().map(|(group, _)| *group).collect();
        staged.sorted(|records| {
            let Some(Record { key: of_set, value, .. }) = records.last() else { return Ok(()) };
            let (set, member) = of_set.split_at(17);
            match <[u8; 16]>::try_from(&set[1..]).ok().and_then(|set| taken.get(&set)) {
                Some((group, at)) => {
                    let mut key = key(MEMBER, *group, None);
                    key[17..].copy_from_slice(member);
                    spill.add(Record { key, at: *at, value: *value })
                }
                None => Ok(()),
            }
        })?;
        let mut groups = BTreeSet::new();
        spill.sorted(|records| {
            let Some(Record { key, .. }) = records.first() else { return Ok(()) };
            let (letter, id) = (key[0], id_of(key));
            let told = records.iter().rfind(|record| record.at != PRESENT);
            let present = records.iter().rfind(|record| record.at == PRESENT);
            if letter == MEMBER {
                let since = cleared.get(&id).copied().unwrap_or_default();
                let is_known = told.is_some() || (since > 0 && !took.contains(&id));
                if is_pruned && !is_known {
                    return Ok(());
                }
                let told = told.is_some_and(|told| told.at > since && told.value == IN);
                if told != present.is_some() {
                    groups.insert(id);
                }
                return Ok(());
            }
            if is_pruned && told.is_none() {
                return Ok(());
            }
            let told = told.filter(|told| told.value != GONE);
            match (present, told) {
                (Some(present), Some(told)) if present.value == told.value => {}
                (Some(_), Some(told)) if is_same(reader, id, told.at)? => {}
                (Some(_), _) => {
                    let what = if letter == GROUP { "group" } else { "resource" };
                    findings.wrong("I5", format!("{what} {id} is not what its events tell"));
                }
                (None, Some(_)) => {
                    findings.wrong("I5", format!("{id} is told of by events, and is not here"));
                }
                (None, None) => {}
            }
            Ok(())
        })?;
        for id in groups {
            findings.wrong("I5", format!("the members of group {id} are not what events tell"));
        }
        Ok(())
    }
}

/// A resource that is there.
pub(super) fn present(kind: Kind, id: ResourceId, attributes: &Document) -> Told {
    let letter = if kind == Kind::GROUP { GROUP } else { RESOURCE };
    let value = match attributes.text() {
        Some(text) => digest_of(text.as_bytes()),
        None => digest_of_object(attributes),
    };
    Told::Record(Record { key: key(letter, id, None), at: PRESENT, value })
}

/// A membership that is there.
pub(super) fn present_member(group: ResourceId, member: ResourceId) -> Told {
    Told::Record(Record { key: key(MEMBER, group, Some(member)), at: PRESENT, value: IN })
}

/// What an event tells. `None`: its target is no id, and must be one.
pub(super) fn told(event: &Event) -> Option<Vec<Told>> {
    let moment = |step: u64| (i64::from(event.no).cast_unsigned() << 2) | step;
    let resource = |letter, id, attributes: Option<&Attributes>| {
        let value = attributes.map_or(GONE, |Attributes(object)| digest_of_object(object));
        Told::Record(Record { key: key(letter, id, None), at: moment(ADDED), value })
    };
    let member = |group, member, step, value| {
        let key = key(MEMBER, group, Some(member));
        Told::Record(Record { key, at: moment(step), value })
    };
    let staged = |set: [u8; 16], one: ResourceId, step, value| {
        let mut key = key(MEMBER, one, Some(one));
        key[1..17].copy_from_slice(&set);
        Told::Staged(Record { key, at: moment(step), value })
    };
    let taken = |id, set: Option<&String>| -> Option<Told> {
        Some(Told::Taken(set_of(set?)?, id, moment(STAGED)))
    };
    let left_staged = |id, sets: &[String]| -> Vec<Told> {
        let sets = sets.iter().filter_map(|set| set_of(set));
        sets.map(|set| staged(set, id, REMOVED, OUT)).collect()
    };
    let joined = |id, groups: &[ResourceId]| -> Vec<Told> {
        groups.iter().map(|group| member(*group, id, ADDED, IN)).collect()
    };
    let left = |id, groups: &[ResourceId]| -> Vec<Told> {
        groups.iter().map(|group| member(*group, id, REMOVED, OUT)).collect()
    };
    let id = || ResourceId::parse(&event.target);
    let told = match &event.payload {
        Payload::UserCreated(kinds::UserCreated { resource: now, joined: groups })
        | Payload::UserUpdated(kinds::UserUpdated { resource: now, joined: groups })
        | Payload::UserArchived(kinds::UserArchived { resource: now, joined: groups })
        | Payload::UserReactivated(kinds::UserReactivated { resource: now, joined: groups }) => {
            let id = id()?;
            let mut told = joined(id, groups);
            told.push(resource(RESOURCE, id, Some(now)));
            told
        }
        Payload::UserDeleted(kinds::UserDeleted { left: groups, left_staged: sets }) => {
            let id = id()?;
            let mut told = left(id, groups);
            told.extend(left_staged(id, sets));
            told.push(resource(RESOURCE, id, None));
            told
        }
        Payload::GroupCreated(payload) => {
            let id = id()?;
            let mut told = joined(id, &payload.joined);
            told.extend(taken(id, payload.staged.as_ref()));
            told.extend(payload.added.iter().map(|one| member(id, *one, ADDED, IN)));
            told.push(resource(GROUP, id, Some(&payload.resource)));
            told
        }
        Payload::GroupUpdated(payload) => {
            let id = id()?;
            let mut told = joined(id, &payload.joined);
            if payload.cleared {
                told.push(Told::Cleared(id, moment(CLEARED)));
            }
            told.extend(taken(id, payload.staged.as_ref()));
            told.extend(payload.removed.iter().map(|one| member(id, *one, REMOVED, OUT)));
            told.extend(payload.added.iter().map(|one| member(id, *one, ADDED, IN)));
            told.extend(payload.resource.iter().map(|now| resource(GROUP, id, Some(now))));
            told
        }
        Payload::GroupMembersStaged(payload) => {
            let set = set_of(&event.target)?;
            let removed = payload.removed.iter().map(|one| staged(set, *one, REMOVED, OUT));
            let added = payload.added.iter().map(|one| staged(set, *one, ADDED, IN));
            removed.chain(added).collect()
        }
        Payload::GroupDeleted(kinds::GroupDeleted { left: groups, left_staged: sets }) => {
            let id = id()?;
            let mut told = left(id, groups);
            told.extend(left_staged(id, sets));
            told.push(Told::Cleared(id, moment(CLEARED)));
            told.push(resource(GROUP, id, None));
            told
        }
        Payload::ResourceCreated(kinds::ResourceCreated { resource: now, .. })
        | Payload::ResourceUpdated(kinds::ResourceUpdated { resource: now, .. }) => {
            vec![resource(RESOURCE, id()?, Some(now))]
        }
        Payload::ResourceDeleted(_) => vec![resource(RESOURCE, id()?, None)],
        Payload::OrganizationCreated(_)
        | Payload::OrganizationUpdated(_)
        | Payload::ConnectionCreated(_)
        | Payload::ConnectionActivated(_)
        | Payload::ConnectionDisabled(_)
        | Payload::ConnectionDeleted(_)
        | Payload::RemovalsHeld(_)
        | Payload::RemovalsReleased(_)
        | Payload::RemovalsRefused(_)
        | Payload::RoleCreated(_)
        | Payload::RoleDeleted(_)
        | Payload::RoleAssigned(_)
        | Payload::RoleUnassigned(_)
        | Payload::RoleMapped(_)
        | Payload::RoleUnmapped(_) => Vec::new(),
    };
    Some(told)
}

/// The attributes after an event.
fn attributes_of(event: &Event) -> Option<&Object> {
    match &event.payload {
        Payload::UserCreated(kinds::UserCreated { resource, .. })
        | Payload::UserUpdated(kinds::UserUpdated { resource, .. })
        | Payload::UserArchived(kinds::UserArchived { resource, .. })
        | Payload::UserReactivated(kinds::UserReactivated { resource, .. })
        | Payload::GroupCreated(kinds::GroupCreated { resource, .. })
        | Payload::GroupUpdated(kinds::GroupUpdated { resource: Some(resource), .. })
        | Payload::ResourceCreated(kinds::ResourceCreated { resource, .. })
        | Payload::ResourceUpdated(kinds::ResourceUpdated { resource, .. }) => Some(&resource.0),
        _ => None,
    }
}

/// Whether a resource has the attributes of an event, though their texts differ: they may be in
/// another order.
fn is_same(reader: &mut Reader<'_>, id: ResourceId, at: u64) -> Result<bool, Error> {
    let no = EventNo::from((at >> 2).cast_signed() - 1);
    let events = event::all_after(reader, no, 1)?;
    let Some(told) = events.first().and_then(attributes_of) else { return Ok(false) };
    for schema in schemas::current(reader)?.all() {
        if let Some(resource) = find(reader, Kind::of(schema), id)? {
            return Ok(*told == *resource.attributes);
        }
    }
    Ok(false)
}

/// A set that is being filled, as the target of its events names it.
fn set_of(target: &str) -> Option<[u8; 16]> {
    Some(u128::from(target.parse::<u64>().ok()?).to_be_bytes())
}

fn key(letter: u8, id: ResourceId, other: Option<ResourceId>) -> [u8; KEY] {
    let mut key = [0; KEY];
    key[0] = letter;
    key[1..17].copy_from_slice(&id.to_bytes());
    if let Some(other) = other {
        key[17..].copy_from_slice(&other.to_bytes());
    }
    key
}

fn id_of(key: &[u8; KEY]) -> ResourceId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&key[1..17]);
    ResourceId::from_bytes(bytes)
}

fn digest_of_object(object: &Object) -> [u8; VALUE] {
    // What cannot be written as JSON equals nothing; it was read from JSON.
    digest_of(&serde_json::to_vec(object).unwrap_or_default())
}

fn digest_of(text: &[u8]) -> [u8; VALUE] {
    let mut value = [0; VALUE];
    let hash = digest::digest(&digest::SHA256, text);
    value.copy_from_slice(&hash.as_ref()[..VALUE]);
    value
}
