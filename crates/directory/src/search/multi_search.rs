//! [`MultiSearch`]: a search under way, through one type after another or through all in one order.

use std::collections::{BTreeMap, HashMap};

use scim::query::Sort;

use super::{
    Position, Search,
    budget::Budget,
    index_scan::{Entry, Start},
    type_search::{TypeSearch, order},
};
use crate::{
    error::Error,
    id::ResourceNo,
    resource::{Kind, Resource, by_numbers, total},
    store::Reader,
};

/// A search under way. Its types are in the order of their kinds.
pub(super) struct MultiSearch<'h, 's> {
    reader: &'h mut Reader<'s>,
    types: &'h [TypeSearch<'h>],
    sort: Option<&'h Sort>,
    budget: Budget,
    /// What was read along the way. No two resources of an organization share a number.
    read: HashMap<ResourceNo, Resource>,
}

/// A resource that was found.
pub(super) type Found = (Kind, Entry);

impl<'h, 's> MultiSearch<'h, 's> {
    pub(super) fn new(
        reader: &'h mut Reader<'s>,
        types: &'h [TypeSearch<'h>],
        search: &'h Search,
    ) -> Self {
        let (sort, budget) = (search.sort.as_ref(), Budget::new(search.budget));
        Self { reader, types, sort, budget, read: HashMap::new() }
    }

    /// The matches after so many others, and how many match in all.
    pub(super) fn skip(&mut self, skip: usize, want: usize) -> Result<(u64, Vec<Found>), Error> {
        match (self.sort, self.types) {
            (Some(_), [only]) => self.share(only, Start::Skip(skip), want),
            (Some(sort), _) => self.merged(sort, skip, want),
            (None, _) => self.one_after_another(skip, want),
        }
    }

    fn one_after_another(&mut self, skip: usize, want: usize) -> Result<(u64, Vec<Found>), Error> {
        let (mut total, mut found) = (0, Vec::new());
        for search in self.types {
            let start = Start::Skip(skip.saturating_sub(as_size(total)));
            let (of_type, share) = self.share(search, start, want - found.len())?;
            total += of_type;
            found.extend(share);
        }
        Ok((total, found))
    }

    fn merged(
        &mut self,
        sort: &Sort,
        skip: usize,
        want: usize,
    ) -> Result<(u64, Vec<Found>), Error> {
        // Any of the types may have all that lies before the page.
        let all = if want == 0 { 0 } else { skip.saturating_add(want) };
        let (mut total, mut found) = (0, Vec::new());
        for search in self.types {
            let (of_type, share) = self.share(search, Start::Skip(0), all)?;
            total += of_type;
            found.extend(share);
        }
        found.sort_unstable_by(|(_, one), (_, other)| order(sort, one, other));
        Ok((total, found.into_iter().skip(skip).take(want).collect()))
    }

    /// The matches after a position.
    pub(super) fn after(&mut self, position: &Position, want: usize) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for search in self.types {
            let kind = search.kind();
            let left = want - found.len().min(want);
            let (start, want) = match self.sort {
                Some(_) => (Start::After(position.key.as_deref(), position.no), want),
                None if kind < position.kind || left == 0 => continue,
                None if kind == position.kind => (Start::After(None, position.no), left),
                None => (Start::After(None, ResourceNo(0)), left),
            };
            found.extend(self.share(search, start, want)?.1);
        }
        if let Some(sort) = self.sort {
            found.sort_unstable_by(|(_, one), (_, other)| order(sort, one, other));
            found.truncate(want);
        }
        Ok(found)
    }

    /// What one type has to answer, and how many match.
    fn share(
        &mut self,
        search: &TypeSearch<'_>,
        start: Start<'_>,
        want: usize,
    ) -> Result<(u64, Vec<Found>), Error> {
        let share = search.find(self.reader, start, want, &mut self.budget)?;
        self.read.extend(share.read.into_iter().map(|resource| (resource.no, resource)));
        let found = share.entries.into_iter().map(|entry| (search.kind(), entry)).collect();
        Ok((share.total, found))
    }

    /// How many resources there are, whether they match or not.
    pub(super) fn everything(&mut self) -> Result<u64, Error> {
        self.types.iter().map(|search| total(self.reader, search.kind())).sum()
    }

    /// The resources that were found, in their order.
    pub(super) fn load(mut self, found: &[Found]) -> Result<Vec<Resource>, Error> {
        let mut unread: BTreeMap<Kind, Vec<ResourceNo>> = BTreeMap::new();
        for (kind, entry) in found {
            if !self.read.contains_key(&entry.no) {
                unread.entry(*kind).or_default().push(entry.no);
            }
        }
        for (kind, numbers) in unread {
            let read = by_numbers(self.reader, kind, &numbers)?;
            self.read.extend(read.into_iter().map(|resource| (resource.no, resource)));
        }
        // All was read in one state of the store, so nothing is missing.
        Ok(found.iter().filter_map(|(_, entry)| self.read.remove(&entry.no)).collect())
    }
}

fn as_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
