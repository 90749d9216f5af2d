//! The schemas that Doorward ships: core User and Group, Enterprise User, what Okta adds to a
//! group, and the attributes that every resource has.
//!
//! Each is a JSON file in this folder in the form of RFC 7643 §7; a characteristic that is left
//! out has the default of §2.2. Names and descriptions are those of RFC 7643 §8.7.1 to the letter:
//! other programs build names of their own from them. Characteristics follow it but for what is
//! true of this server:
//!
//! * `Group.displayName` is required and unique: a look-up by name must find one group or none;
//! * `manager.displayName` is what the provider sent: the manager may be unknown here;
//! * `addresses.primary` exists: providers send it (RFC 7643 §2.4 allows it, §4.1.2 is silent);
//! * `members.display` exists: §2.4 has it, and §8.7.1 leaves it out.

use std::sync::{Arc, LazyLock};

use super::{ResourceSchema, ResourceType, Schema, SchemaExtension};
use crate::{AttributePath, Name, urn};

/// The attributes that every resource has, RFC 7643 §3.1. No schema of its own: the `id` of this
/// one is never shown.
#[must_use]
pub fn common() -> &'static Schema {
    static COMMON: LazyLock<Schema> = LazyLock::new(|| read(include_str!("common.json")));
    &COMMON
}

/// Users: RFC 7643 §4.1, with the enterprise extension of §4.3.
#[must_use]
pub fn user() -> &'static Arc<ResourceSchema> {
    static USER: LazyLock<Arc<ResourceSchema>> = LazyLock::new(|| {
        resource(
            "/Users",
            read(include_str!("user.json")),
            vec![read(include_str!("enterprise_user.json"))],
            vec![
                core_path("emails", Some("value")),
                core_path("displayName", None),
                AttributePath {
                    schema: Some(Name::new(urn::ENTERPRISE_USER)),
                    ..core_path("employeeNumber", None)
                },
            ],
        )
    });
    &USER
}

/// Groups: RFC 7643 §4.2, with the extension in which Okta sends a description.
#[must_use]
pub fn group() -> &'static Arc<ResourceSchema> {
    static GROUP: LazyLock<Arc<ResourceSchema>> = LazyLock::new(|| {
        resource(
            "/Groups",
            read(include_str!("group.json")),
            vec![read(include_str!("okta_group.json"))],
            vec![],
        )
    });
    &GROUP
}

/// Whether `/Schemas` and `/ResourceTypes` of SCIM 2.0 show a schema. Okta sends its description of
/// a group without being asked, so it is kept; but its URN does not end in a name, which clients
/// that build attribute paths from what they find here cannot work with.
#[must_use]
pub fn is_published(urn: &str) -> bool {
    urn != urn::OKTA_GROUP
}

fn read(json: &str) -> Schema {
    serde_json::from_str(json).expect("a test reads every schema that is shipped")
}

/// A resource type takes its name and description from its core schema.
fn resource(
    endpoint: &str,
    core: Schema,
    extensions: Vec<Schema>,
    indexes: Vec<AttributePath>,
) -> Arc<ResourceSchema> {
    let resource_type = ResourceType {
        id: core.name.clone(),
        name: core.name.clone(),
        endpoint: endpoint.to_owned(),
        description: core.description.clone(),
        schema: core.id.clone(),
        schema_extensions: extensions
            .iter()
            .map(|extension| SchemaExtension { schema: extension.id.clone(), required: false })
            .collect(),
    };
    Arc::new(ResourceSchema::new(resource_type, core, extensions, indexes))
}

fn core_path(name: &str, sub: Option<&str>) -> AttributePath {
    AttributePath { schema: None, name: Name::new(name), sub: sub.map(Name::new) }
}

#[cfg(test)]
mod tests {
    use super::{common, group, user};
    use crate::{
        schema::{Attribute, Mutability, Returned, Schema, Type},
        urn,
    };

    fn all() -> Vec<&'static Schema> {
        [common(), user().core(), group().core()]
            .into_iter()
            .chain(user().extensions())
            .chain(group().extensions())
            .collect()
    }

    #[test]
    fn urns_are_the_ones_the_code_knows() {
        assert_eq!(user().core().id, urn::USER);
        assert_eq!(group().core().id, urn::GROUP);
        assert!(user().extension(urn::ENTERPRISE_USER).is_some());
        assert!(group().extension(urn::OKTA_GROUP).is_some());
    }

    /// RFC 7643 §8.7.1 for schemas, §8.6 for resource types.
    #[test]
    fn names_and_descriptions_are_those_of_the_rfc() {
        let enterprise = user().extension(urn::ENTERPRISE_USER).expect("a user has it");
        for (schema, name, description) in [
            (user().core(), "User", "User Account"),
            (group().core(), "Group", "Group"),
            (enterprise, "EnterpriseUser", "Enterprise User"),
        ] {
            assert_eq!((schema.name.as_str(), schema.description.as_str()), (name, description));
        }
        for (schema, name, description) in
            [(user(), "User", "User Account"), (group(), "Group", "Group")]
        {
            let known = schema.resource_type();
            assert_eq!((known.id.as_str(), known.name.as_str()), (name, name));
            assert_eq!(known.description, description);
        }
        for schema in [user().core(), group().core(), enterprise] {
            assert!(
                schema.name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{}",
                schema.name
            );
        }
    }

    #[test]
    fn characteristics_hold_together() {
        fn check(attribute: &Attribute) {
            let name = &attribute.name;
            assert!(!attribute.description.is_empty(), "{name} has no description");
            assert_eq!(
                attribute.kind == Type::Complex,
                !attribute.sub_attributes.is_empty(),
                "{name}: complex attributes, and no others, have sub-attributes"
            );
            if matches!(attribute.kind, Type::Reference | Type::Binary) {
                assert!(attribute.case_exact, "{name}: case counts, RFC 7643 §2.3.6 and §2.3.7");
            }
            assert_eq!(
                attribute.mutability == Mutability::WriteOnly,
                attribute.returned == Returned::Never,
                "{name}: what cannot be read is never returned"
            );
            for sub in &attribute.sub_attributes {
                assert_ne!(sub.kind, Type::Complex, "{name}: RFC 7643 §2.3.8 allows no nesting");
                check(sub);
            }
        }
        all().iter().flat_map(|schema| &schema.attributes).for_each(check);
    }

    #[test]
    fn required_and_unique_attributes() {
        let user_name = user().attribute("USERNAME").expect("userName");
        assert!(user_name.required && !user_name.case_exact);
        assert!(user().attribute("externalId").expect("externalId").case_exact);
        assert!(group().attribute("displayName").expect("displayName").required);
        assert_eq!(
            user().attribute("groups").map(|groups| groups.mutability),
            Some(Mutability::ReadOnly)
        );
    }
}
