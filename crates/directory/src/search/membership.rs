//! Searching by membership: groups by a member, users by a group.

use std::collections::BTreeSet;

use scim::{
    AttributePath, Filter,
    filter::{Comparison, FilterValue},
    schema::{ResourceSchema, Target},
};

use crate::{
    db::{Param, statements},
    error::Error,
    id::{MemberSetNo, ResourceId, ResourceNo},
    resource::{
        Group, Kind, find,
        group::MemberName,
        membership::{self, MemberKind},
    },
    store::Reader,
};

statements! {
    SETS = ListSql {
        "select member_set from resource where org = $1 and kind = $2 and no in (",
        "{}",
        ")"
    };
}

/// The groups that have this member themselves. `None`: they are more than `most`.
///
/// Cost: O(groups found).
pub(super) fn with(
    reader: &mut Reader<'_>,
    id: ResourceId,
    most: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let (found, _) = membership::resolve(reader, &[MemberName::from(id)])?;
    // The name may be an externalId of another; only the own id counts here.
    let Some(found) = found.iter().find(|member| member.id == id) else {
        return Ok(Some(vec![]));
    };
    let above = membership::directly_above(reader, &[found.no])?;
    let groups: Vec<ResourceNo> = above.iter().map(|(_, membership)| membership.group).collect();
    Ok((groups.len() <= most).then_some(groups))
}

/// The users that are in this group or in one below it, as deep as `groups` of a user shows them.
/// `None`: more than `most` memberships would have to be read.
///
/// Cost: O(members).
pub(super) fn within(
    reader: &mut Reader<'_>,
    id: ResourceId,
    most: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    const PIECE: usize = 4_096;
    let Some(top) = find(reader, Kind::GROUP, id)?.map(Group) else { return Ok(Some(vec![])) };
    let (mut users, mut rows) = (Vec::new(), 0);
    let mut seen = BTreeSet::from([top.no]);
    let mut level = vec![top.members().set];
    while !level.is_empty() {
        let mut below = Vec::new();
        for set in level {
            let mut after = ResourceNo(0);
            loop {
                let edges = membership::edges(reader, set, after, PIECE)?;
                rows += edges.len();
                if rows > most {
                    return Ok(None);
                }
                for (no, kind) in &edges {
                    match kind {
                        MemberKind::User => users.push(*no),
                        MemberKind::Group if seen.insert(*no) => below.push(*no),
                        MemberKind::Group => {}
                    }
                }
                match edges.last() {
                    Some((no, _)) if edges.len() == PIECE => after = *no,
                    _ => break,
                }
            }
        }
        let numbers: Vec<[Param<'_>; 1]> = below.iter().map(|no| [(*no).into()]).collect();
        let sets = reader.query_list(&SETS, &[Kind::GROUP.into()], &numbers)?;
        let sets = sets.into_iter().map(|mut row| row.get("member_set"));
        level = sets.collect::<Result<Vec<MemberSetNo>, Error>>()?;
    }
    users.sort_unstable();
    users.dedup();
    Ok(Some(users))
}

/// What a path asks of the members of a group.
enum Asked {
    /// Something else altogether.
    Nothing,
    /// Whether one has an id.
    Value,
    /// Anything else.
    Other,
}

fn asked(schema: &ResourceSchema, path: &AttributePath) -> Asked {
    match schema.resolve(path) {
        Some(Target::Attribute { extension: None, attribute, sub })
            if attribute.name == "members" =>
        {
            if sub.is_none_or(|sub| sub.name == "value") {
                Asked::Value
            } else {
                Asked::Other
            }
        }
        _ => Asked::Nothing,
    }
}

/// Refuses what cannot be asked of the members of groups without reading all of them. Other
/// resource types have no members.
///
/// # Errors
///
/// `invalidFilter` where the filter asks more of `members` than whether one has a given `value`.
pub fn check_members(schema: &ResourceSchema, filter: &Filter) -> Result<(), scim::Error> {
    if Kind::of(schema) == Kind::GROUP { check(schema, filter) } else { Ok(()) }
}

fn check(groups: &ResourceSchema, filter: &Filter) -> Result<(), scim::Error> {
    let allowed = match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            return terms.iter().try_for_each(|term| check(groups, term));
        }
        Filter::Not(term) => return check(groups, term),
        Filter::Compare { path, op, value } => match asked(groups, path) {
            Asked::Nothing => true,
            Asked::Value => *op == Comparison::Equal && matches!(value, FilterValue::String(_)),
            Asked::Other => false,
        },
        Filter::Present(path) => matches!(asked(groups, path), Asked::Nothing),
        Filter::ValuePath { path, filter } => match asked(groups, path) {
            Asked::Nothing => true,
            _ => asks_for_one(filter.conjuncts()),
        },
    };
    if allowed {
        return Ok(());
    }
    Err(scim::Error::invalid_filter(
        "members can only be compared by value with eq, for example: members.value eq \"…\".",
    ))
}

/// Whether conditions on one member name it, and ask at most for its type too.
fn asks_for_one(terms: &[Filter]) -> bool {
    let by_value = |term: &Filter| {
        term.as_equality().is_some_and(|(inner, value)| {
            inner.name == "value" && matches!(value, FilterValue::String(_))
        })
    };
    let typed = |term: &Filter| term.as_equality().is_some_and(|(inner, _)| inner.name == "type");
    terms.iter().any(by_value) && terms.iter().all(|term| by_value(term) || typed(term))
}

/// The members whose ids a filter names.
pub(super) fn named_members(groups: &ResourceSchema, filter: &Filter) -> Vec<MemberName> {
    let mut named = Vec::new();
    gather(groups, filter, &mut named);
    named
}

fn gather(groups: &ResourceSchema, filter: &Filter, named: &mut Vec<MemberName>) {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            for term in terms {
                gather(groups, term, named);
            }
        }
        Filter::Not(term) => gather(groups, term, named),
        Filter::ValuePath { path, filter } => {
            if !matches!(asked(groups, path), Asked::Nothing) {
                named.extend(filter.conjuncts().iter().filter_map(
                    |term| match term.as_equality() {
                        Some((inner, FilterValue::String(text))) if inner.name == "value" => {
                            Some(MemberName::from(text.as_str()))
                        }
                        _ => None,
                    },
                ));
            }
        }
        Filter::Compare { path, value: FilterValue::String(text), .. }
            if matches!(asked(groups, path), Asked::Value) =>
        {
            named.push(MemberName::from(text.as_str()));
        }
        Filter::Compare { .. } | Filter::Present(_) => {}
    }
}
