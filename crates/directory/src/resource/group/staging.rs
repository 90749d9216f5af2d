//! [`Staging`]: a change of so many members that it is made in pieces.
//!
//! One change is one piece of work for the store, so a PUT of a million members would keep everyone
//! else waiting. Instead the members as they will be are written into a *staged* set that no group
//! points to, a piece at a time, each in a turn of its own; the change itself is then to point the
//! group to that set ([`MemberChange::Prepared`]). Whoever reads sees all of it or nothing.
//!
//! First the change is compared with what is there, in a read that gives way to others. Where little
//! is left to do, that is done in one transaction: to replace a hundred thousand members by a set
//! that differs in ten costs a read and ten rows.
//!
//! A staged set that is not touched for [`ABANDONED_AFTER`] is abandoned: its request is gone, or its
//! process. The reaper clears it away.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{Group, MemberChange, MemberName, members::as_value, retire};
use crate::{
    access::{Access, Verb},
    checksum::Sum,
    db::statements,
    error::{Error, WorkError},
    event::{self, kinds},
    id::{MemberSetNo, ResourceId, ResourceNo, Version},
    resource::{
        Members, index,
        membership::{self, Edge, MemberKind, Resolved},
        pending,
    },
    schemas,
    store::{Reader, Store, Writer},
};

statements! {
    OPEN = Sql {
        "insert into staged_member_set (org, member_set, members, touched, first_event, member_sum) \
         values ($1, $2, 0, $3, $4, $5)"
    };
    GROW = Sql {
        "update staged_member_set set members = $3, touched = $4, member_sum = $5 \
         where org = $1 and member_set = $2"
    };
    STAGED = Sql {
        "select member_set, members as member_count, member_sum from staged_member_set \
         where org = $1 and member_set = $2"
    };
    TAKE = Sql {
        "delete from staged_member_set where org = $1 and member_set = $2 \
         returning member_set, members as member_count, member_sum"
    };
    ABANDONED = Sql {
        "delete from staged_member_set where org = $1 and touched < $2 returning member_set"
    };
}

/// So many members are changed in one transaction; more are staged.
pub(crate) const MOST_AT_ONCE: usize = 2_000;
/// Members in one piece of a large change. A piece takes a few milliseconds of the writer.
const PIECE: usize = 1_000;
/// So long a staged set is kept after its last piece.
pub(crate) const ABANDONED_AFTER: Duration = Duration::from_mins(10);

/// A change of many members that is being prepared.
#[derive(Debug)]
pub struct Staging {
    store: Store,
    access: Access,
    changes: Arc<[MemberChange]>,
}

/// A large change, ready to be made in one short transaction.
#[derive(Debug, PartialEq)]
pub struct Prepared {
    /// The version of the group for which it was prepared; `None`: it fits any.
    pub(super) version: Option<Version>,
    /// Whether nothing of the members before is kept.
    pub(super) cleared: bool,
    /// How many were members, and would not be, when it was prepared.
    pub(super) leaving: i64,
    /// What was written already.
    pub(super) stage: Option<Stage>,
    /// What is left to be done.
    pub(super) rest: Vec<MemberChange>,
}

/// A set that was filled in pieces.
#[derive(Debug, PartialEq)]
pub(super) struct Stage {
    pub(super) set: MemberSetNo,
    /// The groups in it: whether one contains the group is known when the change is made.
    pub(super) groups: Vec<Edge>,
    /// Whether names wait in it.
    pub(super) waits: bool,
}

/// What a change comes to, in one state of the store.
struct Plan {
    /// Of the group that was looked at.
    version: Option<Version>,
    cleared: bool,
    /// The members as they will be, and the names that will wait.
    members: BTreeMap<ResourceNo, MemberKind>,
    waiting: BTreeSet<String>,
    /// What is to be told of it: the difference to the members before, or all of them.
    leaving: Vec<Edge>,
    joining: Vec<Edge>,
}

impl Staging {
    /// Whether a change is of so many members that it is to be staged; or it depends on all that
    /// there are, which may be as many.
    #[must_use]
    pub fn is_needed(changes: &[MemberChange]) -> bool {
        let names = |change: &MemberChange| match change {
            MemberChange::Add(names)
            | MemberChange::Remove(names)
            | MemberChange::Replace(names) => names.len(),
            MemberChange::RemoveMatching(_) => usize::MAX,
            MemberChange::Clear | MemberChange::Prepared(_) => 0,
        };
        changes.iter().fold(0, |sum: usize, change| sum.saturating_add(names(change)))
            > MOST_AT_ONCE
    }

    /// A change that whoever has this access makes.
    #[must_use]
    pub fn new(store: &Store, access: &Access, changes: Vec<MemberChange>) -> Self {
        Self { store: store.clone(), access: access.clone(), changes: changes.into() }
    }

    /// Prepares the change of the group that `find` answers; `None`: of one that is to be created.
    ///
    /// What is prepared is made by [`change`](super::change) or
    /// [`create_with`](super::create_with). Where these answer [`Error::Stale`], the group has
    /// changed meanwhile, and the change is to be prepared anew. A change that begins with no one
    /// (a `Replace` or `Clear`) fits any version, once it was staged.
    ///
    /// # Errors
    ///
    /// Those of `find`; [`Error::Denied`]; those of the store.
    pub async fn prepare<E, F>(&self, find: F) -> Result<MemberChange, E>
    where
        E: WorkError,
        F: Fn(&mut Reader<'_>) -> Result<Option<Group>, E> + Send + 'static,
    {
        let changes = Arc::clone(&self.changes);
        let work = move |reader: &mut Reader<'_>| {
            let group = find(reader)?;
            let plan = Plan::make(reader, group.as_ref(), &changes)?;
            Ok::<_, E>(match group {
                Some(group) => plan.in_one(reader, &group)?.ok_or(plan),
                None => Err(plan),
            })
        };
        let prepared = match self.store.read_long(&self.access, work).await? {
            Ok(prepared) => prepared,
            Err(plan) => self.stage(plan).await?,
        };
        Ok(MemberChange::Prepared(Arc::new(prepared)))
    }

    /// Writes the members as they will be into a set of their own.
    async fn stage(&self, plan: Plan) -> Result<Prepared, Error> {
        let Plan { version, cleared, members, waiting, leaving, joining } = plan;
        let how_many_leave = i64::try_from(leaving.len()).unwrap_or(i64::MAX);
        let edges: Vec<Edge> = members.into_iter().collect();
        // Where it begins with no one, all members are new.
        let (leaving, mut told) =
            if cleared { (Vec::new(), edges.as_slice()) } else { (leaving, joining.as_slice()) };
        let set = self.write(open).await?;
        for piece in leaving.chunks(PIECE) {
            let piece: Vec<Edge> = piece.to_vec();
            self.write(move |writer| tell_leaving(writer, set, &piece)).await?;
        }
        for piece in edges.chunks(PIECE) {
            // Both are in the order of their numbers, and who joins is a member.
            let last = piece.last().map(|(no, _)| *no);
            let (new, rest) = told.split_at(told.partition_point(|(no, _)| Some(*no) <= last));
            told = rest;
            let (piece, new): (Vec<Edge>, BTreeSet<ResourceNo>) =
                (piece.to_vec(), new.iter().map(|(no, _)| *no).collect());
            self.write(move |writer| fill(writer, set, &piece, &new)).await?;
        }
        let names: Vec<MemberName> = waiting.into_iter().map(MemberName::from).collect();
        let mut groups: Vec<Edge> =
            edges.into_iter().filter(|(_, kind)| *kind == MemberKind::Group).collect();
        for piece in names.chunks(PIECE) {
            let piece = piece.to_vec();
            groups.extend(self.write(move |writer| wait_for(writer, set, &piece)).await?);
        }
        // What begins with no one does not depend on who was there.
        let version = version.filter(|_| !cleared);
        let stage = Stage { set, groups, waits: !names.is_empty() };
        let leaving = how_many_leave;
        Ok(Prepared { version, cleared, leaving, stage: Some(stage), rest: Vec::new() })
    }

    async fn write<T, F>(&self, mut work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        let work = move |writer: &mut Writer<'_>| {
            writer.permit(Verb::ChangeMembers)?;
            work(writer)
        };
        self.store.write(&self.access, work).await
    }
}

impl Plan {
    fn make(
        reader: &mut Reader<'_>,
        group: Option<&Group>,
        changes: &[MemberChange],
    ) -> Result<Self, Error> {
        reader.permit(Verb::ChangeMembers)?;
        let before = match group {
            Some(group) => members_of(reader, group.members().set)?,
            None => BTreeMap::new(),
        };
        let begins = |change: &MemberChange| {
            matches!(change, MemberChange::Clear | MemberChange::Replace(_))
        };
        let cleared = changes.iter().any(begins);
        let (members, waiting) = match group {
            Some(group) if !cleared => (before.clone(), pending::all(reader, group.members().set)?),
            _ => (BTreeMap::new(), BTreeSet::new()),
        };
        let version = group.map(|group| group.version);
        let (leaving, joining) = (Vec::new(), Vec::new());
        let mut plan = Self { version, cleared, members, waiting, leaving, joining };
        // Whatever comes before the last beginning is without effect.
        let first = changes.iter().rposition(begins).unwrap_or(0);
        for change in &changes[first..] {
            plan.apply(reader, change)?;
        }
        let edge = |(no, kind): (&ResourceNo, &MemberKind)| (*no, *kind);
        plan.leaving =
            before.iter().filter(|(no, _)| !plan.members.contains_key(no)).map(edge).collect();
        plan.joining =
            plan.members.iter().filter(|(no, _)| !before.contains_key(no)).map(edge).collect();
        Ok(plan)
    }

    fn apply(&mut self, reader: &mut Reader<'_>, change: &MemberChange) -> Result<(), Error> {
        match change {
            MemberChange::Clear => Ok(()),
            MemberChange::Add(names) | MemberChange::Replace(names) => {
                for names in names.chunks(PIECE) {
                    let (found, unknown) = membership::resolve(reader, names)?;
                    self.members.extend(found.iter().map(|member| (member.no, member.kind)));
                    let keys = unknown.iter().map(|name| index::exact_key(name.as_str()));
                    self.waiting.extend(keys);
                    pending::check_group(self.waiting.len())?;
                    reader.give_way()?;
                }
                Ok(())
            }
            MemberChange::Remove(names) => {
                for names in names.chunks(PIECE) {
                    for member in membership::resolve(reader, names)?.0 {
                        self.members.remove(&member.no);
                    }
                    for name in names {
                        self.waiting.remove(&index::exact_key(name.as_str()));
                    }
                    reader.give_way()?;
                }
                Ok(())
            }
            MemberChange::RemoveMatching(filter) => {
                let schemas = schemas::current(reader)?;
                let attribute = schemas.group().attribute("members").expect("groups have members");
                let edges: Vec<Edge> = self.members.iter().map(|(no, kind)| (*no, *kind)).collect();
                for piece in edges.chunks(PIECE) {
                    for member in membership::shown(reader, piece)? {
                        if filter.matches_value(attribute, &as_value(&member)) {
                            self.members.remove(&member.no);
                        }
                    }
                    reader.give_way()?;
                }
                Ok(())
            }
            MemberChange::Prepared(_) => unreachable!("what is prepared is not prepared again"),
        }
    }

    /// The change as one of a few members, where it comes to that.
    fn in_one(&self, reader: &mut Reader<'_>, group: &Group) -> Result<Option<Prepared>, Error> {
        let before = pending::all(reader, group.members().set)?;
        let gone: Vec<&String> = before.difference(&self.waiting).collect();
        let new: Vec<&String> = self.waiting.difference(&before).collect();
        let rows = self.leaving.len() + self.joining.len() + gone.len() + new.len();
        if rows > MOST_AT_ONCE {
            return Ok(None);
        }
        let mut names = |edges: &[Edge], waiting: &[&String]| {
            let ids = membership::here(reader, edges)?;
            let ids = ids.into_iter().map(|member| MemberName::from(member.id));
            let waiting = waiting.iter().map(|name| MemberName::from(name.as_str()));
            Ok::<Vec<MemberName>, Error>(ids.chain(waiting).collect())
        };
        let (leaving, joining) = (names(&self.leaving, &gone)?, names(&self.joining, &new)?);
        let rest = vec![MemberChange::Remove(leaving), MemberChange::Add(joining)];
        let version = Some(group.version);
        Ok(Some(Prepared { version, cleared: false, leaving: 0, stage: None, rest }))
    }
}

fn members_of(
    reader: &mut Reader<'_>,
    set: MemberSetNo,
) -> Result<BTreeMap<ResourceNo, MemberKind>, Error> {
    let mut members = BTreeMap::new();
    let mut after = ResourceNo(0);
    loop {
        let edges = membership::edges(reader, set, after, PIECE)?;
        let Some((last, _)) = edges.last() else { return Ok(members) };
        after = *last;
        members.extend(edges);
        reader.give_way()?;
    }
}

/// Begins a set.
fn open(writer: &mut Writer<'_>) -> Result<MemberSetNo, Error> {
    let (set, now) = (writer.next_member_set(), writer.now());
    let first = writer.last_event().0 + 1;
    let sum = Sum::ZERO.to_bytes();
    writer.execute(OPEN, &[set.into(), now.into(), first.into(), sum.as_slice().into()])?;
    Ok(set)
}

/// Notes that members were added to a set that is still there.
fn grow(writer: &mut Writer<'_>, set: MemberSetNo, added: &[Resolved]) -> Result<(), Error> {
    // It may have taken so long that the set was given up: whoever asks may try again.
    let mut row = writer.query_one(STAGED, &[set.into()])?.ok_or(Error::Busy)?;
    let before = Members::of_row(&mut row)?;
    let after = added.iter().fold(before, |members, one| members.with(one.id));
    store(writer, after)
}

/// Notes how many members a set has.
fn store(writer: &mut Writer<'_>, Members { set, count, sum }: Members) -> Result<(), Error> {
    let (now, sum) = (writer.now(), sum.to_bytes());
    writer.send(GROW, &[set.into(), count.into(), now.into(), sum.as_slice().into()])
}

/// Someone who is deleted leaves a set, if it is being filled. Answers whether it is.
pub(crate) fn leave(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    id: ResourceId,
) -> Result<bool, Error> {
    let Some(mut row) = writer.query_one(STAGED, &[set.into()])? else { return Ok(false) };
    let members = Members::of_row(&mut row)?;
    store(writer, members.without(id))?;
    Ok(true)
}

/// Puts those members into a set who are still here, and tells of those that are new.
fn fill(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    piece: &[Edge],
    new: &BTreeSet<ResourceNo>,
) -> Result<(), Error> {
    let here = membership::here(writer, piece)?;
    let added = membership::insert(writer, set, &here)?;
    grow(writer, set, &added)?;
    let added: Vec<Resolved> =
        added.into_iter().filter(|member| new.contains(&member.no)).collect();
    tell(writer, set, &[], &added)
}

/// Lets names wait in a set. Whoever has come meanwhile becomes a member; answers the groups of
/// these.
fn wait_for(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    names: &[MemberName],
) -> Result<Vec<Edge>, Error> {
    let (found, unknown) = membership::resolve(writer, names)?;
    let added = membership::insert(writer, set, &found)?;
    pending::add(writer, set, &unknown)?;
    grow(writer, set, &added)?;
    tell(writer, set, &[], &added)?;
    let groups = added.iter().filter(|member| member.kind == MemberKind::Group);
    Ok(groups.map(|member| (member.no, member.kind)).collect())
}

fn tell_leaving(writer: &mut Writer<'_>, set: MemberSetNo, gone: &[Edge]) -> Result<(), Error> {
    grow(writer, set, &[])?;
    let gone = membership::here(writer, gone)?;
    tell(writer, set, &gone, &[])
}

fn tell(
    writer: &mut Writer<'_>,
    set: MemberSetNo,
    removed: &[Resolved],
    added: &[Resolved],
) -> Result<(), Error> {
    if removed.is_empty() && added.is_empty() {
        return Ok(());
    }
    let ids = |members: &[Resolved]| -> Vec<ResourceId> {
        members.iter().map(|member| member.id).collect()
    };
    let payload = kinds::GroupMembersStaged { removed: ids(removed), added: ids(added) };
    event::emit(writer, &set.to_string(), payload)
}

/// A group takes the set. Answers who is in it.
///
/// # Errors
///
/// [`Error::Busy`] where it was given up meanwhile.
pub(super) fn take(writer: &mut Writer<'_>, set: MemberSetNo) -> Result<Members, Error> {
    let taken = writer.change(TAKE, &[set.into()])?.pop();
    Members::of_row(&mut taken.ok_or(Error::Busy)?)
}

/// Lets sets be cleared away of which no one has heard for long.
pub(crate) fn abandon(writer: &mut Writer<'_>) -> Result<(), Error> {
    let before = writer.now().minus(ABANDONED_AFTER);
    for mut row in writer.change(ABANDONED, &[before.into()])? {
        retire(writer, row.get("member_set")?)?;
    }
    Ok(())
}
