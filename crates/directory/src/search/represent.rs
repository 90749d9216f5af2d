//! What a filter is evaluated on, and what a sort compares: full representations, in which computed
//! attributes stand only where they are asked for.

use scim::{
    Filter, Meta, Object, Value,
    patch::{MemberKind, MemberRef},
    query::{
        Sort,
        sort::{SortTarget, instant_key},
    },
    represent,
    schema::ResourceSchema,
};

use super::{Planned, groups, members::named_members};
use crate::{
    custom::Custom,
    db::Reader,
    error::Error,
    group::Group,
    index,
    member::{self, Resolved},
    resource::Record,
    user::User,
};

/// The computed attributes that a search asks for.
#[derive(Debug)]
pub(crate) struct Computed<'c> {
    groups: bool,
    members: Vec<MemberRef>,
    base_url: &'c str,
}

impl<'c> Computed<'c> {
    pub(super) fn of(
        schema: &ResourceSchema,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
        base_url: &'c str,
    ) -> Self {
        let sorted = |name: &str| sort.is_some_and(|sort| sort.path().name == name);
        Self {
            groups: sorted("groups") || filter.is_some_and(|filter| filter.mentions("groups")),
            members: filter.map(|filter| named_members(schema, filter)).unwrap_or_default(),
            base_url,
        }
    }

    fn full<R: Record>(&self, schema: &ResourceSchema, record: &R) -> Object {
        let location =
            format!("{}{}/{}", self.base_url, schema.resource_type().endpoint, record.id());
        let meta = Meta { location, ..record.meta() };
        represent(schema, &record.id().to_string(), record.resource().clone(), &meta)
    }
}

/// A kind of resource that can be searched.
pub(crate) trait Searchable: Planned {
    /// The full representations of records, in their order.
    fn representations(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        asked: &Computed<'_>,
    ) -> Result<Vec<Object>, Error>;
}

impl Searchable for User {
    fn representations(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        asked: &Computed<'_>,
    ) -> Result<Vec<Object>, Error> {
        let mut groups = if asked.groups { groups(reader, records)? } else { vec![] };
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
                            .with("$ref", format!("{}/Groups/{}", asked.base_url, group.id))
                            .with("display", group.display.as_str())
                            .with("type", if group.direct { "direct" } else { "indirect" })
                            .into()
                    })
                    .collect();
                asked.full(schema, user).with("groups", groups)
            })
            .collect())
    }
}

impl Searchable for Custom {
    fn representations(
        _: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        asked: &Computed<'_>,
    ) -> Result<Vec<Object>, Error> {
        Ok(records.iter().map(|record| asked.full(schema, record)).collect())
    }
}

impl Searchable for Group {
    /// Of the members only those that the filter names are put in: enough to evaluate
    /// `members.value eq`, and no group is read whole. ([`super::check_members`] has refused
    /// anything else that a filter could ask of members.)
    fn representations(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        records: &[Self],
        asked: &Computed<'_>,
    ) -> Result<Vec<Object>, Error> {
        let resolved: Vec<Resolved> = match &*asked.members {
            [] => vec![],
            named => member::resolve(reader, named)?.0,
        };
        records
            .iter()
            .map(|group| {
                if resolved.is_empty() {
                    return Ok(asked.full(schema, group));
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
                Ok(asked.full(schema, group).with("members", members))
            })
            .collect()
    }
}

/// The key by which a record is sorted: that of an index, where there is one. Times are those that
/// are stored, to the microsecond; an address is the endpoint and the id.
pub(super) fn key_of<R: Record>(
    target: &SortTarget<'_>,
    schema: &ResourceSchema,
    record: &R,
    representation: &Object,
) -> Option<String> {
    if target.is_meta("created") {
        return Some(instant_key(record.meta().created));
    }
    if target.is_meta("lastModified") {
        return Some(instant_key(record.meta().last_modified));
    }
    if target.is_meta("location") {
        return Some(format!("{}/{}", schema.resource_type().endpoint, record.id()));
    }
    index::key(target.leaf(), target.value(representation)?)
}
