//! [`TypeSearch`]: what one resource type has to answer to a search, in order and a part at a time.

use std::{cmp::Ordering, ops::ControlFlow};

use scim::{
    Filter, Object,
    query::{Sort, sort::SortTarget},
    schema::ResourceSchema,
};

use super::{
    Search,
    budget::Budget,
    candidates::{candidates, numbers_after},
    index_scan::{Entry, Index, IndexScan, Start},
    key_range::KeyRange,
    plan::{Plan, Planner, Source},
    representation::{Computed, key_of},
    scan::ScanRequest,
};
use crate::{
    error::Error,
    id::ResourceNo,
    resource::{Kind, Resource, by_column, by_numbers, rank, rows_after, total},
    store::Reader,
};

/// Rows are read in pieces of this size.
const PIECE: usize = 500;
/// An index may name more than matches; where it names at most so many, they are read at once.
const FEW: usize = 64;
/// Fewer than so many matches are sorted by reading them, not by scanning an index.
const SCANNED: usize = 128;

/// One resource type under a search.
#[derive(Debug)]
pub(super) struct TypeSearch<'v> {
    kind: Kind,
    pub(super) schema: &'v ResourceSchema,
    filter: Option<&'v Filter>,
    pub(super) sort: Option<&'v Sort>,
    target: Option<SortTarget<'v>>,
    plan: Plan,
    computed: Computed<'v>,
}

/// A part of the answer.
#[derive(Debug)]
pub(super) struct Found {
    /// How many match. Without meaning where it was known already.
    pub(super) total: u64,
    pub(super) entries: Vec<Entry>,
    /// Some of them, or others that match, which were read along the way.
    pub(super) read: Vec<Resource>,
}

impl Found {
    fn new(total: u64, entries: Vec<Entry>) -> Self {
        Self { total, entries, read: Vec::new() }
    }

    fn numbers(total: usize, numbers: impl IntoIterator<Item = ResourceNo>) -> Self {
        Self::new(total as u64, numbers.into_iter().map(|no| Entry { key: None, no }).collect())
    }
}

/// What is looked at to see what matches.
enum Candidates {
    /// All resources of the type.
    Everything,
    /// These; all of them match, if it says so.
    Numbers { numbers: Vec<ResourceNo>, exact: bool },
    /// These, read along the way.
    Resources { resources: Vec<Resource>, exact: bool },
}

impl<'v> TypeSearch<'v> {
    pub(super) fn new(
        schema: &'v ResourceSchema,
        filter: Option<&'v Filter>,
        search: &'v Search,
    ) -> Self {
        let sort = search.sort.as_ref();
        let planner = Planner { schema, base_url: &search.base_url };
        Self {
            kind: Kind::of(schema),
            schema,
            filter,
            sort,
            target: sort.and_then(|sort| sort.target(schema)),
            plan: filter.map_or(Plan::All, |filter| planner.plan(filter)),
            computed: Computed::of(schema, filter, sort, &search.base_url),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a key that few have finds all that match.
    pub(super) fn is_look_up(&self) -> bool {
        match &self.plan {
            Plan::Nothing => true,
            Plan::Indexed { source: Source::Column(_, KeyRange::One(_)), .. } => true,
            _ => false,
        }
    }

    /// The matches from the start on, at most `want`.
    pub(super) fn find(
        &self,
        reader: &mut Reader<'_>,
        start: Start<'_>,
        want: usize,
        budget: &mut Budget,
    ) -> Result<Found, Error> {
        if matches!(self.plan, Plan::Nothing) {
            return Ok(Found::new(0, vec![]));
        }
        match self.sort {
            Some(sort) => self.sorted(reader, sort, start, want, budget),
            None => self.in_order_of_numbers(reader, start, want, budget),
        }
    }

    fn in_order_of_numbers(
        &self,
        reader: &mut Reader<'_>,
        start: Start<'_>,
        want: usize,
        budget: &mut Budget,
    ) -> Result<Found, Error> {
        let kind = self.kind;
        if matches!(self.plan, Plan::All) {
            let (total, from) = match start {
                Start::After(_, no) => (0, Some((no, 0))),
                Start::Skip(skip) => {
                    let total = total(reader, kind)?;
                    let inside = want > 0 && (skip as u64) < total;
                    let offset = i64::try_from(skip).unwrap_or(i64::MAX);
                    let from = if inside { rank::locate(reader, kind, offset)? } else { None };
                    (total, from)
                }
            };
            let read = match from {
                Some((after, rest)) => rows_after(reader, kind, after, want as u64, rest)?,
                None => vec![],
            };
            let entries = read.iter().map(|found| Entry { key: None, no: found.no }).collect();
            return Ok(Found { total, entries, read });
        }
        if let (Start::After(_, no), Plan::Indexed { source, exact: true }) = (start, &self.plan)
            && let Some(page) = numbers_after(reader, source, no, want)?
        {
            return Ok(Found::numbers(0, page));
        }
        let candidates = self.candidates(reader, budget)?;
        let after = match start {
            Start::After(_, no) => no,
            Start::Skip(_) => ResourceNo(0),
        };
        let skip = match start {
            Start::Skip(skip) => skip,
            Start::After(..) => 0,
        };
        if let Candidates::Numbers { numbers, exact: true } = &candidates {
            let first = numbers.partition_point(|no| *no <= after);
            let page = numbers[first..].iter().skip(skip).take(want).copied();
            return Ok(Found::numbers(numbers.len(), page));
        }
        let mut found = Found::new(0, vec![]);
        self.look(reader, candidates, after, false, budget, |resource, _| {
            if found.total >= skip as u64 && found.entries.len() < want {
                found.entries.push(Entry { key: None, no: resource.no });
                found.read.push(resource);
            }
            found.total += 1;
            match start {
                Start::After(..) if found.entries.len() == want => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })?;
        Ok(found)
    }

    fn sorted(
        &self,
        reader: &mut Reader<'_>,
        sort: &Sort,
        start: Start<'_>,
        want: usize,
        budget: &mut Budget,
    ) -> Result<Found, Error> {
        let index = match self.target {
            Some(_) => Index::of(self.schema, sort),
            None => Some(Index::Empty),
        };
        let descending = sort.is_descending();
        if let Some(index) = index {
            if matches!(self.plan, Plan::All) {
                let total = total(reader, self.kind)?;
                let scan = IndexScan::all(self.kind, index, descending);
                let request =
                    ScanRequest { missing: true, all: total, ..self.scan(&scan, start, want) };
                return Ok(Found::new(total, request.run(reader, budget)?));
            }
            if let Start::After(..) = start
                && let Some(scan) = self.own_scan(index, sort)
            {
                let entries = self.scan(&scan, start, want).run(reader, budget)?;
                return Ok(Found::new(0, entries));
            }
        }
        let candidates = self.candidates(reader, budget)?;
        if let Candidates::Numbers { numbers, exact: true } = &candidates
            && numbers.len() > SCANNED
            && let Some(index) = index
        {
            let all = total(reader, self.kind)?;
            let found = numbers.len() as u64;
            // A piece of the index itself is scanned; otherwise all of it, to meet those that match.
            if let Some(scan) = self.own_scan(index, sort) {
                let request = ScanRequest { all, ..self.scan(&scan, start, want) };
                return Ok(Found::new(found, request.run(reader, budget)?));
            }
            if budget.has(all) {
                let scan = IndexScan::all(self.kind, index, descending);
                let request = ScanRequest {
                    only: Some(numbers),
                    missing: true,
                    all,
                    ..self.scan(&scan, start, want)
                };
                return Ok(Found::new(found, request.run(reader, budget)?));
            }
        }
        let mut best = Best::new(sort, start, want);
        let mut total = 0;
        self.look(reader, candidates, ResourceNo(0), true, budget, |resource, shown| {
            let target = self.target.as_ref();
            let key = target.and_then(|target| key_of(target, self.schema, &resource, shown));
            best.offer(Entry { key, no: resource.no });
            total += 1;
            ControlFlow::Continue(())
        })?;
        Ok(Found::new(total, best.into_entries()))
    }

    /// A scan for the matches in the order of an index.
    fn scan<'r>(&'r self, scan: &'r IndexScan, start: Start<'r>, want: usize) -> ScanRequest<'r> {
        let (schema, sort) = (self.schema, self.sort);
        ScanRequest { schema, sort, scan, start, want, only: None, missing: false, all: 0 }
    }

    /// The piece of an index that the filter asks for, where it asks for nothing else.
    fn own_scan(&self, index: Index, sort: &Sort) -> Option<IndexScan> {
        let Plan::Indexed { source, exact: true } = &self.plan else { return None };
        let (own, range) = match source {
            Source::Column(column, range) => (Index::from(*column), range),
            Source::Attribute(index, range) => (Index::Attribute(*index), range),
            _ => return None,
        };
        let descending = sort.is_descending();
        own.is(index).then(|| IndexScan::within(self.kind, index, range, descending))
    }

    /// What has to be looked at.
    fn candidates(
        &self,
        reader: &mut Reader<'_>,
        budget: &mut Budget,
    ) -> Result<Candidates, Error> {
        match &self.plan {
            Plan::All | Plan::Scan(_) => return Ok(Candidates::Everything),
            Plan::Indexed { source: Source::Column(column, KeyRange::One(key)), exact } => {
                let resources = by_column(reader, self.kind, column.equal, key, FEW + 1)?;
                if resources.len() <= FEW {
                    let spent = budget.spend(resources.len());
                    spent.map_err(|exceeded| exceeded.matches(self.schema))?;
                    return Ok(Candidates::Resources { resources, exact: *exact });
                }
            }
            _ => {}
        }
        let found = candidates(reader, self.kind, &self.plan, budget.left())?;
        let found = found.ok_or_else(|| budget.exceeded().matches(self.schema))?;
        let spent = budget.spend(found.numbers.len());
        spent.map_err(|exceeded| exceeded.matches(self.schema))?;
        Ok(Candidates::Numbers { numbers: found.numbers, exact: found.exact })
    }

    /// Hands every match among the candidates on, in the order of the numbers. The representation is
    /// made where it is needed to see whether a resource matches, or to sort it.
    fn look(
        &self,
        reader: &mut Reader<'_>,
        candidates: Candidates,
        after: ResourceNo,
        represented: bool,
        budget: &mut Budget,
        mut hand: impl FnMut(Resource, &Object) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        match candidates {
            Candidates::Resources { mut resources, exact } => {
                resources.retain(|resource| resource.no > after);
                self.hand_on(reader, resources, exact && !represented, &mut hand).map(drop)
            }
            Candidates::Numbers { numbers, exact } => {
                let first = numbers.partition_point(|no| *no <= after);
                for piece in numbers[first..].chunks(PIECE) {
                    let resources = by_numbers(reader, self.kind, piece)?;
                    let plain = exact && !represented;
                    if self.hand_on(reader, resources, plain, &mut hand)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Candidates::Everything => {
                let mut after = after;
                loop {
                    let resources = rows_after(reader, self.kind, after, PIECE as u64, 0)?;
                    let Some(last) = resources.last() else { return Ok(()) };
                    after = last.no;
                    budget.spend(resources.len()).map_err(|exceeded| match &self.plan {
                        Plan::Scan(cause) => exceeded.scans(self.schema, cause),
                        _ => exceeded.sorts(self.schema, self.sort),
                    })?;
                    if self.hand_on(reader, resources, false, &mut hand)?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn hand_on(
        &self,
        reader: &mut Reader<'_>,
        resources: Vec<Resource>,
        plain: bool,
        hand: &mut impl FnMut(Resource, &Object) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        reader.give_way()?;
        if plain {
            let nothing = Object::new();
            return Ok(resources.into_iter().try_for_each(|resource| hand(resource, &nothing)));
        }
        let shown = self.computed.representations(reader, &resources)?;
        Ok(resources.into_iter().zip(shown).try_for_each(|(resource, shown)| {
            if self.filter.is_none_or(|filter| filter.matches(self.schema, &shown)) {
                hand(resource, &shown)
            } else {
                ControlFlow::Continue(())
            }
        }))
    }
}

/// The first entries of an order after a position, of those that are offered. The memory that it
/// takes follows what is wanted, not what is offered.
struct Best<'s> {
    sort: &'s Sort,
    start: Start<'s>,
    keep: usize,
    entries: Vec<Entry>,
}

impl<'s> Best<'s> {
    fn new(sort: &'s Sort, start: Start<'s>, want: usize) -> Self {
        let keep = match start {
            Start::Skip(skip) => skip.saturating_add(want),
            Start::After(..) => want,
        };
        Self { sort, start, keep, entries: Vec::new() }
    }

    fn offer(&mut self, entry: Entry) {
        if let Start::After(key, no) = self.start
            && compare(self.sort, (entry.key.as_deref(), entry.no), (key, no)).is_le()
        {
            return;
        }
        self.entries.push(entry);
        if self.entries.len() >= self.keep.saturating_mul(2).max(4_096) {
            self.prune();
        }
    }

    fn prune(&mut self) {
        let sort = self.sort;
        self.entries.sort_unstable_by(|one, other| order(sort, one, other));
        self.entries.truncate(self.keep);
    }

    fn into_entries(mut self) -> Vec<Entry> {
        self.prune();
        match self.start {
            Start::Skip(skip) => self.entries.into_iter().skip(skip).collect(),
            Start::After(..) => self.entries,
        }
    }
}

/// Which of two entries comes first: by their keys, and by their numbers where those are equal.
pub(super) fn order(sort: &Sort, one: &Entry, other: &Entry) -> Ordering {
    compare(sort, (one.key.as_deref(), one.no), (other.key.as_deref(), other.no))
}

fn compare(
    sort: &Sort,
    one: (Option<&str>, ResourceNo),
    other: (Option<&str>, ResourceNo),
) -> Ordering {
    let numbers = one.1.cmp(&other.1);
    let numbers = if sort.is_descending() { numbers.reverse() } else { numbers };
    sort.compare(one.0, other.0).then(numbers)
}
