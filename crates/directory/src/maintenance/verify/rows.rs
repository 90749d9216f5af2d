//! I1, I2, I3 and I8: rows against counts, blocks, documents and each other.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    iter::Peekable,
};

use scim::schema::ResourceSchema;

use super::{
    Count, Findings,
    crew::spread,
    removals,
    replay::{self, Replay, Told},
};
use crate::{
    checksum::{self, Sum, Sums},
    clock::Time,
    db::{Param, Row, statements},
    error::{Error, Noun},
    id::{ConnectionNo, MemberSetNo, ResourceId, ResourceNo},
    organization::Organization,
    resource::{
        Detail, Kind, Members, Resource,
        index::{self, IndexNo},
        membership::MemberKind,
        rank,
        save::{Columns, is_active},
    },
    schemas,
    store::Reader,
};

statements! {
    ROWS = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc, name, name_key, external_id from resource \
         where org = $1 and kind = $2 and no > $3 order by no limit 1000"
    };
    INDEX_ROWS = Sql {
        "select no, path, key from attribute_index where org = $1 and no > $2 and no <= $3 \
         order by no, path, key"
    };
    CREATED = Sql {
        "select no, created from resource where org = $1 and kind = $2 and no > $3 \
         order by no limit 5000"
    };
    IDS = ListSql {
        "select no, id from resource where org = $1 and kind = $2 and no in (", "{}", ")"
    };
    COUNT = Sql { "select count(*) as rows from resource where org = $1" };
    INDEX_COUNT = Sql { "select count(*) as rows from attribute_index where org = $1" };
    EVENTS = Sql { "select event_seq from organization_counter where org = $1" };
    MEMBERS = Sql {
        "select member_set, no, kind from member \
         where org = $1 and (member_set, no) > ($2, $3) order by member_set, no limit 5000"
    };
    RETIRED = Sql { "select member_set from retired_member_set where org = $1" };
    STAGED = Sql {
        "select member_set, members as member_count, member_sum from staged_member_set \
         where org = $1"
    };
}

/// The rows of some resources of a type, as they are stored.
struct Piece<'s> {
    schema: &'s ResourceSchema,
    rows: Vec<Row>,
    index: Vec<Row>,
}

/// What was seen in a piece.
#[derive(Default)]
struct Seen {
    findings: Findings,
    resources: u64,
    index_rows: i64,
    /// Active people, by the connection that manages them.
    managed: BTreeMap<ConnectionNo, i64>,
    blocks: BTreeMap<(i64, i64, i64), i64>,
    groups: Vec<(ResourceId, Members)>,
    sums: Sums,
    present: Vec<Told>,
}

/// A group, or a set that is being filled, while its members are counted.
struct Counted {
    /// That of the group.
    id: Option<ResourceId>,
    stored: Members,
    found: Members,
}

impl Counted {
    fn of(id: Option<ResourceId>, stored: Members) -> Self {
        Self { id, stored, found: Members::none(stored.set) }
    }
}

/// About how many rows there are to look at.
pub(super) fn expected(reader: &mut Reader<'_>, organization: &Organization) -> Result<u64, Error> {
    let events = reader.query_one(EVENTS, &[])?;
    let events: i64 = events.ok_or(Error::not_found(Noun::Organization))?.get("event_seq")?;
    Ok((organization.users + organization.groups + events).cast_unsigned())
}

pub(super) fn check(
    reader: &mut Reader<'_>,
    organization: &Organization,
    replay: &mut Replay,
    count: &Count,
    findings: &mut Findings,
) -> Result<(), Error> {
    let schemas = schemas::current(reader)?;
    let mut blocks = BTreeMap::new();
    let mut groups = HashMap::new();
    let mut sums = Sums::default();
    let mut managed: BTreeMap<ConnectionNo, i64> = BTreeMap::new();
    let (mut read, mut index_rows) = (0, 0);
    for schema in schemas.all() {
        let kind = Kind::of(schema);
        let mut of_kind = 0;
        let mut after = ResourceNo(0);
        spread(
            || {
                reader.give_way()?;
                let piece = piece(reader, schema, kind, &mut after)?;
                count.add(piece.as_ref().map_or(0, |piece| piece.rows.len() as u64));
                Ok(piece)
            },
            look_at,
            |seen| {
                findings.append(seen.findings);
                of_kind += seen.resources;
                index_rows += seen.index_rows;
                for (block, live) in seen.blocks {
                    *blocks.entry(block).or_insert(0) += live;
                }
                for (connection, active) in seen.managed {
                    *managed.entry(connection).or_default() += active;
                }
                sums.users = sums.users.with(seen.sums.users);
                sums.groups = sums.groups.with(seen.sums.groups);
                for (id, members) in seen.groups {
                    groups.insert(members.set, Counted::of(Some(id), members));
                }
                seen.present.into_iter().try_for_each(|told| replay.add(told))
            },
        )?;
        match kind {
            Kind::USER => findings.users = of_kind,
            Kind::GROUP => findings.groups = of_kind,
            _ => {}
        }
        read += of_kind.cast_signed();
    }
    let kinds: Vec<Kind> = schemas.all().map(|schema| Kind::of(schema)).collect();
    order(reader, &kinds, findings)?;
    let rows = |row: Option<Row>| row.map_or(Ok(0), |mut row| row.get::<i64>("rows"));
    let stored = rows(reader.query_one(INDEX_COUNT, &[])?)?;
    findings.expect("I3", || "the number of index rows".to_owned(), &stored, &index_rows);
    let stored = rows(reader.query_one(COUNT, &[])?)?;
    findings.expect("I1", || "the number of resources".to_owned(), &stored, &read);

    let counted = |what: &'static str| move || format!("the organization's count of {what}");
    let (users, groups_read) = (findings.users.cast_signed(), findings.groups.cast_signed());
    findings.expect("I1", counted("users"), &organization.users, &users);
    findings.expect("I1", counted("groups"), &organization.groups, &groups_read);
    removals::check_managed(reader, &managed, findings)?;
    let stored = rank::all(reader)?;
    findings.expect("I2", || "the rank blocks".to_owned(), &stored, &blocks);

    members(reader, &mut groups, replay, findings)?;
    for Counted { id, stored, found } in groups.into_values() {
        let what = || match id {
            Some(id) => format!("the count and sum of members of group {id}"),
            None => format!("the count and sum of staged set {}", stored.set),
        };
        findings.expect("I1", what, &stored, &found);
        if let Some(id) = id {
            sums.memberships = sums.memberships.with(Sum::of_members(id, found));
        }
    }
    let stored = checksum::read(reader)?.sums;
    findings.expect("I1", || "the checksums".to_owned(), &stored, &sums);
    Ok(())
}

/// Reads the next resources of a type, with their index rows.
fn piece<'s>(
    reader: &mut Reader<'_>,
    schema: &'s ResourceSchema,
    kind: Kind,
    after: &mut ResourceNo,
) -> Result<Option<Piece<'s>>, Error> {
    let rows = reader.query(ROWS, &[kind.into(), (*after).into()])?;
    let Some(last) = rows.last() else { return Ok(None) };
    let last = ResourceNo(last.number("no")?);
    let index = reader.query(INDEX_ROWS, &[(*after).into(), last.into()])?;
    *after = last;
    Ok(Some(Piece { schema, rows, index }))
}

/// Compares columns and index rows with the documents.
fn look_at(Piece { schema, rows, index }: Piece<'_>) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    let mut entries: HashMap<ResourceNo, Vec<(IndexNo, String)>> = HashMap::new();
    for mut row in index {
        let entry = (row.get("path")?, row.get("key")?);
        entries.entry(row.get("no")?).or_default().push(entry);
    }
    for mut row in rows {
        let columns = Columns {
            name: row.get("name")?,
            name_key: row.get("name_key")?,
            external_id: row.get("external_id")?,
        };
        let resource = Resource::from_row(row)?;
        let stored = entries.remove(&resource.no).unwrap_or_default();
        seen.take(schema, &resource, &columns, &stored);
    }
    Ok(seen)
}

impl Seen {
    fn take(
        &mut self,
        schema: &ResourceSchema,
        resource: &Resource,
        columns: &Columns,
        index_rows: &[(IndexNo, String)],
    ) {
        let Self { findings, .. } = self;
        let Resource { kind, no, id, attributes, detail, managed_by, .. } = resource;
        let expected = Columns::of(*kind, attributes).ok();
        let stored = Some(columns.clone());
        findings.expect("I3", || format!("the columns of resource {id}"), &stored, &expected);
        let expected = index::entries(schema, attributes);
        let what = || format!("the index rows of resource {id}");
        findings.expect("I3", what, &index_rows, &expected.as_slice());
        self.resources += 1;
        self.index_rows += i64::try_from(index_rows.len()).unwrap_or(i64::MAX);
        for (what, level, block) in rank::blocks(*kind, *no) {
            *self.blocks.entry((what.number(), level, block)).or_insert(0) += 1;
        }
        match detail {
            Detail::User { active } => {
                let expected = is_active(attributes);
                let what = || format!("whether {id} is active");
                self.findings.expect("I3", what, active, &expected);
                if let Some(connection) = managed_by.filter(|_| *active) {
                    *self.managed.entry(connection).or_default() += 1;
                }
            }
            Detail::Group(members) => self.groups.push((*id, *members)),
            Detail::Registered => {}
        }
        let sum = Sum::of_resource(*kind, *id, attributes);
        match *kind {
            Kind::USER => self.sums.users = self.sums.users.with(sum),
            Kind::GROUP => self.sums.groups = self.sums.groups.with(sum),
            _ => {}
        }
        self.present.push(replay::present(*kind, *id, attributes));
    }
}

/// Numbers are an index of the times of creation: a search for those looks there. All kinds share
/// them, so the kinds are read side by side.
fn order(reader: &mut Reader<'_>, kinds: &[Kind], findings: &mut Findings) -> Result<(), Error> {
    let mut after = vec![ResourceNo(0); kinds.len()];
    let mut waiting: Vec<Peekable<std::vec::IntoIter<(ResourceNo, Time)>>> =
        kinds.iter().map(|_| Vec::new().into_iter().peekable()).collect();
    let mut last: Option<(ResourceNo, Time)> = None;
    let mut in_order = true;
    loop {
        for (at, waiting) in waiting.iter_mut().enumerate() {
            if waiting.peek().is_none() {
                let rows = reader.query(CREATED, &[kinds[at].into(), after[at].into()])?;
                let rows =
                    rows.into_iter().map(|mut row| Ok((row.get("no")?, row.get("created")?)));
                let rows: Vec<(ResourceNo, Time)> = rows.collect::<Result<_, Error>>()?;
                after[at] = rows.last().map_or(after[at], |(no, _)| *no);
                *waiting = rows.into_iter().peekable();
            }
        }
        let first = waiting.iter_mut().filter_map(|waiting| Some((waiting.peek()?.0, waiting)));
        let first = first.min_by_key(|(no, _)| *no);
        let Some(next) = first.and_then(|(_, waiting)| waiting.next()) else { break };
        if let Some(last) = last {
            if last.0 == next.0 {
                findings.wrong("I8", format!("number {} is used twice", next.0.0));
            }
            in_order &= last.1 <= next.1;
        }
        last = Some(next);
    }
    if !in_order {
        findings.wrong("I3", "resources were not created in the order of their numbers");
    }
    Ok(())
}

/// The ids of the resources of a kind that are here, by their numbers.
pub(super) fn ids_of(
    reader: &mut Reader<'_>,
    kind: Kind,
    numbers: impl Iterator<Item = ResourceNo>,
) -> Result<HashMap<ResourceNo, ResourceId>, Error> {
    let items: Vec<[Param<'_>; 1]> = numbers.map(|no| [no.into()]).collect();
    let rows = reader.query_list(&IDS, &[kind.into()], &items)?;
    rows.into_iter().map(|mut row| Ok((row.get("no")?, row.get("id")?))).collect()
}

/// Reads all memberships: counts those of each group, and looks whether each member is here.
fn members(
    reader: &mut Reader<'_>,
    groups: &mut HashMap<MemberSetNo, Counted>,
    replay: &mut Replay,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut retired: BTreeSet<MemberSetNo> = BTreeSet::new();
    for mut row in reader.query(RETIRED, &[])? {
        retired.insert(row.get("member_set")?);
    }
    // Sets that are being filled are known by what they are believed to have.
    for mut row in reader.query(STAGED, &[])? {
        let members = Members::of_row(&mut row)?;
        groups.insert(members.set, Counted::of(None, members));
    }
    let (mut set, mut no) = (MemberSetNo(0), ResourceNo(0));
    loop {
        reader.give_way()?;
        let rows = reader.query(MEMBERS, &[set.into(), no.into()])?;
        let rows = rows.into_iter().map(|mut row| {
            Ok((row.get("member_set")?, row.get("no")?, row.get::<MemberKind>("kind")?.kind()))
        });
        let rows: Vec<(MemberSetNo, ResourceNo, Kind)> = rows.collect::<Result<_, Error>>()?;
        let Some(last) = rows.last() else { return Ok(()) };
        (set, no) = (last.0, last.1);
        let of_kind = |kind| {
            let rows = rows.iter().filter(move |(_, _, other)| *other == kind);
            rows.map(|(_, no, _)| *no)
        };
        let users = ids_of(reader, Kind::USER, of_kind(Kind::USER))?;
        let nested = ids_of(reader, Kind::GROUP, of_kind(Kind::GROUP))?;
        for (set, no, kind) in rows {
            findings.memberships += 1;
            let Some(group) = groups.get_mut(&set) else {
                if !retired.contains(&set) {
                    let detail = format!("set {set} belongs to no group and is not waiting");
                    findings.wrong("I8", detail);
                }
                continue;
            };
            let ids = if kind == Kind::GROUP { &nested } else { &users };
            match (ids.get(&no), group.id) {
                (Some(member), of) => {
                    group.found = group.found.with(*member);
                    if let Some(of) = of {
                        replay.add(replay::present_member(of, *member))?;
                    }
                }
                (None, Some(of)) => {
                    let detail = format!("group {of} has a member that is not here");
                    findings.wrong("I8", detail);
                }
                (None, None) => group.found.count += 1,
            }
        }
    }
}
