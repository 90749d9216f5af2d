//! [`plan()`]: what was lost since a moment, and would come back. Nothing is changed by it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Family, HERE, Moment, OF_TARGETS, PEOPLE, Past, TEAMS, at,
    changes::{Changes, OfGroup, Range},
    members::replayed,
    state::state,
};
use crate::{
    access::Verb,
    db::Param,
    error::Error,
    event::EventKind,
    id::{ConnectionId, EventNo, ResourceId},
    resource::{
        Group, Kind, find,
        group::MemberName,
        membership::{self, Resolved},
        save,
    },
    store::Reader,
};

/// So many users, groups and memberships may have changed since; each takes some tens of bytes while it is
/// known what comes back.
pub const MOST_CHANGES: usize = 1_000_000;
/// So much of what would come back is shown by name.
pub const SHOWN: usize = 100;
/// Things that are looked at together.
const PIECE: usize = 512;

/// What is to be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The moment at which it was there.
    pub to: Moment,
    /// Only what was lost up to this moment; `None`: up to now.
    pub until: Option<Moment>,
    /// Only what these took away.
    pub by: By,
    /// Only this.
    pub of: Subject,
}

/// Who took something away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By(Option<String>);

impl By {
    /// Whoever did.
    #[must_use]
    pub fn anyone() -> Self {
        Self(None)
    }

    /// The identity provider of a connection, with whatever credential.
    #[must_use]
    pub fn connection(id: ConnectionId) -> Self {
        Self(Some(format!("connection:{id}")))
    }

    /// A principal, as events name it.
    #[must_use]
    pub fn principal(name: &str) -> Self {
        Self(Some(name.to_owned()))
    }

    /// As events name it; `None`: whoever did.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Whether an act of this principal counts. A connection acts by its grants, too.
    pub(super) fn matches(&self, principal: &str) -> bool {
        self.as_str().is_none_or(|wanted| {
            let granted = || principal.strip_suffix(wanted).is_some_and(|rest| rest.ends_with('@'));
            principal == wanted || (wanted.starts_with("connection:") && granted())
        })
    }
}

/// What something was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All users, groups and memberships.
    Organization,
    /// One user, and its memberships.
    User(ResourceId),
    /// One group, and its memberships.
    Group(ResourceId),
}

impl Subject {
    pub(super) fn is_user(self, id: ResourceId) -> bool {
        match self {
            Self::Organization => true,
            Self::User(user) => user == id,
            Self::Group(_) => false,
        }
    }

    /// Whether what happens to a group as a whole counts: to all of its members, too.
    pub(super) fn is_group(self, id: ResourceId) -> bool {
        match self {
            Self::Organization | Self::User(_) => true,
            Self::Group(group) => group == id,
        }
    }

    pub(super) fn is_membership(self, group: ResourceId, member: ResourceId) -> bool {
        match self {
            Self::Organization => true,
            Self::User(user) => user == member,
            Self::Group(only) => only == group,
        }
    }

    /// The user or group, if it is one.
    #[must_use]
    pub fn id(self) -> Option<ResourceId> {
        match self {
            Self::Organization => None,
            Self::User(id) | Self::Group(id) => Some(id),
        }
    }
}

/// How much comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Archived users who are active again.
    pub reactivated: u64,
    /// Deleted users who are there again.
    pub recreated: u64,
    /// Deleted groups that are there again.
    pub groups: u64,
    /// Memberships that are there again.
    pub memberships: u64,
}

impl Counts {
    /// All of it.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.reactivated + self.recreated + self.groups + self.memberships
    }
}

/// What becomes of something that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// An archived user is active again.
    Reactivate,
    /// A deleted user is there again.
    Recreate,
    /// A deleted group is there again.
    RecreateGroup,
    /// A group has so many of its members again.
    PutBack(usize),
}

impl Act {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reactivate => "reactivate",
            Self::Recreate => "recreate",
            Self::RecreateGroup => "recreate-group",
            Self::PutBack(_) => "put-back",
        }
    }
}

/// A user or group that something comes back of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Its id.
    pub id: ResourceId,
    /// The userName or displayName.
    pub name: String,
    /// What becomes of it.
    pub act: Act,
}

/// What was lost since a moment, and would come back.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The moment at which it was there.
    pub past: Past,
    /// The event up to which it was lost.
    pub until: EventNo,
    /// The first of it by name, [`SHOWN`] at the most.
    pub shown: Vec<Affected>,
    /// Groups of which it is not known who was in them: the events are not kept any more.
    pub unknown: Vec<ResourceId>,
    pub(super) reactivated: Vec<ResourceId>,
    /// With the event after which each was as it comes back.
    pub(super) recreated: Vec<(ResourceId, EventNo)>,
    pub(super) groups: Vec<Lost>,
    pub(super) members: Vec<(ResourceId, Vec<ResourceId>)>,
}

/// A group that was deleted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub(super) id: ResourceId,
    /// The event after which it was as it comes back.
    pub(super) after: EventNo,
    /// The connection that deleted it, if one did.
    pub(super) by: Option<ConnectionId>,
}

impl Plan {
    /// How much comes back.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            reactivated: self.reactivated.len() as u64,
            recreated: self.recreated.len() as u64,
            groups: self.groups.len() as u64,
            memberships: self.members.iter().map(|(_, members)| members.len() as u64).sum(),
        }
    }

    fn show(&mut self, id: ResourceId, name: &str, act: Act) {
        if self.shown.len() < SHOWN {
            self.shown.push(Affected { id, name: name.to_owned(), act });
        }
    }
}

/// Finds out what was lost since a moment: users who were archived or deleted, groups that were deleted, and
/// memberships. What has come back by itself is not lost, and what came to be since stays.
///
/// Cost: O(events since), and where all members were removed from a group at once, those since it had none
/// before. Memory: some tens of bytes for each thing that changed, of [`MOST_CHANGES`] at the most.
///
/// # Errors
///
/// [`Error::HistoryEnds`]; [`Error::TooExpensive`]; [`Error::Denied`]; those of the store.
pub fn plan(reader: &mut Reader<'_>, wanted: &Wanted) -> Result<Plan, Error> {
    reader.permit(Verb::ReadHistory)?;
    let past = at(reader, wanted.to)?;
    let until = match wanted.until {
        Some(moment) => at(reader, moment)?.after,
        None => past.newest,
    };
    let range = Range { after: past.after, until, by: wanted.by.clone(), of: wanted.of };
    let changes = Changes::of(reader, &range)?;
    let mut plan = Plan {
        past,
        until,
        shown: Vec::new(),
        unknown: Vec::new(),
        reactivated: Vec::new(),
        recreated: Vec::new(),
        groups: Vec::new(),
        members: Vec::new(),
    };
    let users: Vec<ResourceId> = changes.users.iter().copied().collect();
    for piece in users.chunks(PIECE) {
        plan.users(reader, &range, piece)?;
        reader.give_way()?;
    }
    if !matches!(wanted.of, Subject::User(_)) {
        let groups: Vec<_> = changes.groups.iter().map(|(id, by)| (*id, *by)).collect();
        for piece in groups.chunks(PIECE) {
            plan.groups(reader, &range, piece)?;
            reader.give_way()?;
        }
    }
    let returning: BTreeSet<ResourceId> = plan.returning().collect();
    for (group, since) in changes.members {
        plan.members(reader, &range, group, &since, &returning)?;
        reader.give_way()?;
    }
    Ok(plan)
}

/// What is there of a user or group today.
struct Here {
    is_active: bool,
    name: String,
}

/// The event of a range that told of something first.
struct First {
    no: EventNo,
    kind: i64,
}

impl Plan {
    /// Those who are not here, and will be.
    fn returning(&self) -> impl Iterator<Item = ResourceId> {
        let users = self.recreated.iter().map(|(id, _)| *id);
        users.chain(self.groups.iter().map(|group| group.id))
    }

    fn users(
        &mut self,
        reader: &mut Reader<'_>,
        range: &Range,
        ids: &[ResourceId],
    ) -> Result<(), Error> {
        let (mut now, first) = (here(reader, Kind::USER, ids)?, first(reader, PEOPLE, range, ids)?);
        for id in ids {
            let Some(first) = first.get(id) else { continue };
            match now.remove(id) {
                Some(Here { is_active: true, .. }) => {}
                Some(Here { name, .. }) => {
                    // Who is archived was active before it.
                    let was_active = first.kind == EventKind::UserArchived.described().number || {
                        let was = state(reader, PEOPLE, self.past.before(first.no), *id)?;
                        was.is_some_and(|was| save::is_active(&was.attributes))
                    };
                    if was_active {
                        self.reactivated.push(*id);
                        self.show(*id, &name, Act::Reactivate);
                    }
                }
                None => {
                    if let Some(was) = state(reader, PEOPLE, self.past.before(first.no), *id)? {
                        self.recreated.push((*id, self.past.before(first.no).after));
                        self.show(*id, was.name(), Act::Recreate);
                    }
                }
            }
        }
        Ok(())
    }

    fn groups(
        &mut self,
        reader: &mut Reader<'_>,
        range: &Range,
        deleted: &[(ResourceId, Option<ConnectionId>)],
    ) -> Result<(), Error> {
        let ids: Vec<ResourceId> = deleted.iter().map(|(id, _)| *id).collect();
        let (now, first) = (here(reader, Kind::GROUP, &ids)?, first(reader, TEAMS, range, &ids)?);
        for (id, by) in deleted.iter().filter(|(id, _)| !now.contains_key(id)) {
            let Some(first) = first.get(id) else { continue };
            let past = self.past.before(first.no);
            if let Some(was) = state(reader, TEAMS, past, *id)? {
                self.groups.push(Lost { id: *id, after: past.after, by: *by });
                self.show(*id, was.name(), Act::RecreateGroup);
            }
        }
        Ok(())
    }

    fn members(
        &mut self,
        reader: &mut Reader<'_>,
        range: &Range,
        id: ResourceId,
        since: &OfGroup,
        returning: &BTreeSet<ResourceId>,
    ) -> Result<(), Error> {
        let group = find(reader, Kind::GROUP, id)?.map(Group);
        if since.is_new || (group.is_none() && !returning.contains(&id)) {
            return Ok(());
        }
        let mut lost: BTreeSet<ResourceId> = BTreeSet::new();
        if let Some(event) = since.emptied {
            match replayed(reader, self.past.before(event), id) {
                Ok(members) => lost = members,
                Err(Error::HistoryEnds { .. }) => self.unknown.push(id),
                Err(error) => return Err(error),
            }
            if let Subject::User(user) = range.of {
                lost.retain(|member| *member == user);
            }
        }
        since.correct(&mut lost);
        let lost: Vec<ResourceId> = lost.into_iter().collect();
        let mut missing = Vec::new();
        for piece in lost.chunks(PIECE) {
            missing.extend(not_in(reader, group.as_ref(), piece, returning)?);
            reader.give_way()?;
        }
        if !missing.is_empty() {
            let name = if let Some(group) = &group {
                group.name().to_owned()
            } else {
                let lost = self.groups.iter().find(|lost| lost.id == id);
                let past = self.past.moved(lost.map_or(self.past.after, |lost| lost.after));
                let was = state(reader, TEAMS, past, id)?;
                was.map(|was| was.name().to_owned()).unwrap_or_default()
            };
            self.show(id, &name, Act::PutBack(missing.len()));
            self.members.push((id, missing));
        }
        Ok(())
    }
}

/// Of some who were members of a group, those who can be members and are not.
fn not_in(
    reader: &mut Reader<'_>,
    group: Option<&Group>,
    members: &[ResourceId],
    returning: &BTreeSet<ResourceId>,
) -> Result<Vec<ResourceId>, Error> {
    let names: Vec<MemberName> = members.iter().copied().map(MemberName::from).collect();
    let (found, _) = membership::resolve(reader, &names)?;
    let found: BTreeMap<ResourceId, Resolved> =
        found.into_iter().map(|one| (one.id, one)).collect();
    let mut here: BTreeSet<ResourceId> = BTreeSet::new();
    if let Some(group) = group {
        let found: Vec<Resolved> = found.values().copied().collect();
        let still = membership::among(reader, group.members().set, &found)?;
        here.extend(still.iter().map(|member| member.id));
    }
    let can_be = |id: &&ResourceId| found.contains_key(id) || returning.contains(id);
    Ok(members.iter().filter(can_be).filter(|id| !here.contains(id)).copied().collect())
}

/// What is there of some users or groups today.
fn here(
    reader: &mut Reader<'_>,
    kind: Kind,
    ids: &[ResourceId],
) -> Result<HashMap<ResourceId, Here>, Error> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let items: Vec<[Param<'_>; 1]> = texts.iter().map(|id| [id.into()]).collect();
    let mut found = HashMap::new();
    for mut row in reader.query_list(&HERE, &[kind.into()], &items)? {
        let is_active: Option<bool> = row.get("active")?;
        let name: Option<String> = row.get("name")?;
        let here = Here { is_active: is_active == Some(true), name: name.unwrap_or_default() };
        found.insert(row.get("id")?, here);
    }
    Ok(found)
}

/// The first event of a range about each of some users or groups.
fn first(
    reader: &mut Reader<'_>,
    of: Family,
    range: &Range,
    ids: &[ResourceId],
) -> Result<HashMap<ResourceId, First>, Error> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let items: Vec<[Param<'_>; 1]> = texts.iter().map(|id| [id.into()]).collect();
    let (begin, end) = of.kinds;
    let fixed = [range.after.into(), range.until.into(), begin.into(), end.into()];
    let mut found: HashMap<ResourceId, First> = HashMap::new();
    for mut row in reader.query_list(&OF_TARGETS, &fixed, &items)? {
        if !range.by.matches(&row.get::<String>("principal")?) {
            continue;
        }
        let (id, no, kind): (ResourceId, EventNo, i64) =
            (row.get("target")?, row.get("seq")?, row.get("kind")?);
        let first = found.entry(id).or_insert(First { no, kind });
        if no < first.no {
            *first = First { no, kind };
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::By;

    #[test]
    fn a_connection_acts_by_its_grants_too() {
        let by = By::principal("connection:7");
        for (principal, counts) in [
            ("connection:7", true),
            ("grant:okta@connection:7", true),
            ("connection:17", false),
            ("grant:okta@connection:17", false),
            ("operator", false),
        ] {
            assert_eq!(by.matches(principal), counts, "{principal}");
            assert!(By::anyone().matches(principal));
        }
        assert!(!By::principal("key:1").matches("installation-key:1"));
    }
}
