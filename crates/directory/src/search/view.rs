//! [`View`]: what one resource type has to answer to a search, in order and a part at a time.

use std::{cmp::Ordering, ops::ControlFlow};

use scim::{
    Filter, Object,
    query::{Sort, sort::SortTarget},
    schema::ResourceSchema,
};

use super::{
    Search, Searchable,
    bounds::Span,
    budget::Budget,
    candidates::{behind, by_column, candidates},
    lines::{Entry, Line, Walk},
    plan::{Plan, Planner, Source},
    represent::{Computed, key_of},
    walk::Errand,
};
use crate::{
    db::Reader,
    error::Error,
    id::ResourceNo,
    kind::Kind,
    rank,
    resource::{by_numbers, rows_after, total},
};

/// Rows are read in pieces of this size.
const PIECE: usize = 500;
/// An index may name more than matches; where it names at most so many, they are read at once.
const FEW: usize = 64;
/// Fewer than so many matches are sorted by reading them, not by walking along an index.
const WALKED: usize = 128;

/// One resource type under a search.
#[derive(Debug)]
pub(super) struct View<'v> {
    pub(super) schema: &'v ResourceSchema,
    filter: Option<&'v Filter>,
    pub(super) sort: Option<&'v Sort>,
    target: Option<SortTarget<'v>>,
    plan: Plan,
    computed: Computed<'v>,
}

/// Where a part of the answer begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begin<'b> {
    /// After so many matches.
    Skip(usize),
    /// Behind this place in the order. How many match is known already.
    Behind(Option<&'b str>, ResourceNo),
}

/// A part of the answer.
#[derive(Debug)]
pub(super) struct Found<R> {
    /// How many match. Without meaning where it was known already.
    pub(super) total: u64,
    pub(super) entries: Vec<Entry>,
    /// Some of them, or others that match, which were read along the way.
    pub(super) read: Vec<R>,
}

impl<R> Found<R> {
    fn new(total: u64, entries: Vec<Entry>) -> Self {
        Self { total, entries, read: Vec::new() }
    }

    fn numbers(total: usize, numbers: impl IntoIterator<Item = ResourceNo>) -> Self {
        Self::new(total as u64, numbers.into_iter().map(|no| Entry { key: None, no }).collect())
    }
}

/// What is looked at to see what matches.
enum Pool<R> {
    /// Resources of the type.
    Everything,
    /// These; all of them match, if it says so.
    Numbers { numbers: Vec<ResourceNo>, exact: bool },
    /// These, read along the way.
    Records { records: Vec<R>, exact: bool },
}

impl<'v> View<'v> {
    pub(super) fn new<R: Searchable>(
        schema: &'v ResourceSchema,
        filter: Option<&'v Filter>,
        search: &'v Search,
    ) -> Self {
        let sort = search.sort.as_ref();
        let planner = Planner {
            schema,
            columns: R::COLUMNS,
            membership: R::MEMBERSHIP,
            base_url: &search.base_url,
        };
        Self {
            schema,
            filter,
            sort,
            target: sort.and_then(|sort| sort.target(schema)),
            plan: filter.map_or(Plan::All, |filter| planner.plan(filter)),
            computed: Computed::of(schema, filter, sort, &search.base_url),
        }
    }

    /// The matches from a place on, at most `want`.
    pub(super) fn find<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        begin: Begin<'_>,
        want: usize,
        budget: &mut Budget,
    ) -> Result<Found<R>, Error> {
        if matches!(self.plan, Plan::Nothing) {
            return Ok(Found::new(0, vec![]));
        }
        match self.sort {
            Some(sort) => self.sorted(reader, sort, begin, want, budget),
            None => self.in_order_of_numbers(reader, begin, want, budget),
        }
    }

    fn in_order_of_numbers<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        begin: Begin<'_>,
        want: usize,
        budget: &mut Budget,
    ) -> Result<Found<R>, Error> {
        let kind = Kind::of(self.schema);
        if matches!(self.plan, Plan::All) {
            let (total, place) = match begin {
                Begin::Behind(_, no) => (0, Some((no, 0))),
                Begin::Skip(skip) => {
                    let total = total(reader, kind)?;
                    let inside = want > 0 && (skip as u64) < total;
                    let offset = i64::try_from(skip).unwrap_or(i64::MAX);
                    let place = if inside { rank::locate(reader, kind, offset)? } else { None };
                    (total, place)
                }
            };
            let read: Vec<R> = match place {
                Some((after, rest)) => rows_after(reader, kind, after, want as u64, rest)?,
                None => vec![],
            };
            let entries = read.iter().map(|record| Entry { key: None, no: record.no() }).collect();
            return Ok(Found { total, entries, read });
        }
        if let (Begin::Behind(_, no), Plan::Indexed { source, exact: true }) = (begin, &self.plan)
            && let Some(page) = behind(reader, source, no, want)?
        {
            return Ok(Found::numbers(0, page));
        }
        let pool = self.pool::<R>(reader, budget)?;
        let after = match begin {
            Begin::Behind(_, no) => no,
            Begin::Skip(_) => ResourceNo(0),
        };
        let skip = match begin {
            Begin::Skip(skip) => skip,
            Begin::Behind(..) => 0,
        };
        if let Pool::Numbers { numbers, exact: true } = &pool {
            let first = numbers.partition_point(|no| *no <= after);
            let page = numbers[first..].iter().skip(skip).take(want).copied();
            return Ok(Found::numbers(numbers.len(), page));
        }
        let mut found = Found::new(0, vec![]);
        self.look(reader, pool, after, false, budget, |record: R, _| {
            if found.total >= skip as u64 && found.entries.len() < want {
                found.entries.push(Entry { key: None, no: record.no() });
                found.read.push(record);
            }
            found.total += 1;
            match begin {
                Begin::Behind(..) if found.entries.len() == want => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })?;
        Ok(found)
    }

    fn sorted<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        sort: &Sort,
        begin: Begin<'_>,
        want: usize,
        budget: &mut Budget,
    ) -> Result<Found<R>, Error> {
        let line = match self.target {
            Some(_) => Line::of::<R>(self.schema, sort),
            None => Some(Line::Nobody),
        };
        if let Some(line) = line {
            let whole = Walk::all(line, sort.is_descending());
            if matches!(self.plan, Plan::All) {
                let total = total(reader, Kind::of(self.schema))?;
                let errand = Errand { begin, want, pool: None, missing: true, all: total };
                let entries = self.walk::<R>(reader, &whole, &errand, budget)?;
                return Ok(Found::new(total, entries));
            }
            if let Begin::Behind(..) = begin
                && let Some(walk) = self.own_walk(line, sort)
            {
                let errand = Errand { begin, want, pool: None, missing: false, all: 0 };
                return Ok(Found::new(0, self.walk::<R>(reader, &walk, &errand, budget)?));
            }
        }
        let pool = self.pool::<R>(reader, budget)?;
        if let Pool::Numbers { numbers, exact: true } = &pool
            && numbers.len() > WALKED
            && let Some(line) = line
        {
            let all = total(reader, Kind::of(self.schema))?;
            let found = numbers.len() as u64;
            // A piece of the line itself is walked; otherwise all of it, to meet those that match.
            let own = self.own_walk(line, sort);
            if own.is_some() || budget.has(all) {
                let pool = if own.is_some() { None } else { Some(&**numbers) };
                let errand = Errand { begin, want, pool, missing: own.is_none(), all };
                let walk = own.unwrap_or_else(|| Walk::all(line, sort.is_descending()));
                return Ok(Found::new(found, self.walk::<R>(reader, &walk, &errand, budget)?));
            }
        }
        let mut best = Best::new(sort, begin, want);
        let mut total = 0;
        self.look(reader, pool, ResourceNo(0), true, budget, |record: R, shown| {
            let key =
                self.target.as_ref().and_then(|target| key_of(target, self.schema, &record, shown));
            best.offer(Entry { key, no: record.no() });
            total += 1;
            ControlFlow::Continue(())
        })?;
        Ok(Found::new(total, best.into_entries()))
    }

    /// The piece of a line that the filter asks for, where it asks for nothing else.
    fn own_walk(&self, line: Line, sort: &Sort) -> Option<Walk> {
        let Plan::Indexed { source, exact: true } = &self.plan else { return None };
        let (own, span) = match source {
            Source::Column(column, span) => (Line::Column(column.attribute, column.along?), span),
            Source::Attribute(index, span) => (Line::Attribute(*index), span),
            _ => return None,
        };
        own.is(line).then(|| Walk::within(line, span, sort.is_descending()))
    }

    /// What has to be looked at.
    fn pool<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        budget: &mut Budget,
    ) -> Result<Pool<R>, Error> {
        match &self.plan {
            Plan::All | Plan::Scan(_) => return Ok(Pool::Everything),
            Plan::Indexed { source: Source::Column(column, Span::One(key)), exact } => {
                let records: Vec<R> = by_column(reader, self.schema, column.equal, key, FEW + 1)?;
                if records.len() <= FEW {
                    budget.spend(records.len()).map_err(|over| over.matches::<R>(self.schema))?;
                    return Ok(Pool::Records { records, exact: *exact });
                }
            }
            _ => {}
        }
        let found = candidates::<R>(reader, self.schema, &self.plan, budget.left())?;
        let found = found.ok_or_else(|| budget.over().matches::<R>(self.schema))?;
        budget.spend(found.numbers.len()).map_err(|over| over.matches::<R>(self.schema))?;
        Ok(Pool::Numbers { numbers: found.numbers, exact: found.exact })
    }

    /// Shows every match in a pool to somebody, in the order of the numbers. The representation is
    /// made where it is needed to see whether a record matches, or to sort it.
    fn look<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        pool: Pool<R>,
        after: ResourceNo,
        represented: bool,
        budget: &mut Budget,
        mut show: impl FnMut(R, &Object) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        match pool {
            Pool::Records { mut records, exact } => {
                records.retain(|record| record.no() > after);
                self.show(reader, records, exact && !represented, &mut show).map(drop)
            }
            Pool::Numbers { numbers, exact } => {
                let first = numbers.partition_point(|no| *no <= after);
                for piece in numbers[first..].chunks(PIECE) {
                    let records: Vec<R> = by_numbers(reader, piece)?;
                    if self.show(reader, records, exact && !represented, &mut show)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Pool::Everything => {
                let mut after = after;
                loop {
                    let kind = Kind::of(self.schema);
                    let records: Vec<R> = rows_after(reader, kind, after, PIECE as u64, 0)?;
                    let Some(last) = records.last() else { return Ok(()) };
                    after = last.no();
                    budget.spend(records.len()).map_err(|over| match &self.plan {
                        Plan::Scan(cause) => over.scans::<R>(self.schema, cause),
                        _ => over.sorts::<R>(self.schema, self.sort),
                    })?;
                    if self.show(reader, records, false, &mut show)?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn show<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        records: Vec<R>,
        plain: bool,
        show: &mut impl FnMut(R, &Object) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        if plain {
            let nothing = Object::new();
            return Ok(records.into_iter().try_for_each(|record| show(record, &nothing)));
        }
        let shown = R::representations(reader, self.schema, &records, &self.computed)?;
        Ok(records.into_iter().zip(shown).try_for_each(|(record, shown)| {
            if self.filter.is_none_or(|filter| filter.matches(self.schema, &shown)) {
                show(record, &shown)
            } else {
                ControlFlow::Continue(())
            }
        }))
    }
}

/// The first entries of an order behind a place, of those that are offered. The memory that it
/// takes follows what is wanted, not what is offered.
struct Best<'s> {
    sort: &'s Sort,
    begin: Begin<'s>,
    keep: usize,
    entries: Vec<Entry>,
}

impl<'s> Best<'s> {
    fn new(sort: &'s Sort, begin: Begin<'s>, want: usize) -> Self {
        let keep = match begin {
            Begin::Skip(skip) => skip.saturating_add(want),
            Begin::Behind(..) => want,
        };
        Self { sort, begin, keep, entries: Vec::new() }
    }

    fn offer(&mut self, entry: Entry) {
        if let Begin::Behind(key, no) = self.begin
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
        match self.begin {
            Begin::Skip(skip) => self.entries.into_iter().skip(skip).collect(),
            Begin::Behind(..) => self.entries,
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
