//! Resources and members as objects and texts, in the dialect of the address.

use ::scim::{Dialect, EntityTag, Meta, Object, Value, represent, represent_text};
use directory::{Member, MemberKind, Membership, Resource};

use super::expanded::Wanted;
use crate::scim::context::Context;

/// A representation of a resource, projected, in 2.0 form.
fn represented(
    context: &Context,
    resource: &Resource,
    tag: EntityTag,
    computed: Option<(&str, Vec<Value>)>,
    wanted: &Wanted,
) -> Object {
    let Wanted { schema, projection } = wanted;
    let mut attributes = resource.attributes.to_object();
    if let Some((name, values)) = computed {
        attributes.insert(name, values);
    }
    let full = represent(
        schema,
        &resource.id.to_string(),
        attributes,
        &meta(context, resource, tag, wanted),
    );
    projection.apply(full)
}

/// RFC 7643 §3.1: its version is the same as in the header `ETag`.
fn meta(context: &Context, resource: &Resource, tag: EntityTag, wanted: &Wanted) -> Meta {
    Meta { tag, location: context.location(&wanted.schema, resource), ..resource.meta() }
}

/// The text of a resource, in the dialect of the address.
fn text(
    context: &Context,
    resource: &Resource,
    tag: EntityTag,
    computed: Option<(&str, Vec<Value>)>,
    wanted: &Wanted,
) -> String {
    // What was read from the store is shown as it stands, in SCIM 2.0.
    if let (Dialect::V2, Some(stored)) = (context.dialect(), resource.attributes.text()) {
        let Wanted { schema, projection } = wanted;
        let id = resource.id.to_string();
        let meta = meta(context, resource, tag, wanted);
        let values = computed.clone().map(|(name, values)| (name, Value::Multi(values)));
        if let Ok(text) = represent_text(schema, &id, stored, values, &meta, projection) {
            return text;
        }
    }
    context.shown(represented(context, resource, tag, computed, wanted)).to_json()
}

/// The text of a resource without anything that belongs to others.
pub(super) fn plain(
    context: &Context,
    resource: &Resource,
    tag: EntityTag,
    wanted: &Wanted,
) -> String {
    text(context, resource, tag, None, wanted)
}

/// The text of a user with its groups.
pub(super) fn with_groups(
    context: &Context,
    user: &Resource,
    tag: EntityTag,
    groups: &[Membership],
    wanted: &Wanted,
) -> String {
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            Object::new()
                .with("value", group.id.to_string())
                .with("$ref", format!("{}/Groups/{}", context.base_url(), group.id))
                .with("display", group.display.as_str())
                .with("type", if group.direct { "direct" } else { "indirect" })
                .into()
        })
        .collect();
    // RFC 7643 §2.5: no groups is no attribute.
    let computed = (!groups.is_empty()).then_some(("groups", groups));
    text(context, user, tag, computed, wanted)
}

/// The text of a group before and after its members, which stand just before `meta`. Without
/// members the second part is empty.
pub(super) fn around_members(
    context: &Context,
    group: &Resource,
    tag: EntityTag,
    wanted: &Wanted,
) -> (String, String) {
    let mut object = represented(context, group, tag, None, wanted);
    if !wanted.projection.wants("members") {
        return (context.shown(object).to_json(), String::new());
    }
    let meta = object.remove("meta");
    let mut before = context.shown(object).to_json();
    // `schemas` and `id` are always there, so something stands before the comma.
    before.truncate(before.len() - "}".len());
    before.push_str(",\"members\":[");
    let after = match meta {
        Some(meta) => {
            let last = context.shown(Object::new().with("meta", meta)).to_json();
            format!("],{}", &last["{".len()..])
        }
        None => "]}".to_owned(),
    };
    (before, after)
}

/// The text of members, with commas between them.
pub(super) fn joined(context: &Context, members: &[Member], wanted: &Wanted) -> String {
    let mut text = String::new();
    for member in members {
        let (kind, endpoint) = match member.kind {
            MemberKind::User => ("User", "Users"),
            MemberKind::Group => ("Group", "Groups"),
        };
        let value = Object::new()
            .with("value", member.id.to_string())
            .with("$ref", format!("{}/{endpoint}/{}", context.base_url(), member.id))
            .with("display", member.display.as_str())
            .with("type", kind);
        if let Some(Value::Complex(shown)) =
            wanted.projection.apply_to_value("members", value.into())
        {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&shown.to_json());
        }
    }
    text
}
