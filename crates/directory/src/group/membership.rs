//! [`Delta`]: changing the members of a group, and what came of it.

use std::collections::{BTreeMap, HashSet};

use scim::{
    Filter, Object, Value,
    patch::{MemberChange, MemberKind, MemberRef},
};

use super::Group;
use crate::{
    db::{Writer, statements},
    error::Error,
    id::{ResourceId, ResourceNo},
    member::{self, Member, Misfit, Resolved},
    pending,
};

statements! {
    REAP = Sql { "insert into reap (org, mset) values ($1, $2)" };
    HAS_PENDING = Sql { "select value from pending where org = $1 and mset = $2 limit 1" };
}

/// Members are read in pieces of this size where a change depends on all of them.
const PIECE: usize = 1_000;

/// What a request changed about the members of a group, as an event tells it: all were removed
/// (if `cleared`), then some were removed, then some were added.
#[derive(Debug, Default)]
pub(super) struct Delta {
    cleared: bool,
    removed: BTreeMap<ResourceNo, ResourceId>,
    added: BTreeMap<ResourceNo, ResourceId>,
    pending: bool,
}

impl Delta {
    /// Whether anything changed.
    pub(super) fn is_empty(&self) -> bool {
        !self.cleared && self.removed.is_empty() && self.added.is_empty() && !self.pending
    }

    pub(super) fn cleared(&self) -> bool {
        self.cleared
    }

    /// The ids that were added, oldest first.
    pub(super) fn added(&self) -> Vec<String> {
        self.added.values().map(ToString::to_string).collect()
    }

    /// The ids that were removed, oldest first.
    pub(super) fn removed(&self) -> Vec<String> {
        self.removed.values().map(ToString::to_string).collect()
    }

    /// Applies one change to the members of a group. The caller stores the group's new set and
    /// count.
    pub(super) fn apply(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        change: &MemberChange,
    ) -> Result<(), Error> {
        match change {
            MemberChange::Add(refs) => self.add(writer, group, refs),
            MemberChange::Remove(refs) => self.remove(writer, group, refs),
            MemberChange::RemoveWhere(filter) => self.remove_where(writer, group, filter),
            MemberChange::Clear => self.clear(writer, group),
            MemberChange::Replace(refs) => self.replace(writer, group, refs),
        }
    }

    /// Adds members. One that is there already is no error; one that is not here is kept.
    pub(super) fn add(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        refs: &[MemberRef],
    ) -> Result<(), Error> {
        let (found, unknown) = member::resolve(writer, refs)?;
        match member::misfit(writer, group.no, &found)? {
            None => {}
            Some(Misfit::Loop(id)) => {
                return Err(scim::Error::invalid_value(format!(
                    "Group {id} contains this group, so it cannot become its member."
                ))
                .into());
            }
            Some(Misfit::TooDeep) => {
                return Err(scim::Error::invalid_value(
                    "This group is nested so deep already that no group can become its member.",
                )
                .into());
            }
        }
        self.put_in(writer, group, &found)?;
        if !unknown.is_empty() {
            self.pending |= pending::add(writer, group.mset, &unknown)? > 0;
        }
        Ok(())
    }

    /// Removes members. One that is not there is no error.
    fn remove(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        refs: &[MemberRef],
    ) -> Result<(), Error> {
        let (found, _) = member::resolve(writer, refs)?;
        self.take_out(writer, group, &found)?;
        // A name may have been waiting under the externalId of a user that is here by now.
        let names: Vec<String> = refs.iter().map(|member| member.value.clone()).collect();
        self.pending |= pending::remove(writer, group.mset, &names)? > 0;
        Ok(())
    }

    /// Removes the members that a filter on `value`, `type`, `display` or `$ref` selects.
    /// It has to look at each: this is the one change whose cost follows the group.
    fn remove_where(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        filter: &Filter,
    ) -> Result<(), Error> {
        let schemas = writer.schemas()?;
        let attribute = schemas.group().attribute("members").expect("groups have members");
        let mut after = ResourceNo(0);
        loop {
            let page = member::page(writer, group.mset, after, PIECE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.no;
            let selected: Vec<Resolved> = page
                .iter()
                .filter(|member| filter.matches_value(attribute, &as_value(member)))
                .map(|member| Resolved { no: member.no, id: member.id, kind: member.kind })
                .collect();
            self.take_out(writer, group, &selected)?;
        }
    }

    /// Removes everybody: the group gets a fresh set, and the old one is cleared away later.
    ///
    /// Cost: O(1), whatever the size of the group.
    fn clear(&mut self, writer: &mut Writer<'_>, group: &mut Group) -> Result<(), Error> {
        let waiting = writer.query_one(HAS_PENDING, &[group.mset.into()])?.is_some();
        if group.member_count == 0 && !waiting {
            return Ok(());
        }
        writer.execute(REAP, &[group.mset.into()])?;
        group.mset = writer.next_no().0;
        group.member_count = 0;
        self.cleared = true;
        self.removed.clear();
        self.added.clear();
        Ok(())
    }

    /// Makes these the only members.
    ///
    /// Cost: O(the list), whatever the size of the group: where the group is much larger than the
    /// list, it is cleared and filled; otherwise only the difference is written.
    fn replace(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        refs: &[MemberRef],
    ) -> Result<(), Error> {
        let wanted_size = i64::try_from(refs.len()).unwrap_or(i64::MAX);
        if refs.is_empty() || group.member_count / 4 > wanted_size + 250 {
            self.clear(writer, group)?;
            return self.add(writer, group, refs);
        }
        let (wanted, unknown) = member::resolve(writer, refs)?;
        let wanted: HashSet<ResourceNo> = wanted.iter().map(|member| member.no).collect();
        let mut after = ResourceNo(0);
        let mut leaving = Vec::new();
        loop {
            let members = member::page(writer, group.mset, after, PIECE)?;
            let Some(last) = members.last() else { break };
            after = last.no;
            leaving.extend(
                members
                    .iter()
                    .filter(|member| !wanted.contains(&member.no))
                    .map(|member| Resolved { no: member.no, id: member.id, kind: member.kind }),
            );
        }
        self.take_out(writer, group, &leaving)?;
        self.pending |= pending::keep_only(writer, group.mset, &unknown)? > 0;
        self.add(writer, group, refs)
    }

    fn put_in(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        members: &[Resolved],
    ) -> Result<(), Error> {
        for new in member::insert(writer, group.mset, members)? {
            group.member_count += 1;
            if self.removed.remove(&new.no).is_none() {
                self.added.insert(new.no, new.id);
            }
        }
        Ok(())
    }

    fn take_out(
        &mut self,
        writer: &mut Writer<'_>,
        group: &mut Group,
        members: &[Resolved],
    ) -> Result<(), Error> {
        for gone in member::delete(writer, group.mset, members)? {
            group.member_count -= 1;
            if self.added.remove(&gone.no).is_none() {
                self.removed.insert(gone.no, gone.id);
            }
        }
        Ok(())
    }
}

/// A member as a filter sees it.
fn as_value(member: &Member) -> Value {
    let kind = match member.kind {
        MemberKind::User => "User",
        MemberKind::Group => "Group",
    };
    Object::new()
        .with("value", member.id.to_string())
        .with("display", member.display.as_str())
        .with("type", kind)
        .into()
}
