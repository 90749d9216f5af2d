//! [`Plan`]: how the resources that a filter matches are found, and whether more are found than
//! match.

use std::fmt;

use scim::{
    AttributePath, Filter, Object, date_time,
    filter::{Comparison, FilterValue},
    schema::{ResourceSchema, Target, Type},
};

use super::{
    columns::{Column, columns_of, is_core},
    key_range::{KeyRange, boolean, range_of},
};
use crate::{
    id::ResourceId,
    resource::{Kind, index::IndexNo},
};

/// How the resources that match are found.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// All resources of the type match.
    All,
    /// None does.
    Nothing,
    /// An index has them; it has exactly those, or some more.
    Indexed { source: Source, exact: bool },
    /// Those that all of these find. Not exact: there are other conditions.
    Both { terms: Vec<Plan>, exact: bool },
    /// Those that one of these finds.
    Either(Vec<Plan>),
    /// Every resource must be looked at.
    Scan(Cause),
}

/// What an index is asked for.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// Rows with these keys in a column of the table.
    Column(&'static Column, KeyRange),
    /// Rows of `attribute_index`.
    Attribute(IndexNo, KeyRange),
    /// Resources that were changed in this time, in microseconds; the end is not part of it.
    Modified(i64, i64),
    /// Resources that were created in this time.
    Created(i64, i64),
    /// Groups that have this one as a member.
    With(ResourceId),
    /// Users that are in this group, itself or by way of another.
    Within(ResourceId),
    /// Users that are active, or archived.
    Active(bool),
}

/// What keeps an index from answering.
#[derive(Clone, Debug)]
pub(super) enum Cause {
    /// The attribute has none.
    NotIndexed(AttributePath),
    /// No index answers this operator.
    Operator(AttributePath, &'static str),
    /// No index answers `not`.
    Negation,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotIndexed(path) => write!(f, "{path} is not indexed"),
            Self::Operator(path, op) => write!(f, "no index answers {path} {op}"),
            Self::Negation => f.write_str("no index answers not (…)"),
        }
    }
}

impl Plan {
    /// Whether what is found is what matches.
    pub(super) fn is_exact(&self) -> bool {
        match self {
            Self::All | Self::Nothing => true,
            Self::Indexed { exact, .. } | Self::Both { exact, .. } => *exact,
            Self::Either(terms) => terms.iter().all(Self::is_exact),
            Self::Scan(_) => false,
        }
    }

    /// How much is likely to be found, where nothing is known about the values: smaller is less.
    pub(super) fn likely(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Indexed { source, .. } => match source {
                Source::Column(_, KeyRange::One(_)) => 1,
                Source::With(_) => 2,
                Source::Attribute(_, KeyRange::One(_)) => 3,
                Source::Column(..) | Source::Attribute(..) => 5,
                Source::Modified(..) | Source::Created(..) => 6,
                Source::Within(_) | Source::Active(_) => 7,
            },
            Self::Both { terms, .. } => terms.iter().map(Self::likely).min().unwrap_or(8),
            Self::Either(_) => 4,
            Self::All | Self::Scan(_) => 8,
        }
    }
}

/// What a plan is made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planner<'s> {
    pub(super) schema: &'s ResourceSchema,
    pub(super) base_url: &'s str,
}

/// The computed attribute of a kind by which its resources are found.
#[derive(Clone, Copy, Debug)]
enum Membership {
    /// `members` of groups.
    Members,
    /// `groups` of users.
    Groups,
}

impl Membership {
    fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::USER => Some(Self::Groups),
            Kind::GROUP => Some(Self::Members),
            _ => None,
        }
    }

    /// Whether an attribute path asks for the ids in it.
    fn is_asked_by(self, target: &Target<'_>) -> bool {
        let name = match self {
            Self::Members => "members",
            Self::Groups => "groups",
        };
        is_core(target, name, None) || is_core(target, name, Some("value"))
    }

    /// What finds those that have this id in it.
    fn source(self, id: ResourceId) -> Source {
        match self {
            Self::Members => Source::With(id),
            Self::Groups => Source::Within(id),
        }
    }
}

impl Planner<'_> {
    fn kind(&self) -> Kind {
        Kind::of(self.schema)
    }

    /// The plan of a filter that has been checked against the schema, or made
    /// [for the type](Filter::for_type).
    pub(super) fn plan(&self, filter: &Filter) -> Plan {
        match filter {
            Filter::And(terms) => both(terms.iter().map(|term| self.plan(term)), false),
            Filter::Or(terms) => either(terms.iter().map(|term| self.plan(term))),
            Filter::Not(term) => match self.plan(term) {
                Plan::All => Plan::Nothing,
                Plan::Nothing => Plan::All,
                _ => Plan::Scan(Cause::Negation),
            },
            Filter::Present(path) => match self.fixed(path, filter) {
                Some(plan) => plan,
                None if self.is_always_there(path) => Plan::All,
                None => Plan::Scan(Cause::Operator(path.clone(), "pr")),
            },
            Filter::Compare { path, op, value } => match self.fixed(path, filter) {
                Some(plan) => plan,
                None => self.compare(path, *op, value),
            },
            Filter::ValuePath { path, filter: selector } => match self.fixed(path, filter) {
                Some(plan) => plan,
                None => self.selected(path, selector),
            },
        }
    }

    /// The plan of a condition that holds for all resources of the type or for none: what the type
    /// does not have, and what all have in common.
    fn fixed(&self, path: &AttributePath, condition: &Filter) -> Option<Plan> {
        let known = |resource: &Object| {
            Some(if condition.matches(self.schema, resource) { Plan::All } else { Plan::Nothing })
        };
        let Some(target) = self.schema.resolve(path) else { return known(&Object::new()) };
        if is_core(&target, "meta", Some("resourceType")) {
            let name = self.schema.resource_type().name.as_str();
            let meta = Object::new().with("resourceType", name);
            return known(&Object::new().with("meta", meta));
        }
        if is_core(&target, "schemas", None)
            && let Filter::Compare { op: Comparison::Equal, value, .. } = condition
            && let FilterValue::String(urn) = value
        {
            if *urn == self.schema.core().id {
                return Some(Plan::All);
            }
            let may_have = self.schema.extensions().iter().any(|schema| schema.id == *urn);
            return (!may_have).then_some(Plan::Nothing);
        }
        None
    }

    /// Whether every resource of the type has a value there.
    fn is_always_there(&self, path: &AttributePath) -> bool {
        let Some(target) = self.schema.resolve(path) else { return false };
        [("id", None), ("schemas", None), ("meta", None)]
            .into_iter()
            .chain(["created", "lastModified", "version"].map(|sub| ("meta", Some(sub))))
            .any(|(name, sub)| is_core(&target, name, sub))
            || self.column(&target).is_some_and(Column::is_complete)
    }

    fn column(&self, target: &Target<'_>) -> Option<&'static Column> {
        columns_of(self.kind()).iter().find(|column| is_core(target, column.attribute, None))
    }

    fn compare(&self, path: &AttributePath, op: Comparison, literal: &FilterValue) -> Plan {
        let scan = || Plan::Scan(Cause::NotIndexed(path.clone()));
        let no_answer = || Plan::Scan(Cause::Operator(path.clone(), op.keyword()));
        let Some(target) = self.schema.resolve(path) else { return scan() };
        let Target::Attribute { attribute, sub, .. } = target else { return scan() };
        if *literal == FilterValue::Null {
            return no_answer();
        }
        for (name, source) in [
            ("created", Source::Created as fn(i64, i64) -> Source),
            ("lastModified", Source::Modified as fn(i64, i64) -> Source),
        ] {
            if is_core(&target, "meta", Some(name)) {
                return match times(op, literal) {
                    Some((from, to)) if from >= to => Plan::Nothing,
                    Some((from, to)) => Plan::Indexed { source: source(from, to), exact: true },
                    None => no_answer(),
                };
            }
        }
        if let Some(membership) = Membership::of(self.kind())
            && membership.is_asked_by(&target)
        {
            return match (op, literal) {
                (Comparison::Equal, FilterValue::String(text)) => match ResourceId::parse(text) {
                    Some(id) => Plan::Indexed { source: membership.source(id), exact: true },
                    None => Plan::Nothing,
                },
                _ => no_answer(),
            };
        }
        let found = self.address(&target, op, literal);
        if let Some(plan) = found.or_else(|| self.active(&target, op, literal)) {
            return plan;
        }
        let column = self.column(&target);
        let index = self.schema.index_of(path);
        if column.is_none() && index.is_none() {
            return scan();
        }
        let leaf = match (attribute.kind, sub) {
            (Type::Complex, None) => attribute.sub_attribute("value").unwrap_or(attribute),
            (_, sub) => sub.unwrap_or(attribute),
        };
        let Some((keys, exact)) = range_of(leaf, op, literal) else { return no_answer() };
        if keys.is_empty() {
            return Plan::Nothing;
        }
        let source = match (column, index) {
            (Some(column), _) => Source::Column(column, keys),
            (None, Some(index)) => Source::Attribute(IndexNo::of(self.schema, index), keys),
            (None, None) => return scan(),
        };
        Plan::Indexed { source, exact }
    }

    /// The plan of a comparison of a user's `active`. A user of whom nothing says that it is active
    /// is archived, and has no value.
    fn active(&self, target: &Target<'_>, op: Comparison, literal: &FilterValue) -> Option<Plan> {
        if self.kind() != Kind::USER || !is_core(target, "active", None) {
            return None;
        }
        let (active, exact) = match (op, boolean(literal)?) {
            (Comparison::Equal, true) => (true, true),
            (Comparison::Equal, false) => (false, false),
            (Comparison::NotEqual, true) => (false, true),
            _ => return None,
        };
        Some(Plan::Indexed { source: Source::Active(active), exact })
    }

    /// The plan of a comparison with an address: that of the resource, or of a group of a user. An
    /// address ends in an id, which an index finds.
    fn address(&self, target: &Target<'_>, op: Comparison, literal: &FilterValue) -> Option<Plan> {
        let FilterValue::String(address) = literal else { return None };
        let endpoint = &self.schema.resource_type().endpoint;
        let of_group = self.kind() == Kind::USER;
        let (endpoint, is_own) = match () {
            () if is_core(target, "meta", Some("location")) => (endpoint.as_str(), true),
            () if of_group && is_core(target, "groups", Some("$ref")) => ("/Groups", false),
            () => return None,
        };
        if op != Comparison::Equal {
            return None;
        }
        let path = address.strip_prefix(self.base_url);
        let id = path.and_then(|path| path.strip_prefix(endpoint)?.strip_prefix('/'));
        let Some(id) = id.and_then(ResourceId::parse) else { return Some(Plan::Nothing) };
        let source = if is_own {
            let mut columns = columns_of(self.kind()).iter();
            let column = columns.find(|column| column.attribute == "id")?;
            Source::Column(column, KeyRange::One(id.to_string()))
        } else {
            Source::Within(id)
        };
        // An id may be written in several ways, an address in one.
        Some(Plan::Indexed { source, exact: false })
    }

    /// The plan of a condition on one value of an attribute. Each value that satisfies it satisfies
    /// all of its terms; but where two terms hold, it may be for two values.
    fn selected(&self, path: &AttributePath, selector: &Filter) -> Plan {
        match selector {
            Filter::And(terms) => {
                both(terms.iter().map(|term| self.selected(path, term)), terms.len() > 1)
            }
            Filter::Or(terms) => either(terms.iter().map(|term| self.selected(path, term))),
            Filter::Not(_) => Plan::Scan(Cause::Negation),
            Filter::Compare { path: part, op, value } => {
                let Some(path) = self.joined(path, part) else {
                    return Plan::Scan(Cause::NotIndexed(path.clone()));
                };
                match op {
                    // Of one value it is asked whether it is another one.
                    Comparison::NotEqual => Plan::Scan(Cause::Operator(path, op.keyword())),
                    op => self.compare(&path, *op, value),
                }
            }
            Filter::Present(part) | Filter::ValuePath { path: part, .. } => {
                let path = self.joined(path, part).unwrap_or_else(|| path.clone());
                Plan::Scan(Cause::Operator(path, "pr"))
            }
        }
    }

    /// The whole path of a part of a value. A value without parts is its own `value`.
    fn joined(&self, path: &AttributePath, part: &AttributePath) -> Option<AttributePath> {
        match self.schema.resolve(path)? {
            Target::Attribute { attribute, sub: None, .. } if attribute.kind == Type::Complex => {
                Some(AttributePath { sub: Some(part.name.clone()), ..path.clone() })
            }
            Target::Attribute { .. } => Some(path.clone()),
            Target::Extension(_) => None,
        }
    }
}

fn both(terms: impl Iterator<Item = Plan>, superset: bool) -> Plan {
    let (mut found, mut scan) = (Vec::new(), None);
    for term in terms {
        match term {
            Plan::Nothing => return Plan::Nothing,
            Plan::All => {}
            Plan::Scan(cause) => {
                scan.get_or_insert(cause);
            }
            term => found.push(term),
        }
    }
    let exact = !superset && scan.is_none() && found.iter().all(Plan::is_exact);
    match (found.len(), scan) {
        (0, Some(cause)) => Plan::Scan(cause),
        (0, None) => Plan::All,
        (1, None) if !superset => found.remove(0),
        _ => {
            found.sort_by_key(Plan::likely);
            Plan::Both { terms: found, exact }
        }
    }
}

fn either(terms: impl Iterator<Item = Plan>) -> Plan {
    let (mut found, mut scan) = (Vec::new(), None);
    for term in terms {
        match term {
            Plan::All => return Plan::All,
            Plan::Nothing => {}
            Plan::Scan(cause) => {
                scan.get_or_insert(cause);
            }
            term => found.push(term),
        }
    }
    match (found.len(), scan) {
        (_, Some(cause)) => Plan::Scan(cause),
        (0, None) => Plan::Nothing,
        (1, None) => found.remove(0),
        _ => Plan::Either(found),
    }
}

/// The times, in microseconds, of which what is shown satisfies a comparison: milliseconds are
/// shown, the rest is cut off.
fn times(op: Comparison, literal: &FilterValue) -> Option<(i64, i64)> {
    let FilterValue::String(text) = literal else { return None };
    let nanos = date_time::instant(text)?.as_nanosecond();
    let floor = nanos.div_euclid(1_000_000);
    let ceiling = floor + i128::from(nanos.rem_euclid(1_000_000) > 0);
    let micros = |millis: i128| i64::try_from(millis * 1_000).unwrap_or(i64::MAX);
    Some(match op {
        Comparison::Equal => (micros(ceiling), micros(floor + 1)),
        Comparison::Greater => (micros(floor + 1), i64::MAX),
        Comparison::GreaterOrEqual => (micros(ceiling), i64::MAX),
        Comparison::Less => (i64::MIN, micros(ceiling)),
        Comparison::LessOrEqual => (i64::MIN, micros(floor + 1)),
        _ => return None,
    })
}
