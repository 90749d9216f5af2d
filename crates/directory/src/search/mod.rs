//! Searching: an index gives the candidates, one evaluator decides, and an index or the keys of all
//! matches give the order.
//!
//! The engines never judge a filter. A `plan` says which rows of which index are asked for, and
//! whether those are the answer or only contain it; in the second case [`scim::Filter::matches`]
//! looks at each. Where no index helps, every resource is looked at, as far as the `budget` goes.
//! The answer depends neither on the engine nor on the plan.
//!
//! A file uses only those before it in this list: `request`, `key_range`, `columns`,
//! `index_scan`, `plan`, `membership`, `candidates`, `representation`, `budget`,
//! `explain`, `scan`, `type_search` (what one resource type has to answer, by number or after
//! a position, so that a page far into a list costs what the page costs), `multi_search` (the
//! parts of several types together).

mod budget;
pub(crate) mod candidates;
pub(crate) mod columns;
pub(crate) mod cursor;
mod explain;
pub(crate) mod index_scan;
mod key_range;
pub(crate) mod membership;
mod multi_search;
mod plan;
mod representation;
mod request;
mod scan;
mod type_search;

use scim::{Filter, query::Sort, schema::ResourceSchema};

pub use self::{
    cursor::{Cursors, Query},
    membership::check_members,
    request::{Page, PageStart, Position, Search},
};
use self::{multi_search::MultiSearch, type_search::TypeSearch};
use crate::{
    access::Verb,
    error::Error,
    id::ResourceNo,
    resource::{Kind, Resource, membership::Membership},
    store::Reader,
};

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

/// Whether a search is a look-up: by a key that one has, or few. Any other may take long.
#[must_use]
pub fn is_look_up(types: &[&ResourceSchema], search: &Search) -> bool {
    let [schema] = types else { return false };
    let filter = search.filter.as_ref().map(|filter| filter.for_type(schema));
    TypeSearch::new(schema, filter.as_ref(), search).is_look_up()
}

/// The page of resources of these types that match, and how many match in all.
///
/// Sorted, resources of all types are in one order; otherwise those of one type follow those of
/// another. A condition on an attribute that a type does not have is one on an attribute without a
/// value (RFC 7644 §3.4.2.1).
///
/// Cost: what an index answers alone, O(rows of the index that match) and the page; what it
/// narrows, O(candidates); any other filter or order, O(n) up to the budget. Several types share
/// the budget; sorted, each of them gives as many entries as lie before the page and on it.
///
/// # Errors
///
/// [`Error::TooExpensive`] where the budget does not suffice; [`Error::Denied`].
pub fn search(
    reader: &mut Reader<'_>,
    types: &[&ResourceSchema],
    search: &Search,
) -> Result<Page<Resource>, Error> {
    reader.permit(Verb::ReadPeople)?;
    let mut types: Vec<(&ResourceSchema, Option<Filter>)> = types
        .iter()
        .map(|schema| (*schema, search.filter.as_ref().map(|filter| filter.for_type(schema))))
        .collect();
    types.sort_by_key(|(schema, _)| Kind::of(schema));
    let types: Vec<TypeSearch<'_>> = types
        .iter()
        .map(|(schema, filter)| TypeSearch::new(schema, filter.as_ref(), search))
        .collect();
    let count = as_size(search.count);
    let mut running = MultiSearch::new(reader, &types, search);
    let (total, more, found) = match &search.start {
        PageStart::Offset(skip) => {
            let (total, found) = running.skip(as_size(*skip), count)?;
            (total, skip.saturating_add(found.len() as u64) < total, found)
        }
        PageStart::After { position, total } => {
            let want = if count == 0 { 0 } else { count.saturating_add(1) };
            let mut found = running.after(position, want)?;
            let more = found.len() > count;
            found.truncate(count);
            let total = match search.filter {
                None => running.everything()?,
                Some(_) => *total,
            };
            (total, more, found)
        }
    };
    let next = found.last().filter(|_| more).map(|(kind, last)| Position {
        kind: *kind,
        key: last.key.clone(),
        no: last.no,
    });
    Ok(Page { total, items: running.load(&found)?, next })
}

fn as_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The groups of each of these users, in the order of the users.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn groups<'u>(
    reader: &mut Reader<'_>,
    users: impl IntoIterator<Item = &'u Resource>,
) -> Result<Vec<Vec<Membership>>, Error> {
    reader.permit(Verb::ReadPeople)?;
    let numbers: Vec<ResourceNo> = users.into_iter().map(|user| user.no).collect();
    let mut found = crate::resource::membership::groups_of(reader, &numbers)?;
    Ok(numbers.iter().map(|no| found.remove(no).unwrap_or_default()).collect())
}
