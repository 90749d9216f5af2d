//! [`Changes`]: what events of a range took away, and who was in which group before them.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{
    By, MOST_CHANGES, Subject, TAKEN, each_told,
    told::{Told, pieces, told},
    windows,
};
use crate::{
    error::Error,
    event::{Event, EventKind},
    id::{ConnectionId, EventNo, ResourceId},
    store::Reader,
};

/// Which events count.
#[derive(Clone, Debug)]
pub(super) struct Range {
    /// Those after this one,
    pub(super) after: EventNo,
    /// up to this one,
    pub(super) until: EventNo,
    /// done by these,
    pub(super) by: By,
    /// about this.
    pub(super) of: Subject,
}

/// What events of a range took away, and who was in which group before them. Memory: some tens of bytes for
/// each user, group and membership that they tell of.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Users that were archived or deleted.
    pub(super) users: BTreeSet<ResourceId>,
    /// Groups that were deleted, and the connection that did it last, if one did.
    pub(super) groups: BTreeMap<ResourceId, Option<ConnectionId>>,
    /// Groups whose members changed.
    pub(super) members: BTreeMap<ResourceId, OfGroup>,
    count: usize,
}

/// What became of the members of a group. The first that is told of someone decides: it says what was before.
#[derive(Debug, Default)]
pub(super) struct OfGroup {
    /// It came to be by these events.
    pub(super) is_new: bool,
    /// The first event that took all members away at once. Those who are not below are known by it.
    pub(super) emptied: Option<EventNo>,
    /// Whether someone was a member before the first event that tells of it.
    pub(super) before: BTreeMap<ResourceId, bool>,
}

impl Changes {
    /// Looks through events.
    ///
    /// Cost: O(events in the range).
    ///
    /// # Errors
    ///
    /// [`Error::TooExpensive`] where they tell of more than [`MOST_CHANGES`] things; those of the store.
    pub(super) fn of(reader: &mut Reader<'_>, range: &Range) -> Result<Self, Error> {
        let mut changes = Self::default();
        for (start, end) in windows(range.after, range.until) {
            for mut row in reader.query(TAKEN, &[start.into(), end.into()])? {
                if !range.by.matches(&row.get::<String>("principal")?) {
                    continue;
                }
                let id: ResourceId = row.get("target")?;
                if range.of.is_user(id) && changes.users.insert(id) {
                    changes.counted()?;
                }
            }
            reader.give_way()?;
        }
        each_told(reader, (range.after, range.until), |reader, event| {
            if range.by.matches(&event.principal) {
                changes.take(reader, range, &event)
            } else {
                Ok(())
            }
        })?;
        Ok(changes)
    }

    fn counted(&mut self) -> Result<(), Error> {
        self.count += 1;
        if self.count <= MOST_CHANGES {
            return Ok(());
        }
        let detail = format!(
            "More than {MOST_CHANGES} things have changed since. Choose a later moment, one \
             connection, or one user or group."
        );
        Err(Error::TooExpensive { detail: detail.into() })
    }

    fn take(&mut self, reader: &mut Reader<'_>, range: &Range, event: &Event) -> Result<(), Error> {
        for told in told(event) {
            match told {
                Told::Made(group) if range.of.is_group(group) => {
                    if let Entry::Vacant(vacant) = self.members.entry(group) {
                        vacant.insert(OfGroup { is_new: true, ..OfGroup::default() });
                        self.counted()?;
                    }
                }
                Told::Emptied(group) if range.of.is_group(group) => {
                    let of_group = self.members.entry(group).or_default();
                    of_group.emptied = of_group.emptied.or(Some(event.no));
                }
                Told::Gone(group) if range.of.is_group(group) => {
                    let of_group = self.members.entry(group).or_default();
                    of_group.emptied = of_group.emptied.or(Some(event.no));
                    self.groups.insert(group, connection_of(&event.principal));
                    self.counted()?;
                }
                Told::Took(group, set) if range.of.is_group(group) => {
                    // After all were removed, the set says nothing of what was before.
                    if self.members.get(&group).is_some_and(|group| !group.decides()) {
                        continue;
                    }
                    for (member, is_in, _) in pieces(reader, set, event.no)? {
                        self.first(range, group, member, !is_in)?;
                    }
                }
                Told::In(group, member) => self.first(range, group, member, false)?,
                Told::Out(group, member) => self.first(range, group, member, true)?,
                _ => {}
            }
        }
        debug_assert!(event.kind() != EventKind::GroupMembersStaged, "pieces are read when taken");
        Ok(())
    }

    /// Something is told of a membership that was there before, or was not.
    fn first(
        &mut self,
        range: &Range,
        group: ResourceId,
        member: ResourceId,
        was_in: bool,
    ) -> Result<(), Error> {
        if !range.of.is_membership(group, member) {
            return Ok(());
        }
        let of_group = self.members.entry(group).or_default();
        if of_group.decides()
            && let Entry::Vacant(vacant) = of_group.before.entry(member)
        {
            vacant.insert(was_in);
            return self.counted();
        }
        Ok(())
    }
}

impl OfGroup {
    /// Whether what is told of a membership says what was before.
    fn decides(&self) -> bool {
        !self.is_new && self.emptied.is_none()
    }

    /// Corrects members by what was before.
    pub(super) fn correct(&self, members: &mut BTreeSet<ResourceId>) {
        for (member, was_in) in &self.before {
            if *was_in {
                members.insert(*member);
            } else {
                members.remove(member);
            }
        }
    }
}

/// The connection by which an identity provider acted, if one did.
pub(super) fn connection_of(principal: &str) -> Option<ConnectionId> {
    let (_, id) = principal.rsplit_once("connection:")?;
    ConnectionId::parse(id)
}
