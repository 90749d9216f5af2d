//! Searching: an index gives the candidates, one evaluator decides, and an index or the keys of all
//! matches give the order.
//!
//! The engines never judge a filter. A `plan` says which rows of which index are asked for, and
//! whether those are the answer or only hold it; in the second case [`scim::Filter::matches`]
//! looks at each. Where no index helps, every resource is looked at, as far as the budget goes. The
//! answer depends neither on the engine nor on the plan.
//!
//! A `View` is what one resource type has to answer. It gives parts of the answer, by number or
//! [behind a place](Place), so that a page far into a list costs what the page costs.

mod bounds;
mod budget;
pub(crate) mod candidates;
pub(crate) mod columns;
pub(crate) mod lines;
pub(crate) mod members;
mod plan;
mod represent;
mod view;
mod walk;

use std::collections::HashMap;

use scim::{Filter, query::Sort, schema::ResourceSchema};

pub use self::members::check_members;
pub(crate) use self::represent::Searchable;
use self::{
    budget::Budget,
    columns::{Column, Walks},
    lines::Entry,
    members::Membership,
    view::{Begin, View},
};
use crate::{
    custom::Custom,
    db::Reader,
    error::Error,
    group::Group,
    id::ResourceNo,
    kind::Kind,
    member::{self, Membership as InGroup},
    resource::{Page, Stored, by_numbers, total},
    user::User,
};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which resources; `None`: all. It has been checked against the schema ([`Filter::check`]).
    pub filter: Option<Filter>,
    /// In which order; `None`: that of creation. It has been checked against the schema
    /// ([`Sort::check`], [`check_sort`]).
    pub sort: Option<Sort>,
    /// Where the page begins.
    pub start: Start,
    /// How many matches make the page, at most.
    pub count: u64,
    /// How many resources may be looked at, at most.
    pub budget: usize,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// After so many matches.
    At(u64),
    /// Behind a place. The first page has counted how many match in all.
    Behind {
        /// The place.
        place: Place,
        /// How many match in all.
        total: u64,
    },
}

/// A place in the order of a list: that of its last resource so far. It stays where it is whatever
/// comes and goes before and behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub(crate) kind: Kind,
    pub(crate) key: Option<String>,
    pub(crate) no: ResourceNo,
}

/// A kind of resource with its indexes.
pub(crate) trait Planned: Stored {
    /// The columns that are indexes.
    const COLUMNS: &'static [Column];
    /// The walks through all of them.
    const WALKS: Walks;
    /// The computed attribute by which they are found.
    const MEMBERSHIP: Option<Membership>;
}

impl Planned for User {
    const COLUMNS: &'static [Column] = columns::USERS;
    const WALKS: Walks = columns::USERS_WALKS;
    const MEMBERSHIP: Option<Membership> = Some(Membership::Groups);
}

impl Planned for Group {
    const COLUMNS: &'static [Column] = columns::GROUPS;
    const WALKS: Walks = columns::GROUPS_WALKS;
    const MEMBERSHIP: Option<Membership> = Some(Membership::Members);
}

impl Planned for Custom {
    const COLUMNS: &'static [Column] = columns::CUSTOM;
    const WALKS: Walks = columns::CUSTOM_WALKS;
    const MEMBERSHIP: Option<Membership> = None;
}

/// Refuses what groups cannot be sorted by without reading all members of each.
///
/// # Errors
///
/// `invalidPath` where the order is that of `members`.
pub fn check_sort(schema: &ResourceSchema, sort: &Sort) -> Result<(), scim::Error> {
    let is_group = Kind::of(schema) == Kind::GROUP;
    match sort.target(schema).filter(|target| is_group && target.extension.is_none()) {
        Some(target) if target.attribute.name == "members" => {
            Err(sort.refuse("has no order: a group may have a million members"))
        }
        _ => Ok(()),
    }
}

/// [`Record::search`](crate::Record::search) for each kind.
pub(crate) fn search<R: Searchable>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    search: &Search,
) -> Result<Page<R>, Error> {
    let mut budget = Budget::new(search.budget);
    let view = View::new::<R>(schema, search.filter.as_ref(), search.sort.as_ref());
    let count = as_size(search.count);
    let (all, more, mut found) = match &search.start {
        Start::At(skip) => {
            let begin = Begin::Skip(as_size(*skip));
            let found = view.find::<R>(reader, begin, count, &mut budget)?;
            let seen = skip.saturating_add(found.entries.len() as u64);
            (found.total, seen < found.total, found)
        }
        Start::Behind { place, total: counted } => {
            let begin = Begin::Behind(place.key.as_deref(), place.no);
            let want = if count == 0 { 0 } else { count.saturating_add(1) };
            let mut found = view.find::<R>(reader, begin, want, &mut budget)?;
            let more = found.entries.len() > count;
            found.entries.truncate(count);
            let all = match search.filter {
                None => total(reader, Kind::of(schema))?,
                Some(_) => *counted,
            };
            (all, more, found)
        }
    };
    let next = found.entries.last().filter(|_| more).map(|last| Place {
        kind: Kind::of(schema),
        key: last.key.clone(),
        no: last.no,
    });
    let read = std::mem::take(&mut found.read);
    Ok(Page { total: all, items: load(reader, &found.entries, read)?, next })
}

fn as_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The resources of entries, in their order. Some may have been read already.
fn load<R: Stored>(
    reader: &mut Reader<'_>,
    entries: &[Entry],
    read: Vec<R>,
) -> Result<Vec<R>, Error> {
    let mut records: HashMap<ResourceNo, R> =
        read.into_iter().map(|record| (record.no(), record)).collect();
    let unread: Vec<ResourceNo> =
        entries.iter().map(|entry| entry.no).filter(|no| !records.contains_key(no)).collect();
    let found = by_numbers::<R>(reader, &unread)?;
    records.extend(found.into_iter().map(|record| (record.no(), record)));
    // All was read in one state of the store, so nothing is missing.
    Ok(entries.iter().filter_map(|entry| records.remove(&entry.no)).collect())
}

/// The groups of each of these users, in the order of the users.
///
/// # Errors
///
/// Those of the store.
pub fn groups(reader: &mut Reader<'_>, users: &[User]) -> Result<Vec<Vec<InGroup>>, Error> {
    let numbers: Vec<ResourceNo> = users.iter().map(|user| user.no).collect();
    let mut found = member::groups_of(reader, &numbers)?;
    Ok(numbers.iter().map(|no| found.remove(no).unwrap_or_default()).collect())
}
