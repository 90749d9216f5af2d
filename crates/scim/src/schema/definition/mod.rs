//! [`Definition`]: schemas and resource types that someone registers, as a file holds them.

mod check;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

pub(crate) use self::check::{LONGEST_NAME, LONGEST_URN, LONGEST_WORD, MOST_ATTRIBUTES};
use super::{ResourceSchema, ResourceType, Schema, SchemaExtension, Schemas};
use crate::{AttributePath, Name};

/// Schemas, extensions of resource types, and resource types that belong together.
///
/// ```toml
/// name = "badges"
///
/// [[schemas]]
/// id = "urn:example:params:scim:schemas:extension:badge:2.0:User"
/// name = "Badge"
/// attributes = [{ name = "number", type = "string", uniqueness = "server" }]
///
/// [[extensions]]
/// resourceType = "User"
/// schema = "urn:example:params:scim:schemas:extension:badge:2.0:User"
/// index = ["number"]
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// By what it is listed, replaced and removed: lower-case letters, digits and inner hyphens.
    pub name: String,
    /// What it is for, for people.
    #[serde(default)]
    pub description: String,
    /// Schemas, RFC 7643 §7. Each must be used below.
    #[serde(default)]
    pub schemas: Vec<Schema>,
    /// Which of the schemas extend which resource types.
    #[serde(default)]
    pub extensions: Vec<Extension>,
    /// Resource types of their own.
    #[serde(default)]
    pub resource_types: Vec<Type>,
}

/// A schema that extends a resource type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Extension {
    /// The name of the resource type: `User`, `Group`, or a registered one.
    pub resource_type: String,
    /// The URN of the schema.
    pub schema: String,
    /// Whether every resource must carry it.
    #[serde(default)]
    pub required: bool,
    /// Attributes by which resources are found: `number`, `desk.floor`.
    #[serde(default)]
    pub index: Vec<String>,
}

/// A resource type, RFC 7643 §6.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Type {
    /// The value of `meta.resourceType`: `Role`.
    pub name: String,
    /// The address below the base URL: `/Roles`.
    pub endpoint: String,
    /// What the type is, for people.
    #[serde(default)]
    pub description: String,
    /// The URN of the core schema. Several types may share one.
    pub schema: String,
    /// Attributes by which resources are found.
    #[serde(default)]
    pub index: Vec<String>,
}

/// Why a definition cannot be used: a sentence that names the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionError(String);

impl DefinitionError {
    fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DefinitionError {}

impl Schemas {
    /// These resource types, and what a definition adds to them.
    ///
    /// # Errors
    ///
    /// [`DefinitionError`] where the definition breaks a rule of RFC 7643, or uses a name that is
    /// in use.
    pub fn with(&self, definition: &Definition) -> Result<Self, DefinitionError> {
        check::names(definition)?;
        let mut schemas = self.clone();
        for resource_type in &definition.resource_types {
            check::resource_type(&schemas, resource_type)?;
            let core = schemas.find_schema(definition, &resource_type.schema)?;
            check::core(core)?;
            let registered = registered(resource_type, core)?;
            schemas.registered.push(Arc::new(registered));
        }
        for extension in &definition.extensions {
            let schema = schemas.find_schema(definition, &extension.schema)?.clone();
            let Some(slot) = schemas.slot(&extension.resource_type) else {
                return Err(DefinitionError::new(format!(
                    "the schema {} extends {:?}, which is not a resource type",
                    extension.schema, extension.resource_type
                )));
            };
            *slot = Arc::new(extended(slot, extension, schema)?);
        }
        Ok(schemas)
    }

    /// A schema of this definition, or one that was registered before.
    fn find_schema<'s>(
        &'s self,
        definition: &'s Definition,
        urn: &str,
    ) -> Result<&'s Schema, DefinitionError> {
        let own = definition.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
        let earlier = || {
            let registered = self.registered.iter().flat_map(|schema| schema.schemas());
            let extensions = self.user.extensions().iter().chain(self.group.extensions());
            registered.chain(extensions).find(|schema| schema.id.eq_ignore_ascii_case(urn))
        };
        own.or_else(earlier)
            .ok_or_else(|| DefinitionError::new(format!("there is no schema with the id {urn}")))
    }

    fn slot(&mut self, resource_type: &str) -> Option<&mut Arc<ResourceSchema>> {
        [&mut self.user, &mut self.group]
            .into_iter()
            .chain(&mut self.registered)
            .find(|schema| schema.resource_type().name == resource_type)
    }
}

fn registered(resource_type: &Type, core: &Schema) -> Result<ResourceSchema, DefinitionError> {
    let described = ResourceType {
        id: resource_type.name.clone(),
        name: resource_type.name.clone(),
        endpoint: resource_type.endpoint.clone(),
        description: resource_type.description.clone(),
        schema: core.id.clone(),
        schema_extensions: Vec::new(),
    };
    let indexes = indexes(core, None, &resource_type.index)?;
    Ok(ResourceSchema::new(described, core.clone(), Vec::new(), indexes))
}

fn extended(
    schema: &ResourceSchema,
    extension: &Extension,
    added: Schema,
) -> Result<ResourceSchema, DefinitionError> {
    let mut resource_type = schema.resource_type().clone();
    if schema.schemas().any(|known| known.id.eq_ignore_ascii_case(&added.id)) {
        return Err(DefinitionError::new(format!(
            "the resource type {} has the schema {} already",
            resource_type.name, added.id
        )));
    }
    resource_type
        .schema_extensions
        .push(SchemaExtension { schema: added.id.clone(), required: extension.required });
    let mut all_indexes = schema.indexes().to_vec();
    all_indexes.extend(indexes(&added, Some(&added.id), &extension.index)?);
    let mut extensions = schema.extensions().to_vec();
    extensions.push(added);
    Ok(ResourceSchema::new(resource_type, schema.core().clone(), extensions, all_indexes))
}

/// The indexes of one schema: those that are asked for, and those that uniqueness needs.
fn indexes(
    schema: &Schema,
    urn: Option<&str>,
    asked: &[String],
) -> Result<Vec<AttributePath>, DefinitionError> {
    let mut indexes: Vec<AttributePath> = Vec::new();
    let unique = schema.attributes.iter().filter(|attribute| attribute.is_unique());
    let asked = asked.iter().map(String::as_str);
    for name in unique.map(|attribute| attribute.name.as_str()).chain(asked) {
        let index = check::index(schema, urn.map(Name::new), name)?;
        if !indexes.contains(&index) {
            indexes.push(index);
        }
    }
    Ok(indexes)
}
