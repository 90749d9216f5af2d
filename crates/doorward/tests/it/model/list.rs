//! [`List`]: which resources a client asks for, in which order (RFC 7644 §3.4.2).

use std::cmp::Ordering;

use serde_json::{Value as Json, json};

use super::{
    ask::Answer,
    document::{
        self, Document, INVALID_COUNT, INVALID_PATH, INVALID_VALUE, Refusal, Wanted, folded,
        instant, is_primary,
    },
    filter::Filter,
    schema::{Attribute, Kind, Place},
    walk::Walk,
    world::World,
};

/// A list as a client asks for it.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// Of which type; `None`: of all, at the base URL.
    pub(super) kind: Option<usize>,
    pub(super) filter: Option<Filter>,
    pub(super) order: Order,
    pub(super) start: Option<i64>,
    pub(super) count: Option<i64>,
}

/// `sortBy` and `sortOrder`, as they are written; and what the first means.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    pub(super) by: Option<(String, By)>,
    pub(super) direction: Option<&'static str>,
}

/// What resources are sorted by.
#[derive(Clone, Debug)]
pub(super) enum By {
    Place(Place),
    /// `meta.created`.
    Created,
    /// `meta.lastModified`.
    Modified,
    /// Nothing that is known.
    Unknown,
}

impl Order {
    /// Whether it is an order at all.
    fn check(&self) -> Result<(), Refusal> {
        let direction = self.direction.map(str::to_ascii_lowercase);
        if !matches!(direction.as_deref(), None | Some("ascending" | "descending")) {
            return Err(INVALID_VALUE);
        }
        match &self.by {
            Some((_, By::Unknown)) => Err(INVALID_PATH),
            Some((_, By::Place(place))) => {
                let has_order =
                    place.leaf().kind != Kind::Complex || place.leaf().sub("value").is_some();
                // Nobody reads a million members to put a group in its place.
                if has_order && place.attribute.name != "members" {
                    Ok(())
                } else {
                    Err(INVALID_PATH)
                }
            }
            _ => Ok(()),
        }
    }

    fn is_descending(&self) -> bool {
        self.direction.is_some_and(|it| it.eq_ignore_ascii_case("descending"))
    }
}

impl World {
    /// The page of a list.
    pub(super) fn list(&self, list: &List, wanted: &Wanted) -> Result<Answer, Refusal> {
        let found = self.listed(list)?;
        let start = usize::try_from(list.start.unwrap_or(1)).unwrap_or(0).max(1);
        let count = usize::try_from(list.count.unwrap_or(100)).unwrap_or(0).min(1_000);
        let page: Vec<Json> =
            found.iter().skip(start - 1).take(count).map(|at| self.shown(*at, wanted)).collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": found.len(),
            "startIndex": start,
            "itemsPerPage": page.len(),
            "Resources": page,
        });
        Ok(Answer::of(200, body))
    }

    /// All pages of a list.
    pub(super) fn walk(&self, list: &List, wanted: &Wanted) -> Result<Answer, Refusal> {
        let found = self.listed(list)?;
        if list.start.is_some() {
            return Err(INVALID_VALUE);
        }
        let count = match usize::try_from(list.count.unwrap_or(100)) {
            Ok(0) | Err(_) => return Err(INVALID_COUNT),
            Ok(count) => count.min(1_000),
        };
        let shown: Vec<Json> = found.iter().map(|at| self.shown(*at, wanted)).collect();
        let mut walk = Walk::default();
        shown.chunks(count).for_each(|page| walk.page(found.len(), page));
        if found.is_empty() {
            walk.page(0, &[]);
        }
        Ok(walk.answer())
    }

    /// All that a list is of, in its order.
    fn listed(&self, list: &List) -> Result<Vec<usize>, Refusal> {
        if let Some(filter) = &list.filter {
            filter.check()?;
        }
        list.order.check()?;
        let matches = |at: usize| {
            let of = &self.types[self.records[at].kind];
            list.filter.as_ref().is_none_or(|it| it.for_type(of).holds(&self.whole(at)))
        };
        let mut found: Vec<usize> = (0..self.records.len())
            .filter(|at| list.kind.is_none_or(|kind| self.records[*at].kind == kind))
            .filter(|at| matches(*at))
            .collect();
        // Each sort is stable: what is equal stays in the order of creation.
        match &list.order.by {
            None => found.sort_by_key(|at| self.records[*at].kind),
            Some((name, By::Place(place))) => {
                let key = |at: usize| {
                    // Another type may have no such attribute, and so no value.
                    let place = self.types[self.records[at].kind].named(name)?;
                    key(&self.whole(at), &place)
                };
                let mut keyed: Vec<(Option<Json>, usize)> =
                    found.iter().map(|at| (key(*at), *at)).collect();
                keyed.sort_by(|(one, _), (other, _)| compare(leaf(place), one, other));
                found = keyed.into_iter().map(|(_, at)| at).collect();
            }
            Some((_, By::Modified)) => found.sort_by_key(|at| self.records[*at].modified),
            Some((_, By::Created | By::Unknown)) => {}
        }
        if list.order.by.is_some() && list.order.is_descending() {
            found.reverse();
        }
        Ok(found)
    }
}

/// A complex attribute stands for its `value`.
fn leaf(place: &Place) -> &Attribute {
    place.leaf().sub("value").unwrap_or_else(|| place.leaf())
}

/// What a resource is sorted by: of several values the primary one, or the first.
fn key(whole: &Document, place: &Place) -> Option<Json> {
    let value = match document::at(whole, place)? {
        Json::Array(values) => values.iter().find(|it| is_primary(it)).or(values.first())?,
        one => one,
    };
    match place.attribute.kind {
        Kind::Complex => value.get(&leaf(place).name).cloned(),
        _ => Some(value.clone()),
    }
}

/// Which of two comes first; what has no value comes last.
fn compare(attribute: &Attribute, one: &Option<Json>, other: &Option<Json>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => compare_values(attribute, one, other),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

fn compare_values(attribute: &Attribute, one: &Json, other: &Json) -> Ordering {
    match (one, other) {
        (Json::Bool(one), Json::Bool(other)) => one.cmp(other),
        (Json::Number(one), Json::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.as_f64().partial_cmp(&other.as_f64()).expect("numbers"),
        },
        (Json::String(one), Json::String(other)) if attribute.kind == Kind::DateTime => {
            instant(one).cmp(&instant(other))
        }
        (Json::String(one), Json::String(other)) if attribute.exact => one.cmp(other),
        (Json::String(one), Json::String(other)) => folded(one).cmp(&folded(other)),
        _ => panic!("{one} and {other} are of one type"),
    }
}
