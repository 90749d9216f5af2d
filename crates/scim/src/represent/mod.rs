//! [`represent`]: a stored tree as the client sees it.

mod text;

use jiff::Timestamp;

pub use self::text::{pick, represent_text};

use crate::{EntityTag, Object, Value, schema::ResourceSchema};

/// What the store knows about a resource, RFC 7643 §3.1 `meta`.
#[derive(Clone, Debug)]
pub struct Meta {
    /// When the resource was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub last_modified: Timestamp,
    /// What it is known by as it is shown.
    pub tag: EntityTag,
    /// Its absolute address.
    pub location: String,
}

/// The full representation of a resource, in a fixed order: `schemas`, `id`, `externalId`, core
/// attributes as stored, extensions, `meta`.
///
/// `resource` is the canonical tree, with what the store computes (`groups`, `members`) put in.
/// `schemas` names the core schema and each extension that has a value (RFC 7643 §3).
#[must_use]
pub fn represent(schema: &ResourceSchema, id: &str, mut resource: Object, meta: &Meta) -> Object {
    let external_id = resource.remove("externalId");
    let extensions: Vec<(&str, Value)> = schema
        .extensions()
        .iter()
        .filter_map(|extension| Some((extension.id.as_str(), resource.remove(&extension.id)?)))
        .filter(|(_, value)| !value.is_unassigned())
        .collect();

    let mut schemas = vec![Value::from(schema.core().id.as_str())];
    schemas.extend(extensions.iter().map(|(urn, _)| Value::from(*urn)));

    let mut full = Object::new().with("schemas", schemas).with("id", id);
    if let Some(external_id) = external_id {
        full.insert("externalId", external_id);
    }
    for (name, value) in resource {
        full.insert(name, value);
    }
    for (urn, value) in extensions {
        full.insert(urn, value);
    }
    full.with("meta", meta.represent(&schema.resource_type().name))
}

impl Meta {
    fn represent(&self, resource_type: &str) -> Object {
        self.members(resource_type)
            .into_iter()
            .fold(Object::new(), |meta, (name, value)| meta.with(name, value))
    }

    /// What `meta` has, in its order.
    fn members(&self, resource_type: &str) -> [(&'static str, String); 5] {
        [
            ("resourceType", resource_type.to_owned()),
            ("created", instant(self.created)),
            ("lastModified", instant(self.last_modified)),
            ("location", self.location.clone()),
            ("version", self.tag.to_string()),
        ]
    }
}

/// The entity tag of a version by itself: [`EntityTag`].
#[must_use]
pub fn etag(version: i64) -> String {
    EntityTag::of(version).to_string()
}

/// RFC 7643 §2.3.5, in UTC with milliseconds: some clients read no more digits, some no fewer.
fn instant(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Meta, represent};
    use crate::{EntityTag, Object, schema::builtin, urn};

    fn meta() -> Meta {
        Meta {
            created: Timestamp::from_microsecond(1_763_712_000_123_456).unwrap(),
            last_modified: Timestamp::from_second(1_763_712_060).unwrap(),
            tag: EntityTag::of(7),
            location: "https://d.example/scim/v2/Users/u1".to_owned(),
        }
    }

    #[test]
    fn the_order_is_fixed() {
        let stored = Object::new()
            .with(urn::ENTERPRISE_USER, Object::new().with("department", "Research"))
            .with("userName", "ada@example.com")
            .with("externalId", "00u1");
        let shown = represent(builtin::user(), "u1", stored, &meta());
        insta::assert_snapshot!(shown.to_json(), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"u1","externalId":"00u1","userName":"ada@example.com","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Research"},"meta":{"resourceType":"User","created":"2025-11-21T08:00:00.123Z","lastModified":"2025-11-21T08:01:00.000Z","location":"https://d.example/scim/v2/Users/u1","version":"W/\"7\""}}"#);
    }

    #[test]
    fn an_empty_extension_is_not_named() {
        let stored = Object::new().with("userName", "a").with(urn::ENTERPRISE_USER, Object::new());
        let shown = represent(builtin::user(), "u1", stored, &meta());
        assert_eq!(shown.get("schemas").map(|urns| urns.values().len()), Some(1));
        assert!(shown.get(urn::ENTERPRISE_USER).is_none());
    }
}
