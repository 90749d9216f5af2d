//! [`Hunt`]: a search under way, through one type after another or through all in one order.

use std::collections::{BTreeMap, HashMap};

use scim::query::Sort;

use super::{
    Place, Search,
    any::{self, Resource},
    as_size,
    budget::Budget,
    lines::Entry,
    view::{Begin, View, order},
};
use crate::{db::Reader, error::Error, id::ResourceNo, kind::Kind, resource::total};

/// A search under way. Its types stand in the order of their kinds.
pub(super) struct Hunt<'h, 's> {
    reader: &'h mut Reader<'s>,
    views: &'h [View<'h>],
    sort: Option<&'h Sort>,
    budget: Budget,
    /// What was read along the way. No two resources of an organization share a number.
    read: HashMap<ResourceNo, Resource>,
}

/// A resource that was found.
pub(super) type Found = (Kind, Entry);

impl<'h, 's> Hunt<'h, 's> {
    pub(super) fn new(
        reader: &'h mut Reader<'s>,
        views: &'h [View<'h>],
        search: &'h Search,
    ) -> Self {
        let (sort, budget) = (search.sort.as_ref(), Budget::new(search.budget));
        Self { reader, views, sort, budget, read: HashMap::new() }
    }

    /// The matches after so many others, and how many match in all.
    pub(super) fn after(&mut self, skip: usize, want: usize) -> Result<(u64, Vec<Found>), Error> {
        match (self.sort, self.views) {
            (Some(_), [view]) => self.share(view, Begin::Skip(skip), want),
            (Some(sort), _) => self.merged(sort, skip, want),
            (None, _) => self.one_after_another(skip, want),
        }
    }

    fn one_after_another(&mut self, skip: usize, want: usize) -> Result<(u64, Vec<Found>), Error> {
        let (mut total, mut found) = (0, Vec::new());
        for view in self.views {
            let begin = Begin::Skip(skip.saturating_sub(as_size(total)));
            let (of_type, share) = self.share(view, begin, want - found.len())?;
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
        for view in self.views {
            let (of_type, share) = self.share(view, Begin::Skip(0), all)?;
            total += of_type;
            found.extend(share);
        }
        found.sort_unstable_by(|(_, one), (_, other)| order(sort, one, other));
        Ok((total, found.into_iter().skip(skip).take(want).collect()))
    }

    /// The matches behind a place.
    pub(super) fn behind(&mut self, place: &Place, want: usize) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for view in self.views {
            let kind = Kind::of(view.schema);
            let (begin, want) = match self.sort {
                Some(_) => (Begin::Behind(place.key.as_deref(), place.no), want),
                None if kind < place.kind || found.len() == want => continue,
                None if kind == place.kind => (Begin::Behind(None, place.no), want - found.len()),
                None => (Begin::Behind(None, ResourceNo(0)), want - found.len()),
            };
            found.extend(self.share(view, begin, want)?.1);
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
        view: &View<'_>,
        begin: Begin<'_>,
        want: usize,
    ) -> Result<(u64, Vec<Found>), Error> {
        let share = any::share(self.reader, view, begin, want, &mut self.budget)?;
        self.read.extend(share.read.into_iter().map(|resource| (resource.no(), resource)));
        let kind = Kind::of(view.schema);
        let found = share.entries.into_iter().map(|entry| (kind, entry)).collect();
        Ok((share.total, found))
    }

    /// How many resources there are, whether they match or not.
    pub(super) fn everything(&mut self) -> Result<u64, Error> {
        self.views.iter().map(|view| total(self.reader, Kind::of(view.schema))).sum()
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
            let read = any::read(self.reader, kind, &numbers)?;
            self.read.extend(read.into_iter().map(|resource| (resource.no(), resource)));
        }
        // All was read in one state of the store, so nothing is missing.
        Ok(found.iter().filter_map(|(_, entry)| self.read.remove(&entry.no)).collect())
    }
}
