//! What a filter is evaluated on, and what a sort compares: full representations, in which computed
//! attributes stand only where they are asked for.

use scim::{
    Filter, Meta, Object, Value,
    query::{
        Sort,
        sort::{SortTarget, instant_key},
    },
    represent,
    schema::ResourceSchema,
};

use super::membership::named_members;
use crate::{
    error::Error,
    resource::{
        Detail, Kind, Resource,
        group::MemberName,
        index,
        membership::{self, Resolved},
    },
    store::Reader,
};

/// The computed attributes that a search asks for.
#[derive(Debug)]
pub(super) struct Computed<'c> {
    schema: &'c ResourceSchema,
    groups: bool,
    members: Vec<MemberName>,
    base_url: &'c str,
    /// The names under which a resource has what is looked at.
    names: Vec<String>,
    /// Whether some of it is not in the document: `id`, `meta`, `schemas`.
    common: bool,
}

impl<'c> Computed<'c> {
    pub(super) fn of(
        schema: &'c ResourceSchema,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
        base_url: &'c str,
    ) -> Self {
        let kind = Kind::of(schema);
        let sorted = |name: &str| sort.is_some_and(|sort| sort.path().name == name);
        let asked = sorted("groups") || filter.is_some_and(|filter| filter.mentions("groups"));
        let members = match filter.filter(|_| kind == Kind::GROUP) {
            Some(filter) => named_members(schema, filter),
            None => Vec::new(),
        };
        let mut names = filter.map_or_else(Vec::new, |filter| filter.top_level_names(schema));
        if let Some(target) = sort.and_then(|sort| sort.target(schema)) {
            names.push(target.extension.unwrap_or(&target.attribute.name).to_owned());
        }
        let common = names.iter().any(|name| ["id", "meta", "schemas"].contains(&name.as_str()));
        Self { schema, groups: kind == Kind::USER && asked, members, base_url, names, common }
    }

    /// The representations of resources, in their order: full in what is looked at.
    pub(super) fn representations(
        &self,
        reader: &mut Reader<'_>,
        resources: &[Resource],
    ) -> Result<Vec<Object>, Error> {
        if self.groups {
            return self.users(reader, resources);
        }
        if self.members.is_empty() {
            return Ok(resources.iter().map(|resource| self.full(resource)).collect());
        }
        let resolved = membership::resolve(reader, &self.members)?.0;
        resources.iter().map(|group| self.group(reader, group, &resolved)).collect()
    }

    fn users(&self, reader: &mut Reader<'_>, users: &[Resource]) -> Result<Vec<Object>, Error> {
        let numbers: Vec<_> = users.iter().map(|user| user.no).collect();
        let mut groups = membership::groups_of(reader, &numbers)?;
        let shown = |user: &Resource| {
            let groups = groups.remove(&user.no).unwrap_or_default();
            let groups: Vec<Value> = groups
                .iter()
                .map(|group| {
                    Object::new()
                        .with("value", group.id.to_string())
                        .with("$ref", format!("{}/Groups/{}", self.base_url, group.id))
                        .with("display", group.display.as_str())
                        .with("type", if group.direct { "direct" } else { "indirect" })
                        .into()
                })
                .collect();
            self.full(user).with("groups", groups)
        };
        Ok(users.iter().map(shown).collect())
    }

    /// Of the members only those that the filter names are put in: enough to evaluate
    /// `members.value eq`, and no group is read whole. ([`super::check_members`] has refused
    /// anything else that a filter could ask of members.)
    fn group(
        &self,
        reader: &mut Reader<'_>,
        group: &Resource,
        named: &[Resolved],
    ) -> Result<Object, Error> {
        let Detail::Group(members) = group.detail else { return Ok(self.full(group)) };
        let members: Vec<Value> = membership::among(reader, members.set, named)?
            .iter()
            .map(|member| {
                Object::new()
                    .with("value", member.id.to_string())
                    .with("type", member.kind.as_str())
                    .into()
            })
            .collect();
        Ok(self.full(group).with("members", members))
    }

    fn full(&self, resource: &Resource) -> Object {
        if self.common {
            let (schema, id) = (self.schema, resource.id);
            let location = format!("{}{}/{id}", self.base_url, schema.resource_type().endpoint);
            let meta = Meta { location, ..resource.meta() };
            return represent(schema, &id.to_string(), resource.attributes.to_object(), &meta);
        }
        resource
            .attributes
            .only(|name| self.names.iter().any(|asked| asked.eq_ignore_ascii_case(name)))
    }
}

/// The key by which a resource is sorted: that of an index, where there is one. Times are those that
/// are stored, to the microsecond; an address is the endpoint and the id.
pub(super) fn key_of(
    target: &SortTarget<'_>,
    schema: &ResourceSchema,
    resource: &Resource,
    representation: &Object,
) -> Option<String> {
    if target.is_meta("created") {
        return Some(instant_key(resource.meta().created));
    }
    if target.is_meta("lastModified") {
        return Some(instant_key(resource.meta().last_modified));
    }
    if target.is_meta("location") {
        return Some(format!("{}/{}", schema.resource_type().endpoint, resource.id));
    }
    index::key(target.leaf(), target.value(representation)?)
}
