//! [`ScanRequest`]: the entries of an index scan, first those with a key, then those without, or
//! the other way round.

use scim::{query::Sort, schema::ResourceSchema};

use super::{
    budget::Budget,
    index_scan::{Entry, IndexScan, Start, numbers},
};
use crate::{error::Error, id::ResourceNo, resource::Kind, store::Reader};

/// Rows are read in pieces of this size.
const PIECE: usize = 500;
/// Those that may have no key are looked up in pieces of this size.
const LOOKED_UP: usize = 512;

/// What is wanted of a scan.
pub(super) struct ScanRequest<'r> {
    pub(super) schema: &'r ResourceSchema,
    pub(super) sort: Option<&'r Sort>,
    pub(super) scan: &'r IndexScan,
    pub(super) start: Start<'r>,
    pub(super) want: usize,
    /// Only these are wanted, in their order.
    pub(super) only: Option<&'r [ResourceNo]>,
    /// Whether those without a value are wanted.
    pub(super) missing: bool,
    /// How many resources there are. Without meaning where the scan begins after a position.
    pub(super) all: u64,
}

impl ScanRequest<'_> {
    /// The entries from the start on, at most as many as are wanted.
    ///
    /// Cost: O(skipped and wanted). Where only some resources are wanted, or those without a value,
    /// it may be O(n); the budget bounds it.
    pub(super) fn run(
        &self,
        reader: &mut Reader<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Entry>, Error> {
        let Self { scan, start, want, only, all, .. } = *self;
        let missing = self.missing && !scan.index.is_complete();
        let mut running = Running { request: self, skip: 0, found: Vec::new() };
        // Where each of the two stages begins; `None`: it is over.
        let (valued, absent) = match start {
            Start::Skip(skip) => {
                running.skip = skip;
                (Some(None), Some(None))
            }
            Start::After(Some(key), no) => {
                (Some(Some((key, no))), (!scan.descending).then_some(None))
            }
            Start::After(None, no) => (scan.descending.then_some(None), Some(Some(no))),
        };
        if scan.descending {
            if let Some(after) = absent.filter(|_| missing) {
                // Seldom is one missing. To see that, not each has to be looked at.
                let none_is_missing = after.is_none() && only.is_none() && {
                    if !budget.has(all) {
                        return Err(running.exceeded(budget));
                    }
                    let last = usize::try_from(all).unwrap_or(usize::MAX).saturating_sub(1);
                    !scan.piece(reader, None, last, 1)?.is_empty()
                };
                if !none_is_missing {
                    running.meet_absent(reader, after, budget)?;
                }
            }
            if let Some(after) = valued {
                running.meet_valued(reader, after, budget)?;
            }
        } else {
            if let Some(after) = valued {
                running.meet_valued(reader, after, budget)?;
            }
            if let Some(after) = absent.filter(|_| missing && running.found.len() < want) {
                running.meet_absent(reader, after, budget)?;
            }
        }
        Ok(running.found)
    }
}

/// A scan under way.
struct Running<'w, 'r> {
    request: &'w ScanRequest<'r>,
    skip: usize,
    found: Vec<Entry>,
}

impl Running<'_, '_> {
    fn exceeded(&self, budget: &Budget) -> Error {
        budget.exceeded().sorts(self.request.schema, self.request.sort)
    }

    fn spend(&self, budget: &mut Budget, rows: usize) -> Result<(), Error> {
        let ScanRequest { schema, sort, .. } = *self.request;
        budget.spend(rows).map_err(|exceeded| exceeded.sorts(schema, sort))
    }

    fn is_done(&self) -> bool {
        self.found.len() >= self.request.want
    }

    fn is_wanted(&self, no: ResourceNo) -> bool {
        self.request.only.is_none_or(|only| only.binary_search(&no).is_ok())
    }

    fn meet(&mut self, entry: Entry) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.is_done() {
            self.found.push(entry);
        }
    }

    fn meet_valued(
        &mut self,
        reader: &mut Reader<'_>,
        after: Option<(&str, ResourceNo)>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let ScanRequest { scan, want, only, .. } = *self.request;
        let mut last = after.map(|(key, no)| (key.to_owned(), no));
        if only.is_none() && self.skip > 0 {
            // The engine skips faster than we do.
            let skip = self.skip;
            if !budget.has((skip as u64).saturating_add(want as u64)) {
                return Err(self.exceeded(budget));
            }
            let first = scan.piece(reader, None, skip, 1)?.pop();
            let Some(first) = first else {
                // There are not so many entries.
                let count = scan.count(reader, skip)?;
                self.spend(budget, count)?;
                self.skip -= count;
                return Ok(());
            };
            self.spend(budget, skip)?;
            self.skip = 0;
            last = first.key.clone().map(|key| (key, first.no));
            self.meet(first);
        }
        while !self.is_done() {
            let limit = match only {
                None => (want - self.found.len()).min(PIECE),
                Some(_) => PIECE,
            };
            let after = last.as_ref().map(|(key, no)| (key.as_str(), *no));
            reader.give_way()?;
            let piece = scan.piece(reader, after, 0, limit)?;
            self.spend(budget, piece.len())?;
            let end = piece.len() < limit;
            if let Some(Entry { key: Some(key), no }) = piece.last() {
                last = Some((key.clone(), *no));
            }
            for entry in piece {
                if self.is_wanted(entry.no) {
                    self.meet(entry);
                }
            }
            if end {
                break;
            }
        }
        Ok(())
    }

    fn meet_absent(
        &mut self,
        reader: &mut Reader<'_>,
        after: Option<ResourceNo>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let ScanRequest { schema, scan, only, .. } = *self.request;
        let kind = Kind::of(schema);
        let (first, end) = if scan.descending { (i64::MAX, 0) } else { (0, i64::MAX) };
        let mut last = after.map_or(first, |no| no.0);
        while !self.is_done() {
            reader.give_way()?;
            let piece: Vec<ResourceNo> = match only {
                None => numbers(reader, kind, scan.descending, (last, end), LOOKED_UP)?,
                Some(only) if scan.descending => {
                    let before = only.partition_point(|no| no.0 < last);
                    only[..before].iter().rev().take(LOOKED_UP).copied().collect()
                }
                Some(only) => {
                    let after = only.partition_point(|no| no.0 <= last);
                    only[after..].iter().take(LOOKED_UP).copied().collect()
                }
            };
            let Some(no) = piece.last() else { break };
            last = no.0;
            self.spend(budget, piece.len())?;
            for no in scan.index.absent(reader, kind, piece)? {
                self.meet(Entry { key: None, no });
            }
        }
        Ok(())
    }
}
