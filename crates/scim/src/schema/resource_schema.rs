//! [`ResourceSchema`]: all that is known about one resource type.

use super::{Attribute, ResourceType, Schema, builtin};
use crate::{AttributePath, Name};

/// A resource type with its core schema, its extensions, and the attributes that every resource
/// has (RFC 7643 §3.1).
#[derive(Clone, Debug)]
pub struct ResourceSchema {
    resource_type: ResourceType,
    core: Schema,
    extensions: Vec<Schema>,
    indexes: Vec<AttributePath>,
    unready: Vec<AttributePath>,
}

/// What an attribute path means under a schema.
#[derive(Clone, Copy, Debug)]
pub enum Target<'s> {
    /// An attribute, or one of its sub-attributes.
    Attribute {
        /// The extension that it belongs to; `None` for core and common attributes.
        extension: Option<&'s Schema>,
        /// The attribute.
        attribute: &'s Attribute,
        /// The sub-attribute, where the path names one.
        sub: Option<&'s Attribute>,
    },
    /// All attributes of one extension.
    Extension(&'s Schema),
}

impl<'s> Target<'s> {
    /// The name under which a resource has it.
    #[must_use]
    pub fn top_level_name(self) -> &'s str {
        match self {
            Self::Extension(extension) | Self::Attribute { extension: Some(extension), .. } => {
                &extension.id
            }
            Self::Attribute { attribute, .. } => &attribute.name,
        }
    }
}

impl ResourceSchema {
    /// Puts a resource type and its schemas together. `indexes` are attributes with a value of
    /// their own (not complex) that a store finds resources by; the URN of the core schema is not
    /// written in them.
    #[must_use]
    pub fn new(
        resource_type: ResourceType,
        core: Schema,
        extensions: Vec<Schema>,
        indexes: Vec<AttributePath>,
    ) -> Self {
        Self { resource_type, core, extensions, indexes, unready: Vec::new() }
    }

    /// The same, with indexes that are being filled: they are kept, and answer nothing yet.
    #[must_use]
    pub(super) fn with_unready(mut self, unready: Vec<AttributePath>) -> Self {
        self.unready = unready;
        self
    }

    /// The resource type.
    #[must_use]
    pub fn resource_type(&self) -> &ResourceType {
        &self.resource_type
    }

    /// The core schema.
    #[must_use]
    pub fn core(&self) -> &Schema {
        &self.core
    }

    /// The extensions.
    #[must_use]
    pub fn extensions(&self) -> &[Schema] {
        &self.extensions
    }

    /// The attributes by which a store finds resources, beside those that every type has.
    #[must_use]
    pub fn indexes(&self) -> &[AttributePath] {
        &self.indexes
    }

    /// The index that answers for a path, if there is one: the path as [`Self::indexes`] has it. A
    /// complex attribute stands for its `value`, as in a filter.
    #[must_use]
    pub fn index_of(&self, path: &AttributePath) -> Option<&AttributePath> {
        let Some(Target::Attribute { extension, attribute, sub }) = self.resolve(path) else {
            return None;
        };
        let sub = sub.or_else(|| attribute.sub_attribute("value")).map(|sub| sub.name.as_str());
        let mut ready = self.indexes.iter().filter(|index| !self.unready.contains(index));
        ready.find(|index| {
            index.schema.as_ref().map(Name::as_str) == extension.map(|schema| schema.id.as_str())
                && index.name == attribute.name.as_str()
                && index.sub.as_ref().map(Name::as_str) == sub
        })
    }

    /// The core schema and the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&self.core).chain(&self.extensions)
    }

    /// The extension with this URN, in any case.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// A core or common attribute (`id`, `externalId`, `meta`, `schemas`) by name, in any case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.core.attribute(name).or_else(|| builtin::common().attribute(name))
    }

    /// What a path means: `None` where it names nothing that is known.
    #[must_use]
    pub fn resolve(&self, path: &AttributePath) -> Option<Target<'_>> {
        let Some(urn) = &path.schema else {
            return with_sub(None, self.attribute(path.name.as_str())?, path);
        };
        if urn == self.core.id.as_str() {
            return with_sub(None, self.attribute(path.name.as_str())?, path);
        }
        if let Some(extension) = self.extension(urn.as_str()) {
            return with_sub(Some(extension), extension.attribute(path.name.as_str())?, path);
        }
        // `urn:…:2.0:User` alone parses as schema `urn:…:2.0` and name `User`.
        let whole = format!("{urn}:{}", path.name);
        match (&path.sub, self.extension(&whole)) {
            (None, Some(extension)) => Some(Target::Extension(extension)),
            _ => None,
        }
    }
}

fn with_sub<'s>(
    extension: Option<&'s Schema>,
    attribute: &'s Attribute,
    path: &AttributePath,
) -> Option<Target<'s>> {
    let sub = match &path.sub {
        Some(name) => Some(attribute.sub_attribute(name.as_str())?),
        None => None,
    };
    Some(Target::Attribute { extension, attribute, sub })
}
