//! Pending members: a group may name a member that is not here yet.
//!
//! The name is kept, and when a user (or group) arrives that bears it, as its id or as its
//! externalId, the membership comes to be. So the order in which a provider sends people and
//! groups does not matter, and one unknown member does not sink a batch.
//!
//! How many may wait is bounded, and how long: names that no one bears would be kept for ever.

use std::{collections::BTreeSet, time::Duration};

use super::{
    Members, Resource,
    group::MemberName,
    index,
    membership::{self, MemberKind, Resolved},
};
use crate::{
    clock::Time,
    db::{Param, Row, statements},
    error::Error,
    id::{MemberSetNo, OrgNo, ResourceId, ResourceNo},
    store::{Reader, Store, Writer},
};

statements! {
    INSERT = ListSql {
        "insert into pending_member (org, member_set, value, since) values ",
        "($1, $2, {}, $3)",
        " on conflict (org, member_set, value) do nothing returning value"
    };
    DELETE = ListSql {
        "delete from pending_member where org = $1 and member_set = $2 and value in (",
        "{}",
        ") returning value"
    };
    OF_SET = Sql { "select value from pending_member where org = $1 and member_set = $2" };
    FEW_OF_SET = Sql {
        "select count(*) as names from (select 1 as one from pending_member \
         where org = $1 and member_set = $2 limit $3) as few"
    };
    FEW_OF_ALL = Sql {
        "select count(*) as names from (select 1 as one from pending_member \
         where org = $1 limit $2) as few"
    };
    PRUNE = Sql {
        "delete from pending_member where org = $1 and since < $2 and since <= \
         (select max(since) from (select since from pending_member where org = $1 \
         order by since limit 5000) as piece)"
    };
    PAGE = Sql {
        "select value from pending_member where org = $1 and member_set = $2 and value > $3 \
         order by value limit $4"
    };
    WAITING = Sql {
        "select member_set from pending_member where org = $1 and value in ($2, $3)"
    };
    PARENT = Sql {
        "select no, id, member_set, member_count, member_sum from resource \
         where org = $1 and member_set = $2"
    };
}

/// The most names that may wait in one group, and in all groups of an organization.
pub(crate) const MOST_OF_GROUP: usize = 10_000;
pub(crate) const MOST_OF_ALL: usize = 100_000;
/// So long a name waits, unless the operator says otherwise.
pub const KEPT: Duration = Duration::from_hours(90 * 24);

/// The names that wait in a set after one of them, at most `limit`.
pub(crate) fn page(
    reader: &mut Reader<'_>,
    set: MemberSetNo,
    after: &str,
    limit: usize,
) -> Result<Vec<String>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = reader.query(PAGE, &[set.into(), after.into(), limit.into()])?;
    rows.into_iter().map(|mut row| row.get("value")).collect()
}

/// All names that wait in a set.
pub(crate) fn all(reader: &mut Reader<'_>, set: MemberSetNo) -> Result<BTreeSet<String>, Error> {
    reader.query(OF_SET, &[set.into()])?.into_iter().map(|mut row| row.get("value")).collect()
}

/// Keeps names that no user or group has. Answers how many are new.
///
/// # Errors
///
/// [`Error::Invalid`] where more would wait than may.
pub(crate) fn add(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    names: &[MemberName],
) -> Result<usize, Error> {
    let (keys, now) = (keys(names), writer.now());
    let new = writer.change_list(&INSERT, &[set.into(), now.into()], &items(&keys))?.len();
    if new > 0 {
        let count = |row: Option<Row>| row.map_or(Ok(0), |mut row| row.get::<i64>("names"));
        let beyond = |most: usize| i64::try_from(most + 1).unwrap_or(i64::MAX);
        let of_set = writer.query_one(FEW_OF_SET, &[set.into(), beyond(MOST_OF_GROUP).into()])?;
        check_group(usize::try_from(count(of_set)?).unwrap_or(usize::MAX))?;
        let of_all = count(writer.query_one(FEW_OF_ALL, &[beyond(MOST_OF_ALL).into()])?)?;
        if of_all >= beyond(MOST_OF_ALL) {
            return Err(Error::invalid(
                "members",
                format!(
                    "The groups of the organization would have more than {MOST_OF_ALL} members \
                     that are not here. Send the users first, and then the groups."
                ),
            ));
        }
    }
    Ok(new)
}

/// Makes sure that so many names may wait in one group.
///
/// # Errors
///
/// [`Error::Invalid`].
pub(crate) fn check_group(names: usize) -> Result<(), Error> {
    if names <= MOST_OF_GROUP {
        return Ok(());
    }
    Err(Error::invalid(
        "members",
        format!(
            "More than {MOST_OF_GROUP} members of the group are not here. Send the users first, \
             and then their memberships."
        ),
    ))
}

/// Forgets names of an organization that have waited since before a time, 5,000 or little more at
/// a time. Answers how many.
pub(crate) async fn prune(store: &Store, org: OrgNo, before: Time) -> Result<u64, Error> {
    store.append(org, move |appender| appender.execute(PRUNE, &[before.into()])).await
}

/// Forgets names. Answers how many there were.
pub(crate) fn remove(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    names: &[MemberName],
) -> Result<usize, Error> {
    let keys = keys(names);
    Ok(writer.change_list(&DELETE, &[set.into()], &items(&keys))?.len())
}

/// Forgets all names of a set but these. Answers how many were forgotten.
pub(crate) fn keep_only(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    names: &[MemberName],
) -> Result<usize, Error> {
    let keep: BTreeSet<String> = keys(names).into_iter().collect();
    let gone: Vec<String> = all(writer, set)?.difference(&keep).cloned().collect();
    Ok(writer.change_list(&DELETE, &[set.into()], &items(&gone))?.len())
}

fn keys(names: &[MemberName]) -> Vec<String> {
    names.iter().map(|name| index::exact_key(name.as_str())).collect()
}

fn items(keys: &[String]) -> Vec<[Param<'_>; 1]> {
    keys.iter().map(|key| [key.into()]).collect()
}

/// A user or group is here: joins the groups that were waiting for it, under its id or its
/// externalId. Answers their ids.
pub(crate) fn join(
    writer: &mut Writer<'_>,
    arrived: &Resource,
    external_key: Option<&str>,
) -> Result<Vec<ResourceId>, Error> {
    let Some(kind) = MemberKind::of(arrived.kind) else { return Ok(Vec::new()) };
    let member = Resolved { no: arrived.no, id: arrived.id, kind };
    let id = member.id.to_string();
    let names: Vec<&str> = std::iter::once(id.as_str()).chain(external_key).collect();
    let items: Vec<[Param<'_>; 1]> = names.iter().map(|name| [(*name).into()]).collect();
    let mut sets: BTreeSet<MemberSetNo> = BTreeSet::new();
    for mut row in writer.query(WAITING, &[(&id).into(), external_key.into()])? {
        sets.insert(row.get("member_set")?);
    }
    let mut joined = Vec::new();
    for set in sets {
        let Some(mut parent) = writer.query_one(PARENT, &[set.into()])? else {
            // The set waits to be cleared away, and its pending names with it.
            continue;
        };
        let parent_no: ResourceNo = parent.get("no")?;
        if membership::check_nesting(writer, parent_no, &[member])?.is_some() {
            continue;
        }
        writer.send_list(&DELETE, &[set.into()], &items)?;
        if !membership::insert(writer, set, &[member])?.is_empty() {
            let (group, before) = (parent.get("id")?, Members::of_row(&mut parent)?);
            membership::change_members(writer, group, before, before.with(member.id))?;
            joined.push(group);
        }
    }
    Ok(joined)
}
