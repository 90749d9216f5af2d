//! [`Search`]: what is asked for.

use scim::{Filter, query::Sort};

use crate::{id::ResourceNo, resource::Kind};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which resources; `None`: all. It has been checked against the schema ([`Filter::check`]) or
    /// against those of all types ([`Filter::check_any`]).
    pub filter: Option<Filter>,
    /// In which order; `None`: that of creation. It has been checked against the schema
    /// ([`Sort::check`], [`super::check_sort`]).
    pub sort: Option<Sort>,
    /// Where the page begins.
    pub start: PageStart,
    /// How many matches make the page, at most.
    pub count: u64,
    /// How many resources may be looked at, at most.
    pub budget: usize,
    /// What stands before the path in addresses, such as `https://d.example/scim/v2`: a filter may
    /// ask for `meta.location` or `groups.$ref`.
    pub base_url: String,
}

impl Search {
    /// A page of all resources, in the order of their creation, which never changes.
    #[must_use]
    pub fn all(skip: u64, count: u64) -> Self {
        let start = PageStart::Offset(skip);
        let base_url = String::new();
        Self { filter: None, sort: None, start, count, budget: usize::MAX, base_url }
    }
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub enum PageStart {
    /// After so many matches.
    Offset(u64),
    /// After a position. The first page has counted how many match in all.
    After {
        /// The position.
        position: Position,
        /// How many match in all.
        total: u64,
    },
}

/// A position in the order of a list: that of its last resource so far. It stays where it is
/// whatever comes and goes before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub(crate) kind: Kind,
    pub(crate) key: Option<String>,
    pub(crate) no: ResourceNo,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<R> {
    /// How many resources match in all.
    pub total: u64,
    /// The resources of this page.
    pub items: Vec<R>,
    /// Where the next page begins, if there is one.
    pub next: Option<Position>,
}
