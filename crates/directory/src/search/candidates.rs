//! [`candidates`]: the resources that a plan finds, by their numbers.

use super::{
    index_scan::{Entry, Index, IndexScan, first_created, numbers},
    key_range::KeyRange,
    membership,
    plan::{Plan, Source},
};
use crate::{db::statements, error::Error, id::ResourceNo, resource::Kind, store::Reader};

statements! {
    BY_KEY = Sql {
        "select no from attribute_index where org = $1 and path = $2 and key = $3 and no > $4 \
         order by no limit $5"
    };
    ACTIVE = Sql {
        "select no from resource where org = $1 and (active, no) > ($2, $3) and active <= $2 \
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
pub(super) fn candidates(
    reader: &mut Reader<'_>,
    kind: Kind,
    plan: &Plan,
    most: usize,
) -> Result<Option<Candidates>, Error> {
    for bound in FEW.into_iter().filter(|bound| *bound < most).chain([most]) {
        let found = find(reader, kind, plan, bound)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn find(
    reader: &mut Reader<'_>,
    kind: Kind,
    plan: &Plan,
    most: usize,
) -> Result<Option<Candidates>, Error> {
    match plan {
        Plan::Nothing | Plan::All | Plan::Scan(_) => {
            Ok(Some(Candidates { numbers: vec![], exact: matches!(plan, Plan::Nothing) }))
        }
        Plan::Indexed { source, exact } => {
            let found = rows(reader, kind, source, most)?;
            Ok(found.map(|numbers| Candidates { numbers: in_order(numbers), exact: *exact }))
        }
        Plan::Either(terms) => {
            let mut all = Candidates { numbers: vec![], exact: true };
            for term in terms {
                let rest = most - all.numbers.len();
                let Some(found) = find(reader, kind, term, rest)? else { return Ok(None) };
                all.numbers.extend(found.numbers);
                all.exact &= found.exact;
            }
            all.numbers = in_order(all.numbers);
            Ok(Some(all))
        }
        Plan::Both { terms, exact } => {
            for (at, term) in terms.iter().enumerate().take(MOST_TRIED) {
                let Some(mut found) = find(reader, kind, term, most)? else { continue };
                let mut all_compared = found.exact;
                for (_, other) in terms.iter().enumerate().filter(|(other, _)| *other != at) {
                    if found.numbers.len() <= ONE_BY_ONE {
                        all_compared = false;
                        break;
                    }
                    match find(reader, kind, other, most)? {
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
fn rows(
    reader: &mut Reader<'_>,
    kind: Kind,
    source: &Source,
    most: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    match source {
        Source::Column(column, range) => {
            let scan = IndexScan::within(kind, Index::from(*column), range, false);
            scanned(reader, &scan, most)
        }
        Source::Attribute(index, range @ KeyRange::Between(..)) => {
            let scan = IndexScan::within(kind, Index::Attribute(*index), range, false);
            scanned(reader, &scan, most)
        }
        Source::Attribute(_, KeyRange::One(_)) | Source::Active(_) => {
            in_pieces(most, |last: Option<&ResourceNo>, limit| {
                reader.give_way()?;
                let after = last.map_or(ResourceNo(0), |no| *no);
                Ok(numbers_after(reader, source, after, limit)?.unwrap_or_default())
            })
        }
        Source::Modified(from, to) => scanned(reader, &IndexScan::modified(kind, *from, *to), most),
        Source::Created(from, to) => {
            let from = first_created(reader, kind, *from)?;
            let to = first_created(reader, kind, *to)?;
            in_pieces(most, |last: Option<&ResourceNo>, limit| {
                reader.give_way()?;
                let ends = (last.map_or(from - 1, |no| no.0), to);
                numbers(reader, kind, false, ends, limit)
            })
        }
        Source::With(id) => membership::with(reader, *id, most),
        Source::Within(id) => membership::within(reader, *id, most),
    }
}

fn scanned(
    reader: &mut Reader<'_>,
    scan: &IndexScan,
    most: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let found = in_pieces(most, |last: Option<&Entry>, limit| {
        reader.give_way()?;
        let after = last.and_then(|last| Some((last.key.as_deref()?, last.no)));
        scan.piece(reader, after, 0, limit)
    })?;
    Ok(found.map(|entries| entries.into_iter().map(|entry| entry.no).collect()))
}

/// Reads what comes after the last that was read, until there is no more, or more than `most`.
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

/// What an index has after a number, in the order of the numbers, at most `limit`; `None`: its rows
/// are not in this order.
pub(super) fn numbers_after(
    reader: &mut Reader<'_>,
    source: &Source,
    after: ResourceNo,
    limit: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = match source {
        Source::Attribute(index, KeyRange::One(key)) => {
            let params = [(*index).into(), key.into(), after.into(), limit.into()];
            reader.query(BY_KEY, &params)?
        }
        Source::Active(active) => {
            reader.query(ACTIVE, &[(*active).into(), after.into(), limit.into()])?
        }
        _ => return Ok(None),
    };
    rows.into_iter().map(|mut row| row.get("no")).collect::<Result<_, _>>().map(Some)
}

fn in_order(mut numbers: Vec<ResourceNo>) -> Vec<ResourceNo> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
