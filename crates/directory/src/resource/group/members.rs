//! [`Delta`]: changing the members of a group, and what came of it.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use scim::{Filter, Object, Value};

use super::{
    Members, retire,
    staging::{self, Prepared},
};
use crate::{
    db::statements,
    error::Error,
    id::{MemberSetNo, ResourceId, ResourceNo, Version},
    resource::{
        membership::{self, Member, NestingError, Resolved},
        pending,
    },
    store::{Reader, Writer},
};

statements! {
    HAS_PENDING = Sql {
        "select value from pending_member where org = $1 and member_set = $2 limit 1"
    };
}

/// Members are read in pieces of this size where a change depends on all of them.
const PIECE: usize = 1_000;

/// A member, as a client names it: by its id or by its externalId. It may be unknown here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberName(pub(crate) String);

impl MemberName {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for MemberName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for MemberName {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl From<ResourceId> for MemberName {
    fn from(id: ResourceId) -> Self {
        Self(id.to_string())
    }
}

/// A change to the members of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberChange {
    /// These become members, where they are not yet.
    Add(Vec<MemberName>),
    /// These are members no longer, where they were.
    Remove(Vec<MemberName>),
    /// Whoever satisfies the filter is a member no longer. Its paths name `value`, `type`,
    /// `display` or `$ref`.
    RemoveMatching(Filter),
    /// There are no members any longer.
    Clear,
    /// These are the members, and no others.
    Replace(Vec<MemberName>),
    /// What [`Staging`](super::Staging) has prepared: the last step of a large change.
    Prepared(Arc<Prepared>),
}

/// What a request changed about the members of a group, as an event tells it: all were removed
/// (if `cleared`), then some were removed, then some were added.
#[derive(Debug)]
pub(super) struct Delta {
    group: ResourceNo,
    /// The version of the group before the change. `None`: it is being created.
    version: Option<Version>,
    /// Where the members are after what was done so far, and how many.
    members: Members,
    cleared: bool,
    /// Who was in it before all were removed, less those that were removed before.
    before: Option<Members>,
    /// How many were members and are not, of a change that was staged.
    left: i64,
    /// The set that was filled in pieces, and which the group has now.
    staged: Option<MemberSetNo>,
    removed: BTreeMap<ResourceNo, ResourceId>,
    added: BTreeMap<ResourceNo, ResourceId>,
    pending: bool,
}

impl Delta {
    /// Nothing has changed yet.
    pub(super) fn new(group: ResourceNo, version: Option<Version>, members: Members) -> Self {
        let (removed, added) = (BTreeMap::new(), BTreeMap::new());
        let (cleared, staged, pending) = (false, None, false);
        let (before, left) = (None, 0);
        Self { group, version, members, cleared, before, left, staged, removed, added, pending }
    }

    /// Where the members are now, and how many.
    pub(super) fn members(&self) -> Members {
        self.members
    }

    /// Whether anything changed.
    pub(super) fn is_empty(&self) -> bool {
        !self.cleared
            && self.staged.is_none()
            && self.removed.is_empty()
            && self.added.is_empty()
            && !self.pending
    }

    pub(super) fn cleared(&self) -> bool {
        self.cleared
    }

    /// How many were members before and are none now.
    ///
    /// Cost: O(members added), where all were removed before; otherwise none.
    pub(super) fn left(&self, reader: &mut Reader<'_>) -> Result<i64, Error> {
        let removed = i64::try_from(self.removed.len()).unwrap_or(i64::MAX);
        let cleared = match self.before {
            None => 0,
            Some(before) => {
                let added: Vec<ResourceNo> = self.added.keys().copied().collect();
                before.count - membership::count_among(reader, before.set, &added)?
            }
        };
        Ok(self.left + removed + cleared)
    }

    /// The target of the events that told of pieces of it before.
    pub(super) fn staged(&self) -> Option<String> {
        self.staged.map(|set| set.to_string())
    }

    /// The ids that were added, oldest first.
    pub(super) fn added(&self) -> Vec<ResourceId> {
        self.added.values().copied().collect()
    }

    /// The ids that were removed, oldest first.
    pub(super) fn removed(&self) -> Vec<ResourceId> {
        self.removed.values().copied().collect()
    }

    /// Applies one change. The caller stores the group's new set and count.
    pub(super) fn apply(
        &mut self,
        writer: &mut Writer<'_>,
        change: &MemberChange,
    ) -> Result<(), Error> {
        match change {
            MemberChange::Add(names) => self.add(writer, names),
            MemberChange::Remove(names) => self.remove(writer, names),
            MemberChange::RemoveMatching(filter) => self.remove_matching(writer, filter),
            MemberChange::Clear => self.clear(writer),
            MemberChange::Replace(names) => self.replace(writer, names),
            MemberChange::Prepared(prepared) => self.switch(writer, prepared),
        }
    }

    /// Adds members. One that is there already is no error; one that is not here is kept.
    pub(super) fn add(
        &mut self,
        writer: &mut Writer<'_>,
        names: &[MemberName],
    ) -> Result<(), Error> {
        let (found, unknown) = membership::resolve(writer, names)?;
        self.check_nesting(writer, &found)?;
        self.put_in(writer, &found)?;
        if !unknown.is_empty() {
            self.pending |= pending::add(writer, self.members.set, &unknown)? > 0;
        }
        Ok(())
    }

    /// Removes members. One that is not there is no error.
    fn remove(&mut self, writer: &mut Writer<'_>, names: &[MemberName]) -> Result<(), Error> {
        let (found, _) = membership::resolve(writer, names)?;
        self.take_out(writer, &found)?;
        // A name may have been waiting under the externalId of a user that is here by now.
        self.pending |= pending::remove(writer, self.members.set, names)? > 0;
        Ok(())
    }

    /// Removes the members that a filter selects. It has to look at each: this is the one change
    /// whose cost follows the group.
    fn remove_matching(&mut self, writer: &mut Writer<'_>, filter: &Filter) -> Result<(), Error> {
        let schemas = writer.schemas()?;
        let attribute = schemas.group().attribute("members").expect("groups have members");
        let mut after = ResourceNo(0);
        loop {
            let page = membership::page(writer, self.members.set, after, PIECE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.no;
            let selected: Vec<Resolved> = page
                .iter()
                .filter(|member| filter.matches_value(attribute, &as_value(member)))
                .map(Resolved::from)
                .collect();
            self.take_out(writer, &selected)?;
        }
    }

    /// Removes all members: the group gets a fresh set, and the old one is cleared away later.
    ///
    /// Cost: O(1), whatever the size of the group.
    fn clear(&mut self, writer: &mut Writer<'_>) -> Result<(), Error> {
        let waiting = writer.query_one(HAS_PENDING, &[self.members.set.into()])?.is_some();
        if self.members.count == 0 && !waiting {
            return Ok(());
        }
        retire(writer, self.members.set)?;
        if self.version.is_some() && self.before.is_none() && self.staged.is_none() {
            self.left += i64::try_from(self.removed.len()).unwrap_or(i64::MAX);
            self.before = Some(self.members);
        }
        self.members = Members::none(writer.next_member_set());
        self.cleared = true;
        self.removed.clear();
        self.added.clear();
        Ok(())
    }

    /// Makes these the only members.
    ///
    /// Cost: O(the list), whatever the size of the group: where the group is much larger than the
    /// list, it is cleared and filled; otherwise only the difference is written.
    fn replace(&mut self, writer: &mut Writer<'_>, names: &[MemberName]) -> Result<(), Error> {
        let wanted_size = i64::try_from(names.len()).unwrap_or(i64::MAX);
        if names.is_empty() || self.members.count / 4 > wanted_size + 250 {
            self.clear(writer)?;
            return self.add(writer, names);
        }
        let (wanted, unknown) = membership::resolve(writer, names)?;
        let wanted: HashSet<ResourceNo> = wanted.iter().map(|member| member.no).collect();
        let mut after = ResourceNo(0);
        let mut leaving = Vec::new();
        loop {
            let members = membership::page(writer, self.members.set, after, PIECE)?;
            let Some(last) = members.last() else { break };
            after = last.no;
            let gone = members.iter().filter(|member| !wanted.contains(&member.no));
            leaving.extend(gone.map(Resolved::from));
        }
        self.take_out(writer, &leaving)?;
        self.pending |= pending::keep_only(writer, self.members.set, &unknown)? > 0;
        self.add(writer, names)
    }

    /// Makes the change that was prepared, if it still fits.
    fn switch(&mut self, writer: &mut Writer<'_>, prepared: &Prepared) -> Result<(), Error> {
        if let (Some(meant), Some(version)) = (prepared.version, self.version)
            && meant != version
        {
            return Err(Error::Stale { version });
        }
        if let Some(stage) = &prepared.stage {
            let members = staging::take(writer, stage.set)?;
            if self.version.is_some() {
                retire(writer, self.members.set)?;
            }
            self.members = members;
            self.staged = Some(stage.set);
            self.left += prepared.leaving;
            self.cleared |= prepared.cleared;
            let groups = membership::here(writer, &stage.groups)?;
            self.check_nesting(writer, &groups)?;
            if stage.waits {
                self.welcome(writer)?;
            }
        }
        prepared.rest.iter().try_for_each(|change| self.apply(writer, change))
    }

    /// Whoever arrived while the set was filled and was waited for is a member.
    ///
    /// Cost: O(names that wait in one group).
    fn welcome(&mut self, writer: &mut Writer<'_>) -> Result<(), Error> {
        let mut last = String::new();
        loop {
            let names = pending::page(writer, self.members.set, &last, PIECE)?;
            let Some(name) = names.last() else { return Ok(()) };
            last.clone_from(name);
            let names: Vec<MemberName> = names.into_iter().map(MemberName::from).collect();
            let (found, unknown) = membership::resolve(writer, &names)?;
            if !found.is_empty() {
                let unknown: HashSet<&MemberName> = unknown.iter().collect();
                let come: Vec<MemberName> =
                    names.iter().filter(|name| !unknown.contains(name)).cloned().collect();
                pending::remove(writer, self.members.set, &come)?;
                self.check_nesting(writer, &found)?;
                self.put_in(writer, &found)?;
            }
        }
    }

    /// Makes sure that none of these is a group which contains this one.
    fn check_nesting(&self, writer: &mut Writer<'_>, members: &[Resolved]) -> Result<(), Error> {
        match membership::check_nesting(writer, self.group, members)? {
            None => Ok(()),
            Some(NestingError::Loop(id)) => Err(Error::invalid(
                "members",
                format!("Group {id} contains this group, so it cannot become its member."),
            )),
            Some(NestingError::TooDeep) => Err(Error::invalid(
                "members",
                "This group is nested so deep already that no group can become its member.",
            )),
        }
    }

    fn put_in(&mut self, writer: &mut Writer<'_>, members: &[Resolved]) -> Result<(), Error> {
        for new in membership::insert(writer, self.members.set, members)? {
            self.members = self.members.with(new.id);
            if self.removed.remove(&new.no).is_none() {
                self.added.insert(new.no, new.id);
            }
        }
        Ok(())
    }

    fn take_out(&mut self, writer: &mut Writer<'_>, members: &[Resolved]) -> Result<(), Error> {
        for gone in membership::delete(writer, self.members.set, members)? {
            self.members = self.members.without(gone.id);
            if self.added.remove(&gone.no).is_none() {
                self.removed.insert(gone.no, gone.id);
            }
        }
        Ok(())
    }
}

/// A member as a filter sees it.
pub(super) fn as_value(member: &Member) -> Value {
    Object::new()
        .with("value", member.id.to_string())
        .with("display", member.display.as_str())
        .with("type", member.kind.as_str())
        .into()
}
