//! Pending members: a group may name a member that is not here yet.
//!
//! The name is kept, and when a user (or group) arrives that bears it, as its id or as its
//! externalId, the membership comes to be. So the order in which a provider sends people and
//! groups does not matter, and one unknown member does not sink a batch.

use std::collections::BTreeSet;

use scim::patch::MemberKind;

use crate::{
    db::{Param, Writer, statements},
    error::Error,
    id::{ResourceId, ResourceNo},
    index,
    member::{self, Resolved},
};

statements! {
    INSERT = ListSql {
        "insert into pending (org, mset, value) values ",
        "($1, $2, {})",
        " on conflict (org, mset, value) do nothing returning value"
    };
    DELETE = ListSql {
        "delete from pending where org = $1 and mset = $2 and value in (",
        "{}",
        ") returning value"
    };
    OF_SET = Sql { "select value from pending where org = $1 and mset = $2" };
    WAITING = ListSql {
        "select mset, value from pending where org = $1 and value in (",
        "{}",
        ")"
    };
    PARENT = Sql { "select no, id from grp where org = $1 and mset = $2" };
    ONE_MORE = Sql {
        "update grp set member_count = member_count + 1, version = version + 1, modified = $3 \
         where org = $1 and no = $2"
    };
}

/// Keeps names that nobody bears. Answers how many are new.
pub(crate) fn add(writer: &mut Writer<'_>, mset: i64, values: &[String]) -> Result<usize, Error> {
    let keys: Vec<String> = values.iter().map(|value| index::exact_key(value)).collect();
    let items: Vec<[Param<'_>; 1]> = keys.iter().map(|key| [key.into()]).collect();
    Ok(writer.change_list(&INSERT, &[mset.into()], &items)?.len())
}

/// Forgets names. Answers how many there were.
pub(crate) fn remove(
    writer: &mut Writer<'_>,
    mset: i64,
    values: &[String],
) -> Result<usize, Error> {
    let keys: Vec<String> = values.iter().map(|value| index::exact_key(value)).collect();
    let items: Vec<[Param<'_>; 1]> = keys.iter().map(|key| [key.into()]).collect();
    Ok(writer.change_list(&DELETE, &[mset.into()], &items)?.len())
}

/// Forgets all names of a set but these. Answers how many were forgotten.
pub(crate) fn keep_only(
    writer: &mut Writer<'_>,
    mset: i64,
    values: &[String],
) -> Result<usize, Error> {
    let keep: BTreeSet<String> = values.iter().map(|value| index::exact_key(value)).collect();
    let mut gone = Vec::new();
    for mut row in writer.query(OF_SET, &[mset.into()])? {
        let name = row.text(0)?;
        if !keep.contains(&name) {
            gone.push(name);
        }
    }
    let items: Vec<[Param<'_>; 1]> = gone.iter().map(|key| [key.into()]).collect();
    Ok(writer.change_list(&DELETE, &[mset.into()], &items)?.len())
}

/// A user is here: joins the groups that were waiting for it. Answers their ids.
pub(crate) fn join_user(
    writer: &mut Writer<'_>,
    no: ResourceNo,
    id: ResourceId,
    external_key: Option<&str>,
) -> Result<Vec<String>, Error> {
    join(writer, Resolved { no, id, kind: MemberKind::User }, external_key)
}

/// A group is here: joins the groups that were waiting for it. Answers their ids.
pub(crate) fn join_group(
    writer: &mut Writer<'_>,
    no: ResourceNo,
    id: ResourceId,
    external_key: Option<&str>,
) -> Result<Vec<String>, Error> {
    join(writer, Resolved { no, id, kind: MemberKind::Group }, external_key)
}

fn join(
    writer: &mut Writer<'_>,
    member: Resolved,
    external_key: Option<&str>,
) -> Result<Vec<String>, Error> {
    let id = member.id.to_string();
    let names: Vec<&str> = std::iter::once(id.as_str()).chain(external_key).collect();
    let items: Vec<[Param<'_>; 1]> = names.iter().map(|name| [(*name).into()]).collect();
    let mut sets = BTreeSet::new();
    for row in writer.query_list(&WAITING, &[], &items)? {
        sets.insert(row.int(0)?);
    }
    let now = writer.now().as_micros();
    let mut joined = Vec::new();
    for mset in sets {
        let Some(mut parent) = writer.query_one(PARENT, &[mset.into()])? else {
            // The set waits for the reaper, which takes its pending names along.
            continue;
        };
        let parent_no = ResourceNo(parent.int(0)?);
        if member::misfit(writer, parent_no, &[member])?.is_some() {
            continue;
        }
        writer.change_list(&DELETE, &[mset.into()], &items)?;
        if !member::insert(writer, mset, &[member])?.is_empty() {
            writer.execute(ONE_MORE, &[parent_no.0.into(), now.into()])?;
            joined.push(parent.text(1)?);
        }
    }
    Ok(joined)
}
