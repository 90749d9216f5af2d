//! Walking along a line: first those that stand in it, then those that do not, or the other way
//! round.

use super::{
    Searchable,
    lines::{Entry, Walk, numbers},
    view::{Begin, View},
};
use crate::{db::Reader, error::Error, id::ResourceNo};

use super::budget::Budget;

/// Rows are read in pieces of this size.
const PIECE: usize = 500;
/// Those that may be missing in a line are looked up in pieces of this size.
const LOOKED_UP: usize = 512;

/// What a walk is for.
pub(super) struct Errand<'e> {
    pub(super) begin: Begin<'e>,
    pub(super) want: usize,
    /// Only these are wanted, in their order.
    pub(super) pool: Option<&'e [ResourceNo]>,
    /// Whether those without a value are wanted.
    pub(super) missing: bool,
    /// How many resources there are. Without meaning where the walk begins behind a place.
    pub(super) all: u64,
}

/// A walk under way.
struct Way<'w, 'v> {
    view: &'w View<'v>,
    walk: &'w Walk,
    pool: Option<&'w [ResourceNo]>,
    skip: usize,
    want: usize,
    found: Vec<Entry>,
}

impl View<'_> {
    /// The entries that a walk meets from a place on, at most as many as are wanted.
    ///
    /// Cost: O(skipped and wanted). Where only some resources are wanted, or those without a value,
    /// it may be O(n); the budget bounds it.
    pub(super) fn walk<R: Searchable>(
        &self,
        reader: &mut Reader<'_>,
        walk: &Walk,
        errand: &Errand<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Entry>, Error> {
        let Errand { begin, want, pool, missing, all } = *errand;
        let missing = missing && !walk.line.is_complete();
        let mut way = Way { view: self, walk, pool, skip: 0, want, found: Vec::new() };
        // Where each of the two stages begins; `None`: it is over.
        let (valued, absent) = match begin {
            Begin::Skip(skip) => {
                way.skip = skip;
                (Some(None), Some(None))
            }
            Begin::Behind(Some(key), no) => {
                (Some(Some((key, no))), (!walk.descending).then_some(None))
            }
            Begin::Behind(None, no) => (walk.descending.then_some(None), Some(Some(no))),
        };
        if walk.descending {
            if let Some(behind) = absent.filter(|_| missing) {
                // Seldom is anybody missing. To see that, no look at each is needed.
                let nobody = behind.is_none() && pool.is_none() && {
                    if !budget.has(all) {
                        return Err(way.over::<R>(budget));
                    }
                    let last = usize::try_from(all).unwrap_or(usize::MAX).saturating_sub(1);
                    !walk.piece::<R>(reader, self.schema, None, last, 1)?.is_empty()
                };
                if !nobody {
                    way.meet_absent::<R>(reader, behind, budget)?;
                }
            }
            if let Some(behind) = valued {
                way.meet_valued::<R>(reader, behind, budget)?;
            }
        } else {
            if let Some(behind) = valued {
                way.meet_valued::<R>(reader, behind, budget)?;
            }
            if let Some(behind) = absent.filter(|_| missing && way.found.len() < want) {
                way.meet_absent::<R>(reader, behind, budget)?;
            }
        }
        Ok(way.found)
    }
}

impl Way<'_, '_> {
    fn over<R: Searchable>(&self, budget: &Budget) -> Error {
        budget.over().sorts::<R>(self.view.schema, self.view.sort)
    }

    fn spend<R: Searchable>(&self, budget: &mut Budget, rows: usize) -> Result<(), Error> {
        budget.spend(rows).map_err(|over| over.sorts::<R>(self.view.schema, self.view.sort))
    }

    fn is_done(&self) -> bool {
        self.found.len() >= self.want
    }

    fn is_wanted(&self, no: ResourceNo) -> bool {
        self.pool.is_none_or(|pool| pool.binary_search(&no).is_ok())
    }

    fn meet(&mut self, entry: Entry) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.is_done() {
            self.found.push(entry);
        }
    }

    fn meet_valued<R: Searchable>(
        &mut self,
        reader: &mut Reader<'_>,
        behind: Option<(&str, ResourceNo)>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let schema = self.view.schema;
        let mut last = behind.map(|(key, no)| (key.to_owned(), no));
        if self.pool.is_none() && self.skip > 0 {
            // The engine skips faster than we do.
            let skip = self.skip;
            if !budget.has((skip as u64).saturating_add(self.want as u64)) {
                return Err(self.over::<R>(budget));
            }
            let first = self.walk.piece::<R>(reader, schema, None, skip, 1)?.pop();
            let Some(first) = first else {
                // Not so many stand in the line.
                let count = self.walk.count::<R>(reader, schema, skip)?;
                self.spend::<R>(budget, count)?;
                self.skip -= count;
                return Ok(());
            };
            self.spend::<R>(budget, skip)?;
            self.skip = 0;
            last = first.key.clone().map(|key| (key, first.no));
            self.meet(first);
        }
        while !self.is_done() {
            let limit = match self.pool {
                None => (self.want - self.found.len()).min(PIECE),
                Some(_) => PIECE,
            };
            let behind = last.as_ref().map(|(key, no)| (key.as_str(), *no));
            let piece = self.walk.piece::<R>(reader, schema, behind, 0, limit)?;
            self.spend::<R>(budget, piece.len())?;
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

    fn meet_absent<R: Searchable>(
        &mut self,
        reader: &mut Reader<'_>,
        behind: Option<ResourceNo>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let descending = self.walk.descending;
        let (first, end) = if descending { (i64::MAX, 0) } else { (0, i64::MAX) };
        let mut last = behind.map_or(first, |no| no.0);
        while !self.is_done() {
            let piece: Vec<ResourceNo> = match self.pool {
                None => {
                    let ends = (last, end);
                    numbers::<R>(reader, self.view.schema, descending, ends, LOOKED_UP)?
                }
                Some(pool) if descending => {
                    let before = pool.partition_point(|no| no.0 < last);
                    pool[..before].iter().rev().take(LOOKED_UP).copied().collect()
                }
                Some(pool) => {
                    let behind = pool.partition_point(|no| no.0 <= last);
                    pool[behind..].iter().take(LOOKED_UP).copied().collect()
                }
            };
            let Some(no) = piece.last() else { break };
            last = no.0;
            self.spend::<R>(budget, piece.len())?;
            for no in self.walk.line.absent(reader, piece)? {
                self.meet(Entry { key: None, no });
            }
        }
        Ok(())
    }
}
