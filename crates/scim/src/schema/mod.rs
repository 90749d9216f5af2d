//! Schemas as data: what is known about attributes decides how they are read, compared, changed
//! and returned. No other module knows an attribute by name.
//!
//! [`ResourceSchema`] is the main type: a resource type with its core schema and extensions.
//! [`Schemas`] are all that an organization has.

mod attribute;
pub mod builtin;
pub mod definition;
mod integrity;
mod resource_schema;
mod schemas;

use serde::{Deserialize, Serialize};

pub use self::{
    attribute::{Attribute, Mutability, Returned, Type, Uniqueness},
    resource_schema::{ResourceSchema, Target},
    schemas::Schemas,
};

/// A schema, RFC 7643 §7, as `/Schemas` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What the schema describes.
    #[serde(default)]
    pub description: String,
    /// Its attributes, in the order in which they are shown.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute with this name, in any case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// A resource type, RFC 7643 §6, as `/ResourceTypes` shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceType {
    /// The same as the name.
    pub id: String,
    /// `User`, `Group`; the value of `meta.resourceType`.
    pub name: String,
    /// The address below the base URL, with its leading slash: `/Users`.
    pub endpoint: String,
    /// What the type is.
    pub description: String,
    /// The URN of the core schema.
    pub schema: String,
    /// The URNs of the extensions.
    pub schema_extensions: Vec<SchemaExtension>,
}

/// One extension of a resource type, RFC 7643 §6.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaExtension {
    /// The URN of the extension.
    pub schema: String,
    /// Whether every resource must carry it.
    pub required: bool,
}
