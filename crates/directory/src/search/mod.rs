//! Searching: an index gives the candidates, one evaluator decides, and an index or the keys of all
//! matches give the order.
//!
//! The engines never judge a filter. A `plan` says which rows of which index are asked for, and
//! whether those are the answer or only hold it; in the second case [`scim::Filter::matches`]
//! looks at each. Where no index helps, every resource is looked at, as far as the budget goes. The
//! answer depends neither on the engine nor on the plan.
//!
//! A `View` is what one resource type has to answer. It gives parts of the answer, by number or
//! [behind a place](Place), so that a page far into a list costs what the page costs. A `Hunt` puts
//! the parts of several types together.

mod any;
mod bounds;
mod budget;
pub(crate) mod candidates;
pub(crate) mod columns;
pub(crate) mod cursor;
mod hunt;
pub(crate) mod lines;
pub(crate) mod members;
mod plan;
mod represent;
mod view;
mod walk;

use scim::{Filter, query::Sort, schema::ResourceSchema};

pub(crate) use self::represent::Searchable;
pub use self::{
    any::Resource,
    cursor::{Cursors, Query},
    members::check_members,
};
use self::{
    columns::{Column, Walks},
    hunt::Hunt,
    members::Membership,
    view::View,
};
use crate::{
    custom::Custom,
    db::Reader,
    error::Error,
    group::Group,
    id::ResourceNo,
    kind::Kind,
    member::{self, Membership as InGroup},
    resource::{Page, Stored},
    user::User,
};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which resources; `None`: all. It has been checked against the schema ([`Filter::check`]) or
    /// against those of all types ([`Filter::check_any`]).
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
    /// What stands before the path in addresses, such as `https://d.example/scim/v2`: a filter may
    /// ask for `meta.location` or `groups.$ref`.
    pub base_url: String,
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

/// The page of resources of these types that match, and how many match in all.
///
/// Sorted, resources of all types stand in one order; otherwise those of one type follow those of
/// another. A condition on an attribute that a type does not have is one on an attribute without a
/// value (RFC 7644 §3.4.2.1).
///
/// Cost: what an index answers alone, O(rows of the index that match) and the page; what it
/// narrows, O(candidates); any other filter or order, O(n) up to the budget. Several types share
/// the budget; sorted, each of them gives as many entries as lie before the page and on it.
///
/// # Errors
///
/// `tooMany` where the budget does not suffice.
pub fn search(
    reader: &mut Reader<'_>,
    types: &[&ResourceSchema],
    search: &Search,
) -> Result<Page<Resource>, Error> {
    let mut types: Vec<(&ResourceSchema, Option<Filter>)> = types
        .iter()
        .map(|schema| (*schema, search.filter.as_ref().map(|filter| filter.for_type(schema))))
        .collect();
    types.sort_by_key(|(schema, _)| Kind::of(schema));
    let views: Vec<View<'_>> =
        types.iter().map(|(schema, filter)| any::view(schema, filter.as_ref(), search)).collect();
    let count = as_size(search.count);
    let mut hunt = Hunt::new(reader, &views, search);
    let (total, more, found) = match &search.start {
        Start::At(skip) => {
            let (total, found) = hunt.after(as_size(*skip), count)?;
            (total, skip.saturating_add(found.len() as u64) < total, found)
        }
        Start::Behind { place, total } => {
            let want = if count == 0 { 0 } else { count.saturating_add(1) };
            let mut found = hunt.behind(place, want)?;
            let more = found.len() > count;
            found.truncate(count);
            let total = match search.filter {
                None => hunt.everything()?,
                Some(_) => *total,
            };
            (total, more, found)
        }
    };
    let next = found.last().filter(|_| more).map(|(kind, last)| Place {
        kind: *kind,
        key: last.key.clone(),
        no: last.no,
    });
    Ok(Page { total, items: hunt.load(&found)?, next })
}

fn as_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The groups of each of these users, in the order of the users.
///
/// # Errors
///
/// Those of the store.
pub fn groups<'u>(
    reader: &mut Reader<'_>,
    users: impl IntoIterator<Item = &'u User>,
) -> Result<Vec<Vec<InGroup>>, Error> {
    let numbers: Vec<ResourceNo> = users.into_iter().map(|user| user.no).collect();
    let mut found = member::groups_of(reader, &numbers)?;
    Ok(numbers.iter().map(|no| found.remove(no).unwrap_or_default()).collect())
}
