//! What a definition must keep to.

use super::{Definition, DefinitionError, Type};
use crate::{
    AttributePath, Name,
    schema::{Attribute, Mutability, Returned, Schema, Schemas, Type as Kind},
    urn,
};

type Checked = Result<(), DefinitionError>;

/// The most attributes of a schema, and sub-attributes of an attribute.
pub(crate) const MOST_ATTRIBUTES: usize = 200;
/// The longest name of a definition.
pub(crate) const LONGEST_NAME: usize = 63;
/// The longest URN of a schema.
pub(crate) const LONGEST_URN: usize = 255;
/// The longest name of an attribute, of a resource type or of an endpoint.
pub(crate) const LONGEST_WORD: usize = 100;

/// Endpoints that RFC 7644 §3.2 gives to something else.
const RESERVED: [&str; 8] = [
    "/Users",
    "/Groups",
    "/Schemas",
    "/ResourceTypes",
    "/ServiceProviderConfig",
    "/ServiceProviderConfigs",
    "/Bulk",
    "/Me",
];

/// The attributes that every resource has, RFC 7643 §3.1: no core schema may define its own.
const COMMON: [&str; 4] = ["id", "externalId", "schemas", "meta"];

fn error<T>(sentence: String) -> Result<T, DefinitionError> {
    Err(DefinitionError::new(sentence))
}

/// The names of the definition and its schemas, and the schemas themselves.
pub(super) fn names(definition: &Definition) -> Checked {
    let name = definition.name.as_str();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !fits {
        return error(format!(
            "{name:?} is not a name: use 1 to {LONGEST_NAME} lower-case letters, digits and inner \
             hyphens"
        ));
    }
    if definition.extensions.is_empty() && definition.resource_types.is_empty() {
        return error(format!("{name} defines neither an extension nor a resource type"));
    }
    for (at, schema) in definition.schemas.iter().enumerate() {
        let id = &schema.id;
        if definition.schemas[..at].iter().any(|other| other.id.eq_ignore_ascii_case(id)) {
            return error(format!("the schema {id} stands twice in the file"));
        }
        let used = definition
            .extensions
            .iter()
            .map(|extension| &extension.schema)
            .chain(definition.resource_types.iter().map(|resource_type| &resource_type.schema))
            .any(|used| used.eq_ignore_ascii_case(id));
        if !used {
            return error(format!("the schema {id} is used by no extension and no resource type"));
        }
        self::schema(schema)?;
    }
    Ok(())
}

fn schema(schema: &Schema) -> Checked {
    let id = &schema.id;
    let lower = id.to_ascii_lowercase();
    let fits = lower.starts_with("urn:")
        && lower.split(':').count() >= 3
        && lower.split(':').all(|part| !part.is_empty())
        && id.len() <= LONGEST_URN
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-._~+".contains(&byte));
    if !fits {
        return error(format!(
            "{id:?} is not a URN such as urn:example:params:scim:badge:1.0:User"
        ));
    }
    let shipped = ["urn:ietf:params:scim:api:", "urn:ietf:params:scim:schemas:core:", "urn:scim:"];
    if shipped.iter().any(|prefix| lower.starts_with(prefix))
        || [urn::ENTERPRISE_USER, urn::OKTA_GROUP]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(id))
    {
        return error(format!("the schema {id} is not yours to define"));
    }
    if schema.attributes.is_empty() {
        return error(format!("the schema {id} has no attributes"));
    }
    attributes(id, &schema.attributes)
}

fn attributes(place: &str, attributes: &[Attribute]) -> Checked {
    if attributes.len() > MOST_ATTRIBUTES {
        return error(format!("{place} has more than {MOST_ATTRIBUTES} attributes"));
    }
    for (at, attribute) in attributes.iter().enumerate() {
        let name = &attribute.name;
        let twice = |other: &Attribute| other.name.eq_ignore_ascii_case(name);
        if attributes[..at].iter().any(twice) {
            return error(format!("{place} has the attribute {name} twice"));
        }
        self::attribute(&format!("{place}:{name}"), attribute)?;
    }
    Ok(())
}

fn attribute(place: &str, attribute: &Attribute) -> Checked {
    // RFC 7643 §2.1: ATTRNAME. `$ref` is the one name that begins with a dollar sign.
    let name = attribute.name.as_str();
    let letters = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !(letters || name == "$ref") || name.len() > LONGEST_WORD {
        return error(format!("{name:?} in {place} is not the name of an attribute"));
    }
    if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
        return error(format!(
            "{place} could never be read: Doorward keeps nothing that no one can read"
        ));
    }
    match (attribute.kind, attribute.sub_attributes.is_empty()) {
        (Kind::Complex, true) => {
            return error(format!("{place} is complex without sub-attributes"));
        }
        (Kind::Complex, false) => {
            if let Some(sub) = attribute.sub_attributes.iter().find(|it| it.kind == Kind::Complex) {
                return error(format!(
                    "{place}.{} is complex inside of a complex attribute (RFC 7643 §2.3.8)",
                    sub.name
                ));
            }
            if let Some(sub) = attribute.sub_attributes.iter().find(|it| it.is_unique()) {
                return error(format!(
                    "{place}.{}: only an attribute of its own can be unique",
                    sub.name
                ));
            }
            attributes(place, &attribute.sub_attributes)?;
        }
        (_, false) => return error(format!("{place} has sub-attributes and is not complex")),
        (_, true) => {}
    }
    if attribute.is_unique() && (attribute.multi_valued || attribute.kind == Kind::Complex) {
        return error(format!("{place}: only a single value of a simple type can be unique"));
    }
    if matches!(attribute.kind, Kind::Reference | Kind::Binary) && !attribute.case_exact {
        return error(format!("{place}: caseExact must be true (RFC 7643 §2.3.6, §2.3.7)"));
    }
    Ok(())
}

/// A resource type among those that are there.
pub(super) fn resource_type(schemas: &Schemas, resource_type: &Type) -> Checked {
    let Type { name, endpoint, .. } = resource_type;
    let letters = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.len() <= LONGEST_WORD
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !letters(name) {
        return error(format!("{name:?} is not a name: use letters, digits and hyphens"));
    }
    if !endpoint.strip_prefix('/').is_some_and(letters) {
        return error(format!("{endpoint:?} is not an endpoint such as /Badges"));
    }
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(endpoint)) {
        return error(format!("the endpoint {endpoint} is SCIM's own"));
    }
    for known in schemas.all().map(|schema| schema.resource_type()) {
        if known.name.eq_ignore_ascii_case(name) {
            return error(format!("there is a resource type {} already", known.name));
        }
        if known.endpoint.eq_ignore_ascii_case(endpoint) {
            return error(format!("there is an endpoint {} already", known.endpoint));
        }
    }
    Ok(())
}

/// What holds for a schema that is the core of a resource type.
pub(super) fn core(schema: &Schema) -> Checked {
    let common = |attribute: &&Attribute| {
        COMMON.iter().any(|name| attribute.name.eq_ignore_ascii_case(name))
    };
    match schema.attributes.iter().find(common) {
        None => Ok(()),
        Some(attribute) => error(format!(
            "{}:{}: every resource has this attribute already (RFC 7643 §3.1)",
            schema.id, attribute.name
        )),
    }
}

/// The attribute of a schema that an index is for, in the spelling of the schema.
pub(super) fn index(
    schema: &Schema,
    urn: Option<Name>,
    name: &str,
) -> Result<AttributePath, DefinitionError> {
    let unknown =
        || DefinitionError::new(format!("{} has no attribute {name} to index", schema.id));
    let path = AttributePath::parse(name).map_err(|_| unknown())?;
    if path.schema.is_some() {
        return error(format!("the index {name}: write the name without the URN"));
    }
    let attribute = schema.attribute(path.name.as_str()).ok_or_else(unknown)?;
    let sub = match &path.sub {
        Some(sub) => Some(attribute.sub_attribute(sub.as_str()).ok_or_else(unknown)?),
        None if attribute.kind == Kind::Complex => {
            let value = attribute.sub_attribute("value");
            Some(value.ok_or_else(|| {
                DefinitionError::new(format!(
                    "the index {name}: {} is complex; name one of its sub-attributes",
                    attribute.name
                ))
            })?)
        }
        None => None,
    };
    Ok(AttributePath {
        schema: urn,
        name: Name::new(&attribute.name),
        sub: sub.map(|sub| Name::new(&sub.name)),
    })
}
