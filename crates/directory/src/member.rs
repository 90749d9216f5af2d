//! Memberships: one row for each member of a group.
//!
//! Nothing about a member is copied into the group: what a list of members shows is read when it
//! is asked for, so renaming a user touches one row, whatever groups it is in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use scim::patch::{MemberKind, MemberRef};

use crate::{
    db::{Param, Reader, Writer, statements},
    error::Error,
    id::{ResourceId, ResourceNo},
    index,
};

statements! {
    USERS_BY_ID = ListSql { "select id, no from usr where org = $1 and id in (", "{}", ")" };
    GROUPS_BY_ID = ListSql { "select id, no from grp where org = $1 and id in (", "{}", ")" };
    USERS_BY_EXTERNAL = ListSql {
        "select external_id, no, id from usr where org = $1 and external_id in (",
        "{}",
        ")"
    };
    GROUPS_BY_EXTERNAL = ListSql {
        "select external_id, no, id from grp where org = $1 and external_id in (",
        "{}",
        ")"
    };
    INSERT = ListSql {
        "insert into member (org, mset, no, kind) values ",
        "($1, $2, {}, {})",
        " on conflict (org, mset, no) do nothing returning no"
    };
    DELETE = ListSql {
        "delete from member where org = $1 and mset = $2 and no in (",
        "{}",
        ") returning no"
    };
    PAGE = Sql {
        "select no, kind from member where org = $1 and mset = $2 and no > $3 \
         order by no limit $4"
    };
    SOME = ListSql {
        "select no, kind from member where org = $1 and mset = $2 and no in (",
        "{}",
        ")"
    };
    USERS_BY_NO = ListSql { "select no, id, username from usr where org = $1 and no in (", "{}", ")" };
    GROUPS_BY_NO = ListSql { "select no, id, display from grp where org = $1 and no in (", "{}", ")" };
    SETS_OF = ListSql { "select no, mset from member where org = $1 and no in (", "{}", ")" };
    GROUPS_WITH = ListSql {
        "select mset, no, id, display from grp where org = $1 and mset in (",
        "{}",
        ")"
    };
    LEAVE = Sql { "delete from member where org = $1 and no = $2 returning mset" };
    ONE_LESS = Sql {
        "update grp set member_count = member_count - 1, version = version + 1, modified = $3 \
         where org = $1 and mset = $2 returning id"
    };
}

/// A user or a group, found as a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) no: ResourceNo,
    pub(crate) id: ResourceId,
    pub(crate) kind: MemberKind,
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
}

/// A group with so many levels of groups above it, or so many groups, takes no group as a member:
/// nobody could tell in bounded time that it closes no loop.
const DEEPEST: usize = 32;
const MOST_ABOVE: usize = 10_000;

fn stored(kind: MemberKind) -> i64 {
    match kind {
        MemberKind::User => 0,
        MemberKind::Group => 1,
    }
}

fn from_stored(kind: i64) -> MemberKind {
    if kind == 1 { MemberKind::Group } else { MemberKind::User }
}

/// Finds the users and groups that a provider names: by id, or by externalId, users first.
/// The second list are the names that nobody bears (yet).
pub(crate) fn resolve(
    reader: &mut Reader<'_>,
    refs: &[MemberRef],
) -> Result<(Vec<Resolved>, Vec<String>), Error> {
    let mut open: BTreeSet<&str> = refs.iter().map(|member| member.value.as_str()).collect();
    let mut found: BTreeMap<ResourceNo, Resolved> = BTreeMap::new();
    for (sql, kind) in [(&USERS_BY_ID, MemberKind::User), (&GROUPS_BY_ID, MemberKind::Group)] {
        let ids: Vec<[Param<'_>; 1]> = open
            .iter()
            .filter(|value| ResourceId::parse(value).is_some())
            .map(|value| [(*value).into()])
            .collect();
        for mut row in reader.query_list(sql, &[], &ids)? {
            let (text, no) = (row.text(0)?, ResourceNo(row.int(1)?));
            open.remove(text.as_str());
            found.insert(no, Resolved { no, id: ResourceId::from_store(&text)?, kind });
        }
    }
    for (sql, kind) in
        [(&USERS_BY_EXTERNAL, MemberKind::User), (&GROUPS_BY_EXTERNAL, MemberKind::Group)]
    {
        let keys: HashMap<String, &str> =
            open.iter().map(|value| (index::exact_key(value), *value)).collect();
        let params: Vec<[Param<'_>; 1]> = keys.keys().map(|key| [key.into()]).collect();
        let mut bearers = Vec::new();
        for mut row in reader.query_list(sql, &[], &params)? {
            bearers.push((ResourceNo(row.int(1)?), row.text(0)?, row.text(2)?));
        }
        // Where several share the externalId, the oldest is meant.
        bearers.sort_unstable();
        for (no, key, id) in bearers {
            if keys.get(&key).is_some_and(|value| open.remove(value)) {
                found.insert(no, Resolved { no, id: ResourceId::from_store(&id)?, kind });
            }
        }
    }
    Ok((found.into_values().collect(), open.into_iter().map(str::to_owned).collect()))
}

/// Puts members into a set. Answers those that were not in it.
pub(crate) fn insert(
    writer: &mut Writer<'_>,
    mset: i64,
    members: &[Resolved],
) -> Result<Vec<Resolved>, Error> {
    let items: Vec<[Param<'_>; 2]> =
        members.iter().map(|member| [member.no.0.into(), stored(member.kind).into()]).collect();
    let rows = writer.change_list(&INSERT, &[mset.into()], &items)?;
    only(members, &rows)
}

/// Takes members out of a set. Answers those that were in it.
pub(crate) fn delete(
    writer: &mut Writer<'_>,
    mset: i64,
    members: &[Resolved],
) -> Result<Vec<Resolved>, Error> {
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|member| [member.no.0.into()]).collect();
    let rows = writer.change_list(&DELETE, &[mset.into()], &items)?;
    only(members, &rows)
}

fn only(members: &[Resolved], rows: &[crate::db::Row]) -> Result<Vec<Resolved>, Error> {
    let numbers: BTreeSet<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
    Ok(members.iter().filter(|member| numbers.contains(&member.no.0)).copied().collect())
}

/// The members of a set behind a number, in order, at most `limit`.
pub(crate) fn page(
    reader: &mut Reader<'_>,
    mset: i64,
    after: ResourceNo,
    limit: usize,
) -> Result<Vec<Member>, Error> {
    let rows = behind(reader, mset, after, limit)?;
    shown(reader, &rows)
}

/// The same, by numbers only.
pub(crate) fn edges(
    reader: &mut Reader<'_>,
    mset: i64,
    after: ResourceNo,
    limit: usize,
) -> Result<Vec<(ResourceNo, MemberKind)>, Error> {
    behind(reader, mset, after, limit)?
        .iter()
        .map(|row| Ok((ResourceNo(row.int(0)?), from_stored(row.int(1)?))))
        .collect()
}

fn behind(
    reader: &mut Reader<'_>,
    mset: i64,
    after: ResourceNo,
    limit: usize,
) -> Result<Vec<crate::db::Row>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    reader.query(PAGE, &[mset.into(), after.0.into(), limit.into()])
}

/// Those of the given users and groups that are members of a set.
pub(crate) fn among(
    reader: &mut Reader<'_>,
    mset: i64,
    members: &[Resolved],
) -> Result<Vec<Member>, Error> {
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|member| [member.no.0.into()]).collect();
    let rows = reader.query_list(&SOME, &[mset.into()], &items)?;
    shown(reader, &rows)
}

/// Two statements instead of a join: no planner can read more than the page.
fn shown(reader: &mut Reader<'_>, rows: &[crate::db::Row]) -> Result<Vec<Member>, Error> {
    let mut members = Vec::with_capacity(rows.len());
    for (sql, kind) in [(&USERS_BY_NO, MemberKind::User), (&GROUPS_BY_NO, MemberKind::Group)] {
        let mut numbers: Vec<[Param<'_>; 1]> = Vec::new();
        for row in rows {
            if from_stored(row.int(1)?) == kind {
                numbers.push([row.int(0)?.into()]);
            }
        }
        for mut row in reader.query_list(sql, &[], &numbers)? {
            members.push(Member {
                no: ResourceNo(row.int(0)?),
                id: ResourceId::from_store(&row.text(1)?)?,
                kind,
                display: row.text(2)?,
            });
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
        let found = directly_above(reader, &level)?;
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
    let items: Vec<[Param<'_>; 1]> = members.iter().map(|no| [no.0.into()]).collect();
    let mut members_of: BTreeMap<i64, Vec<ResourceNo>> = BTreeMap::new();
    for row in reader.query_list(&SETS_OF, &[], &items)? {
        members_of.entry(row.int(1)?).or_default().push(ResourceNo(row.int(0)?));
    }
    let sets: Vec<[Param<'_>; 1]> = members_of.keys().map(|mset| [(*mset).into()]).collect();
    let mut found = Vec::new();
    // A set that no group points to waits for the reaper: nobody is in it.
    for mut row in reader.query_list(&GROUPS_WITH, &[], &sets)? {
        let membership = Membership {
            group: ResourceNo(row.int(1)?),
            id: ResourceId::from_store(&row.text(2)?)?,
            display: row.text(3)?,
            direct: true,
        };
        for member in members_of.get(&row.int(0)?).into_iter().flatten() {
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
pub(crate) enum Misfit {
    /// This group contains the other, or is it: there would be a loop.
    Loop(ResourceId),
    /// The other has so many groups above it that nobody would follow them all.
    TooDeep,
}

/// Whether one of `children` cannot become a member of `parent`. The organization is locked, so
/// two requests cannot close a loop together.
///
/// All that is above the parent is looked at, or the answer is no: a loop that is longer than
/// anybody follows is a loop too.
pub(crate) fn misfit(
    reader: &mut Reader<'_>,
    parent: ResourceNo,
    children: &[Resolved],
) -> Result<Option<Misfit>, Error> {
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
            return Ok(Some(Misfit::Loop(*id)));
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
    Ok(Some(Misfit::TooDeep))
}

/// Takes a user or group out of every set. Answers the groups that it was in.
///
/// Cost: O(groups that it was in).
pub(crate) fn leave_all(writer: &mut Writer<'_>, no: ResourceNo) -> Result<Vec<String>, Error> {
    let now = writer.now().as_micros();
    let mut left = Vec::new();
    for row in writer.change(LEAVE, &[no.0.into()])? {
        // A set that no group points to waits for the reaper: nobody left anything there.
        for mut group in writer.change(ONE_LESS, &[row.int(0)?.into(), now.into()])? {
            left.push(group.text(0)?);
        }
    }
    left.sort_unstable();
    Ok(left)
}
