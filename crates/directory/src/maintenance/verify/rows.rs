//! I1, I2, I3 and I8: rows against counts, blocks, documents and each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use scim::{Object, schema::ResourceSchema};

use super::Findings;
use crate::{
    clock::Time,
    db::statements,
    error::Error,
    id::{MemberSetNo, ResourceId, ResourceNo},
    organization::Organization,
    resource::{
        Detail, Kind, Members, Resource,
        index::{self, IndexNo},
        membership::MemberKind,
        rank, rows_after,
        save::{Columns, is_active},
    },
    schemas,
    store::Reader,
};

statements! {
    COLUMNS = Sql {
        "select no, name, name_key, external_id from resource \
         where org = $1 and kind = $2 and no > $3 order by no limit 1000"
    };
    INDEX_ROWS = Sql {
        "select no, path, key from attribute_index where org = $1 and no > $2 and no <= $3 \
         order by no, path, key"
    };
    COUNT = Sql { "select count(*) as rows from resource where org = $1" };
    INDEX_COUNT = Sql { "select count(*) as rows from attribute_index where org = $1" };
    MEMBERS = Sql {
        "select member_set, no, kind from member \
         where org = $1 and (member_set, no) > ($2, $3) order by member_set, no limit 5000"
    };
    RETIRED = Sql { "select member_set from retired_member_set where org = $1" };
}

/// Rows are read in pieces of this size.
const PIECE: u64 = 1_000;

/// The state that the rows tell, for the replay of the events.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// Attributes by id, of users and resources of registered types.
    pub(super) resources: HashMap<String, Object>,
    /// Attributes and members by id.
    pub(super) groups: HashMap<String, (Object, BTreeSet<ResourceId>)>,
    /// The kind of each number.
    pub(super) kinds: HashMap<ResourceNo, Kind>,
}

/// What is gathered while all resources are read.
#[derive(Default)]
struct Gathered {
    present: Present,
    blocks: BTreeMap<(i64, i64, i64), i64>,
    ids: HashMap<ResourceNo, ResourceId>,
    created: BTreeMap<ResourceNo, Time>,
    groups: Vec<(ResourceId, Members)>,
    counts: HashMap<Kind, u64>,
    index_rows: i64,
}

pub(super) fn check(
    reader: &mut Reader<'_>,
    organization: &Organization,
    findings: &mut Findings,
) -> Result<Present, Error> {
    let mut gathered = Gathered::default();
    for schema in schemas::current(reader)?.all() {
        resources(reader, schema, &mut gathered, findings)?;
    }
    let Gathered { mut present, blocks, ids, created, groups, counts, index_rows } = gathered;
    // Numbers are an index of the times of creation: a search for those looks there.
    if !created.values().is_sorted() {
        findings.wrong("I3", "resources were not created in the order of their numbers");
    }
    let rows = |row: Option<crate::db::Row>| row.map_or(Ok(0), |mut row| row.get::<i64>("rows"));
    let stored = rows(reader.query_one(INDEX_COUNT, &[])?)?;
    findings.expect("I3", || "the number of index rows".to_owned(), &stored, &index_rows);
    let stored = rows(reader.query_one(COUNT, &[])?)?;
    let read = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    findings.expect("I1", || "the number of resources".to_owned(), &stored, &read);

    let count = |kind| counts.get(&kind).copied().unwrap_or(0);
    (findings.users, findings.groups) = (count(Kind::USER), count(Kind::GROUP));
    let counted = |what: &'static str| move || format!("the organization's count of {what}");
    let (users, groups_read) = (findings.users.cast_signed(), findings.groups.cast_signed());
    findings.expect("I1", counted("users"), &organization.users, &users);
    findings.expect("I1", counted("groups"), &organization.groups, &groups_read);
    let stored = rank::all(reader)?;
    findings.expect("I2", || "the rank blocks".to_owned(), &stored, &blocks);

    let mut members = members(reader, &groups, &ids, &present.kinds, findings)?;
    for (id, Members { set, count }) in groups {
        let members = members.remove(&set).unwrap_or_default();
        let size = i64::try_from(members.len()).unwrap_or(i64::MAX);
        findings.expect("I1", || format!("the count of members of group {id}"), &count, &size);
        let group = present.groups.entry(id.to_string()).or_default();
        group.1 = members;
    }
    Ok(present)
}

/// Reads all resources of a type; compares columns and index rows with the documents.
fn resources(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    gathered: &mut Gathered,
    findings: &mut Findings,
) -> Result<(), Error> {
    let kind = Kind::of(schema);
    let mut after = ResourceNo(0);
    loop {
        let piece = rows_after(reader, kind, after, PIECE, 0)?;
        let Some(last) = piece.last() else { return Ok(()) };
        gathered.index_rows += compare_index(reader, schema, after, &piece, findings)?;
        let mut columns: HashMap<ResourceNo, Columns> = HashMap::new();
        for mut row in reader.query(COLUMNS, &[kind.into(), after.into()])? {
            let stored = Columns {
                name: row.get("name")?,
                name_key: row.get("name_key")?,
                external_id: row.get("external_id")?,
            };
            columns.insert(row.get("no")?, stored);
        }
        after = last.no;
        for resource in piece {
            let (id, stored) = (resource.id, columns.remove(&resource.no));
            let expected = Columns::of(kind, &resource.attributes).ok();
            findings.expect("I3", || format!("the columns of resource {id}"), &stored, &expected);
            gathered.take(resource, findings);
        }
    }
}

impl Gathered {
    fn take(&mut self, resource: Resource, findings: &mut Findings) {
        let Resource { kind, no, id, created, attributes, detail, .. } = resource;
        for (what, level, block) in rank::blocks(kind, no) {
            *self.blocks.entry((what.number(), level, block)).or_insert(0) += 1;
        }
        *self.counts.entry(kind).or_insert(0) += 1;
        self.created.insert(no, created);
        if self.ids.insert(no, id).is_some() {
            findings.wrong("I8", format!("the number of resource {id} is used twice"));
        }
        self.present.kinds.insert(no, kind);
        match detail {
            Detail::User { active } => {
                let expected = is_active(&attributes);
                findings.expect("I3", || format!("whether {id} is active"), &active, &expected);
            }
            Detail::Group(members) => {
                self.groups.push((id, members));
                self.present.groups.insert(id.to_string(), (attributes.into(), BTreeSet::new()));
                return;
            }
            Detail::Registered => {}
        }
        self.present.resources.insert(id.to_string(), attributes.into());
    }
}

/// Compares the index rows of the resources after a number with their documents. Answers how many
/// rows there are.
fn compare_index(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    after: ResourceNo,
    piece: &[Resource],
    findings: &mut Findings,
) -> Result<i64, Error> {
    let Some(last) = piece.last() else { return Ok(0) };
    let mut entries: HashMap<ResourceNo, Vec<(IndexNo, String)>> = HashMap::new();
    for mut row in reader.query(INDEX_ROWS, &[after.into(), last.no.into()])? {
        let entry = (row.get("path")?, row.get("key")?);
        entries.entry(row.get("no")?).or_default().push(entry);
    }
    let mut rows = 0;
    for resource in piece {
        let expected = index::entries(schema, &resource.attributes);
        let stored = entries.remove(&resource.no).unwrap_or_default();
        rows += i64::try_from(stored.len()).unwrap_or(i64::MAX);
        let what = || format!("the index rows of resource {}", resource.id);
        findings.expect("I3", what, &stored, &expected);
    }
    Ok(rows)
}

/// Reads all memberships; answers the ids of the members by set.
fn members(
    reader: &mut Reader<'_>,
    groups: &[(ResourceId, Members)],
    ids: &HashMap<ResourceNo, ResourceId>,
    kinds: &HashMap<ResourceNo, Kind>,
    findings: &mut Findings,
) -> Result<HashMap<MemberSetNo, BTreeSet<ResourceId>>, Error> {
    let live: HashMap<MemberSetNo, ResourceId> =
        groups.iter().map(|(id, members)| (members.set, *id)).collect();
    let mut retired: BTreeSet<MemberSetNo> = BTreeSet::new();
    for mut row in reader.query(RETIRED, &[])? {
        retired.insert(row.get("member_set")?);
    }
    let mut members: HashMap<MemberSetNo, BTreeSet<ResourceId>> = HashMap::new();
    let (mut set, mut no) = (MemberSetNo(0), ResourceNo(0));
    loop {
        let rows = reader.query(MEMBERS, &[set.into(), no.into()])?;
        if rows.is_empty() {
            return Ok(members);
        }
        for mut row in rows {
            (set, no) = (row.get("member_set")?, row.get("no")?);
            findings.memberships += 1;
            let Some(group) = live.get(&set) else {
                if !retired.contains(&set) {
                    let detail = format!("set {set} belongs to no group and is not waiting");
                    findings.wrong("I8", detail);
                }
                continue;
            };
            let kind = row.get::<MemberKind>("kind")?.kind();
            match (ids.get(&no), kinds.get(&no) == Some(&kind)) {
                (Some(id), true) => {
                    members.entry(set).or_default().insert(*id);
                }
                _ => findings.wrong("I8", format!("group {group} has a member that is not here")),
            }
        }
    }
}
