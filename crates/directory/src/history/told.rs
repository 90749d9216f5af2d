//! [`told`]: what an event tells of who is in which group.

use super::{STAGED, next};
use crate::{
    error::Error,
    event::{Event, Payload, kinds},
    id::{EventNo, ResourceId},
    store::Reader,
};

/// One thing that an event tells, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told<'e> {
    /// A group came to be, without members.
    Made(ResourceId),
    /// All members of a group were removed.
    Emptied(ResourceId),
    /// A group took what the pieces told that have this target.
    Took(ResourceId, &'e str),
    /// The second became a member of the first.
    In(ResourceId, ResourceId),
    /// The second was a member of the first, and is not.
    Out(ResourceId, ResourceId),
    /// A group was deleted, with its memberships.
    Gone(ResourceId),
}

/// What an event tells of who is in which group. Empty: nothing, or its target is no id.
pub(super) fn told(event: &Event) -> Vec<Told<'_>> {
    let Some(id) = ResourceId::parse(&event.target) else { return Vec::new() };
    let joined = |groups: &[ResourceId]| -> Vec<Told<'static>> {
        groups.iter().map(|group| Told::In(*group, id)).collect()
    };
    let left = |groups: &[ResourceId]| -> Vec<Told<'static>> {
        groups.iter().map(|group| Told::Out(*group, id)).collect()
    };
    match &event.payload {
        Payload::UserCreated(kinds::UserCreated { joined: groups, .. })
        | Payload::UserUpdated(kinds::UserUpdated { joined: groups, .. })
        | Payload::UserArchived(kinds::UserArchived { joined: groups, .. })
        | Payload::UserReactivated(kinds::UserReactivated { joined: groups, .. }) => joined(groups),
        Payload::UserDeleted(payload) => left(&payload.left),
        Payload::GroupCreated(payload) => {
            let mut told = vec![Told::Made(id)];
            told.extend(payload.staged.as_deref().map(|set| Told::Took(id, set)));
            told.extend(payload.added.iter().map(|member| Told::In(id, *member)));
            told.extend(joined(&payload.joined));
            told
        }
        Payload::GroupUpdated(payload) => {
            let mut told = Vec::new();
            if payload.cleared {
                told.push(Told::Emptied(id));
            }
            told.extend(payload.staged.as_deref().map(|set| Told::Took(id, set)));
            told.extend(payload.removed.iter().map(|member| Told::Out(id, *member)));
            told.extend(payload.added.iter().map(|member| Told::In(id, *member)));
            told.extend(joined(&payload.joined));
            told
        }
        Payload::GroupDeleted(payload) => {
            let mut told = left(&payload.left);
            told.push(Told::Gone(id));
            told
        }
        _ => Vec::new(),
    }
}

/// Whether someone is in a set that a group took, and which event told it.
pub(super) type Piece = (ResourceId, bool, EventNo);

/// What the pieces of a large change told before a group took them at an event, in order.
///
/// Cost: O(members that they tell of).
pub(super) fn pieces(
    reader: &mut Reader<'_>,
    set: &str,
    taken: EventNo,
) -> Result<Vec<Piece>, Error> {
    let mut told = Vec::new();
    let mut last = EventNo::START;
    loop {
        let events = next(reader, set, last, STAGED, 20)?;
        for event in events.iter().filter(|event| event.no < taken) {
            if let Payload::GroupMembersStaged(piece) = &event.payload {
                told.extend(piece.removed.iter().map(|member| (*member, false, event.no)));
                told.extend(piece.added.iter().map(|member| (*member, true, event.no)));
            }
        }
        match events.last() {
            Some(newest) if newest.no < taken => last = newest.no,
            _ => return Ok(told),
        }
        reader.give_way()?;
    }
}
