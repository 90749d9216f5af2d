//! Resources of registered types: whatever an organization keeps beside users and groups, such as
//! the roles and entitlements that Okta assigns.

use std::sync::Arc;

use scim::{Object, schema::ResourceSchema};

pub use super::Registered;
use super::{Detail, Kind, Resource, find, save};
use crate::{
    access::Verb,
    error::{Error, Noun},
    event::{self, kinds},
    id::ResourceId,
    record::Attributes,
    store::{Reader, Writer},
};

/// The resource of a type with this id.
///
/// # Errors
///
/// [`Error::NotFound`], also where a resource of another type has the id; [`Error::Denied`].
pub fn get(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    id: ResourceId,
) -> Result<Registered, Error> {
    reader.permit(Verb::ReadPeople)?;
    let found = find(reader, Kind::of(schema), id)?;
    found.ok_or(Error::not_found(Noun::Resource)).map(Registered)
}

/// Creates a resource of a registered type from attributes in canonical form.
///
/// # Errors
///
/// [`Error::Conflict`] where another resource of the type has a value that must be unique;
/// [`Error::NotFound`] where the type is not registered any more; [`Error::Denied`].
pub fn create(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    attributes: &Object,
) -> Result<Registered, Error> {
    writer.permit(Verb::ChangeResource)?;
    let schema = in_force(writer, schema)?;
    let key = (Kind::of(&schema), writer.next_no());
    let created = Registered(save::fresh(writer, key, attributes, Detail::Registered));
    save::insert(writer, &created)?;
    let payload = kinds::ResourceCreated {
        resource_type: schema.resource_type().name.clone(),
        resource: Attributes::from(attributes),
    };
    event::emit(writer, &created.id.to_string(), payload)?;
    Ok(created)
}

/// Gives a resource these attributes, if they are others than the ones that are stored.
///
/// # Errors
///
/// [`Error::Conflict`]; [`Error::Immutable`]; [`Error::Invalid`]; [`Error::Stale`] where the
/// resource is not as it is stored; [`Error::NotFound`] where the type is not registered any more;
/// [`Error::Denied`].
pub fn change(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    before: &Registered,
    attributes: Object,
) -> Result<Registered, Error> {
    writer.permit(Verb::ChangeResource)?;
    let schema = in_force(writer, schema)?;
    if attributes == before.attributes {
        return Ok(before.clone());
    }
    save::check_change(&schema, &before.attributes, &attributes)?;
    let after = Resource { attributes: attributes.into(), ..Resource::from(before.clone()) };
    let after = Registered(save::update(writer, before, after)?);
    let payload = kinds::ResourceUpdated {
        resource_type: schema.resource_type().name.clone(),
        resource: Attributes::from(&*after.attributes),
    };
    event::emit(writer, &after.id.to_string(), payload)?;
    Ok(after)
}

/// Deletes a resource.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Stale`] where the resource is not as it is stored;
/// [`Error::Denied`].
pub fn delete(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    gone: &Registered,
) -> Result<(), Error> {
    writer.permit(Verb::ChangeResource)?;
    let schema = in_force(writer, schema)?;
    save::delete(writer, gone)?;
    let resource_type = schema.resource_type().name.clone();
    event::emit(writer, &gone.id.to_string(), kinds::ResourceDeleted { resource_type })
}

/// The type as it is in force while its organization is locked: a definition may have been
/// replaced or removed since the request looked.
fn in_force(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
) -> Result<Arc<ResourceSchema>, Error> {
    let schemas = writer.schemas()?;
    let name = &schema.resource_type().name;
    let found = schemas.registered().iter().find(|known| known.resource_type().name == *name);
    found.map(Arc::clone).ok_or_else(|| Error::no_such(Noun::ResourceType, name.as_str()))
}
