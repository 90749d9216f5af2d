//! [`IndexScan`]: resources in the order of the keys of an [`Index`], a piece at a time.

use scim::{
    query::{Sort, sort},
    schema::ResourceSchema,
};

use super::{
    columns::{CREATED, Column, MODIFIED, Order, columns_of, is_core},
    key_range::{KeyRange, highest},
};
use crate::{
    clock::Time,
    db::{FromCell, Param, Row, Sql, statements},
    error::Error,
    id::ResourceNo,
    resource::{Kind, index::IndexNo},
    store::Reader,
};

statements! {
    UP = Sql {
        "select key, no from attribute_index where org = $1 and path = $2 \
         and (key, no) > ($3, $4) and key < $5 order by key, no limit $6 offset $7"
    };
    DOWN = Sql {
        "select key, no from attribute_index where org = $1 and path = $2 \
         and (key, no) < ($3, $4) and key >= $5 order by key desc, no desc limit $6 offset $7"
    };
    KEYED = ListSql {
        "select no from attribute_index where org = $1 and path = $2 and no in (",
        "{}",
        ")"
    };
}

/// A resource and its key; `None`: it has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: Option<String>,
    pub(super) no: ResourceNo,
}

/// Where a part of an answer begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'b> {
    /// After so many matches.
    Skip(usize),
    /// After this position in the order. How many match is known already.
    After(Option<&'b str>, ResourceNo),
}

/// An index in which resources are in the order of their keys, each at most once where the
/// attribute has a single value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Index {
    /// A column, with a name to tell it by.
    Column(&'static str, Order),
    /// Rows of `attribute_index`.
    Attribute(IndexNo),
    /// By the time of the last change.
    Modified,
    /// By the time of creation, which is the order of the numbers.
    Created,
    /// In which no resource is: that of an attribute which the type does not have.
    Empty,
}

/// A piece of an index, and the direction in which it is scanned.
#[derive(Clone, Debug)]
pub(super) struct IndexScan {
    kind: Kind,
    pub(super) index: Index,
    from: String,
    to: String,
    pub(super) descending: bool,
}

impl Index {
    /// The index that has the order of a sort, if there is one.
    pub(super) fn of(schema: &ResourceSchema, sort: &Sort) -> Option<Self> {
        let target = schema.resolve(sort.path())?;
        if is_core(&target, "meta", Some("created")) {
            return Some(Self::Created);
        }
        if is_core(&target, "meta", Some("lastModified")) {
            return Some(Self::Modified);
        }
        let columns = columns_of(Kind::of(schema));
        if let Some(column) = columns.iter().find(|column| is_core(&target, column.attribute, None))
        {
            return Some(column.into());
        }
        let compared = sort.target(schema)?;
        let single = !compared.attribute.multi_valued && !compared.leaf().multi_valued;
        let index = schema.index_of(sort.path()).filter(|_| single)?;
        Some(Self::Attribute(IndexNo::of(schema, index)))
    }

    /// Whether this is the same index.
    pub(super) fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Column(one, _), Self::Column(other, _)) => one == other,
            (Self::Attribute(one), Self::Attribute(other)) => one == other,
            (Self::Modified, Self::Modified) | (Self::Created, Self::Created) => true,
            _ => false,
        }
    }

    /// Whether every resource is in it.
    pub(super) fn is_complete(self) -> bool {
        match self {
            Self::Column(_, order) => order.keyed.is_none(),
            Self::Attribute(_) | Self::Empty => false,
            Self::Modified | Self::Created => true,
        }
    }

    /// Those of some resources of a kind that are not in it, in their order.
    pub(super) fn absent(
        self,
        reader: &mut Reader<'_>,
        kind: Kind,
        mut numbers: Vec<ResourceNo>,
    ) -> Result<Vec<ResourceNo>, Error> {
        let (keyed, fixed): (_, Param<'_>) = match self {
            Self::Empty => return Ok(numbers),
            Self::Attribute(index) => (KEYED, index.into()),
            Self::Column(_, Order { keyed: Some(keyed), .. }) => (keyed, kind.into()),
            Self::Column(..) | Self::Modified | Self::Created => return Ok(vec![]),
        };
        let items: Vec<[Param<'_>; 1]> = numbers.iter().map(|no| [(*no).into()]).collect();
        let rows = reader.query_list(&keyed, &[fixed], &items)?;
        let mut keyed: Vec<ResourceNo> =
            rows.into_iter().map(|mut row| row.get("no")).collect::<Result<_, _>>()?;
        keyed.sort_unstable();
        numbers.retain(|no| keyed.binary_search(no).is_err());
        Ok(numbers)
    }
}

impl From<&Column> for Index {
    fn from(column: &Column) -> Self {
        Self::Column(column.attribute, column.order)
    }
}

impl IndexScan {
    /// The scan of a whole index.
    pub(super) fn all(kind: Kind, index: Index, descending: bool) -> Self {
        Self::within(kind, index, &KeyRange::all(), descending)
    }

    /// The scan of a piece of an index.
    pub(super) fn within(kind: Kind, index: Index, range: &KeyRange, descending: bool) -> Self {
        let (from, to) = range.ends();
        Self { kind, index, from, to, descending }
    }

    /// The scan of the resources that were changed in this time, in microseconds.
    pub(super) fn modified(kind: Kind, from: i64, to: i64) -> Self {
        let key = |micros: i64| match micros {
            i64::MIN => String::new(),
            i64::MAX => highest(),
            micros => sort::instant_key(Time::from_micros(micros).timestamp()),
        };
        Self { kind, index: Index::Modified, from: key(from), to: key(to), descending: false }
    }

    /// How many entries there are, where they are at most `most`: the engine skips them.
    pub(super) fn count(&self, reader: &mut Reader<'_>, most: usize) -> Result<usize, Error> {
        let (mut low, mut high) = (0, most);
        while low < high {
            let middle = low + (high - low) / 2;
            match &*self.piece(reader, None, middle, 1)? {
                [] => high = middle,
                _ => low = middle + 1,
            }
        }
        Ok(low)
    }

    /// The next entries after one of them (`None`: from the beginning), after skipping some, at
    /// most `limit`.
    pub(super) fn piece(
        &self,
        reader: &mut Reader<'_>,
        after: Option<(&str, ResourceNo)>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        let (begin, end) =
            if self.descending { (&self.to, &self.from) } else { (&self.from, &self.to) };
        // A position may lie before the piece that is scanned: it was given out for another type.
        let inside =
            |key: &str| if self.descending { key < begin.as_str() } else { key >= begin.as_str() };
        let (key, no) = after.filter(|(key, _)| inside(key)).unwrap_or((begin, ResourceNo(0)));
        let (skip, limit) = (as_int(skip), as_int(limit));
        let pick = |up: Sql, down: Sql| if self.descending { down } else { up };
        let mut params: [Param<'_>; 6] =
            [self.kind.into(), key.into(), no.into(), end.into(), limit.into(), skip.into()];
        match self.index {
            Index::Column(_, order) => texts(reader.query(pick(order.up, order.down), &params)?),
            Index::Attribute(index) => {
                params[0] = index.into();
                texts(reader.query(pick(UP, DOWN), &params)?)
            }
            Index::Modified => {
                (params[1], params[3]) = (micros(key).into(), micros(end).into());
                times(reader.query(pick(MODIFIED.up, MODIFIED.down), &params)?)
            }
            Index::Empty => Ok(vec![]),
            Index::Created => {
                let (begin, end) = if self.descending { (i64::MAX, 0) } else { (0, i64::MAX) };
                let begin = after.map_or(begin, |(_, no)| no.0);
                numbered(reader, self.kind, self.descending, (begin, end), (skip, limit))
            }
        }
    }
}

/// Resources between two numbers (without both), each with the time of its creation.
fn numbered(
    reader: &mut Reader<'_>,
    kind: Kind,
    descending: bool,
    (begin, end): (i64, i64),
    (skip, limit): (i64, i64),
) -> Result<Vec<Entry>, Error> {
    let [up, down] = CREATED;
    let sql = if descending { down } else { up };
    let params = [kind.into(), begin.into(), end.into(), limit.into(), skip.into()];
    times(reader.query(sql, &params)?)
}

/// The numbers of resources after one, up to and without another (downwards: before one, down to
/// and without the other), at most `limit`.
pub(super) fn numbers(
    reader: &mut Reader<'_>,
    kind: Kind,
    descending: bool,
    ends: (i64, i64),
    limit: usize,
) -> Result<Vec<ResourceNo>, Error> {
    let entries = numbered(reader, kind, descending, ends, (0, as_int(limit)))?;
    Ok(entries.into_iter().map(|entry| entry.no).collect())
}

/// The number of the first resource that was created at this time (in microseconds) or later: a
/// number after all, where there is none. Numbers and times of creation ascend together.
///
/// Cost: O(log n) rows.
pub(super) fn first_created(
    reader: &mut Reader<'_>,
    kind: Kind,
    micros: i64,
) -> Result<i64, Error> {
    // All numbers before `low` are too early, none from `high` on is.
    let (mut low, mut high) = (0, 1);
    let mut probe = |no: i64| -> Result<Option<i64>, Error> {
        let found = numbered(reader, kind, false, (no - 1, i64::MAX), (0, 1))?;
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

fn texts(rows: Vec<Row>) -> Result<Vec<Entry>, Error> {
    entries(rows, |key: String| key)
}

fn times(rows: Vec<Row>) -> Result<Vec<Entry>, Error> {
    entries(rows, |time: Time| sort::instant_key(time.timestamp()))
}

fn entries<K: FromCell>(rows: Vec<Row>, key: impl Fn(K) -> String) -> Result<Vec<Entry>, Error> {
    let entry = |mut row: Row| Ok(Entry { no: row.get("no")?, key: Some(key(row.get("key")?)) });
    rows.into_iter().map(entry).collect()
}

/// The time of a key; what is no time is before or after all.
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
