//! I1, I2, I3 and I8: rows against counts, blocks, documents and each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use scim::schema::ResourceSchema;

use super::Findings;
use crate::{
    clock::Time,
    custom::Custom,
    db::{Reader, Sql, statements},
    error::Error,
    group::{self, Group},
    id::ResourceNo,
    index,
    kind::Kind,
    organization::Organization,
    rank,
    resource::{Stored, rows_after},
    schemas,
    user::{self, User},
};

statements! {
    USER_COLUMNS = Sql {
        "select no, username, username_key, external_id, active from usr \
         where org = $1 and no > $2 order by no limit 1000"
    };
    GROUP_COLUMNS = Sql {
        "select no, display, display_key, external_id from grp \
         where org = $1 and no > $2 order by no limit 1000"
    };
    INDEX_ROWS = Sql {
        "select no, path, key from uattr where org = $1 and no > $2 and no <= $3 \
         order by no, path, key"
    };
    CUSTOM_COUNT = Sql { "select count(*) from custom where org = $1" };
    CUSTOM_COLUMNS = Sql {
        "select no, external_id from custom where org = $1 and kind = $3 and no > $2 \
         order by no limit 1000"
    };
    INDEX_COUNT = Sql { "select count(*) from uattr where org = $1" };
    EDGES = Sql {
        "select mset, no, kind from member where org = $1 and (mset, no) > ($2, $3) \
         order by mset, no limit 5000"
    };
    REAPED = Sql { "select mset from reap where org = $1" };
}

/// The state that the rows tell, for the replay of the events.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// Document by id.
    pub(super) users: HashMap<String, String>,
    /// Document and members by id.
    pub(super) groups: HashMap<String, (String, BTreeSet<String>)>,
    /// Document by id, of resources of registered types.
    pub(super) custom: HashMap<String, String>,
}

pub(super) fn check(
    reader: &mut Reader<'_>,
    organization: &Organization,
    findings: &mut Findings,
) -> Result<Present, Error> {
    let mut present = Present::default();
    let mut blocks = BTreeMap::new();
    let mut ids: HashMap<ResourceNo, (String, i64)> = HashMap::new();
    let mut created: BTreeMap<ResourceNo, Time> = BTreeMap::new();

    let schemas = schemas::current(reader)?;
    let mut index_rows = 0;
    let users = users(reader, schemas.user(), &mut index_rows, findings)?;
    for user in users {
        count(&mut blocks, Kind::USER, user.no);
        created.insert(user.no, user.created);
        let id = user.id.to_string();
        if ids.insert(user.no, (id.clone(), 0)).is_some() {
            findings.wrong("I8", format!("the number of user {id} is used twice"));
        }
        present.users.insert(id, user.resource.to_json());
    }
    let groups = groups(reader, schemas.group(), &mut index_rows, findings)?;
    for group in &groups {
        count(&mut blocks, Kind::GROUP, group.no);
        created.insert(group.no, group.created);
        let id = group.id.to_string();
        if ids.insert(group.no, (id.clone(), 1)).is_some() {
            findings.wrong("I8", format!("the number of group {id} is used twice"));
        }
    }

    for schema in schemas.registered() {
        for resource in custom(reader, schema, &mut index_rows, findings)? {
            count(&mut blocks, Kind::of(schema), resource.no);
            created.insert(resource.no, resource.created);
            present.custom.insert(resource.id.to_string(), resource.resource.to_json());
        }
    }
    // Numbers are an index of the times of creation: a search for those looks there.
    if !created.values().is_sorted() {
        findings.wrong("I3", "resources were not created in the order of their numbers");
    }
    let stored = reader.query_one(INDEX_COUNT, &[])?.map_or(Ok(0), |row| row.int(0))?;
    findings.expect("I3", || "the number of index rows".to_owned(), &stored, &index_rows);
    let stored = reader.query_one(CUSTOM_COUNT, &[])?.map_or(Ok(0), |row| row.int(0))?;
    let read = i64::try_from(present.custom.len()).unwrap_or(i64::MAX);
    findings.expect("I1", || "the resources of registered types".to_owned(), &stored, &read);

    let counted = |what: &'static str| move || format!("the organization's count of {what}");
    let (user_count, group_count) = (findings.users.cast_signed(), findings.groups.cast_signed());
    findings.expect("I1", counted("users"), &organization.users, &user_count);
    findings.expect("I1", counted("groups"), &organization.groups, &group_count);
    let stored = rank::all(reader)?;
    findings.expect("I2", || "the rank blocks".to_owned(), &stored, &blocks);

    let mut members = edges(reader, &groups, &ids, findings)?;
    for group in groups {
        let members = members.remove(&group.mset).unwrap_or_default();
        let size = i64::try_from(members.len()).unwrap_or(i64::MAX);
        let what = || format!("the count of members of group {}", group.id);
        findings.expect("I1", what, &group.member_count, &size);
        present.groups.insert(group.id.to_string(), (group.resource.to_json(), members));
    }
    Ok(present)
}

fn count(blocks: &mut BTreeMap<(i64, i64, i64), i64>, what: Kind, no: ResourceNo) {
    for (what, level, block) in rank::blocks(what, no) {
        *blocks.entry((what.number(), level, block)).or_insert(0) += 1;
    }
}

/// Reads all users; compares columns and index rows with the documents.
fn users(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    index_rows: &mut i64,
    findings: &mut Findings,
) -> Result<Vec<User>, Error> {
    let mut all: Vec<User> = Vec::new();
    loop {
        let after = all.last().map_or(ResourceNo(0), |user| user.no);
        let piece: Vec<User> = rows_after(reader, Kind::USER, after, 1_000, 0)?;
        if piece.is_empty() {
            break;
        }
        let mut columns = columns(reader, USER_COLUMNS, after, |row| {
            Ok(user::Columns {
                username: row.text(1)?,
                username_key: row.text(2)?,
                external_id: row.opt_text(3)?,
                active: row.int(4)? != 0,
            })
        })?;
        *index_rows += compare_index(reader, schema, after, &piece, findings)?;
        for user in &piece {
            let what = || format!("the columns of user {}", user.id);
            let expected = user::Columns::of(&user.resource).ok();
            findings.expect("I3", what, &columns.remove(&user.no.0), &expected);
        }
        all.extend(piece);
    }
    findings.users = all.len() as u64;
    Ok(all)
}

/// Reads all resources of a registered type; compares columns with the documents.
fn custom(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    index_rows: &mut i64,
    findings: &mut Findings,
) -> Result<Vec<Custom>, Error> {
    let kind = Kind::of(schema);
    let mut all: Vec<Custom> = Vec::new();
    loop {
        let after = all.last().map_or(ResourceNo(0), |resource| resource.no);
        let piece: Vec<Custom> = rows_after(reader, kind, after, 1_000, 0)?;
        if piece.is_empty() {
            return Ok(all);
        }
        *index_rows += compare_index(reader, schema, after, &piece, findings)?;
        let rows = reader.query(CUSTOM_COLUMNS, &[after.0.into(), kind.number().into()])?;
        let mut columns: HashMap<i64, Option<String>> = rows
            .into_iter()
            .map(|mut row| Ok((row.int(0)?, row.opt_text(1)?)))
            .collect::<Result<_, Error>>()?;
        for resource in &piece {
            let what = || format!("the columns of resource {}", resource.id);
            let expected = resource.resource.str("externalId").map(index::exact_key);
            findings.expect("I3", what, &columns.remove(&resource.no.0), &Some(expected));
        }
        all.extend(piece);
    }
}

/// Compares the index rows of the resources behind a number with their documents. Answers how many
/// rows there are.
fn compare_index<R: Stored>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    after: ResourceNo,
    piece: &[R],
    findings: &mut Findings,
) -> Result<i64, Error> {
    let Some(last) = piece.last() else { return Ok(0) };
    let mut entries: HashMap<i64, Vec<(i64, String)>> = HashMap::new();
    for mut row in reader.query(INDEX_ROWS, &[after.0.into(), last.no().0.into()])? {
        entries.entry(row.int(0)?).or_default().push((row.int(1)?, row.text(2)?));
    }
    let mut rows = 0;
    for record in piece {
        let expected: Vec<(i64, String)> = index::entries(schema, record.resource())
            .into_iter()
            .map(|(index, key)| (index.number(), key))
            .collect();
        let stored = entries.remove(&record.no().0).unwrap_or_default();
        rows += i64::try_from(stored.len()).unwrap_or(i64::MAX);
        let what = || format!("the index rows of resource {}", record.id());
        findings.expect("I3", what, &stored, &expected);
    }
    Ok(rows)
}

/// Reads all groups; compares columns with the documents.
fn groups(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    index_rows: &mut i64,
    findings: &mut Findings,
) -> Result<Vec<Group>, Error> {
    let mut all: Vec<Group> = Vec::new();
    loop {
        let after = all.last().map_or(ResourceNo(0), |group| group.no);
        let piece: Vec<Group> = rows_after(reader, Kind::GROUP, after, 1_000, 0)?;
        if piece.is_empty() {
            break;
        }
        let mut columns = columns(reader, GROUP_COLUMNS, after, |row| {
            Ok(group::Columns {
                display: row.text(1)?,
                display_key: row.text(2)?,
                external_id: row.opt_text(3)?,
            })
        })?;
        *index_rows += compare_index(reader, schema, after, &piece, findings)?;
        for group in &piece {
            let what = || format!("the columns of group {}", group.id);
            let expected = group::Columns::of(&group.resource).ok();
            findings.expect("I3", what, &columns.remove(&group.no.0), &expected);
        }
        all.extend(piece);
    }
    findings.groups = all.len() as u64;
    Ok(all)
}

fn columns<C>(
    reader: &mut Reader<'_>,
    sql: Sql,
    after: ResourceNo,
    read: impl Fn(&mut crate::db::Row) -> Result<C, Error>,
) -> Result<HashMap<i64, C>, Error> {
    let rows = reader.query(sql, &[after.0.into()])?;
    rows.into_iter().map(|mut row| Ok((row.int(0)?, read(&mut row)?))).collect()
}

/// Reads all memberships; answers the ids of the members by set.
fn edges(
    reader: &mut Reader<'_>,
    groups: &[Group],
    ids: &HashMap<ResourceNo, (String, i64)>,
    findings: &mut Findings,
) -> Result<HashMap<i64, BTreeSet<String>>, Error> {
    let live: HashMap<i64, String> =
        groups.iter().map(|group| (group.mset, group.id.to_string())).collect();
    let reaped: BTreeSet<i64> =
        reader.query(REAPED, &[])?.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
    let mut members: HashMap<i64, BTreeSet<String>> = HashMap::new();
    let (mut mset, mut no) = (0, 0);
    loop {
        let rows = reader.query(EDGES, &[mset.into(), no.into()])?;
        if rows.is_empty() {
            return Ok(members);
        }
        for row in rows {
            (mset, no) = (row.int(0)?, row.int(1)?);
            findings.memberships += 1;
            let Some(group) = live.get(&mset) else {
                if !reaped.contains(&mset) {
                    let detail = format!("set {mset} belongs to no group and is not waiting");
                    findings.wrong("I8", detail);
                }
                continue;
            };
            match ids.get(&ResourceNo(no)) {
                Some((id, kind)) if *kind == row.int(2)? => {
                    members.entry(mset).or_default().insert(id.clone());
                }
                _ => findings.wrong("I8", format!("group {group} has a member that is not here")),
            }
        }
    }
}
