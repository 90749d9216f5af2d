//! [`Line`]: an index in which resources stand in the order of their keys, walked in pieces.

use scim::{
    query::{Sort, sort},
    schema::ResourceSchema,
};

use super::{
    Planned,
    bounds::{Span, highest},
    columns::Along,
    plan::is_core,
};
use crate::{
    clock::Time,
    db::{Param, Reader, Row, Sql, statements},
    error::Error,
    id::ResourceNo,
    index::IndexNo,
    kind::Kind,
};

statements! {
    UP = Sql {
        "select key, no from uattr where org = $1 and path = $7 and (key, no) > ($2, $3) \
         and key < $4 order by key, no limit $5 offset $6"
    };
    DOWN = Sql {
        "select key, no from uattr where org = $1 and path = $7 and (key, no) < ($2, $3) \
         and key >= $4 order by key desc, no desc limit $5 offset $6"
    };
    HAVE = ListSql { "select no from uattr where org = $1 and path = $2 and no in (", "{}", ")" };
}

/// A resource and its key; `None`: it has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: Option<String>,
    pub(super) no: ResourceNo,
}

/// An index in which resources stand in the order of their keys, each at most once where the
/// attribute has a single value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    /// A column, with a name to tell it by.
    Column(&'static str, Along),
    /// Rows of `uattr`.
    Attribute(IndexNo),
    /// By the time of the last change.
    Modified,
    /// By the time of creation, which is the order of the numbers.
    Created,
    /// In which no resource stands: that of an attribute which the type does not have.
    Nobody,
}

/// A piece of a line, and the direction in which it is walked.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    pub(super) line: Line,
    from: String,
    to: String,
    pub(super) descending: bool,
}

impl Line {
    /// The line that has the order of a sort, if there is one.
    pub(super) fn of<R: Planned>(schema: &ResourceSchema, sort: &Sort) -> Option<Self> {
        let target = schema.resolve(sort.path())?;
        if is_core(&target, "meta", Some("created")) {
            return Some(Self::Created);
        }
        if is_core(&target, "meta", Some("lastModified")) {
            return Some(Self::Modified);
        }
        let column = R::COLUMNS.iter().find(|column| is_core(&target, column.attribute, None));
        if let Some(column) = column {
            return column.along.map(|along| Self::Column(column.attribute, along));
        }
        let compared = sort.target(schema)?;
        let single = !compared.attribute.multi_valued && !compared.leaf().multi_valued;
        let index = schema.index_of(sort.path()).filter(|_| single)?;
        Some(Self::Attribute(IndexNo::of(schema, index)))
    }

    /// Whether this is the same line.
    pub(super) fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Column(one, _), Self::Column(other, _)) => one == other,
            (Self::Attribute(one), Self::Attribute(other)) => one == other,
            (Self::Modified, Self::Modified) | (Self::Created, Self::Created) => true,
            _ => false,
        }
    }

    /// Whether every resource stands in it.
    pub(super) fn is_complete(self) -> bool {
        match self {
            Self::Column(_, along) => along.have.is_none(),
            Self::Attribute(_) | Self::Nobody => false,
            Self::Modified | Self::Created => true,
        }
    }

    /// Those of some resources that do not stand in it, in their order.
    pub(super) fn absent(
        self,
        reader: &mut Reader<'_>,
        mut numbers: Vec<ResourceNo>,
    ) -> Result<Vec<ResourceNo>, Error> {
        let (have, fixed) = match self {
            Self::Nobody => return Ok(numbers),
            Self::Attribute(index) => (HAVE, vec![index.number().into()]),
            Self::Column(_, Along { have: Some(have), .. }) => (have, vec![]),
            Self::Column(..) | Self::Modified | Self::Created => return Ok(vec![]),
        };
        let items: Vec<[Param<'_>; 1]> = numbers.iter().map(|no| [no.0.into()]).collect();
        let rows = reader.query_list(&have, &fixed, &items)?;
        let mut have: Vec<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
        have.sort_unstable();
        numbers.retain(|no| have.binary_search(&no.0).is_err());
        Ok(numbers)
    }
}

impl Walk {
    /// The walk along a whole line.
    pub(super) fn all(line: Line, descending: bool) -> Self {
        Self::within(line, &Span::all(), descending)
    }

    /// The walk along a piece of a line.
    pub(super) fn within(line: Line, span: &Span, descending: bool) -> Self {
        let (from, to) = span.ends();
        Self { line, from, to, descending }
    }

    /// The walk along the resources that were changed in this time, in microseconds.
    pub(super) fn modified(from: i64, to: i64) -> Self {
        let key = |micros: i64| match micros {
            i64::MIN => String::new(),
            i64::MAX => highest(),
            micros => sort::instant_key(Time::from_micros(micros).timestamp()),
        };
        Self { line: Line::Modified, from: key(from), to: key(to), descending: false }
    }

    /// How many entries the walk meets, where they are at most `most`: the engine skips them.
    pub(super) fn count<R: Planned>(
        &self,
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        most: usize,
    ) -> Result<usize, Error> {
        let (mut low, mut high) = (0, most);
        while low < high {
            let middle = low + (high - low) / 2;
            match &*self.piece::<R>(reader, schema, None, middle, 1)? {
                [] => high = middle,
                _ => low = middle + 1,
            }
        }
        Ok(low)
    }

    /// The next entries of the walk behind one of them (`None`: from its beginning), after
    /// skipping some, at most `limit`.
    pub(super) fn piece<R: Planned>(
        &self,
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        behind: Option<(&str, ResourceNo)>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let (begin, end) =
            if self.descending { (&self.to, &self.from) } else { (&self.from, &self.to) };
        // A place may lie before the piece that is walked: it was given out for another type.
        let inside =
            |key: &str| if self.descending { key < begin.as_str() } else { key >= begin.as_str() };
        let (key, no) = behind.filter(|(key, _)| inside(key)).unwrap_or((begin, ResourceNo(0)));
        let (skip, limit) = (as_int(skip), as_int(limit));
        let pick = |up: Sql, down: Sql| if self.descending { down } else { up };
        match self.line {
            Line::Column(_, along) => {
                let params = [key.into(), no.0.into(), end.into(), limit.into(), skip.into()];
                let sql = pick(along.up, along.down);
                texts(reader.query(sql, &bind::<R>(schema, &params))?)
            }
            Line::Attribute(index) => {
                let params = [
                    key.into(),
                    no.0.into(),
                    end.into(),
                    limit.into(),
                    skip.into(),
                    index.number().into(),
                ];
                texts(reader.query(pick(UP, DOWN), &params)?)
            }
            Line::Modified => {
                let params = [
                    micros(key).into(),
                    no.0.into(),
                    micros(end).into(),
                    limit.into(),
                    skip.into(),
                ];
                let sql = pick(R::WALKS.modified.up, R::WALKS.modified.down);
                times(&reader.query(sql, &bind::<R>(schema, &params))?)
            }
            Line::Nobody => Ok(vec![]),
            Line::Created => {
                let (begin, end) = if self.descending { (i64::MAX, 0) } else { (0, i64::MAX) };
                let begin = behind.map_or(begin, |(_, no)| no.0);
                numbered::<R>(reader, schema, self.descending, (begin, end), (skip, limit))
            }
        }
    }
}

/// Resources between two numbers (without both), each with the time of its creation.
fn numbered<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    descending: bool,
    (begin, end): (i64, i64),
    (skip, limit): (i64, i64),
) -> Result<Vec<Entry>, Error> {
    let sql = if descending { R::WALKS.down } else { R::WALKS.up };
    let params = [begin.into(), end.into(), limit.into(), skip.into()];
    times(&reader.query(sql, &bind::<R>(schema, &params))?)
}

/// The numbers of resources behind one, up to and without another (downwards: before one, down to
/// and without the other), at most `limit`.
pub(super) fn numbers<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    descending: bool,
    ends: (i64, i64),
    limit: usize,
) -> Result<Vec<ResourceNo>, Error> {
    let entries = numbered::<R>(reader, schema, descending, ends, (0, as_int(limit)))?;
    Ok(entries.into_iter().map(|entry| entry.no).collect())
}

/// The number of the first resource that was created at this time (in microseconds) or later: a
/// number behind all, where there is none. Numbers and times of creation ascend together.
///
/// Cost: O(log n) rows.
pub(super) fn first_created<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    micros: i64,
) -> Result<i64, Error> {
    // All numbers before `low` are too early, none from `high` on is.
    let (mut low, mut high) = (0, 1);
    let mut probe = |no: i64| -> Result<Option<i64>, Error> {
        let found = numbered::<R>(reader, schema, false, (no - 1, i64::MAX), (0, 1))?;
        Ok(found.first().and_then(|entry| match &entry.key {
            Some(key) if self::micros(key) < micros => Some(entry.no.0 + 1),
            _ => None,
        }))
    };
    while let Some(next) = probe(high)? {
        low = next;
        high = high.saturating_mul(2).max(next);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        match probe(middle)? {
            Some(next) => low = next,
            None => high = middle,
        }
    }
    Ok(low)
}

/// Adds the kind, where several share a table.
fn bind<'p, R: Planned>(schema: &ResourceSchema, params: &[Param<'p>]) -> Vec<Param<'p>> {
    let mut params = params.to_vec();
    if R::SHARES_TABLE {
        params.push(Kind::of(schema).number().into());
    }
    params
}

fn texts(rows: Vec<Row>) -> Result<Vec<Entry>, Error> {
    rows.into_iter()
        .map(|mut row| Ok(Entry { no: ResourceNo(row.int(1)?), key: Some(row.text(0)?) }))
        .collect()
}

fn times(rows: &[Row]) -> Result<Vec<Entry>, Error> {
    rows.iter()
        .map(|row| {
            let time = Time::from_micros(row.int(0)?).timestamp();
            Ok(Entry { no: ResourceNo(row.int(1)?), key: Some(sort::instant_key(time)) })
        })
        .collect()
}

/// The time of a key; what is no time is before or behind all.
fn micros(key: &str) -> i64 {
    match sort::instant_of(key) {
        Some(time) => time.as_microsecond(),
        None if key.is_empty() => i64::MIN,
        None => i64::MAX,
    }
}

fn as_int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
