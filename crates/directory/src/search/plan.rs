//! Which index answers a filter, if any.

use std::collections::BTreeSet;

use scim::{
    AttributePath, Filter,
    filter::{Comparison, FilterValue},
    patch::MemberRef,
    schema::{ResourceSchema, Target},
};

use crate::{
    custom::{self, Custom},
    db::{Reader, Sql, statements},
    error::Error,
    group::{self, Group},
    id::{ResourceId, ResourceNo},
    index::{self, IndexNo},
    kind::Kind,
    member,
    resource::Stored,
    user::{self, User},
};

statements! {
    BY_VALUE = Sql {
        "select no from uattr where org = $1 and path = $2 and key = $3 order by no limit $4"
    };
    USERS_SINCE = Sql {
        "select no from usr where org = $1 and modified >= $2 order by modified, no limit $3"
    };
    CUSTOM_SINCE = Sql {
        "select no from custom where org = $1 and kind = $4 and modified >= $2 \
         order by modified, no limit $3"
    };
    GROUPS_SINCE = Sql {
        "select no from grp where org = $1 and modified >= $2 order by modified, no limit $3"
    };
}

/// A kind of resource with look-ups by key.
pub(crate) trait Planned: Stored {
    /// The resources that may satisfy `path eq text`; `None` where no index knows the attribute.
    fn look_up(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        path: &AttributePath,
        text: &str,
        budget: usize,
    ) -> Result<Option<Vec<ResourceNo>>, Error>;

    /// Resources that changed at this time (in microseconds) or later, at most `$3`.
    const SINCE: Sql;
}

/// The numbers, in order, of a superset of what matches. `None`: look at all.
pub(super) fn candidates<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    filter: &Filter,
    budget: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    match filter {
        Filter::And(terms) => {
            // Any one term that an index answers is enough; the first is taken.
            for term in terms {
                if let Some(numbers) = candidates::<R>(reader, schema, term, budget)? {
                    return Ok(Some(numbers));
                }
            }
            Ok(None)
        }
        Filter::Or(terms) => {
            let mut all = BTreeSet::new();
            for term in terms {
                match candidates::<R>(reader, schema, term, budget)? {
                    Some(numbers) => all.extend(numbers),
                    None => return Ok(None),
                }
            }
            Ok(Some(all.into_iter().collect()))
        }
        Filter::ValuePath { path, filter } => {
            for term in filter.conjuncts() {
                let Some((inner, FilterValue::String(text))) = term.as_equality() else { continue };
                let path = AttributePath { sub: Some(inner.name.clone()), ..path.clone() };
                if let Some(numbers) = R::look_up(reader, schema, &path, text, budget)? {
                    return Ok(Some(numbers));
                }
            }
            Ok(None)
        }
        Filter::Compare { path, op: Comparison::Equal, value: FilterValue::String(text) } => {
            R::look_up(reader, schema, path, text, budget)
        }
        Filter::Compare {
            path,
            op: Comparison::Greater | Comparison::GreaterOrEqual,
            value: FilterValue::String(text),
        } if is(path, "meta", Some("lastModified")) => since::<R>(reader, schema, text, budget),
        _ => Ok(None),
    }
}

/// Resources that changed since some time, where they are few enough to be worth it.
fn since<R: Planned>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    text: &str,
    budget: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let Ok(time) = text.parse::<jiff::Timestamp>() else { return Ok(None) };
    // What is shown is cut to milliseconds, so the index must give the whole of one.
    let from = time.as_millisecond().saturating_mul(1000);
    let limit = budget.saturating_add(1);
    let params = [from.into(), as_limit(limit).into(), Kind::of(schema).number().into()];
    let used = if R::SHARES_TABLE { 3 } else { 2 };
    let rows = reader.query(R::SINCE, &params[..used])?;
    if rows.len() > budget {
        return Ok(None);
    }
    numbers(&rows).map(Some)
}

fn numbers(rows: &[crate::db::Row]) -> Result<Vec<ResourceNo>, Error> {
    let mut numbers: Vec<ResourceNo> =
        rows.iter().map(|row| row.int(0).map(ResourceNo)).collect::<Result<_, _>>()?;
    numbers.sort_unstable();
    Ok(numbers)
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Whether a path names this core attribute. The schema URN in front of it changes nothing, and
/// the filter has been checked, so a core attribute is never one of an extension.
fn is(path: &AttributePath, name: &str, sub: Option<&str>) -> bool {
    let core =
        path.schema.as_ref().is_none_or(|urn| *urn == scim::urn::USER || *urn == scim::urn::GROUP);
    core && path.name == name
        && match (&path.sub, sub) {
            (None, None) => true,
            (Some(given), Some(wanted)) => *given == wanted,
            _ => false,
        }
}

fn one<R: Stored>(record: Option<&R>) -> Vec<ResourceNo> {
    record.map(Stored::no).into_iter().collect()
}

fn found<R>(result: Result<R, Error>) -> Result<Option<R>, Error> {
    match result {
        Ok(record) => Ok(Some(record)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Planned for User {
    const SINCE: Sql = USERS_SINCE;

    fn look_up(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        path: &AttributePath,
        text: &str,
        budget: usize,
    ) -> Result<Option<Vec<ResourceNo>>, Error> {
        let numbers = if is(path, "userName", None) {
            one(user::by_username(reader, &index::folded_key(text))?.as_ref())
        } else if is(path, "externalId", None) {
            user::by_external_id(reader, &index::exact_key(text))?.iter().map(Stored::no).collect()
        } else if is(path, "id", None) {
            match ResourceId::parse(text) {
                Some(id) => one(found(user::get(reader, id))?.as_ref()),
                None => vec![],
            }
        } else {
            return by_index(reader, schema, path, text, budget);
        };
        Ok(Some(numbers))
    }
}

/// The resources whose index entry for a path equals a text; `None` where there is no such index,
/// or the text can only be meant as something else than text.
fn by_index(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    path: &AttributePath,
    text: &str,
    budget: usize,
) -> Result<Option<Vec<ResourceNo>>, Error> {
    let Some(index) = schema.index_of(path) else { return Ok(None) };
    let Some(Target::Attribute { attribute, sub, .. }) = schema.resolve(index) else {
        return Ok(None);
    };
    let Some(key) = index::key(sub.unwrap_or(attribute), &text.into()) else { return Ok(None) };
    let limit = as_limit(budget.saturating_add(1));
    let number = IndexNo::of(schema, index).number();
    let rows = reader.query(BY_VALUE, &[number.into(), (&key).into(), limit.into()])?;
    if rows.len() > budget {
        return Err(super::too_many(budget));
    }
    numbers(&rows).map(Some)
}

impl Planned for Custom {
    const SINCE: Sql = CUSTOM_SINCE;

    fn look_up(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        path: &AttributePath,
        text: &str,
        budget: usize,
    ) -> Result<Option<Vec<ResourceNo>>, Error> {
        let common = path.schema.as_ref().is_none_or(|urn| *urn == schema.core().id.as_str())
            && path.sub.is_none();
        if common && path.name == "externalId" {
            let kind = Kind::of(schema);
            let found = custom::by_external_id(reader, kind, &index::exact_key(text))?;
            return Ok(Some(found.iter().map(Stored::no).collect()));
        }
        if common && path.name == "id" {
            return match ResourceId::parse(text) {
                Some(id) => Ok(Some(one(found(custom::get(reader, schema, id))?.as_ref()))),
                None => Ok(Some(vec![])),
            };
        }
        by_index(reader, schema, path, text, budget)
    }
}

impl Planned for Group {
    const SINCE: Sql = GROUPS_SINCE;

    fn look_up(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        path: &AttributePath,
        text: &str,
        budget: usize,
    ) -> Result<Option<Vec<ResourceNo>>, Error> {
        let numbers = if is(path, "displayName", None) {
            one(group::by_display(reader, &index::folded_key(text))?.as_ref())
        } else if is(path, "externalId", None) {
            group::by_external_id(reader, &index::exact_key(text))?.iter().map(Stored::no).collect()
        } else if is(path, "id", None) {
            match ResourceId::parse(text) {
                Some(id) => one(found(group::get(reader, id))?.as_ref()),
                None => vec![],
            }
        } else if names_member(path) {
            let (members, _) = member::resolve(reader, &[MemberRef::new(text)])?;
            let own: Vec<ResourceNo> = members.iter().map(|member| member.no).collect();
            let above = member::groups_of(reader, &own)?;
            let direct = above.into_values().flatten().filter(|group| group.direct);
            direct.map(|group| group.group).collect::<BTreeSet<_>>().into_iter().collect()
        } else {
            return by_index(reader, schema, path, text, budget);
        };
        Ok(Some(numbers))
    }
}

fn names_member(path: &AttributePath) -> bool {
    is(path, "members", None) || is(path, "members", Some("value"))
}

/// Refuses what cannot be asked of the members of a group without reading all of them.
///
/// # Errors
///
/// `invalidFilter` where the filter asks more of `members` than whether one has a given `value`.
pub fn check_members(filter: &Filter) -> Result<(), scim::Error> {
    let refused = || {
        Err(scim::Error::invalid_filter(
            "members can only be compared by value with eq, for example: members.value eq \"…\".",
        ))
    };
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().try_for_each(check_members),
        Filter::Not(term) => check_members(term),
        Filter::Compare { path, op: Comparison::Equal, value: FilterValue::String(_) }
            if names_member(path) =>
        {
            Ok(())
        }
        Filter::ValuePath { path, filter } if path.name == "members" => {
            let by_value = |term: &Filter| {
                term.as_equality().is_some_and(|(inner, value)| {
                    inner.name == "value" && matches!(value, FilterValue::String(_))
                })
            };
            let typed =
                |term: &Filter| term.as_equality().is_some_and(|(inner, _)| inner.name == "type");
            let terms = filter.conjuncts();
            if terms.iter().any(by_value) && terms.iter().all(|t| by_value(t) || typed(t)) {
                return Ok(());
            }
            refused()
        }
        Filter::Compare { path, .. } | Filter::Present(path) if path.name == "members" => refused(),
        _ => Ok(()),
    }
}

/// The members whose ids a filter names.
pub(super) fn named_members(filter: &Filter) -> Vec<MemberRef> {
    let mut named = Vec::new();
    gather(filter, false, &mut named);
    named
}

fn gather(filter: &Filter, inside: bool, named: &mut Vec<MemberRef>) {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            for term in terms {
                gather(term, inside, named);
            }
        }
        Filter::Not(term) => gather(term, inside, named),
        Filter::ValuePath { path, filter } => gather(filter, path.name == "members", named),
        Filter::Compare { path, value: FilterValue::String(text), .. }
            if names_member(path) || (inside && path.name == "value") =>
        {
            named.push(MemberRef::new(text));
        }
        _ => {}
    }
}
