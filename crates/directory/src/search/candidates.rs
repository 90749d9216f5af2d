//! [`candidates`]: the resources that a plan finds, by their numbers.

use scim::schema::ResourceSchema;

use super::{
    Planned,
    bounds::Span,
    lines::{Line, Walk, first_created, numbers},
    members,
    plan::{Plan, Source},
};
use crate::{
    db::{Param, Reader, Row, statements},
    error::Error,
    id::ResourceNo,
    kind::Kind,
    resource::Stored,
};

statements! {
    BY_KEY = Sql {
        "select no from uattr where org = $1 and path = $2 and key = $3 and no > $4 \
         order by no limit $5"
    };
    ACTIVE = Sql {
        "select no from usr where org = $1 and (active, no) > ($2, $3) and active <= $2 \
         order by active, no limit $4"
    };
}

/// Rows are read in pieces of this size.
const PIECE: usize = 500;
/// A plan is carried out with these bounds first. Of several indexes that could answer, the first
/// whose answer fits is taken: it is the smallest, or one of its size.
const FEW: [usize; 2] = [512, 16_384];
/// Few enough to be looked at one by one, rather than compared with what another index has.
const ONE_BY_ONE: usize = 128;
/// How many indexes are read as far as the budget goes until one has an answer that fits.
const MOST_TRIED: usize = 4;

/// What a plan has found: numbers in their order, each once.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    pub(super) numbers: Vec<ResourceNo>,
    /// Whether all of them match.
    pub(super) exact: bool,
}

/// The resources that a plan finds by indexes. `None`: more than `most` rows of indexes would have
/// to be read.
///
/// Cost: O(rows of the indexes).
pub(super) fn candidates<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    plan: &Plan,
    most: usize,
) -> Result<Option<Candidates>, Error> {
    for bound in FEW.into_iter().filter(|bound| *bound < most).chain([most]) {
        let found = find::<R>(reader, schema, plan, bound)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn find<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    plan: &Plan,
    most: usize,
) -> Result<Option<Candidates>, Error> {
    match plan {
        Plan::Nothing | Plan::All | Plan::Scan(_) => {
            Ok(Some(Candidates { numbers: vec![], exact: matches!(plan, Plan::Nothing) }))
        }
        Plan::Indexed { source, exact } => {
            let found = rows::<R>(reader, schema, source, most)?;
            Ok(found.map(|numbers| Candidates { numbers: in_order(numbers), exact: *exact }))
        }
        Plan::Either(terms) => {
            let mut all = Candidates { numbers: vec![], exact: true };
            for term in terms {
                let rest = most - all.numbers.len();
                let Some(found) = find::<R>(reader, schema, term, rest)? else { return Ok(None) };
                all.numbers.extend(found.numbers);
                all.exact &= found.exact;
            }
            all.numbers = in_order(all.numbers);
            Ok(Some(all))
        }
        Plan::Both { terms, exact } => {
            for (at, term) in terms.iter().enumerate().take(MOST_TRIED) {
                let Some(mut found) = find::<R>(reader, schema, term, most)? else { continue };
                let mut all_compared = found.exact;
                for (_, other) in terms.iter().enumerate().filter(|(other, _)| *other != at) {
                    if found.numbers.len() <= ONE_BY_ONE {
                        all_compared = false;
                        break;
                    }
                    match find::<R>(reader, schema, other, most)? {
                        Some(other) => {
                            found.numbers.retain(|no| other.numbers.binary_search(no).is_ok());
                            all_compared &= other.exact;
                        }
                        None => all_compared = false,
                    }
                }
                found.exact = *exact && all_compared;
                return Ok(Some(found));
            }
            Ok(None)
        }
    }
}

/// What one index has; `None`: it has more than `most` rows.
fn rows<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    source: &Source,
    most: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    match source {
        Source::Column(column, span) => match (column.along, span) {
            (Some(along), span) => {
                let walk = Walk::within(Line::Column(column.attribute, along), span, false);
                walked::<R>(reader, schema, &walk, most)
            }
            (None, Span::One(key)) => {
                let limit = most.saturating_add(1);
                let found = by_column::<R>(reader, schema, column.equal, key, limit)?;
                Ok((found.len() <= most).then(|| found.iter().map(Stored::no).collect()))
            }
            (None, Span::Between(..)) => Ok(None),
        },
        Source::Attribute(index, span @ Span::Between(..)) => {
            walked::<R>(reader, schema, &Walk::within(Line::Attribute(*index), span, false), most)
        }
        Source::Attribute(_, Span::One(_)) | Source::Active(_) => {
            in_pieces(most, |last: Option<&ResourceNo>, limit| {
                let after = last.map_or(ResourceNo(0), |no| *no);
                Ok(behind(reader, source, after, limit)?.unwrap_or_default())
            })
        }
        Source::Modified(from, to) => {
            walked::<R>(reader, schema, &Walk::modified(*from, *to), most)
        }
        Source::Created(from, to) => {
            let from = first_created::<R>(reader, schema, *from)?;
            let to = first_created::<R>(reader, schema, *to)?;
            in_pieces(most, |last: Option<&ResourceNo>, limit| {
                let ends = (last.map_or(from - 1, |no| no.0), to);
                numbers::<R>(reader, schema, false, ends, limit)
            })
        }
        Source::With(id) => members::with(reader, *id, most),
        Source::Within(id) => members::within(reader, *id, most),
    }
}

fn walked<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    walk: &Walk,
    most: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let found = in_pieces(most, |last: Option<&super::lines::Entry>, limit| {
        let behind = last.and_then(|last| Some((last.key.as_deref()?, last.no)));
        walk.piece::<R>(reader, schema, behind, 0, limit)
    })?;
    Ok(found.map(|entries| entries.into_iter().map(|entry| entry.no).collect()))
}

/// Reads what is behind the last that was read, until there is no more, or more than `most`.
fn in_pieces<T>(
    most: usize,
    mut read: impl FnMut(Option<&T>, usize) -> Result<Vec<T>, Error>,
) -> Result<Option<Vec<T>>, Error> {
    let mut all = Vec::new();
    loop {
        let limit = PIECE.min((most - all.len()).saturating_add(1));
        let piece = read(all.last(), limit)?;
        let end = piece.len() < limit;
        all.extend(piece);
        if all.len() > most {
            return Ok(None);
        }
        if end {
            return Ok(Some(all));
        }
    }
}

/// What an index has behind a number, in the order of the numbers, at most `limit`; `None`: its rows
/// are not in this order.
pub(super) fn behind(
    reader: &mut Reader<'_>,
    source: &Source,
    after: ResourceNo,
    limit: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<Row> = match source {
        Source::Attribute(index, Span::One(key)) => {
            let key: &str = key;
            let params = [index.number().into(), key.into(), after.0.into(), limit.into()];
            reader.query(BY_KEY, &params)?
        }
        Source::Active(active) => {
            let params = [i64::from(*active).into(), after.0.into(), limit.into()];
            reader.query(ACTIVE, &params)?
        }
        _ => return Ok(None),
    };
    rows.iter().map(|row| row.int(0).map(ResourceNo)).collect::<Result<_, _>>().map(Some)
}

/// The resources with one key in a column, whole, at most `limit`.
pub(super) fn by_column<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    equal: crate::db::Sql,
    key: &str,
    limit: usize,
) -> Result<Vec<R>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params: [Param<'_>; 3] = [key.into(), limit.into(), Kind::of(schema).number().into()];
    let used = if R::SHARES_TABLE { 3 } else { 2 };
    reader.query(equal, &params[..used])?.into_iter().map(R::from_row).collect()
}

fn in_order(mut numbers: Vec<ResourceNo>) -> Vec<ResourceNo> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
