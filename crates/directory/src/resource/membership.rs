//! Memberships: one row for each member of a group.
//!
//! Nothing about a member is copied into the group: what a list of members shows is read when it
//! is asked for, so renaming a user touches one row, whatever groups it is in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Kind, Members, Resource,
    group::{MemberName, staging},
    index,
};
use crate::{
    db::{Cell, FromCell, Mismatch, Param, Row, statements},
    error::Error,
    id::{ConnectionNo, MemberSetNo, ResourceId, ResourceNo},
    store::{Reader, Writer},
};

statements! {
    BY_ID = ListSql {
        "select id, no from resource where org = $1 and kind = $2 and id in (",
        "{}",
        ")"
    };
    BY_EXTERNAL_ID = ListSql {
        "select external_id, no, id from resource where org = $1 and kind = $2 \
         and external_id in (",
        "{}",
        ")"
    };
    INSERT = ListSql {
        "insert into member (org, member_set, no, kind) values ",
        "($1, $2, {}, {})",
        " on conflict (org, member_set, no) do nothing returning no"
    };
    DELETE = ListSql {
        "delete from member where org = $1 and member_set = $2 and no in (",
        "{}",
        ") returning no"
    };
    PAGE = Sql {
        "select no, kind from member where org = $1 and member_set = $2 and no > $3 \
         order by no limit $4"
    };
    SOME = ListSql {
        "select no, kind from member where org = $1 and member_set = $2 and no in (",
        "{}",
        ")"
    };
    BY_NUMBERS = ListSql {
        "select no, id, name from resource where org = $1 and kind = $2 and no in (",
        "{}",
        ")"
    };
    SETS_OF = ListSql {
        "select no, member_set from member where org = $1 and no in (",
        "{}",
        ")"
    };
    GROUPS_WITH = ListSql {
        "select member_set, no, id, name, connection from resource \
         where org = $1 and member_set in (",
        "{}",
        ")"
    };
    LEAVE = Sql { "delete from member where org = $1 and no = $2 returning member_set" };
    POINTING = ListSql {
        "select member_set, id, member_count, member_sum from resource \
         where org = $1 and member_set in (",
        "{}",
        ")"
    };
    SET_COUNT = Sql {
        "update resource set member_count = $3, member_sum = $4, version = version + 1, \
         modified = $5 where org = $1 and member_set = $2"
    };
}

/// What a member may be, RFC 7643 §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberKind {
    /// A user.
    User,
    /// Another group.
    Group,
}

impl MemberKind {
    const ALL: [Self; 2] = [Self::User, Self::Group];

    /// The name of its resource type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The kind of resource that it is.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::User => Kind::USER,
            Self::Group => Kind::GROUP,
        }
    }

    /// Resources of registered types are no members.
    pub(crate) fn of(kind: Kind) -> Option<Self> {
        Self::ALL.into_iter().find(|member| member.kind() == kind)
    }
}

impl From<MemberKind> for Param<'_> {
    fn from(kind: MemberKind) -> Self {
        kind.kind().into()
    }
}

impl FromCell for MemberKind {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        Self::of(Kind::from_cell(cell)?).ok_or(Mismatch("the kind of a member"))
    }
}

/// A user or a group, found as a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) no: ResourceNo,
    pub(crate) id: ResourceId,
    pub(crate) kind: MemberKind,
}

impl From<&Member> for Resolved {
    fn from(member: &Member) -> Self {
        Self { no: member.no, id: member.id, kind: member.kind }
    }
}

/// A member as a list shows it.
#[derive(Clone, Debug)]
pub struct Member {
    pub(crate) no: ResourceNo,
    /// The id of the user or group.
    pub id: ResourceId,
    /// Which of the two it is.
    pub kind: MemberKind,
    /// The userName, or the displayName of the group.
    pub display: String,
}

impl Member {
    /// Its number: lists go by it.
    #[must_use]
    pub fn no(&self) -> ResourceNo {
        self.no
    }
}

/// A group that a user or group is in.
#[derive(Clone, Debug)]
pub struct Membership {
    pub(crate) group: ResourceNo,
    /// The group.
    pub id: ResourceId,
    /// Its displayName.
    pub display: String,
    /// Whether the user is a member itself, and not by way of another group (RFC 7643 §4.1.2).
    pub direct: bool,
    /// The connection that manages the group, if one does.
    pub managed_by: Option<ConnectionNo>,
}

/// A group with so many levels of groups above it, or so many groups, takes no group as a member:
/// that it closes no loop could not be told in bounded time.
pub(crate) const DEEPEST: usize = 32;
pub(crate) const MOST_ABOVE: usize = 10_000;

/// Finds the users and groups that a provider names: by id, or by externalId, users first.
/// The second list are the names that no user or group has (yet).
pub(crate) fn resolve(
    reader: &mut Reader<'_>,
    names: &[MemberName],
) -> Result<(Vec<Resolved>, Vec<MemberName>), Error> {
    let mut open: BTreeSet<&str> = names.iter().map(MemberName::as_str).collect();
    let mut found: BTreeMap<ResourceNo, Resolved> = BTreeMap::new();
    for kind in MemberKind::ALL {
        let ids: Vec<[Param<'_>; 1]> = open
            .iter()
            .filter(|name| ResourceId::parse(name).is_some())
            .map(|name| [(*name).into()])
            .collect();
        for mut row in reader.query_list(&BY_ID, &[kind.into()], &ids)? {
            let (id, no): (ResourceId, _) = (row.get("id")?, row.get("no")?);
            open.remove(id.to_string().as_str());
            found.insert(no, Resolved { no, id, kind });
        }
    }
    for kind in MemberKind::ALL {
        let keys: HashMap<String, &str> =
            open.iter().map(|name| (index::exact_key(name), *name)).collect();
        let params: Vec<[Param<'_>; 1]> = keys.keys().map(|key| [key.into()]).collect();
        let mut bearers: Vec<(ResourceNo, String, ResourceId)> = Vec::new();
        for mut row in reader.query_list(&BY_EXTERNAL_ID, &[kind.into()], &params)? {
            bearers.push((row.get("no")?, row.get("external_id")?, row.get("id")?));
        }
        // Where several share the externalId, the oldest is meant.
        bearers.sort_unstable();
        for (no, key, id) in bearers {
            if keys.get(&key).is_some_and(|name| open.remove(name)) {
                found.insert(no, Resolved { no, id, kind });
            }
        }
    }
    Ok((found.into_values().collect(), open.into_iter().map(MemberName::from).collect()))
}

/// Puts members into a set. Answers those that were not in it.
pub(crate) fn insert(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    members: &[Resolved],
) -> Result<Vec<Resolved>, Error> {
    let items: Vec<[Param<'_>; 2]> =
        members.iter().map(|member| [member.no.into(), member.kind.into()]).collect();
    let rows = writer.change_list(&INSERT, &[set.into()], &items)?;
    only(members, rows)
}

/// Takes members out of a set. Answers those that were in it.
pub(crate) fn delete(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    members: &[Resolved],
) -> Result<Vec<Resolved>, Error> {
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|member| [member.no.into()]).collect();
    let rows = writer.change_list(&DELETE, &[set.into()], &items)?;
    only(members, rows)
}

fn only(members: &[Resolved], rows: Vec<Row>) -> Result<Vec<Resolved>, Error> {
    let numbers: BTreeSet<ResourceNo> =
        rows.into_iter().map(|mut row| row.get("no")).collect::<Result<_, _>>()?;
    Ok(members.iter().filter(|member| numbers.contains(&member.no)).copied().collect())
}

/// The members of a set after a number, in order, at most `limit`.
pub(crate) fn page(
    reader: &mut Reader<'_>,
    set: MemberSetNo,
    after: ResourceNo,
    limit: usize,
) -> Result<Vec<Member>, Error> {
    let edges = edges(reader, set, after, limit)?;
    shown(reader, &edges)
}

/// The same, by numbers only.
pub(crate) fn edges(
    reader: &mut Reader<'_>,
    set: MemberSetNo,
    after: ResourceNo,
    limit: usize,
) -> Result<Vec<Edge>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    read_edges(reader.query(PAGE, &[set.into(), after.into(), limit.into()])?)
}

/// A membership, by the number of the member.
pub(crate) type Edge = (ResourceNo, MemberKind);

fn read_edges(rows: Vec<Row>) -> Result<Vec<Edge>, Error> {
    rows.into_iter().map(|mut row| Ok((row.get("no")?, row.get("kind")?))).collect()
}

/// Those of the given users and groups that are members of a set.
pub(crate) fn among(
    reader: &mut Reader<'_>,
    set: MemberSetNo,
    members: &[Resolved],
) -> Result<Vec<Member>, Error> {
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|member| [member.no.into()]).collect();
    let edges = read_edges(reader.query_list(&SOME, &[set.into()], &items)?)?;
    shown(reader, &edges)
}

/// How many of these are members of a set.
pub(crate) fn count_among(
    reader: &mut Reader<'_>,
    set: MemberSetNo,
    members: &[ResourceNo],
) -> Result<i64, Error> {
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|no| [(*no).into()]).collect();
    let found = reader.query_list(&SOME, &[set.into()], &items)?.len();
    Ok(i64::try_from(found).unwrap_or(i64::MAX))
}

/// Those of these users and groups that are here.
pub(crate) fn here(reader: &mut Reader<'_>, edges: &[Edge]) -> Result<Vec<Resolved>, Error> {
    Ok(shown(reader, edges)?.iter().map(Resolved::from).collect())
}

/// Two statements instead of a join: no planner can read more than the page.
pub(crate) fn shown(reader: &mut Reader<'_>, edges: &[Edge]) -> Result<Vec<Member>, Error> {
    let mut members = Vec::with_capacity(edges.len());
    for kind in MemberKind::ALL {
        let numbers: Vec<[Param<'_>; 1]> = edges
            .iter()
            .filter(|(_, member)| *member == kind)
            .map(|(no, _)| [(*no).into()])
            .collect();
        for mut row in reader.query_list(&BY_NUMBERS, &[kind.into()], &numbers)? {
            let (no, id) = (row.get("no")?, row.get("id")?);
            members.push(Member { no, id, kind, display: row.get("name")? });
        }
    }
    members.sort_unstable_by_key(|member| member.no);
    Ok(members)
}

/// The groups that each of these users or groups is in, directly or by way of other groups.
///
/// Cost: two statements for each level of nesting, O(groups found).
///
/// # Errors
///
/// Those of the store.
pub(crate) fn groups_of(
    reader: &mut Reader<'_>,
    members: &[ResourceNo],
) -> Result<HashMap<ResourceNo, Vec<Membership>>, Error> {
    groups_by_way_of(reader, members, |_| true)
}

/// The same, by way of groups that pass only: no other is followed further up.
pub(crate) fn groups_by_way_of(
    reader: &mut Reader<'_>,
    members: &[ResourceNo],
    passes: impl Fn(&Membership) -> bool,
) -> Result<HashMap<ResourceNo, Vec<Membership>>, Error> {
    // First the graph above all of them, then a walk in it for each.
    let mut parents: HashMap<ResourceNo, Vec<Membership>> = HashMap::new();
    let mut level: Vec<ResourceNo> = members.to_vec();
    // No group contains itself, so there is an end.
    loop {
        level.retain(|no| !parents.contains_key(no));
        level.sort_unstable();
        level.dedup();
        if level.is_empty() {
            break;
        }
        for no in &level {
            parents.insert(*no, Vec::new());
        }
        let mut found = directly_above(reader, &level)?;
        found.retain(|(_, membership)| passes(membership));
        level = found.iter().map(|(_, membership)| membership.group).collect();
        for (member, membership) in found {
            parents.entry(member).or_default().push(membership);
        }
    }
    Ok(members.iter().map(|no| (*no, above(&parents, *no))).collect())
}

/// The groups in which each of these users or groups is itself, in the order of the groups.
///
/// Two statements instead of a join: a planner that knows nothing about the tables yet may begin a
/// join at the wrong end, and read every member of a large group.
pub(crate) fn directly_above(
    reader: &mut Reader<'_>,
    members: &[ResourceNo],
) -> Result<Vec<(ResourceNo, Membership)>, Error> {
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|no| [(*no).into()]).collect();
    let mut members_of: BTreeMap<MemberSetNo, Vec<ResourceNo>> = BTreeMap::new();
    for mut row in reader.query_list(&SETS_OF, &[], &items)? {
        members_of.entry(row.get("member_set")?).or_default().push(row.get("no")?);
    }
    let sets: Vec<[Param<'_>; 1]> = members_of.keys().map(|set| [(*set).into()]).collect();
    let mut found = Vec::new();
    // A set that no group points to waits to be cleared away: it has no members.
    for mut row in reader.query_list(&GROUPS_WITH, &[], &sets)? {
        let set: MemberSetNo = row.get("member_set")?;
        let membership = Membership {
            group: row.get("no")?,
            id: row.get("id")?,
            display: row.get("name")?,
            direct: true,
            managed_by: row.get("connection")?,
        };
        for member in members_of.get(&set).into_iter().flatten() {
            found.push((*member, membership.clone()));
        }
    }
    found.sort_unstable_by_key(|(member, membership)| (membership.group, *member));
    Ok(found)
}

fn above(parents: &HashMap<ResourceNo, Vec<Membership>>, start: ResourceNo) -> Vec<Membership> {
    let mut found: Vec<Membership> = Vec::new();
    let mut seen = BTreeSet::from([start]);
    let mut level = vec![start];
    let mut direct = true;
    while !level.is_empty() {
        let mut next = Vec::new();
        for no in level {
            for membership in parents.get(&no).into_iter().flatten() {
                if seen.insert(membership.group) {
                    found.push(Membership { direct, ..membership.clone() });
                    next.push(membership.group);
                }
            }
        }
        level = next;
        direct = false;
    }
    found
}

/// Why a group cannot become a member of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NestingError {
    /// This group contains the other, or is it: there would be a loop.
    Loop(ResourceId),
    /// The other has more groups above it than are followed.
    TooDeep,
}

/// Whether one of `children` cannot become a member of `parent`. The organization is locked, so
/// two requests cannot close a loop together.
///
/// All that is above the parent is looked at, or the answer is no: a loop that is longer than
/// what is followed is a loop too.
pub(crate) fn check_nesting(
    reader: &mut Reader<'_>,
    parent: ResourceNo,
    children: &[Resolved],
) -> Result<Option<NestingError>, Error> {
    let groups: HashMap<ResourceNo, ResourceId> = children
        .iter()
        .filter(|child| child.kind == MemberKind::Group)
        .map(|child| (child.no, child.id))
        .collect();
    if groups.is_empty() {
        return Ok(None);
    }
    let mut seen = BTreeSet::from([parent]);
    let mut level = vec![parent];
    for _ in 0..DEEPEST {
        if let Some(id) = level.iter().find_map(|no| groups.get(no)) {
            return Ok(Some(NestingError::Loop(*id)));
        }
        if level.is_empty() {
            return Ok(None);
        }
        if seen.len() > MOST_ABOVE {
            break;
        }
        let mut next = Vec::new();
        for (_, membership) in directly_above(reader, &level)? {
            if seen.insert(membership.group) {
                next.push(membership.group);
            }
        }
        level = next;
    }
    Ok(Some(NestingError::TooDeep))
}

/// What a user or group was in.
pub(crate) struct Left {
    pub(crate) groups: Vec<ResourceId>,
    /// Sets that are being filled, as the target of their events names them.
    pub(crate) staged: Vec<String>,
}

/// Takes a user or group out of every set. Answers what it was in.
///
/// Cost: O(groups that it was in).
pub(crate) fn leave_all(writer: &mut Writer<'_>, gone: &Resource) -> Result<Left, Error> {
    let mut left = Left { groups: Vec::new(), staged: Vec::new() };
    let mut sets: BTreeSet<MemberSetNo> = BTreeSet::new();
    for mut row in writer.change(LEAVE, &[gone.no.into()])? {
        sets.insert(row.get("member_set")?);
    }
    let items: Vec<[Param<'_>; 1]> = sets.iter().map(|set| [(*set).into()]).collect();
    for mut row in writer.query_list(&POINTING, &[], &items)? {
        let (group, before) = (row.get("id")?, Members::of_row(&mut row)?);
        sets.remove(&before.set);
        change_members(writer, group, before, before.without(gone.id))?;
        left.groups.push(group);
    }
    // No group points to the others: they are being filled, or wait to be cleared away.
    for set in sets {
        if staging::leave(writer, set, gone.id)? {
            left.staged.push(set.to_string());
        }
    }
    left.groups.sort_unstable();
    Ok(left)
}

/// Stores how many members a group has, and which, where they have come or gone by themselves.
pub(super) fn change_members(
    writer: &mut Writer<'_>,
    group: ResourceId,
    before: Members,
    after: Members,
) -> Result<(), Error> {
    writer.sums().change_members(group, before, after);
    let (Members { set, count, sum }, now) = (after, writer.now());
    let sum = sum.to_bytes();
    writer.send(SET_COUNT, &[set.into(), count.into(), sum.as_slice().into(), now.into()])
}
