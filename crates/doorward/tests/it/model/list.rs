//! [`List`]: which resources a client asks for, in which order (RFC 7644 §3.4.2).

use std::cmp::Ordering;

use serde_json::{Value as Json, json};

use super::{
    ask::Answer,
    document::{
        self, Document, INVALID_PATH, INVALID_VALUE, Refusal, Wanted, folded, instant, is_primary,
    },
    filter::Filter,
    schema::{self, Attribute, Kind},
    world::World,
};

/// What stands for any cursor: only whoever gave it out can read it.
pub(super) const SOME_CURSOR: &str = "some";

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
    Attribute(schema::Place),
    /// `meta.created`.
    Created,
    /// `meta.lastModified`.
    Modified,
    /// Nothing that is known.
    Unknown,
}

impl List {
    /// How many resources a page holds at most: what is negative is 0 (RFC 7644 §3.4.2.4, RFC 9865
    /// §2).
    fn most(&self) -> usize {
        usize::try_from(self.count.unwrap_or(100)).unwrap_or(0).min(1_000)
    }
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
            Some((_, By::Attribute(place))) => {
                let has_order =
                    place.leaf().kind != Kind::Complex || place.leaf().sub("value").is_some();
                // No one reads a million members to put a group in its place.
                if has_order && place.attribute.name != "members" {
                    Ok(())
                } else {
                    Err(INVALID_PATH)
                }
            }
            _ => Ok(()),
        }
    }

    /// Which of two stands first in a list.
    fn compare(&self, one: &Place, other: &Place) -> Ordering {
        let by_birth = one.born.cmp(&other.born);
        let Some((_, by)) = &self.by else {
            return one.kind.cmp(&other.kind).then(by_birth);
        };
        let by_key = match (by, &one.key, &other.key) {
            (By::Attribute(place), Key::Value(one), Key::Value(other)) => match (one, other) {
                (Some(one), Some(other)) => compare_values(leaf(place), one, other),
                // What has no value comes last.
                (one, other) => other.is_some().cmp(&one.is_some()),
            },
            (_, Key::Number(one), Key::Number(other)) => one.cmp(other),
            _ => panic!("keys of one order"),
        };
        let ascending = by_key.then(by_birth);
        if self.is_descending() { ascending.reverse() } else { ascending }
    }

    fn is_descending(&self) -> bool {
        self.direction.is_some_and(|it| it.eq_ignore_ascii_case("descending"))
    }
}

/// A resource as it stands in the order of a list.
#[derive(Clone, Debug)]
struct Place {
    kind: usize,
    key: Key,
    /// The number of its creation: what is equal stands in that order.
    born: u64,
}

#[derive(Clone, Debug)]
enum Key {
    Value(Option<Json>),
    Number(u64),
}

/// Where a walk by cursor has come to: after the last resource that it has shown, whatever became
/// of that one.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    place: Place,
    /// How many matched when it began.
    total: usize,
}

impl World {
    /// The page of a list.
    pub(super) fn list(&self, list: &List, wanted: &Wanted) -> Result<Answer, Refusal> {
        let found = self.listed(list)?;
        let start = usize::try_from(list.start.unwrap_or(1)).unwrap_or(0).max(1);
        let count = list.most();
        let page: Vec<Json> = found
            .iter()
            .skip(start - 1)
            .take(count)
            .map(|(_, at)| self.shown(*at, wanted))
            .collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": found.len(),
            "startIndex": start,
            "itemsPerPage": page.len(),
            "Resources": page,
        });
        Ok(Answer::of(200, body))
    }

    /// The page of a list after a cursor, or the first one (RFC 9865); and where it ends, if that
    /// is not the end of the list.
    pub(super) fn page(
        &self,
        list: &List,
        wanted: &Wanted,
        after: Option<&Cursor>,
    ) -> Result<(Answer, Option<Cursor>), Refusal> {
        let mut found = self.listed(list)?;
        if list.start.is_some() {
            return Err(INVALID_VALUE);
        }
        let count = list.most();
        let total = match after {
            // What a filter finds is counted once.
            Some(cursor) if list.filter.is_some() => cursor.total,
            _ => found.len(),
        };
        if let Some(cursor) = after {
            found.retain(|(place, _)| list.order.compare(&cursor.place, place).is_lt());
        }
        let more = found.len() > count;
        found.truncate(count);
        let page: Vec<Json> = found.iter().map(|(_, at)| self.shown(*at, wanted)).collect();
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "itemsPerPage": page.len(),
            "Resources": page,
        });
        let next = found.pop().filter(|_| more).map(|(place, _)| Cursor { place, total });
        if next.is_some() {
            body["nextCursor"] = json!(SOME_CURSOR);
        }
        Ok((Answer::of(200, body), next))
    }

    /// All that a list is of, in its order.
    fn listed(&self, list: &List) -> Result<Vec<(Place, usize)>, Refusal> {
        if let Some(filter) = &list.filter {
            filter.check()?;
        }
        list.order.check()?;
        let matches = |at: usize| {
            let of = &self.types[self.records[at].kind];
            list.filter.as_ref().is_none_or(|it| it.for_type(of).holds(&self.whole(at)))
        };
        let mut found: Vec<(Place, usize)> = (0..self.records.len())
            .filter(|at| list.kind.is_none_or(|kind| self.records[*at].kind == kind))
            .filter(|at| matches(*at))
            .map(|at| (self.place(at, &list.order), at))
            .collect();
        found.sort_by(|(one, _), (other, _)| list.order.compare(one, other));
        Ok(found)
    }

    fn place(&self, at: usize, order: &Order) -> Place {
        let record = &self.records[at];
        let key = match &order.by {
            // Another type may have no such attribute, and so no value.
            Some((name, By::Attribute(_))) => Key::Value(
                self.types[record.kind].named(name).and_then(|it| value(&self.whole(at), &it)),
            ),
            Some((_, By::Modified)) => Key::Number(record.modified),
            Some((_, By::Created | By::Unknown)) | None => Key::Number(0),
        };
        Place { kind: record.kind, key, born: record.born }
    }
}

/// A complex attribute stands for its `value`.
fn leaf(place: &schema::Place) -> &Attribute {
    place.leaf().sub("value").unwrap_or_else(|| place.leaf())
}

/// What a resource is sorted by: of several values the primary one, or the first.
fn value(whole: &Document, place: &schema::Place) -> Option<Json> {
    let value = match document::at(whole, place)? {
        Json::Array(values) => values.iter().find(|it| is_primary(it)).or(values.first())?,
        one => one,
    };
    match place.attribute.kind {
        Kind::Complex => value.get(&leaf(place).name).cloned(),
        _ => Some(value.clone()),
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
