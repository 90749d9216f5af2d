//! Searching: an index gives the candidates, one evaluator decides.
//!
//! The engines never judge a filter. They answer keyed look-ups whose rows are a superset of what
//! matches (`plan`), or the rows in order where no key helps, and [`scim::Filter::matches`]
//! looks at each. So both engines give the same answer, and an operator that no index knows still
//! means what RFC 7644 says.

pub(crate) mod plan;

use scim::{Filter, Object, Value, patch::MemberKind, represent, schema::ResourceSchema};

use crate::{
    custom::Custom,
    db::Reader,
    error::Error,
    group::Group,
    id::ResourceNo,
    kind::Kind,
    member::{self, Membership, Resolved},
    resource::{Page, Record, by_numbers, rows_after},
    user::User,
};

/// Rows are read in pieces of this size.
const PIECE: usize = 500;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which resources. It has been checked against the schema ([`Filter::check`]).
    pub filter: Filter,
    /// How many matches come before the page.
    pub skip: u64,
    /// How many matches make the page, at most.
    pub count: u64,
    /// How many resources may be looked at, at most.
    pub budget: usize,
}

/// A kind of resource that can be searched.
pub(crate) trait Searchable: plan::Planned {
    /// The full representations that a filter is evaluated on: computed attributes are only put
    /// in where the filter names them.
    fn representations(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        filter: &Filter,
    ) -> Result<Vec<Object>, Error>;
}

/// [`Record::search`] for either kind.
pub(crate) fn search<R: Searchable>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    search: &Search,
) -> Result<Page<R>, Error> {
    let mut found = Found { schema, search, total: 0, items: Vec::new() };
    if let Some(numbers) = plan::candidates::<R>(reader, schema, &search.filter, search.budget)? {
        for piece in numbers.chunks(PIECE) {
            let records = by_numbers::<R>(reader, piece)?;
            found.take(reader, records)?;
        }
    } else {
        found.take_all(reader)?;
    }
    Ok(Page { total: found.total, items: found.items })
}

/// Matches so far.
struct Found<'s, R> {
    schema: &'s ResourceSchema,
    search: &'s Search,
    total: u64,
    items: Vec<R>,
}

impl<R: Searchable> Found<'_, R> {
    /// Looks at all resources, as far as the budget goes.
    fn take_all(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let kind = Kind::of(self.schema);
        let mut after = ResourceNo(0);
        let mut seen = 0;
        loop {
            let records: Vec<R> = rows_after(reader, kind, after, PIECE as u64, 0)?;
            let Some(last) = records.last() else { return Ok(()) };
            after = last.no();
            seen += records.len();
            if seen > self.search.budget {
                return Err(too_many(self.search.budget));
            }
            self.take(reader, records)?;
        }
    }

    fn take(&mut self, reader: &mut Reader<'_>, records: Vec<R>) -> Result<(), Error> {
        let Search { filter, skip, count, .. } = self.search;
        let shown = R::representations(reader, self.schema, &records, filter)?;
        for (record, representation) in records.into_iter().zip(shown) {
            if filter.matches(self.schema, &representation) {
                if self.total >= *skip && (self.items.len() as u64) < *count {
                    self.items.push(record);
                }
                self.total += 1;
            }
        }
        Ok(())
    }
}

fn too_many(budget: usize) -> Error {
    scim::Error::new(
        scim::ScimType::TooMany,
        format!(
            "The filter would have to look at more than {budget} resources. Compare an indexed \
             attribute with eq: id, userName, externalId, emails.value, displayName, or the \
             enterprise employeeNumber."
        ),
    )
    .into()
}

fn full<R: Record>(schema: &ResourceSchema, record: &R) -> Object {
    represent(schema, &record.id().to_string(), record.resource().clone(), &record.meta())
}

impl Searchable for User {
    fn representations(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        filter: &Filter,
    ) -> Result<Vec<Object>, Error> {
        let mut groups = if filter.mentions("groups") { groups(reader, records)? } else { vec![] };
        groups.resize_with(records.len(), Vec::new);
        Ok(records
            .iter()
            .zip(groups)
            .map(|(user, groups)| {
                let groups: Vec<Value> = groups
                    .iter()
                    .map(|group| {
                        Object::new()
                            .with("value", group.id.to_string())
                            .with("display", group.display.as_str())
                            .with("type", if group.direct { "direct" } else { "indirect" })
                            .into()
                    })
                    .collect();
                full(schema, user).with("groups", groups)
            })
            .collect())
    }
}

impl Searchable for Custom {
    fn representations(
        _: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        _: &Filter,
    ) -> Result<Vec<Object>, Error> {
        Ok(records.iter().map(|record| full(schema, record)).collect())
    }
}

impl Searchable for Group {
    /// Of the members only those that the filter names are put in: enough to evaluate
    /// `members.value eq`, and no group is read whole. ([`plan::check_members`] has refused
    /// anything else that a filter could ask of members.)
    fn representations(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        filter: &Filter,
    ) -> Result<Vec<Object>, Error> {
        let named = plan::named_members(filter);
        let resolved: Vec<Resolved> =
            if named.is_empty() { vec![] } else { member::resolve(reader, &named)?.0 };
        records
            .iter()
            .map(|group| {
                if resolved.is_empty() {
                    return Ok(full(schema, group));
                }
                let members: Vec<Value> = member::among(reader, group.mset, &resolved)?
                    .iter()
                    .map(|member| {
                        let kind = match member.kind {
                            MemberKind::User => "User",
                            MemberKind::Group => "Group",
                        };
                        Object::new().with("value", member.id.to_string()).with("type", kind).into()
                    })
                    .collect();
                Ok(full(schema, group).with("members", members))
            })
            .collect()
    }
}

/// The groups of each of these users, in the order of the users.
///
/// # Errors
///
/// Those of the store.
pub fn groups(reader: &mut Reader<'_>, users: &[User]) -> Result<Vec<Vec<Membership>>, Error> {
    let numbers: Vec<ResourceNo> = users.iter().map(|user| user.no).collect();
    let mut found = member::groups_of(reader, &numbers)?;
    Ok(numbers.iter().map(|no| found.remove(no).unwrap_or_default()).collect())
}
